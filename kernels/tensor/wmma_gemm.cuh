// The device side of the WMMA matrix products: what every type shares. The files that instantiate it have the data
// sheets.
#pragma once

#include <cuda_pipeline_primitives.h>
#include <mma.h>

#include <type_traits>

#include "kernels/tensor/tile_order.hpp"
#include "kernels/tensor/wmma_gemm.hpp"
#include "kernels/tensor/wmma_load.cuh"

namespace peakproof::kernels::wmma_gemm {

namespace wmma = nvcuda::wmma;

// ---- what depends on the architecture -------------------------------------------------------------------------------

/// How much of k a stage of shared memory holds, in bytes of a row, and how many stages there are.
struct Plan {
  int slab;
  int stages;
};

/// By virtual architecture (10 x major + minor): what fits 64 KB a block on 7.5, 227 KB on 9.0 and 10.x, and 99 KB on
/// any other one that the code may be compiled or translated for.
constexpr Plan plan_of(int architecture) {
  if (architecture < 80) return {64, 2};
  if (architecture == 90 || architecture / 10 == 10) return {128, 4};
  return {64, 3};
}

inline constexpr Plan kPlan = plan_of(kArchitecture);
static_assert(WmmaGemm::tile_bytes % kPlan.slab == 0);

// ---- what depends on the type ---------------------------------------------------------------------------------------

/// The elements of fragments and of memory, the shape of a fragment product, and of a warp's part of C.
template <class FragmentElement, class MemoryElement, class SumElement, int rows, int columns, int k, int m = 64,
          int n = 64>
struct Shape {
  using Operand = FragmentElement;
  using Memory = MemoryElement;
  using Sum = SumElement;
  static constexpr int fragment_m = rows;
  static constexpr int fragment_n = columns;
  static constexpr int fragment_k = k;
  static constexpr int warp_m = m;
  static constexpr int warp_n = n;
};

template <WmmaType type>
struct Product;
template <>
struct Product<WmmaType::fp16> : Shape<__half, __half, float, 16, 16, 16> {};
template <>
struct Product<WmmaType::fp16_acc16> : Shape<__half, __half, __half, 16, 16, 16> {};
template <>
struct Product<WmmaType::int8> : Shape<signed char, signed char, int, 16, 16, 16> {};
template <>
struct Product<WmmaType::int4> : Shape<wmma::experimental::precision::s4, void, int, 8, 8, 32> {};
template <>
struct Product<WmmaType::b1> : Shape<wmma::experimental::precision::b1, void, int, 8, 8, 128> {};
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800  // mma.h declares their elements from there on
template <>
struct Product<WmmaType::bf16> : Shape<__nv_bfloat16, __nv_bfloat16, float, 16, 16, 16> {};
template <>
struct Product<WmmaType::tf32> : Shape<wmma::precision::tf32, float, float, 16, 16, 8> {};
template <>
struct Product<WmmaType::fp64> : Shape<double, double, double, 8, 8, 4, 32, 64> {};
#endif

/// Rows in shared memory are padded, so that the rows which a warp reads together lie in different banks: 8 of 16
/// bytes, or, of FP64, 4 of 32 bytes at a time.
constexpr int pitch_of(WmmaType type, Plan plan) { return plan.slab + (type == WmmaType::fp64 ? 32 : 16); }
constexpr int stage_bytes(WmmaType type, Plan plan) {
  const GemmTile tile = WmmaGemm{type, {}}.tile();
  return (tile.m + tile.n) * pitch_of(type, plan);
}
constexpr int shared_bytes(WmmaType type, Plan plan) { return plan.stages * stage_bytes(type, plan); }

// ---- from device memory to shared memory ----------------------------------------------------------------------------

inline constexpr int kVector = 16;  // bytes

/// This thread's share of copying `rows` rows of a slab: vectors of one column, every `rows_apart` rows.
template <int rows, int pitch>
struct Share {
  static constexpr int vectors_a_row = kPlan.slab / kVector;
  static constexpr int rows_apart = WmmaGemm::threads / vectors_a_row;
  static constexpr int vectors = rows / rows_apart;
  static_assert(vectors * rows_apart == rows);

  const std::uint8_t* from;  // its first vector, in the matrix
  std::int64_t apart;        // bytes to the next one
  int to;                    // its first vector, in the slab in shared memory

  __device__ __forceinline__ Share(const std::uint8_t* corner, std::int64_t row_bytes) {
    const int row = static_cast<int>(threadIdx.x) / vectors_a_row;
    const int column = static_cast<int>(threadIdx.x) % vectors_a_row * kVector;
    from = corner + row * row_bytes + column;
    apart = rows_apart * row_bytes;
    to = row * pitch + column;
  }
  __device__ __forceinline__ void request(std::uint8_t* slab) const {
#pragma unroll
    for (int i = 0; i < vectors; ++i) {
      __pipeline_memcpy_async(slab + to + i * rows_apart * pitch, from + i * apart, kVector);
    }
  }
  __device__ __forceinline__ void read(uint4 (&held)[vectors]) const {
#pragma unroll
    for (int i = 0; i < vectors; ++i) held[i] = *reinterpret_cast<const uint4*>(from + i * apart);
  }
  __device__ __forceinline__ void write(std::uint8_t* slab, const uint4 (&held)[vectors]) const {
#pragma unroll
    for (int i = 0; i < vectors; ++i) *reinterpret_cast<uint4*>(slab + to + i * rows_apart * pitch) = held[i];
  }
};

/// Brings one slab of A and B after the other into shared memory: by cp.async, or through registers where there is
/// none. request() starts a copy; arrive() ends when all requested copies but the newest stages - 2 have come (this
/// thread's share of them: a barrier must follow).
template <int rows_a, int rows_b, int pitch, bool asynchronous>
struct Copy {
  using ShareA = Share<rows_a, pitch>;
  using ShareB = Share<rows_b, pitch>;
  ShareA a;
  ShareB b;
  uint4 held_a[ShareA::vectors];
  uint4 held_b[ShareB::vectors];

  __device__ __forceinline__ Copy(const std::uint8_t* corner_a, const std::uint8_t* corner_b, std::int64_t row_bytes)
      : a(corner_a, row_bytes), b(corner_b, row_bytes) {}
  __device__ __forceinline__ void request(std::uint8_t* stage, bool wanted) {
    if constexpr (asynchronous) {
      if (wanted) {
        a.request(stage);
        b.request(stage + rows_a * pitch);
      }
      __pipeline_commit();
    } else if (wanted) {
      a.read(held_a);
      b.read(held_b);
    }
    a.from += kPlan.slab;
    b.from += kPlan.slab;
  }
  __device__ __forceinline__ void arrive(std::uint8_t* stage) const {
    if constexpr (asynchronous) {
      __pipeline_wait_prior(kPlan.stages - 2);
    } else {
      a.write(stage, held_a);
      b.write(stage + rows_a * pitch, held_b);
    }
  }
};

// ---- from shared memory to the tensor cores -------------------------------------------------------------------------

/// sum += a x b; of bits, the count of those that both have.
template <class A, class B, class Sum>
__device__ __forceinline__ void multiply_add(Sum& sum, const A& a, const B& b) {
  if constexpr (std::is_same_v<typename A::element_type, wmma::experimental::precision::b1>) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
    wmma::bmma_sync(sum, a, b, sum, wmma::experimental::bmmaBitOpAND, wmma::experimental::bmmaAccumulateOpPOPC);
#endif
  } else {
    wmma::mma_sync(sum, a, b, sum);
  }
}

/// The body of a kernel: one tile of C. `shared` has shared_bytes().
template <WmmaType type>
__device__ __forceinline__ void multiply(std::uint8_t* shared, const void* a, const void* b, void* c, int m, int n,
                                         int k) {
  using P = Product<type>;
  using FragmentA =
      wmma::fragment<wmma::matrix_a, P::fragment_m, P::fragment_n, P::fragment_k, typename P::Operand, wmma::row_major>;
  using FragmentB =
      wmma::fragment<wmma::matrix_b, P::fragment_m, P::fragment_n, P::fragment_k, typename P::Operand, wmma::col_major>;
  using Sum = typename P::Sum;
  using FragmentC = wmma::fragment<wmma::accumulator, P::fragment_m, P::fragment_n, P::fragment_k, Sum>;
  constexpr GemmTile tile = WmmaGemm{type, {}}.tile();
  constexpr int bits = bits_of(WmmaGemm{type, {}}.types().operand);
  constexpr int pitch = pitch_of(type, kPlan);
  constexpr int stage = stage_bytes(type, kPlan);
  constexpr int leading = pitch * 8 / bits;
  constexpr int step_bytes = P::fragment_k * bits / 8;
  constexpr int steps = kPlan.slab / step_bytes;
  constexpr int per_m = P::warp_m / P::fragment_m;
  constexpr int per_n = P::warp_n / P::fragment_n;
  constexpr int warps_n = tile.n / P::warp_n;
  static_assert(steps % 2 == 0 && tile.m / P::warp_m * warps_n * 32 == WmmaGemm::threads);

  constexpr int band = 16;  // tile rows that are walked together
  const TilePosition position = BandedOrder{m / tile.m, n / tile.n, band}.at(static_cast<int>(blockIdx.x));
  const std::int64_t row = std::int64_t{position.row} * tile.m;
  const std::int64_t column = std::int64_t{position.column} * tile.n;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int warp_row = warp / warps_n * P::warp_m;
  const int warp_column = warp % warps_n * P::warp_n;

  FragmentC sums[per_m][per_n];
#pragma unroll
  for (int i = 0; i < per_m; ++i) {
#pragma unroll
    for (int j = 0; j < per_n; ++j) wmma::fill_fragment(sums[i][j], Sum(0));
  }

  const std::int64_t row_bytes = std::int64_t{k} * bits / 8;
  const int slabs = static_cast<int>(row_bytes / kPlan.slab);
  Copy<tile.m, tile.n, pitch, (kArchitecture >= 80)> copy(static_cast<const std::uint8_t*>(a) + row * row_bytes,
                                                          static_cast<const std::uint8_t*>(b) + column * row_bytes,
                                                          row_bytes);
#pragma unroll
  for (int i = 0; i < kPlan.stages - 1; ++i) copy.request(shared + i * stage, i < slabs);
  copy.arrive(shared);
  __syncthreads();

  // The operands of one step, and of the next: the warp's rows of A and columns of B.
  FragmentA operands_a[2][per_m];
  FragmentB operands_b[2][per_n];
  const std::uint8_t* const warp_a = shared + warp_row * pitch;
  const std::uint8_t* const warp_b = shared + (tile.m + warp_column) * pitch;
  const auto read = [&](int which, int from, int step) {
#pragma unroll
    for (int i = 0; i < per_m; ++i) {
      load<leading, typename P::Memory>(operands_a[which][i],
                                        warp_a + from + i * P::fragment_m * pitch + step * step_bytes);
    }
#pragma unroll
    for (int j = 0; j < per_n; ++j) {
      load<leading, typename P::Memory>(operands_b[which][j],
                                        warp_b + from + j * P::fragment_n * pitch + step * step_bytes);
    }
  };
  read(0, 0, 0);

  int reading = 0;                           // where in shared memory the slab being multiplied lies
  int writing = (kPlan.stages - 1) * stage;  // and where the one behind all others goes
#pragma unroll 1
  for (int slab = 0; slab < slabs; ++slab) {
#pragma unroll
    for (int step = 0; step < steps; ++step) {
      if (step == 0) copy.request(shared + writing, slab + kPlan.stages - 1 < slabs);
      if (step == steps - 1) {
        // The next slab is complete, and every warp has read the last of this one: its stage may be overwritten.
        reading = reading == (kPlan.stages - 1) * stage ? 0 : reading + stage;
        writing = writing == (kPlan.stages - 1) * stage ? 0 : writing + stage;
        copy.arrive(shared + reading);
        __syncthreads();
      }
      read((step + 1) % 2, reading, (step + 1) % steps);
#pragma unroll
      for (int i = 0; i < per_m; ++i) {
#pragma unroll
        for (int j = 0; j < per_n; ++j) {
          const int at = i % 2 == 0 ? j : per_n - 1 - j;  // back and forth: one operand stays
          multiply_add(sums[i][at], operands_a[step % 2][i], operands_b[step % 2][at]);
        }
      }
    }
  }

  Sum* corner = static_cast<Sum*>(c) + (row + warp_row) * n + column + warp_column;
#pragma unroll
  for (int i = 0; i < per_m; ++i) {
#pragma unroll
    for (int j = 0; j < per_n; ++j) {
      wmma::store_matrix_sync(corner + std::int64_t{i} * P::fragment_m * n + j * P::fragment_n, sums[i][j],
                              static_cast<unsigned>(n), wmma::mem_row_major);
    }
  }
}

/// The same, or a trap where the architecture has no instruction of the type.
template <WmmaType type>
__device__ __forceinline__ void multiply_or_trap(const void* a, const void* b, void* c, int m, int n, int k) {
  if constexpr (WmmaGemm{type, {}}.native().on(kArchitecture)) {
    extern __shared__ __align__(32) std::uint8_t shared[];
    multiply<type>(shared, a, b, c, m, n, k);
  } else {
    __trap();
  }
}

}  // namespace peakproof::kernels::wmma_gemm
