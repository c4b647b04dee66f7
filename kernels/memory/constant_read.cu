// Constant-memory read bandwidth, from the level of its cache that holds the working set.
//
//   idea     every warp reads a working set again and again: a section of 1 KiB a trip, one column of it, and the next
//            section in the next trip; warps begin in different sections. So a line comes up again when the whole set has
//            passed, and a set larger than the first level (2 KiB on Volta and Turing: Jia et al., arXiv 1903.07486) comes
//            from the second. The address is in a register of each thread, made from its lane times a factor that the
//            kernel is given: 0 for one address in all lanes of a warp, 1 for 32 different ones. The compiler cannot know
//            which, so that it uses no uniform load
//   work     the bytes of a load, once a warp; of 32 different addresses, which are served one after the other, 32 times
//   machine  one trip of the loop is 8 loads by a register (LDC, and LDC.64, the widest there is), none beside another,
//            and what adds up their words
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop constant_read<4>  LDC=8 LDC.64=0 ULDC=0 LDCU=0
//            other<0.7
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop constant_read<8>  LDC.64=8 LDC=8 ULDC=0 LDCU=0
//            other<0.75
//   limit    none is published
//   answer   every thread's sums, folded. A word is a hash of its place, and no two trips in a row read the same
#include "kernels/memory/constant_read.hpp"
#include "kernels/memory/occupancy.hpp"
#include "kernels/probe/device_clock.cuh"

namespace peakproof::kernels {
namespace {

constexpr int kWords = ConstantRead::most_bytes / 4;
struct Table {
  std::uint32_t words[kWords];
};
constexpr Table make_table() {
  Table table{};
  for (std::uint32_t i = 0; i < kWords; ++i) table.words[i] = ConstantRead::word(i);
  return table;
}
__constant__ Table constant_table = make_table();

template <int width>
struct Loaded {
  std::uint32_t words[width / 4];
};
template <int width>
__device__ __forceinline__ Loaded<width> load(std::uint64_t address) {
  Loaded<width> loaded{};
  if constexpr (width == 4)
    asm volatile("ld.const.u32 %0, [%1];" : "=r"(loaded.words[0]) : "l"(address));
  else
    asm volatile("ld.const.v2.u32 {%0, %1}, [%2];" : "=r"(loaded.words[0]), "=r"(loaded.words[1]) : "l"(address));
  return loaded;
}

}  // namespace

template <int width>
__global__ void __launch_bounds__(ConstantRead::threads)
    constant_read(std::uint32_t factor, std::uint32_t sections_log2, int trips, std::uint32_t* out, BlockTrace* trace) {
  constexpr int words = width / 4;
  constexpr std::uint32_t in_row = ConstantRead::row_bytes - 1;
  const std::uint64_t table = __cvta_generic_to_constant(&constant_table);
  const std::uint32_t sections = 1U << sections_log2;
  const std::uint32_t thread = blockIdx.x * ConstantRead::threads + threadIdx.x;
  const std::uint32_t column = factor * threadIdx.x * width;
  std::uint32_t place = thread / ConstantRead::lanes % sections;
  std::uint32_t sums[4] = {};
  const std::int64_t begin = clock64();
  __syncthreads();
#pragma unroll 1  // the loop stays a loop: its body is the unit that the audit counts
  for (int trip = 0; trip < trips; ++trip) {
    const std::uint32_t address =
        place % sections * ConstantRead::section_bytes + (((place >> sections_log2) * width + column) & in_row);
    Loaded<width> loaded[ConstantRead::loads];
#pragma unroll
    for (int i = 0; i < ConstantRead::loads; ++i)
      loaded[i] = load<width>(table + address + i * ConstantRead::row_bytes);
#pragma unroll
    for (int i = 0; i < ConstantRead::loads * words; ++i) sums[i % 4] += loaded[i / words].words[i % words];
    ++place;
  }
  __syncthreads();
  const std::int64_t end = clock64();
  out[thread] = fold_sums({sums[0], sums[1], sums[2], sums[3]});
  if (threadIdx.x == 0) trace[blockIdx.x] = BlockTrace{begin, end, sm_id()};
}

namespace {

using Kernel = void (*)(std::uint32_t, std::uint32_t, int, std::uint32_t*, BlockTrace*);
Kernel kernel_of(const ConstantRead& kernel) {
  if (kernel.divergent && kernel.width != 4) return nullptr;
  switch (kernel.width) {
    case 4:
      return constant_read<4>;
    case 8:
      return constant_read<8>;
    default:
      return nullptr;
  }
}

/// The logarithm of the number of sections; -1 where that is no power of two, or too many.
int sections_log2(const ConstantRead& kernel) {
  for (int log2 = 0; ConstantRead::section_bytes << log2 <= ConstantRead::most_bytes; ++log2)
    if (kernel.set_bytes == ConstantRead::section_bytes << log2) return log2;
  return -1;
}

}  // namespace

cudaError_t blocks_per_sm(const ConstantRead& kernel, int* blocks) {
  return fill_sm(reinterpret_cast<const void*>(kernel_of(kernel)), ConstantRead::threads, blocks);
}

cudaError_t launch(const ConstantRead& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream) {
  const Kernel function = kernel_of(kernel);
  const int log2 = sections_log2(kernel);
  if (function == nullptr || log2 < 0 || kernel.blocks < 1 || kernel.trips < 1) return cudaErrorInvalidValue;
  function<<<static_cast<unsigned>(kernel.blocks), ConstantRead::threads, 0, stream>>>(
      kernel.divergent ? 1 : 0, static_cast<std::uint32_t>(log2), kernel.trips, out, trace);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
