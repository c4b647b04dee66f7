// Shared-memory write bandwidth.
//
//   idea     every warp writes 4 KiB of its own again and again, 16 bytes a lane, the lanes beside each other, so that every
//            eight of them use all 32 banks. Each word is another one in every trip, and the stores are volatile, so none is
//            left out
//   work     128 bytes a thread and trip
//   machine  one trip of the loop is 8 stores of 16 bytes and 32 additions, which have room: a store takes shared memory
//            4 clocks, in which an SM issues 16 instructions, and its units take 4 additions of a warp in 2 clocks
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop shared_write_128  STS.128=8 STS=8 LDS=0 other<0.85
//   limit    Pipe::shared
//   answer   what lies in shared memory after the last trip, every word, read by the neighbour of the warp that wrote it and
//            in another order, and folded. A word is a hash of its place and what the trips have added to it
#include "kernels/memory/occupancy.hpp"
#include "kernels/memory/shared_access.cuh"
#include "kernels/memory/shared_write.hpp"

namespace peakproof::kernels {

__global__ void __launch_bounds__(SharedWrite::threads)
    shared_write_128(int trips, std::uint32_t* out, BlockTrace* trace) {
  constexpr int row_words = SharedWrite::lanes * 4;  // what a warp writes at once
  __shared__ alignas(16) std::uint32_t memory[SharedWrite::warps * SharedWrite::warp_words];
  const auto warp = static_cast<int>(threadIdx.x) / SharedWrite::lanes;
  const auto lane = static_cast<int>(threadIdx.x) % SharedWrite::lanes;
  const int first = warp * SharedWrite::warp_words + lane * 4;
  uint4 words[SharedWrite::vectors];
#pragma unroll
  for (int i = 0; i < SharedWrite::vectors; ++i) {
    const int index = first + i * row_words;
    words[i] = {SharedWrite::first_word(index), SharedWrite::first_word(index + 1), SharedWrite::first_word(index + 2),
                SharedWrite::first_word(index + 3)};
  }
  const std::uint32_t address = shared_address(memory + first);
  const std::int64_t begin = clock64();
  __syncthreads();
#pragma unroll 1  // the loop stays a loop: its body is the unit that the audit counts
  for (int trip = 0; trip < trips; ++trip) {
#pragma unroll
    for (int i = 0; i < SharedWrite::vectors; ++i) {
      words[i].x += SharedWrite::step;
      words[i].y += SharedWrite::step;
      words[i].z += SharedWrite::step;
      words[i].w += SharedWrite::step;
      store_16(address + i * row_words * 4, words[i]);
    }
  }
  __syncthreads();
  const std::int64_t end = clock64();
  std::uint32_t folded = 0;
  const int neighbour = (warp + 1) % SharedWrite::warps * SharedWrite::warp_words;
#pragma unroll 1  // not timed
  for (int i = lane; i < SharedWrite::warp_words; i += SharedWrite::lanes)
    folded = fold_word(folded, memory[neighbour + i]);
  out[std::size_t{blockIdx.x} * blockDim.x + threadIdx.x] = folded;
  if (threadIdx.x == 0) trace[blockIdx.x] = BlockTrace{begin, end, sm_id()};
}

cudaError_t blocks_per_sm(const SharedWrite& /*kernel*/, int* blocks) {
  return fill_sm(reinterpret_cast<const void*>(shared_write_128), SharedWrite::threads, blocks);
}

cudaError_t launch(const SharedWrite& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream) {
  if (kernel.blocks < 1 || kernel.trips < 1) return cudaErrorInvalidValue;
  shared_write_128<<<static_cast<unsigned>(kernel.blocks), SharedWrite::threads, 0, stream>>>(kernel.trips, out, trace);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
