// Read bandwidth of pieces far apart: sectors of 32 bytes at a stride, and sectors or lines of 128 bytes at random.
//
//   idea     what a program gets of a memory that it does not read in order. Two threads read a sector (eight a line),
//            16 bytes each, so that a warp asks for 16 sectors (4 lines) at once, and a thread for 4 before it waits
//            for the first. The grid covers the buffer exactly: at random, each piece once; at a stride of 128 bytes or
//            more, one sector of each line, the lines in passes over the whole buffer; so no piece is read twice in a
//            launch, and what is near it was read a whole pass ago. The order is the same in every launch: a buffer
//            much larger than the L2 finds nothing there
//   work     the bytes asked for. Of what crosses the pins that is the whole where pieces are lines; of a sector the
//            memory may move more: it moves bursts of 32 to 64 bytes, and the L2 may ask for two neighbouring sectors
//   machine  straight-line code: the places of 4 pieces from their numbers (a hash of three products, or shifts), 4
//            loads of 16 bytes, and a sum of 8 bytes a block (of 16 KiB)
//   sass     sm_75  kernel scattered  LDG.E.128.SYS=4 LDG=4 STG.E.64.SYS=1 STG=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel scattered  LDG.E.128=4 LDG=4 STG.E.64=1 STG=1 LD=0 ST=0
//            loops=0
//   limit    Pipe::dram where the pieces are lines, or sectors without a gap; else none: useful bytes are not pin
//            bytes. Random places in more memory than the TLBs reach cost a walk each
//   places   of n = 2^b pieces at random, piece i lies at x pieces from the start: x = i, and for each c of 0x9E3779B1,
//            0x85EBCA6B, 0xC2B2AE35 (odd): x <- x c mod n, x <- x ^ (x >> (b + 1) / 2). At a stride of s bytes
//            in a buffer of B bytes, piece i = p (B / s) + r lies r s + 128 p bytes from the start
//   answer   each block: the sum modulo 2^64 of all 64-bit words of its pieces, which are those of consecutive numbers
#include "kernels/memory/scattered.cuh"

namespace peakproof::kernels {

template <class Order, int lanes>
__global__ void __launch_bounds__(Scattered::threads)
    scattered(Order order, const unsigned char* data, unsigned long long* sums) {
  using Vector = streaming::Vector<std::uint64_t>;
  std::uint64_t places[Scattered::loads];
  scattering::find_places<lanes>(order, places);
  Vector vectors[Scattered::loads];
#pragma unroll
  for (int i = 0; i < Scattered::loads; ++i) vectors[i] = *reinterpret_cast<const Vector*>(data + places[i]);
  std::uint64_t sum = 0;
#pragma unroll
  for (const Vector& vector : vectors) sum += vector.first + vector.second;
  sum = streaming::block_sum<Scattered::threads>(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

cudaError_t launch(const Scattered& kernel, const void* data, unsigned long long* sums, cudaStream_t stream) {
  if (data == nullptr || sums == nullptr) return cudaErrorInvalidValue;
  return scattering::with_order(kernel, [&](const auto& order, auto lanes) {
    using Order = std::decay_t<decltype(order)>;
    scattered<Order, decltype(lanes)::value><<<static_cast<unsigned>(kernel.blocks()), Scattered::threads, 0, stream>>>(
        order, static_cast<const unsigned char*>(data), sums);
    return cudaGetLastError();
  });
}

}  // namespace peakproof::kernels
