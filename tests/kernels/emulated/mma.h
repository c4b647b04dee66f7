// CUDA's WMMA on the host, in the place of <mma.h>: threads of a block are threads of the process, a fragment is a
// whole matrix that the first lane of a warp holds. Only what the kernels use.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <array>
#include <barrier>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <type_traits>

namespace emulated {

/// What every thread of a block sees.
struct Block {
  explicit Block(int threads) : barrier(threads) {}
  std::barrier<> barrier;
  const std::uint8_t* shared_begin = nullptr;
  const std::uint8_t* shared_end = nullptr;
};
inline thread_local Block* block = nullptr;
[[noreturn]] inline void fail(const char* what) {
  std::fprintf(stderr, "emulated: %s\n", what);
  std::abort();
}

}  // namespace emulated

inline thread_local uint3 threadIdx;  // NOLINT(readability-identifier-naming): CUDA's names
inline thread_local uint3 blockIdx;   // NOLINT(readability-identifier-naming)
inline void __syncthreads() { emulated::block->barrier.arrive_and_wait(); }  // NOLINT
[[noreturn]] inline void __trap() { emulated::fail("a trap"); }              // NOLINT

namespace nvcuda::wmma {  // NOLINT(modernize-concat-nested-namespaces)

struct matrix_a;                  // NOLINT(readability-identifier-naming)
struct matrix_b;                  // NOLINT(readability-identifier-naming)
struct accumulator;               // NOLINT(readability-identifier-naming)
struct row_major;                 // NOLINT(readability-identifier-naming)
struct col_major;                 // NOLINT(readability-identifier-naming)
enum layout_t { mem_row_major };  // NOLINT(readability-identifier-naming)
namespace precision {
struct tf32;  // NOLINT(readability-identifier-naming)
}
namespace experimental {
namespace precision {
struct s4;  // NOLINT(readability-identifier-naming)
struct b1;  // NOLINT(readability-identifier-naming)
}  // namespace precision
enum bmmaBitOp { bmmaBitOpAND };                 // NOLINT(readability-identifier-naming)
enum bmmaAccumulateOp { bmmaAccumulateOpPOPC };  // NOLINT(readability-identifier-naming)
}  // namespace experimental

inline bool first_lane() { return threadIdx.x % 32 == 0; }

template <class Use, int m, int n, int k, class T, class Layout = void>
struct fragment {  // NOLINT(readability-identifier-naming)
  using element_type = T;
  static constexpr int rows = std::is_same_v<Use, matrix_b> ? k : m;
  static constexpr int columns = std::is_same_v<Use, matrix_a> ? k : n;
  std::array<double, static_cast<std::size_t>(rows* columns)> x;
  double& at(int row, int column) { return x[static_cast<std::size_t>(row * columns + column)]; }
  [[nodiscard]] double at(int row, int column) const { return x[static_cast<std::size_t>(row * columns + column)]; }
};

template <class T>
constexpr int bits_of_element() {
  if constexpr (std::is_same_v<T, experimental::precision::b1>)
    return 1;
  else if constexpr (std::is_same_v<T, experimental::precision::s4>)
    return 4;
  else if constexpr (std::is_same_v<T, precision::tf32>)
    return 32;
  else
    return 8 * static_cast<int>(sizeof(T));
}

template <class T>
double element_at(const void* memory, std::int64_t index) {
  const auto* bytes = static_cast<const std::uint8_t*>(memory);
  if constexpr (std::is_same_v<T, experimental::precision::b1>) {
    return bytes[index / 8] >> (index % 8) & 1;
  } else if constexpr (std::is_same_v<T, experimental::precision::s4>) {
    const int four = bytes[index / 2] >> (index % 2 * 4) & 15;
    return four < 8 ? four : four - 16;
  } else if constexpr (std::is_same_v<T, precision::tf32>) {
    return static_cast<double>(static_cast<const float*>(memory)[index]);
  } else if constexpr (std::is_same_v<T, __half>) {
    return static_cast<double>(__half2float(static_cast<const __half*>(memory)[index]));
  } else if constexpr (std::is_same_v<T, __nv_bfloat16>) {
    return static_cast<double>(__bfloat162float(static_cast<const __nv_bfloat16*>(memory)[index]));
  } else {
    return static_cast<double>(static_cast<const T*>(memory)[index]);
  }
}

/// From shared memory alone, at an address and with rows that suit the widest access; of less is nothing said.
template <class Use, int m, int n, int k, class T, class Layout>
void load_matrix_sync(fragment<Use, m, n, k, T, Layout>& to, const void* from, unsigned leading) {
  if (!first_lane()) return;
  constexpr int width = bits_of_element<T>();
  constexpr int k_bytes = k * width / 8;
  constexpr int outer = std::is_same_v<Use, matrix_a> ? m : n;
  const auto* first = static_cast<const std::uint8_t*>(from);
  const std::int64_t row_bytes = static_cast<std::int64_t>(leading) * width / 8;
  if (reinterpret_cast<std::uintptr_t>(from) % k_bytes != 0) emulated::fail("a fragment that is not aligned");
  if (row_bytes % 16 != 0) emulated::fail("rows of a fragment that are not aligned");
  if (first < emulated::block->shared_begin || first + (outer - 1) * row_bytes + k_bytes > emulated::block->shared_end)
    emulated::fail("a fragment that is not in shared memory");
  for (int i = 0; i < outer; ++i)
    for (int j = 0; j < k; ++j) {
      const double value = element_at<T>(from, std::int64_t{i} * leading + j);
      if constexpr (std::is_same_v<Use, matrix_a>)
        to.at(i, j) = value;
      else
        to.at(j, i) = value;
    }
}

template <class C, class Value>
void fill_fragment(C& fragment, Value value) {
  fragment.x.fill(static_cast<double>(value));
}

template <class A, class B, class C>
void mma_sync(C& to, const A& a, const B& b, const C& c) {
  if (!first_lane()) return;
  for (int i = 0; i < C::rows; ++i)
    for (int j = 0; j < C::columns; ++j) {
      double sum = c.at(i, j);
      for (int l = 0; l < A::columns; ++l) sum += a.at(i, l) * b.at(l, j);
      to.at(i, j) = sum;
    }
}
template <class A, class B, class C>
void bmma_sync(C& to, const A& a, const B& b, const C& c, experimental::bmmaBitOp /*operation*/,
               experimental::bmmaAccumulateOp /*sum*/) {
  mma_sync(to, a, b, c);  // the product of two bits is AND
}

template <class Value, class C>
void store_matrix_sync(Value* to, const C& c, unsigned leading, layout_t /*layout*/) {
  if (!first_lane()) return;
  for (int i = 0; i < C::rows; ++i)
    for (int j = 0; j < C::columns; ++j) {
      Value& place = to[static_cast<std::size_t>(i) * leading + static_cast<std::size_t>(j)];
      if constexpr (std::is_same_v<Value, __half>)
        place = __float2half(static_cast<float>(c.at(i, j)));
      else
        place = static_cast<Value>(c.at(i, j));
    }
}

}  // namespace nvcuda::wmma
