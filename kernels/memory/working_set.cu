// Reading or copying one working set over and over: with its size the level of the memory hierarchy changes that serves it.
//
//   idea     blocks that stay go through the working set's tiles of 8 KiB together, again and again: the k-th tile of all
//            passes is that of block k mod blocks. The number of blocks has no factor in common with that of the tiles,
//            so that each block comes by every tile, and between two visits of a tile all others are read, by the SM and
//            by the whole device. What an SM's L1 holds of the working set therefore serves a set that fits it, the L2
//            serves a larger one that fits it, and the memory the rest; copies are written through to the L2. All loads
//            are the default ones (.ca). A small set is read millions of times in one launch, so that its cost is no part
//            of the figure
//   work     passes x bytes of the set: of a copy half of them read, half written
//   machine  a loop of 4 loads of 16 bytes, a warp's 32 of them contiguous, and of a copy as many stores; no other access
//            but the sum's 8 bytes a block at the end
//   sass     sm_75  loop  working_set<Read>  LDG.E.128.SYS=4 LDG=4 LDG.ahead=4 STG=0 LD=0 ST=0
//   sass     sm_75  loop  working_set<Copy>  LDG.E.128.SYS=4 STG.E.128.SYS=4 LDG=4 LDG.ahead=4 STG=4 LD=0 ST=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop  working_set<Read>  LDG.E.128=4 LDG=4 LDG.ahead=4 STG=0 LD=0 ST=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop  working_set<Copy>  LDG.E.128=4 STG.E.128=4 LDG=4 LDG.ahead=4 STG=4
//            LD=0 ST=0
//   limit    none of one pipe: a curve over the size
//   answer   read: all blocks' sums together are passes x the sum of the set's words, modulo 2^64; copy: the second half
//            equals the first
#include "kernels/memory/stream.cuh"
#include "kernels/memory/working_set.hpp"

namespace peakproof::kernels {
namespace over_and_over {

struct Read {
  static constexpr bool copies = false;
};
struct Copy {
  static constexpr bool copies = true;
};

}  // namespace over_and_over

template <class Pattern>
__global__ void __launch_bounds__(WorkingSet::threads)
    working_set(const void* source, void* out, std::uint32_t tiles, std::int64_t passes) {
  using Vector = streaming::Vector<std::uint64_t>;
  constexpr int threads = WorkingSet::threads;
  constexpr int count = WorkingSet::vectors_per_thread;
  const auto* from = static_cast<const Vector*>(source) + threadIdx.x;

  const std::uint32_t step = gridDim.x % tiles;
  std::uint32_t tile = blockIdx.x % tiles;
  std::uint64_t sum = 0;
#pragma unroll 1
  for (std::int64_t left = std::int64_t{tiles} * passes - blockIdx.x; left > 0; left -= gridDim.x) {
    const std::int64_t first = std::int64_t{tile} * (threads * count);
    Vector vectors[count];
    streaming::load(from + first, threads, vectors);
    if constexpr (Pattern::copies) {
      Vector* to = static_cast<Vector*>(out) + threadIdx.x + first;
#pragma unroll
      for (int i = 0; i < count; ++i) to[i * threads] = vectors[i];
    } else {
#pragma unroll
      for (int i = 0; i < count; ++i) sum += vectors[i].first + vectors[i].second;
    }
    tile += step;
    if (tile >= tiles) tile -= tiles;
  }
  if constexpr (!Pattern::copies) {
    sum = streaming::block_sum<threads>(sum);
    if (threadIdx.x == 0) static_cast<std::uint64_t*>(out)[blockIdx.x] = sum;
  }
}

namespace {

using Function = void (*)(const void*, void*, std::uint32_t, std::int64_t);
Function function_of(const WorkingSet& kernel) {
  return kernel.pattern == WorkingSetPattern::read ? working_set<over_and_over::Read>
                                                   : working_set<over_and_over::Copy>;
}

}  // namespace

cudaError_t blocks_per_sm(const WorkingSet& kernel, int* blocks) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function_of(kernel), WorkingSet::threads, 0);
}

cudaError_t launch(const WorkingSet& kernel, const void* source, void* out, cudaStream_t stream) {
  constexpr std::int64_t most_tiles = 0x7FFFFFFF;
  if (kernel.bytes < 1 || kernel.bytes % (kernel.buffers() * WorkingSet::tile_bytes) != 0 || kernel.passes < 1 ||
      kernel.tiles() > most_tiles || kernel.blocks < 1 || source == nullptr || out == nullptr)
    return cudaErrorInvalidValue;
  function_of(kernel)<<<static_cast<unsigned>(kernel.blocks), WorkingSet::threads, 0, stream>>>(
      source, out, static_cast<std::uint32_t>(kernel.tiles()), kernel.passes);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
