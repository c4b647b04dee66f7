#include "tests/stand_in/models/gemm.hpp"

#include <algorithm>
#include <limits>

#include "tests/stand_in/models/numbers.hpp"

namespace peakproof::stand_in {
namespace {

template <class Real>
std::vector<Real> row_major(const HalfMatrix& matrix, std::int64_t rows, std::int64_t columns) {
  // Every half once: a table is faster than decoding each element.
  static const std::vector<Real> kValues = [] {
    std::vector<Real> values;
    for (unsigned bits = 0; bits <= 0xffffU; ++bits)
      values.push_back(static_cast<Real>(value_of_half(static_cast<std::uint16_t>(bits))));
    return values;
  }();
  std::vector<Real> out;
  out.reserve(static_cast<std::size_t>(rows * columns));
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      out.push_back(kValues[matrix.data[i * matrix.row_stride + j * matrix.column_stride]]);
  return out;
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
std::vector<Real> product(const Extents& extents, const HalfMatrix& a, const HalfMatrix& b, Flaw flaw) {
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

template std::vector<float> product(const Extents&, const HalfMatrix&, const HalfMatrix&, Flaw);
template std::vector<double> product(const Extents&, const HalfMatrix&, const HalfMatrix&, Flaw);

}  // namespace peakproof::stand_in
