// Device-memory bandwidth of reads and writes together, in a ratio that is a template parameter.
//
//   idea     each thread moves 10 x 16 bytes: `reads` of them it reads, the others it writes, so that every ratio in
//            steps of 10 % has the same blocks. Loads and stores of a thread do not wait for each other, and those of
//            many threads mix in the memory, which has to turn its bus around between them. The grid of short-lived
//            blocks covers both buffers exactly; a block's part of each is contiguous
//   work     10 x 16 bytes a thread, each byte read or written once
//   machine  straight-line code: the loads and stores of 16 bytes, a warp's 32 of them contiguous; what was read is
//            added up in registers and leaves 8 bytes a block
//   sass     sm_75  kernel dram_mix<0>   STG.E.128.SYS=10 LDG=0 STG=10 LD=0 ST=0 loops=0
//   sass     sm_75  kernel dram_mix<1>   LDG.E.128.SYS=1 STG.E.128.SYS=9 LDG=1 STG=10 STG.E.64.SYS=1 LD=0 ST=0 loops=0
//   sass     sm_75  kernel dram_mix<2>   LDG.E.128.SYS=2 STG.E.128.SYS=8 LDG=2 STG=9 STG.E.64.SYS=1 LD=0 ST=0 loops=0
//   sass     sm_75  kernel dram_mix<3>   LDG.E.128.SYS=3 STG.E.128.SYS=7 LDG=3 STG=8 STG.E.64.SYS=1 LD=0 ST=0 loops=0
//   sass     sm_75  kernel dram_mix<4>   LDG.E.128.SYS=4 STG.E.128.SYS=6 LDG=4 STG=7 STG.E.64.SYS=1 LD=0 ST=0 loops=0
//   sass     sm_75  kernel dram_mix<5>   LDG.E.128.SYS=5 STG.E.128.SYS=5 LDG=5 STG=6 STG.E.64.SYS=1 LD=0 ST=0 loops=0
//   sass     sm_75  kernel dram_mix<6>   LDG.E.128.SYS=6 STG.E.128.SYS=4 LDG=6 STG=5 STG.E.64.SYS=1 LD=0 ST=0 loops=0
//   sass     sm_75  kernel dram_mix<7>   LDG.E.128.SYS=7 STG.E.128.SYS=3 LDG=7 STG=4 STG.E.64.SYS=1 LD=0 ST=0 loops=0
//   sass     sm_75  kernel dram_mix<8>   LDG.E.128.SYS=8 STG.E.128.SYS=2 LDG=8 STG=3 STG.E.64.SYS=1 LD=0 ST=0 loops=0
//   sass     sm_75  kernel dram_mix<9>   LDG.E.128.SYS=9 STG.E.128.SYS=1 LDG=9 STG=2 STG.E.64.SYS=1 LD=0 ST=0 loops=0
//   sass     sm_75  kernel dram_mix<10>  LDG.E.128.SYS=10 LDG=10 STG=1 STG.E.64.SYS=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<0>  STG.E.128=10 LDG=0 STG=10 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<1>  LDG.E.128=1 STG.E.128=9 LDG=1 STG=10
//            STG.E.64=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<2>  LDG.E.128=2 STG.E.128=8 LDG=2 STG=9
//            STG.E.64=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<3>  LDG.E.128=3 STG.E.128=7 LDG=3 STG=8
//            STG.E.64=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<4>  LDG.E.128=4 STG.E.128=6 LDG=4 STG=7
//            STG.E.64=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<5>  LDG.E.128=5 STG.E.128=5 LDG=5 STG=6
//            STG.E.64=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<6>  LDG.E.128=6 STG.E.128=4 LDG=6 STG=5
//            STG.E.64=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<7>  LDG.E.128=7 STG.E.128=3 LDG=7 STG=4
//            STG.E.64=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<8>  LDG.E.128=8 STG.E.128=2 LDG=8 STG=3
//            STG.E.64=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<9>  LDG.E.128=9 STG.E.128=1 LDG=9 STG=2
//            STG.E.64=1 LD=0 ST=0 loops=0
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  kernel dram_mix<10>  LDG.E.128=10 LDG=10 STG=1 STG.E.64=1 LD=0
//            ST=0 loops=0
//   limit    Pipe::dram
//   answer   each block: the sum modulo 2^64 of all 64-bit words that it read; written 64-bit word i is first + i x
//            step
#include <array>
#include <utility>

#include "kernels/memory/dram_mix.hpp"
#include "kernels/memory/stream.cuh"

namespace peakproof::kernels {

// Stores first: behind the loads the compiler would put them behind the sum, which waits. With room for one block's
// registers an SM, as in stream.cu.
template <int reads>
__global__ void __launch_bounds__(DramMix::threads, 1) dram_mix(MixOperands operands) {
  using Vector = streaming::Vector<std::uint64_t>;
  constexpr int threads = DramMix::threads;
  constexpr int writes = DramMix::vectors - reads;
  const std::int64_t block = blockIdx.x;

  if constexpr (writes > 0) {
    const std::int64_t first = block * (threads * writes) + threadIdx.x;
    Vector* out = static_cast<Vector*>(operands.destination) + first;
    const WordSequence words = operands.words;
    std::uint64_t word = words.first + static_cast<std::uint64_t>(2 * first) * words.step;
#pragma unroll
    for (int i = 0; i < writes; ++i) {
      out[i * threads] = {word, word + words.step};
      word += 2 * threads * words.step;
    }
  }
  if constexpr (reads > 0) {
    Vector vectors[reads];
    streaming::load(static_cast<const Vector*>(operands.source) + block * (threads * reads) + threadIdx.x, threads,
                    vectors);
    std::uint64_t sum = 0;
#pragma unroll
    for (const Vector& vector : vectors) sum += vector.first + vector.second;
    sum = streaming::block_sum<threads>(sum);
    if (threadIdx.x == 0) operands.sums[block] = sum;
  }
}

namespace {

using Kernel = void (*)(MixOperands);

/// Of all ratios, by the number of reads.
template <int... reads>
constexpr std::array<Kernel, sizeof...(reads)> all_kernels(std::integer_sequence<int, reads...> /*of*/) {
  return {dram_mix<reads>...};
}
constexpr auto kKernels = all_kernels(std::make_integer_sequence<int, DramMix::vectors + 1>());

}  // namespace

cudaError_t launch(const DramMix& kernel, const MixOperands& operands, cudaStream_t stream) {
  constexpr std::int64_t most_blocks = 0x7FFFFFFF;
  if (kernel.writes < 0 || kernel.writes > DramMix::vectors || kernel.blocks() < 1 || kernel.blocks() > most_blocks ||
      kernel.bytes % DramMix::block_bytes != 0)
    return cudaErrorInvalidValue;
  if ((kernel.reads() > 0 && (operands.source == nullptr || operands.sums == nullptr)) ||
      (kernel.writes > 0 && operands.destination == nullptr))
    return cudaErrorInvalidValue;
  kKernels[static_cast<std::size_t>(
      kernel.reads())]<<<static_cast<unsigned>(kernel.blocks()), DramMix::threads, 0, stream>>>(operands);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
