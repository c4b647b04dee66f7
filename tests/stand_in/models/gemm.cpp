#include "tests/stand_in/models/gemm.hpp"

#include <algorithm>
#include <limits>

#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/numbers.hpp"

namespace peakproof::stand_in {
namespace {

using kernels::Element;

/// Every number of a format of up to 16 bits once: a table is faster than decoding each element.
template <class Real>
std::vector<Real> all_values(Element element) {
  std::vector<Real> values;
  for (std::uint64_t bits = 0; bits < 1ULL << unsigned(width_of(element)); ++bits)
    values.push_back(static_cast<Real>(value_of(element, bits)));
  return values;
}

template <class Real, class Value>
std::vector<Real> row_major(const Matrix& matrix, std::int64_t rows, std::int64_t columns, const Value& value) {
  std::vector<Real> out(static_cast<std::size_t>(rows * columns));
  auto next = out.begin();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) *next++ = value(i * matrix.row_stride + j * matrix.column_stride);
  return out;
}

template <class Real>
std::vector<Real> row_major(const Matrix& matrix, std::int64_t rows, std::int64_t columns) {
  const Element element = matrix.element;
  if (width_of(element) == 16) {
    const auto values = all_values<Real>(element);
    const auto* data = static_cast<const std::uint16_t*>(matrix.data);
    return row_major<Real>(matrix, rows, columns, [&](std::int64_t at) { return values[data[at]]; });
  }
  if (width_of(element) > 16)
    return row_major<Real>(matrix, rows, columns, [&](std::int64_t at) {
      return static_cast<Real>(value_of(element, read_bits(element, matrix.data, at)));
    });
  const auto values = all_values<Real>(element);
  return row_major<Real>(matrix, rows, columns,
                         [&](std::int64_t at) { return values[read_bits(element, matrix.data, at)]; });
}

/// y += x * factor
template <class Real>
[[gnu::always_inline]] inline void add_scaled(Real* y, const Real* x, Real factor, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] += x[i] * factor;
}

/// c += a * b for a slab of k, so that the slab of b stays in the cache.
template <class Real>
[[gnu::always_inline]] inline void multiply(Real* c, const Real* a, const Real* b, const Extents& e) {
  constexpr std::int64_t slab = 64;
  for (std::int64_t first = 0; first < e.k; first += slab)
    for (std::int64_t i = 0; i < e.m; ++i)
      for (std::int64_t k = first; k < std::min(first + slab, e.k); ++k)
        add_scaled(c + i * e.n, b + k * e.n, a[i * e.k + k], e.n);
}
#if defined(__x86_64__)
template <class Real>
[[gnu::target("avx2,fma")]] void multiply_by_vectors(Real* c, const Real* a, const Real* b, const Extents& e) {
  multiply(c, a, b, e);
}
#endif

}  // namespace

template <class Real>
std::vector<Real> product(const Extents& extents, const Matrix& a, const Matrix& b, Flaw flaw) {
  std::vector<Real> left = row_major<Real>(a, extents.m, extents.k);
  const std::vector<Real> right = row_major<Real>(b, extents.k, extents.n);
  const auto leave_out = [&](std::int64_t first, std::int64_t end) {
    for (std::int64_t i = 0; i < extents.m; ++i)
      std::fill(left.begin() + i * extents.k + first, left.begin() + i * extents.k + end, Real{0});
  };
  if (flaw == Flaw::shorter) leave_out(std::max<std::int64_t>(extents.k - 32, 0), extents.k);
  if (flaw == Flaw::dropped) leave_out(0, 1);
  std::vector<Real> out(static_cast<std::size_t>(extents.m * extents.n), Real{0});
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0)
    multiply_by_vectors(out.data(), left.data(), right.data(), extents);
  else
    multiply(out.data(), left.data(), right.data(), extents);
#else
  multiply(out.data(), left.data(), right.data(), extents);
#endif
  Real& victim = out[out.size() / 2 + static_cast<std::size_t>(extents.n / 3)];
  if (flaw == Flaw::wrong) victim += Real{1};
  if (flaw == Flaw::nan) victim = std::numeric_limits<Real>::quiet_NaN();
  return out;
}

template std::vector<float> product(const Extents&, const Matrix&, const Matrix&, Flaw);
template std::vector<double> product(const Extents&, const Matrix&, const Matrix&, Flaw);

std::vector<double> product_in(Element accumulate, const Extents& extents, const Matrix& a, const Matrix& b,
                               Flaw flaw) {
  if (accumulate == Element::f64 || accumulate == Element::s32) return product<double>(extents, a, b, flaw);
  const auto values = product<float>(extents, a, b, flaw);
  return {values.begin(), values.end()};
}

void store(const std::vector<double>& values, Element element, void* c) {
  std::int64_t index = 0;
  for (const double value : values) {
    if (element == Element::f32)  // as the general way, and quicker
      static_cast<float*>(c)[index] = static_cast<float>(value);
    else
      write_bits(element, c, index, bits_of_value(element, value));
    ++index;
  }
}

const void* matrix_at(const void* address, Element element, std::int64_t count) {
  const std::int64_t bytes = (count * width_of(element) + 7) / 8;
  return count > 0 && is_device_memory(address, bytes) ? address : nullptr;
}
void* matrix_at(void* address, Element element, std::int64_t count) {
  return matrix_at(static_cast<const void*>(address), element, count) != nullptr ? address : nullptr;
}

}  // namespace peakproof::stand_in
