// The device code of the matrix products in wgmma_gemm.cu, which says what it does and why. Its parts: a producer
// thread that fills a ring of stages in shared memory, two consumer warpgroups that multiply them, and a store of C
// that overlaps with the next tile.
#pragma once

#include <cuda.h>
#include <cuda_bf16.h>

#include <cstdint>

#include "kernels/tensor/cluster.cuh"
#include "kernels/tensor/mbarrier.cuh"
#include "kernels/tensor/tma.cuh"
#include "kernels/tensor/wgmma_gemm.hpp"
#include "kernels/tensor/wgmma_instructions.cuh"

namespace peakproof::kernels::wgmma_gemm {

using wgmma::Type;

inline constexpr int kWarpsOfGroup = 4;
inline constexpr int kConsumerWarps = 8;
inline constexpr int kProducerRegisters = 40;  // of a thread; 128 x 40 + 256 x 232 fill the register file
inline constexpr int kConsumerRegisters = 232;
static_assert(128 * kProducerRegisters + 256 * kConsumerRegisters <= 65536);
static_assert(WgmmaGemm::threads == 32 * (kWarpsOfGroup + kConsumerWarps));

inline constexpr int kStages = WgmmaGemm::stages;
inline constexpr int kBytesA = WgmmaGemm::cta_m * WgmmaGemm::slab_bytes;  // of a stage, which begins with them
inline constexpr int kBytesB = WgmmaGemm::tile_n * WgmmaGemm::slab_bytes;
inline constexpr int kShareB = WgmmaGemm::tile_n / WgmmaGemm::cluster;  // rows of B that a CTA loads for all
inline constexpr int kStage = WgmmaGemm::stage_bytes;
static_assert(kStage == kBytesA + kBytesB && kStage % WgmmaGemm::alignment == 0);
static_assert(WgmmaGemm::shared_bytes <= 227 * 1024);

inline constexpr int kGroupRows = 64;  // of C, of a consumer warpgroup
inline constexpr int kWarpRows = 16;
inline constexpr int kBoxColumns = 64;                                    // of C: 128 bytes of BF16
inline constexpr int kBoxBytes = kWarpRows * WgmmaGemm::slab_bytes;       // of C, as a warp stores it
inline constexpr int kBoxesOfHalf = WgmmaGemm::tile_n / kBoxColumns / 2;  // of a tile's columns
inline constexpr int kAccumulators = wgmma::accumulators(Type::bf16, WgmmaGemm::tile_n);
inline constexpr int kPairsOfHalf = kAccumulators / 4;
static_assert(WgmmaGemm::staging_bytes == kConsumerWarps * kBoxesOfHalf * kBoxBytes);

/// Where things lie in shared memory: addresses, the first one aligned for the swizzle.
struct Shared {
  std::uint32_t ring;

  __device__ __forceinline__ std::uint32_t stage(int index) const {
    return ring + static_cast<std::uint32_t>(index * kStage);
  }
  /// A consumer warp's boxes of C.
  __device__ __forceinline__ std::uint32_t boxes(int warp) const {
    return stage(kStages) + static_cast<std::uint32_t>(warp * kBoxesOfHalf * kBoxBytes);
  }
  /// A slab has come.
  __device__ __forceinline__ mbarrier::Address full(int index) const {
    return stage(kStages) + WgmmaGemm::staging_bytes + static_cast<std::uint32_t>(index * mbarrier::bytes);
  }
  /// A slab has been multiplied, in the whole cluster.
  __device__ __forceinline__ mbarrier::Address empty(int index) const { return full(kStages + index); }
};

/// Where a producer or a consumer is on its way around the ring.
struct Turn {
  int stage = 0;
  std::uint32_t parity = 0;  // of the round

  __device__ __forceinline__ void advance() {
    if (++stage < kStages) return;
    stage = 0;
    parity ^= 1U;
  }
};

/// The operands and the tiles: what a kernel is called with.
struct Job {
  const CUtensorMap& a;
  const CUtensorMap& b;
  const CUtensorMap& c;
  const BandedOrder& order;
  int slabs;
};

__device__ __forceinline__ int first_tile() { return static_cast<int>(blockIdx.x) / WgmmaGemm::cluster; }
__device__ __forceinline__ int next_tile(int tile) { return tile + static_cast<int>(gridDim.x) / WgmmaGemm::cluster; }

/// One thread: brings slab after slab of tile after tile, as fast as stages are given back.
template <Type type>
__device__ __forceinline__ void produce(const Job& job, const Shared& shared, int rank) {
  constexpr int slab = WgmmaGemm::slab_bytes / wgmma::element_bytes(type);
  constexpr std::uint16_t everybody = (1U << WgmmaGemm::cluster) - 1;
  Turn turn;
  for (int tile = first_tile(); tile < job.order.tiles(); tile = next_tile(tile)) {
    const TilePosition position = job.order.at(tile);
    const int row = position.row * WgmmaGemm::tile_m + rank * WgmmaGemm::cta_m;
    const int column = position.column * WgmmaGemm::tile_n + rank * kShareB;
#pragma unroll 1
    for (int i = 0; i < job.slabs; ++i) {
      const std::uint32_t stage = shared.stage(turn.stage);
      const mbarrier::Address full = shared.full(turn.stage);
      mbarrier::wait(shared.empty(turn.stage), turn.parity ^ 1U);
      mbarrier::arrive_expecting(full, kStage);
      tma::load(stage, job.a, i * slab, row, full);
      tma::load_for(everybody, stage + kBytesA + rank * (kBytesB / WgmmaGemm::cluster), job.b, i * slab, column, full);
      turn.advance();
    }
  }
}

/// Starts the products of one slab: 4 steps of k, 32 bytes each.
template <Type type, bool first>
__device__ __forceinline__ void multiply_slab(float (&sums)[kAccumulators], std::uint64_t a, std::uint64_t b) {
  constexpr int steps = WgmmaGemm::slab_bytes / 32;
  wgmma::fence();
#pragma unroll
  for (int step = 0; step < steps; ++step) {
    wgmma::multiply<type, WgmmaGemm::tile_n>(sums, a + 2 * step, b + 2 * step, !first || step > 0);
  }
  wgmma::commit();
}

/// One half of the columns of the sums, rounded to BF16, two to a register.
__device__ __forceinline__ void round_half(const float (&sums)[kAccumulators], int half,
                                           std::uint32_t (&pairs)[kPairsOfHalf]) {
#pragma unroll
  for (int i = 0; i < kPairsOfHalf; ++i) {
    const int at = half * kAccumulators / 2 + 2 * i;
    const __nv_bfloat162 pair = __floats2bfloat162_rn(sums[at], sums[at + 1]);
    pairs[i] = *reinterpret_cast<const std::uint32_t*>(&pair);
  }
}

/// Four 8 x 8 matrices of 16 bits: lane i gives the address of row i % 8 of matrix i / 8, and has two elements of each.
__device__ __forceinline__ void store_matrices(std::uint32_t address, const std::uint32_t* pairs) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared::cta.b16 [%0], {%1, %2, %3, %4};" ::"r"(address), "r"(pairs[0]),
               "r"(pairs[1]), "r"(pairs[2]), "r"(pairs[3])
               : "memory");
}

/// A warp stores one half of its columns of C by way of its two boxes in shared memory. Pairs 4 i to 4 i + 3 of a
/// thread lie in rows 0-7 and 8-15 of the columns from 16 i on, then in both of the 8 columns behind them.
__device__ __forceinline__ void store_half(const std::uint32_t (&pairs)[kPairsOfHalf], std::uint32_t boxes,
                                           const CUtensorMap& c, int column, int row) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const bool leader = cluster::elected();
  if (leader) tma::wait_until_stores_have_read();
  __syncwarp();
#pragma unroll
  for (int i = 0; i < kPairsOfHalf / 4; ++i) {
    store_matrices(boxes + static_cast<std::uint32_t>(WgmmaGemm::staged(lane, i)), &pairs[4 * i]);
  }
  tma::publish_shared();
  __syncwarp();
  if (leader) {
#pragma unroll
    for (int box = 0; box < kBoxesOfHalf; ++box) {
      tma::store(c, column + box * kBoxColumns, row, boxes + box * kBoxBytes);
    }
    tma::commit_stores();
  }
  __syncwarp();
}

/// A consumer warpgroup: 64 rows of every tile of the CTA.
template <Type type>
__device__ __forceinline__ void consume(const Job& job, const Shared& shared, const unsigned char* ring, int rank,
                                        int warp) {
  const int group = warp / kWarpsOfGroup;
  const std::uint64_t a = wgmma::descriptor_128b(ring + group * kGroupRows * WgmmaGemm::slab_bytes);
  const std::uint64_t b = wgmma::descriptor_128b(ring + kBytesA);
  const std::uint32_t boxes = shared.boxes(warp);
  // Lanes 0 and 1 of each warp give a stage back, one to either CTA.
  const std::uint32_t lane = threadIdx.x % 32;
  const bool gives_back = lane < WgmmaGemm::cluster;
  const std::uint32_t empty = mbarrier::address_in(lane % WgmmaGemm::cluster, shared.empty(0));
  const auto give_back = [&](int stage) {
    if (gives_back) mbarrier::arrive_in_cluster(empty + static_cast<std::uint32_t>(stage * mbarrier::bytes));
  };
  const auto in_stage = [](std::uint64_t descriptor, int stage) {
    return descriptor + static_cast<std::uint32_t>(stage) * (kStage / 16);
  };

  float sums[kAccumulators];
  std::uint32_t later[kPairsOfHalf];  // the second half of the last tile, which is stored while the next one begins
  int row = -1;
  int column = 0;
  Turn turn;
  for (int tile = first_tile(); tile < job.order.tiles(); tile = next_tile(tile)) {
    mbarrier::wait(shared.full(turn.stage), turn.parity);
    multiply_slab<type, true>(sums, in_stage(a, turn.stage), in_stage(b, turn.stage));
    int under_way = turn.stage;
    turn.advance();
    if (row >= 0) store_half(later, boxes, job.c, column + WgmmaGemm::tile_n / 2, row);
    // Here, where the tensor cores are busy: behind the last slab, they would wait for these divisions.
    const TilePosition position = job.order.at(tile);
    row = position.row * WgmmaGemm::tile_m + rank * WgmmaGemm::cta_m + warp * kWarpRows;
    column = position.column * WgmmaGemm::tile_n;
    asm volatile("" : "+r"(row), "+r"(column));

#pragma unroll 1
    for (int i = 1; i < job.slabs; ++i) {
      mbarrier::wait(shared.full(turn.stage), turn.parity);
      multiply_slab<type, false>(sums, in_stage(a, turn.stage), in_stage(b, turn.stage));
      wgmma::wait<1>();
      give_back(under_way);
      under_way = turn.stage;
      turn.advance();
    }
    wgmma::wait<0>();
    give_back(under_way);
    std::uint32_t now[kPairsOfHalf];
    round_half(sums, 0, now);
    round_half(sums, 1, later);
    store_half(now, boxes, job.c, column, row);
  }
  if (row >= 0) store_half(later, boxes, job.c, column + WgmmaGemm::tile_n / 2, row);
  if (cluster::elected()) tma::wait_for_stores();
}

template <Type type>
__device__ __forceinline__ void multiply_matrices(const Job& job) {
  extern __shared__ unsigned char shared_memory[];
  const auto begin = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared_memory));
  const std::uint32_t padding = (WgmmaGemm::alignment - begin % WgmmaGemm::alignment) % WgmmaGemm::alignment;
  const Shared shared{begin + padding};
  const int rank = static_cast<int>(cluster::rank());
  const int warp = __shfl_sync(~0U, static_cast<int>(threadIdx.x) / 32, 0);  // the compiler sees that it is uniform

  if (threadIdx.x == 0) {
    for (int stage = 0; stage < kStages; ++stage) {
      mbarrier::init(shared.full(stage), 1);
      mbarrier::init(shared.empty(stage), kConsumerWarps * WgmmaGemm::cluster);
    }
    mbarrier::publish_init();
    tma::prefetch(job.a);
    tma::prefetch(job.b);
    tma::prefetch(job.c);
  }
  __syncwarp();
  cluster::synchronize();

  if (warp < kWarpsOfGroup) {
    cluster::shrink_registers<kProducerRegisters>();
    if (warp == 0 && cluster::elected()) produce<type>(job, shared, rank);
    __syncwarp();
  } else {
    cluster::grow_registers<kConsumerRegisters>();
    consume<type>(job, shared, shared_memory + padding, rank, warp - kWarpsOfGroup);
    __syncwarp();
  }
  cluster::synchronize();  // nobody leaves while the other one writes into its shared memory or arrives there
}

}  // namespace peakproof::kernels::wgmma_gemm
