// Device memory by TMA bulk copies (cp.async.bulk): read, write and copy, 16 KiB at a time.
//
//   idea     one thread of a block asks, an engine moves the bytes, and no register ever holds them. A block has a ring
//            of 4 tiles in shared memory and goes through 32 tiles; as soon as a tile is done with, the next one is
//            asked for in its place. With the 3 blocks that an SM of 228 KiB holds, 192 KiB are in flight: latency x
//            bandwidth demands 27 KiB on an H200. The grid covers the buffers exactly; blocks that begin or end have
//            others beside them that keep the memory busy
//            bulk_read:  8 warps add up the tile as it lies in shared memory, 16 bytes a load. That is hidden: an SM's
//            part of 4814 GB/s is 18 bytes a clock, and shared memory takes 128
//            bulk_write: the threads make the tile's words, a product each, while the engine stores the tiles before it
//            bulk_copy:  a block is one warp; what the engine has brought it takes away again
//   work     bytes, of a copy 2 x bytes
//   machine  a trip of the loop is one tile: of a read 4 loads of 16 bytes from shared memory a thread and the
//            UBLKCP.S.G that asks for another tile; of a write 4 stores of 16 bytes to shared memory and a UBLKCP.G.S;
//            of a copy one of each. An arrival at a barrier (SYNCS.ARRIVE) goes with each UBLKCP.S.G, a UTMACMDFLUSH
//            with each UBLKCP.G.S, so that their numbers tell the two apart. No load or store of a thread's own goes to
//            global memory but one sum of 8 bytes a block of a read
//   sass     sm_90a,sm_100a,sm_120a  loop bulk_read   LDS.128=4 LDS=4 STS=0 UBLKCP=1 SYNCS.ARRIVE=1 FENCE.ASYNC=1
//            UBLKCP.anywhere=5 UTMACMDFLUSH.anywhere=0 LDG.anywhere=0 STG.anywhere=1 STG.E.64.anywhere=1 other<0.95
//   sass     sm_90a,sm_100a,sm_120a  loop bulk_write  STS.128=4 STS=4 LDS=0 UBLKCP=1 UTMACMDFLUSH=1 FENCE.ASYNC=1
//            UBLKCP.anywhere=1 SYNCS.anywhere=0 LDG.anywhere=0 STG.anywhere=0 other<0.97
//   sass     sm_90a,sm_100a,sm_120a  kernel bulk_copy UBLKCP=6 SYNCS.ARRIVE=5 UTMACMDFLUSH=1 LDG=0 STG=0 LD=0 ST=0
//            LDS=0 STS=0
//   sass     sm_75,sm_80,sm_86,sm_89  absent bulk_read
//   sass     sm_75,sm_80,sm_86,sm_89  absent bulk_write
//   sass     sm_75,sm_80,sm_86,sm_89  absent bulk_copy
//   limit    Pipe::dram
//   answer   read: each block the sum modulo 2^64 of its 512 KiB; write: 64-bit word i is first + i x step; copy: the
//            destination equals the source
#include "kernels/memory/bulk.cuh"
#include "kernels/memory/bulk_copy.hpp"
#include "kernels/memory/shared_address.cuh"
#include "kernels/memory/stream.cuh"
#include "kernels/tensor/cluster.cuh"

namespace peakproof::kernels {
namespace bulk_ring {

using Vector = streaming::Vector<std::uint64_t>;

inline constexpr int kStages = BulkCopy::stages;
inline constexpr int kTiles = BulkCopy::tiles_of_block;
inline constexpr int kTileBytes = BulkCopy::tile_bytes;
inline constexpr int kTileVectors = kTileBytes / static_cast<int>(sizeof(Vector));
inline constexpr int kVectors = kTileVectors / BulkCopy::threads;  // of a tile, of a thread
static_assert(kTiles > kStages && (kStages & (kStages - 1)) == 0);

// The ring of tiles in dynamic shared memory, and of each a barrier that its bytes have come.
extern __shared__ __align__(128) unsigned char ring_memory[];

__device__ __forceinline__ Vector* tile_at(int stage) {
  return reinterpret_cast<Vector*>(ring_memory + stage * kTileBytes);
}
__device__ __forceinline__ std::uint32_t tile_address(int stage) { return shared_address(tile_at(stage)); }

/// The barriers of the tiles' stages. One thread asks for all tiles, in their order.
struct Arrivals {
  mbarrier::Address first;

  __device__ __forceinline__ explicit Arrivals(std::uint64_t* barriers) : first(shared_address(barriers)) {}
  __device__ __forceinline__ mbarrier::Address of(int stage) const {
    return first + static_cast<std::uint32_t>(stage * mbarrier::bytes);
  }
  __device__ __forceinline__ void init() const {
#pragma unroll
    for (int stage = 0; stage < kStages; ++stage) mbarrier::init(of(stage), 1);
    mbarrier::publish_init();
  }
  __device__ __forceinline__ void ask_for(const unsigned char* block, int tile) const {
    const int stage = tile % kStages;
    bulk::load(tile_address(stage), block + tile * kTileBytes, kTileBytes, of(stage));
  }
  __device__ __forceinline__ void ask_for_first(const unsigned char* block) const {
#pragma unroll
    for (int tile = 0; tile < kStages; ++tile) ask_for(block, tile);
  }
  __device__ __forceinline__ void wait_for(int tile) const {
    mbarrier::wait(of(tile % kStages), static_cast<std::uint32_t>(tile / kStages % 2));
  }
};

__device__ __forceinline__ std::int64_t block_start() { return blockIdx.x * BulkCopy::block_bytes; }

}  // namespace bulk_ring

__global__ void __launch_bounds__(BulkCopy::threads) bulk_read(const unsigned char* source, unsigned long long* sums) {
#if __CUDA_ARCH__ >= 900
  using namespace bulk_ring;
  __shared__ alignas(mbarrier::bytes) std::uint64_t barriers[kStages];
  const Arrivals arrivals(barriers);
  const unsigned char* block = source + block_start();
  const int warp = __shfl_sync(~0U, static_cast<int>(threadIdx.x) / 32, 0);  // the compiler sees that it is uniform
  if (warp == 0 && cluster::elected()) {
    arrivals.init();
    arrivals.ask_for_first(block);
  }
  __syncthreads();  // nobody waits at a barrier that is not there yet
  std::uint64_t sum = 0;
#pragma unroll 1
  for (int tile = 0; tile < kTiles; ++tile) {
    arrivals.wait_for(tile);
    Vector vectors[kVectors];
    streaming::load(tile_at(tile % kStages) + threadIdx.x, BulkCopy::threads, vectors);
#pragma unroll
    for (const Vector& vector : vectors) sum += vector.first + vector.second;
    bulk::order_before_engine();
    __syncthreads();  // everybody has read the tile
    if (warp == 0 && tile + kStages < kTiles && cluster::elected()) arrivals.ask_for(block, tile + kStages);
  }
  sum = streaming::block_sum<BulkCopy::threads>(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
#else
  __trap();
#endif
}

__global__ void __launch_bounds__(BulkCopy::threads) bulk_write(unsigned char* destination, WordSequence words) {
#if __CUDA_ARCH__ >= 900
  using namespace bulk_ring;
  unsigned char* block = destination + block_start();
  const std::int64_t first = block_start() / 8 + 2 * threadIdx.x;  // this thread's first word of the first tile
  std::uint64_t word = words.first + static_cast<std::uint64_t>(first) * words.step;
#pragma unroll 1
  for (int tile = 0; tile < kTiles; ++tile) {
    const int stage = tile % kStages;
    if (threadIdx.x == 0) bulk::wait_until_read_but<kStages - 1>();
    __syncthreads();  // the stage is free
#pragma unroll
    for (int i = 0; i < kVectors; ++i) {
      tile_at(stage)[threadIdx.x + i * BulkCopy::threads] = {word, word + words.step};
      word += 2 * BulkCopy::threads * words.step;
    }
    bulk::order_before_engine();
    __syncthreads();  // the tile is whole
    if (threadIdx.x == 0) bulk::store(block + tile * kTileBytes, tile_address(stage), kTileBytes);
  }
  if (threadIdx.x == 0) bulk::wait_for_stores();
#else
  __trap();
#endif
}

__global__ void __launch_bounds__(BulkCopy::threads_of_copy)
    bulk_copy(const unsigned char* source, unsigned char* destination) {
#if __CUDA_ARCH__ >= 900
  using namespace bulk_ring;
  __shared__ alignas(mbarrier::bytes) std::uint64_t barriers[kStages];
  const Arrivals arrivals(barriers);
  if (!cluster::elected()) return;
  const unsigned char* from = source + block_start();
  unsigned char* to = destination + block_start();
  arrivals.init();
  arrivals.ask_for_first(from);
#pragma unroll 1
  for (int tile = 0; tile < kTiles; ++tile) {
    arrivals.wait_for(tile);
    bulk::store(to + tile * kTileBytes, tile_address(tile % kStages), kTileBytes);
    const int next = tile - 1 + kStages;  // in the place of the tile before this one, once it has been read
    if (tile > 0 && next < kTiles) {
      bulk::wait_until_read_but<1>();
      arrivals.ask_for(from, next);
    }
  }
  bulk::wait_for_stores();
#else
  __trap();
#endif
}

namespace {

const void* function_of(BulkPattern pattern) {
  switch (pattern) {
    case BulkPattern::read:
      return reinterpret_cast<const void*>(bulk_read);
    case BulkPattern::write:
      return reinterpret_cast<const void*>(bulk_write);
    case BulkPattern::copy:
      return reinterpret_cast<const void*>(bulk_copy);
  }
  return nullptr;
}

}  // namespace

cudaError_t prepare(const BulkCopy& kernel) {
  const void* function = function_of(kernel.pattern);
  const cudaError_t status =
      cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize, BulkCopy::ring_bytes);
  if (status != cudaSuccess) return status;
  return cudaFuncSetAttribute(function, cudaFuncAttributePreferredSharedMemoryCarveout, cudaSharedmemCarveoutMaxShared);
}

cudaError_t launch(const BulkCopy& kernel, const BulkOperands& operands, cudaStream_t stream) {
  constexpr std::int64_t most_blocks = 0x7FFFFFFF;
  const bool sums = kernel.pattern == BulkPattern::read;
  if (kernel.blocks() < 1 || kernel.blocks() > most_blocks || kernel.bytes % BulkCopy::block_bytes != 0 ||
      kernel.reads() != (operands.source != nullptr) || kernel.writes() != (operands.destination != nullptr) ||
      sums != (operands.sums != nullptr))
    return cudaErrorInvalidValue;
  const auto blocks = static_cast<unsigned>(kernel.blocks());
  const auto* source = static_cast<const unsigned char*>(operands.source);
  auto* destination = static_cast<unsigned char*>(operands.destination);
  switch (kernel.pattern) {
    case BulkPattern::read:
      bulk_read<<<blocks, BulkCopy::threads, BulkCopy::ring_bytes, stream>>>(source, operands.sums);
      break;
    case BulkPattern::write:
      bulk_write<<<blocks, BulkCopy::threads, BulkCopy::ring_bytes, stream>>>(destination, operands.words);
      break;
    case BulkPattern::copy:
      bulk_copy<<<blocks, BulkCopy::threads_of_copy, BulkCopy::ring_bytes, stream>>>(source, destination);
      break;
  }
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
