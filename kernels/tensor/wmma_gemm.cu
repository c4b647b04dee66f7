// Matrix product through nvcuda::wmma: C (FP32) = A (FP16) * B (FP16), row-major.
//
//   idea     a block of 8 warps owns 128 x 256 of C, a warp 64 x 64 of it in 16 accumulator fragments: the largest
//            warp tile that the register file holds, so that each operand read from shared memory serves 64 products.
//            Slabs of A and B wait in a ring of shared-memory stages; while one slab is multiplied the ones behind it
//            arrive, by cp.async from compute capability 8.0 on and through registers on 7.5. The fragments of the
//            next 16 k are read while those of this one are multiplied. Rows are padded by 16 bytes, so that the 8
//            rows that an LDSM reads lie in different banks. Blocks walk C in bands of 16 tile rows, so that those
//            running together share their slabs in L2
//   work     2 m n k FLOP
//   machine  one trip of the loop multiplies one slab of k (32, on 9.0 and 10.x 64): a step for every 16 k, with 16
//            fragment products of 2 HMMA.16816 (k 16) or 4 HMMA.1688 (k 8) each and 8 LDSM; 384 x slab / 2048 copies of
//            16 bytes a thread. No scalar access to shared memory
//   sass     sm_75                     loop  HMMA.1688.F32=128 HMMA=128 LDSM=32 LDG.E.128=6 LDG=6 STS.128=6 STS=6 LDS=0
//   sass     sm_80,sm_86,sm_89,sm_120a loop  HMMA.16816.F32=64 HMMA=64 LDSM=16 LDGSTS.E.BYPASS.128=6 LDGSTS=6 LDS=0
//   sass     sm_90a,sm_100a  loop  HMMA.16816.F32=128 HMMA=128 LDSM=32 LDGSTS.E.BYPASS.128=12 LDGSTS=12 LDS=0
//   limit    Pipe::mma_tensor_fp16 (on Hopper mma.sync has a lower ceiling than wgmma: about 62 % of it)
//   answer   exact on small integers; within FP32 rounding of an FP64 product on random operands
#include <cuda_pipeline_primitives.h>
#include <mma.h>

#include "kernels/tensor/wmma_gemm.hpp"

namespace peakproof::kernels {
namespace {

namespace wmma = nvcuda::wmma;

/// How much of k a stage of shared memory holds, and how many stages there are.
struct Plan {
  int slab;
  int stages;
};

/// By virtual architecture (10 x major + minor): what fits 64 KB a block on 7.5, 227 KB on 9.0 and 10.x, and 99 KB on
/// any other one that the code may be compiled or translated for.
constexpr Plan plan_of(int architecture) {
  if (architecture < 80) return {32, 2};
  if (architecture == 90 || architecture / 10 == 10) return {64, 4};
  return {32, 3};
}

constexpr int kFragment = 16;  // m, n and k of one wmma product
constexpr int kWarpTile = 64;  // m and n of a warp's part of C
constexpr int kPerSide = kWarpTile / kFragment;
constexpr int kPad = 8;     // halves, 16 bytes
constexpr int kVector = 8;  // halves in 16 bytes
constexpr int kBand = 16;   // tile rows that are walked together
constexpr int kPitchB = WmmaGemm::tile_n + kPad;

constexpr int pitch_a(Plan plan) { return plan.slab + kPad; }
constexpr int stage_halves(Plan plan) { return WmmaGemm::tile_m * pitch_a(plan) + plan.slab * kPitchB; }
constexpr int shared_bytes(Plan plan) { return plan.stages * stage_halves(plan) * static_cast<int>(sizeof(__half)); }
static_assert(shared_bytes(plan_of(75)) <= 64 * 1024);
static_assert(shared_bytes(plan_of(80)) <= 99 * 1024);
static_assert(shared_bytes(plan_of(90)) <= 227 * 1024);
static_assert(WmmaGemm::threads / 32 * kWarpTile * kWarpTile == WmmaGemm::tile_m * WmmaGemm::tile_n);

#ifdef __CUDA_ARCH__
constexpr int kArchitecture = __CUDA_ARCH__ / 10;
#else
constexpr int kArchitecture = 80;  // the host pass compiles no kernel
#endif
constexpr Plan kPlan = plan_of(kArchitecture);
static_assert(WmmaGemm::tile_k % kPlan.slab == 0 && kPlan.slab / kFragment % 2 == 0);

constexpr int kPitchA = pitch_a(kPlan);
constexpr int kStage = stage_halves(kPlan);
constexpr int kStageB = WmmaGemm::tile_m * kPitchA;  // where a stage's B begins

using FragmentA = wmma::fragment<wmma::matrix_a, kFragment, kFragment, kFragment, __half, wmma::row_major>;
using FragmentB = wmma::fragment<wmma::matrix_b, kFragment, kFragment, kFragment, __half, wmma::row_major>;
using FragmentC = wmma::fragment<wmma::accumulator, kFragment, kFragment, kFragment, float>;

/// This thread's share of copying a rows x columns slab: vectors of one column, every `rows_apart` rows.
template <int rows, int columns, int pitch>
struct Share {
  static constexpr int vectors_a_row = columns / kVector;
  static constexpr int rows_apart = WmmaGemm::threads / vectors_a_row;
  static constexpr int vectors = rows / rows_apart;
  static_assert(vectors * rows_apart == rows);

  const __half* from;  // its first vector, in the matrix
  std::int64_t apart;  // halves to the next one
  int to;              // its first vector, in the slab in shared memory

  __device__ __forceinline__ Share(const __half* corner, int leading) {
    const int row = static_cast<int>(threadIdx.x) / vectors_a_row;
    const int column = static_cast<int>(threadIdx.x) % vectors_a_row * kVector;
    from = corner + std::int64_t{row} * leading + column;
    apart = std::int64_t{rows_apart} * leading;
    to = row * pitch + column;
  }
  __device__ __forceinline__ void request(__half* slab) const {
#pragma unroll
    for (int i = 0; i < vectors; ++i) {
      __pipeline_memcpy_async(slab + to + i * rows_apart * pitch, from + i * apart, kVector * sizeof(__half));
    }
  }
  __device__ __forceinline__ void read(uint4 (&held)[vectors]) const {
#pragma unroll
    for (int i = 0; i < vectors; ++i) held[i] = *reinterpret_cast<const uint4*>(from + i * apart);
  }
  __device__ __forceinline__ void write(__half* slab, const uint4 (&held)[vectors]) const {
#pragma unroll
    for (int i = 0; i < vectors; ++i) *reinterpret_cast<uint4*>(slab + to + i * rows_apart * pitch) = held[i];
  }
};
using ShareA = Share<WmmaGemm::tile_m, kPlan.slab, kPitchA>;
using ShareB = Share<kPlan.slab, WmmaGemm::tile_n, kPitchB>;

/// Brings one slab of A and B after the other into shared memory: by cp.async, or through registers where there is
/// none. request() starts a copy; arrive() ends when all requested copies but the newest stages - 2 have come (this
/// thread's share of them: a barrier must follow).
template <bool asynchronous>
struct Copy {
  ShareA a;
  ShareB b;
  std::int64_t next_b;  // halves from one slab of B to the next
  uint4 held_a[ShareA::vectors];
  uint4 held_b[ShareB::vectors];

  __device__ __forceinline__ Copy(const __half* corner_a, int k, const __half* corner_b, int n)
      : a(corner_a, k), b(corner_b, n), next_b(std::int64_t{kPlan.slab} * n) {}
  __device__ __forceinline__ void request(__half* stage, bool wanted) {
    if constexpr (asynchronous) {
      if (wanted) {
        a.request(stage);
        b.request(stage + kStageB);
      }
      __pipeline_commit();
    } else if (wanted) {
      a.read(held_a);
      b.read(held_b);
    }
    a.from += kPlan.slab;
    b.from += next_b;
  }
  __device__ __forceinline__ void arrive(__half* stage) const {
    if constexpr (asynchronous) {
      __pipeline_wait_prior(kPlan.stages - 2);
    } else {
      a.write(stage, held_a);
      b.write(stage + kStageB, held_b);
    }
  }
};

/// The operands of one step: 16 k of the warp's rows of A and columns of B.
struct Operands {
  FragmentA a[kPerSide];
  FragmentB b[kPerSide];

  __device__ __forceinline__ void load(const __half* warp_a, const __half* warp_b, int step) {
#pragma unroll
    for (int i = 0; i < kPerSide; ++i) {
      wmma::load_matrix_sync(a[i], warp_a + i * kFragment * kPitchA + step * kFragment, kPitchA);
    }
#pragma unroll
    for (int j = 0; j < kPerSide; ++j) {
      wmma::load_matrix_sync(b[j], warp_b + step * kFragment * kPitchB + j * kFragment, kPitchB);
    }
  }
};

/// The tile of C that a block computes.
struct Tile {
  int row;
  int column;
};
__device__ __forceinline__ Tile tile_of_block(int tiles_m, int tiles_n) {
  const int block = static_cast<int>(blockIdx.x);
  const int first = block / (kBand * tiles_n) * kBand;
  const int rows = min(kBand, tiles_m - first);
  const int in_band = block % (kBand * tiles_n);
  return Tile{first + in_band % rows, in_band / rows};
}

}  // namespace

__global__ void __launch_bounds__(WmmaGemm::threads, 1)
    wmma_gemm(const __half* a, const __half* b, float* c, int m, int n, int k) {
  constexpr int steps = kPlan.slab / kFragment;
  extern __shared__ __align__(32) __half shared[];

  const Tile tile = tile_of_block(m / WmmaGemm::tile_m, n / WmmaGemm::tile_n);
  const std::int64_t row = std::int64_t{tile.row} * WmmaGemm::tile_m;
  const std::int64_t column = std::int64_t{tile.column} * WmmaGemm::tile_n;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int warp_row = warp / (WmmaGemm::tile_n / kWarpTile) * kWarpTile;
  const int warp_column = warp % (WmmaGemm::tile_n / kWarpTile) * kWarpTile;

  FragmentC sums[kPerSide][kPerSide];
#pragma unroll
  for (int i = 0; i < kPerSide; ++i) {
#pragma unroll
    for (int j = 0; j < kPerSide; ++j) wmma::fill_fragment(sums[i][j], 0.0F);
  }

  const int slabs = k / kPlan.slab;
  Copy<(kArchitecture >= 80)> copy(a + row * k, k, b + column, n);
#pragma unroll
  for (int stage = 0; stage < kPlan.stages - 1; ++stage) copy.request(shared + stage * kStage, stage < slabs);
  copy.arrive(shared);
  __syncthreads();

  const int warp_a = warp_row * kPitchA;
  const int warp_b = kStageB + warp_column;
  Operands operands[2];
  operands[0].load(shared + warp_a, shared + warp_b, 0);

  int reading = 0;                            // where in shared memory the slab being multiplied lies
  int writing = (kPlan.stages - 1) * kStage;  // and where the one behind all others goes
#pragma unroll 1
  for (int slab = 0; slab < slabs; ++slab) {
#pragma unroll
    for (int step = 0; step < steps; ++step) {
      if (step == 0) copy.request(shared + writing, slab + kPlan.stages - 1 < slabs);
      if (step == steps - 1) {
        // The next slab is complete, and every warp has read the last of this one: its stage may be overwritten.
        reading = reading == (kPlan.stages - 1) * kStage ? 0 : reading + kStage;
        writing = writing == (kPlan.stages - 1) * kStage ? 0 : writing + kStage;
        copy.arrive(shared + reading);
        __syncthreads();
      }
      operands[(step + 1) % 2].load(shared + reading + warp_a, shared + reading + warp_b, (step + 1) % steps);
      const Operands& now = operands[step % 2];
#pragma unroll
      for (int i = 0; i < kPerSide; ++i) {
#pragma unroll
        for (int j = 0; j < kPerSide; ++j) {
          FragmentC& sum = sums[i][i % 2 == 0 ? j : kPerSide - 1 - j];  // back and forth: one operand stays
          wmma::mma_sync(sum, now.a[i], now.b[i % 2 == 0 ? j : kPerSide - 1 - j], sum);
        }
      }
    }
  }

  float* corner = c + (row + warp_row) * n + column + warp_column;
#pragma unroll
  for (int i = 0; i < kPerSide; ++i) {
#pragma unroll
    for (int j = 0; j < kPerSide; ++j) {
      wmma::store_matrix_sync(corner + std::int64_t{i} * kFragment * n + j * kFragment, sums[i][j],
                              static_cast<unsigned>(n), wmma::mem_row_major);
    }
  }
}

bool WmmaGemm::fits() const {
  constexpr std::int64_t limit = 0x7FFFFFFF;
  const auto good = [](std::int64_t extent, int tile) { return extent > 0 && extent <= limit && extent % tile == 0; };
  return good(shape.m, tile_m) && good(shape.n, tile_n) && good(shape.k, tile_k) &&
         shape.m / tile_m <= limit / (shape.n / tile_n);
}

cudaError_t launch(const WmmaGemm& gemm, const __half* a, const __half* b, float* c, cudaStream_t stream) {
  if (!gemm.fits()) return cudaErrorInvalidValue;
  // The plan that the loaded code was compiled with: that of its virtual architecture, whatever the device is.
  cudaFuncAttributes attributes{};
  cudaError_t status = cudaFuncGetAttributes(&attributes, wmma_gemm);
  if (status != cudaSuccess) return status;
  const int shared = shared_bytes(plan_of(attributes.ptxVersion));
  status = cudaFuncSetAttribute(wmma_gemm, cudaFuncAttributeMaxDynamicSharedMemorySize, shared);
  if (status != cudaSuccess) return status;

  const std::int64_t blocks = gemm.shape.m / WmmaGemm::tile_m * (gemm.shape.n / WmmaGemm::tile_n);
  wmma_gemm<<<static_cast<unsigned>(blocks), WmmaGemm::threads, static_cast<std::size_t>(shared), stream>>>(
      a, b, c, static_cast<int>(gemm.shape.m), static_cast<int>(gemm.shape.n), static_cast<int>(gemm.shape.k));
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
