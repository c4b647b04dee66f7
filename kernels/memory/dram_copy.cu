// Device-memory copy bandwidth.
//
//   idea     each thread asks for 8 x 16 bytes before it waits for the first, and a grid of short-lived blocks covers
//            the buffer exactly: 256 threads x 128 bytes are 32 KiB in flight a block, and the blocks that fit an SM
//            together keep more in flight than latency x bandwidth demands (27 KiB an SM on an H200, by Little's law)
//   work     2 x bytes: each byte is read once and written once
//   machine  straight-line code: 8 loads and 8 stores of 16 bytes, a warp's 32 of them contiguous; no other access
//   sass     sm_75  kernel  LDG.E.128.SYS=8 STG.E.128.SYS=8 LDG=8 STG=8 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel  LDG.E.128=8 STG.E.128=8 LDG=8 STG=8 LD=0 ST=0 loops=0
//   limit    Pipe::dram
//   answer   the destination equals the source, every word of it
#include "kernels/memory/dram_copy.hpp"

namespace peakproof::kernels {

__global__ void __launch_bounds__(DramCopy::threads) dram_copy(const uint4* source, uint4* destination) {
  const std::int64_t first =
      std::int64_t{blockIdx.x} * (DramCopy::threads * DramCopy::vectors_per_thread) + threadIdx.x;
  uint4 vectors[DramCopy::vectors_per_thread];
#pragma unroll
  for (int i = 0; i < DramCopy::vectors_per_thread; ++i) vectors[i] = source[first + i * DramCopy::threads];
#pragma unroll
  for (int i = 0; i < DramCopy::vectors_per_thread; ++i) destination[first + i * DramCopy::threads] = vectors[i];
}

cudaError_t launch(const DramCopy& kernel, const void* source, void* destination, cudaStream_t stream) {
  constexpr std::int64_t most_blocks = 0x7FFFFFFF;
  const std::int64_t blocks = kernel.bytes / DramCopy::block_bytes;
  if (blocks < 1 || blocks > most_blocks || kernel.bytes % DramCopy::block_bytes != 0) return cudaErrorInvalidValue;
  dram_copy<<<static_cast<unsigned>(blocks), DramCopy::threads, 0, stream>>>(static_cast<const uint4*>(source),
                                                                             static_cast<uint4*>(destination));
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
