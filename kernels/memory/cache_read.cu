// Read bandwidth of a cache.
//
//   idea     every SM is full of blocks that read one set round and round, each block for itself and each from another
//            place; the set fits in the cache that is meant. AllLevels: plain loads of a set that the L1 holds.
//            SecondLevel: loads with .cg, which the L1 does not keep, of a set that only the L2 holds. A thread asks
//            for 4 x 16 bytes before it waits for the first: with 1024 threads 64 KiB in flight an SM, where L2
//            bandwidth x latency demands about 22 KiB (37 B/clk x 600 clk on an H100) and the L1's about 5 KiB
//   work     trips x 4 x 16 bytes a thread
//   machine  the loop is 4 loads of 16 bytes, a warp's 32 of them contiguous, 16 additions in 8 IADD3, and the step to
//            the next place. An SM that takes 128 bytes a clock takes a load in 4, so 16 instructions could be issued
//            for each: the others do not hinder
//   sass     sm_75  loop cache_read<AllLevels>  LDG.E.128.SYS=4 LDG=4 LD=0 STG=0 LDS=0 other<0.9
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop cache_read<AllLevels>  LDG.E.128=4 LDG=4 LDG.STRONG=0 LD=0
//            STG=0 LDS=0 other<0.9
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop cache_read<SecondLevel>  LDG.E.128.STRONG.GPU=4
//            LDG=4 LD=0 STG=0 LDS=0 other<0.9
//   limit    Pipe::l1 or Pipe::l2
//   answer   each thread: the sum, modulo 2^32, of all 32-bit words that it read. Trip k of block b reads chunk
//            (b x 40503 mod chunks + k) mod chunks of 8 KiB, of which thread t reads vectors t, t + 128, t + 256, t +
//            384
#include "kernels/memory/cache_read.hpp"
#include "kernels/memory/load_path.cuh"
#include "kernels/probe/device_clock.cuh"

namespace peakproof::kernels {

/// `set` and `step` are in vectors. The step is a parameter, so that no compiler knows where the next trip reads.
template <class Path>
__global__ void __launch_bounds__(CacheRead::threads)
    cache_read(const uint4* data, std::uint32_t set, std::uint32_t step, int trips, std::uint32_t* out,
               BlockTrace* trace) {
  const uint4* mine = data + threadIdx.x;
  std::uint32_t at = CacheRead::first_chunk(blockIdx.x, set / step) * step;
  std::uint32_t sum = 0;
  const std::int64_t begin = clock64();
#pragma unroll 1
  for (int trip = 0; trip < trips; ++trip) {
    uint4 vectors[CacheRead::loads];
#pragma unroll
    for (int i = 0; i < CacheRead::loads; ++i) vectors[i] = Path::load(mine + at + i * CacheRead::threads);
    at += step;
    if (at >= set) at -= set;
#pragma unroll
    for (const uint4& v : vectors) sum += v.x + v.y + v.z + v.w;
  }
  const std::int64_t end = clock64();
  out[blockIdx.x * CacheRead::threads + threadIdx.x] = sum;
  if (threadIdx.x == 0) trace[blockIdx.x] = {begin, end, sm_id()};
}

namespace {

using Kernel = void (*)(const uint4*, std::uint32_t, std::uint32_t, int, std::uint32_t*, BlockTrace*);

Kernel function_of(const CacheRead& kernel) {
  return kernel.cache == Cache::l1 ? cache_read<AllLevels> : cache_read<SecondLevel>;
}

/// Of the memory that L1 and shared memory have together, all that can be L1: by itself the driver may keep some back.
cudaError_t prefer_l1(Kernel function) {
  return cudaFuncSetAttribute(function, cudaFuncAttributePreferredSharedMemoryCarveout, cudaSharedmemCarveoutMaxL1);
}

}  // namespace

cudaError_t blocks_per_sm(const CacheRead& kernel, int* blocks) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function_of(kernel), CacheRead::threads, 0);
}

cudaError_t launch(const CacheRead& kernel, const void* data, std::uint32_t* out, BlockTrace* trace,
                   cudaStream_t stream) {
  constexpr std::int64_t most_vectors = 0x7FFFFFFF;
  const std::int64_t vectors = kernel.bytes / CacheRead::vector_bytes;
  if (data == nullptr || out == nullptr || trace == nullptr || kernel.blocks < 1 || kernel.trips < 1 ||
      kernel.chunks() < 1 || kernel.bytes % CacheRead::chunk_bytes != 0 || vectors > most_vectors)
    return cudaErrorInvalidValue;
  const Kernel function = function_of(kernel);
  if (const cudaError_t status = prefer_l1(function); status != cudaSuccess) return status;
  function<<<static_cast<unsigned>(kernel.blocks), CacheRead::threads, 0, stream>>>(
      static_cast<const uint4*>(data), static_cast<std::uint32_t>(vectors), CacheRead::threads * CacheRead::loads,
      kernel.trips, out, trace);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
