// Times single loads past the L1, one after the other: serves the measuring of the L2, and is not measured itself.
//
//   idea     one thread reads the clock, loads a word of a line past the L1, waits for it and reads the clock again; so
//            for lines that lie about at random, each once as it was found and once more right after, when the L2
//            surely holds it
//   work     none
//   machine  the second reading of the clock stands behind a store to shared memory of what was loaded, which cannot be
//            issued before it is there
//   limit    some cycles are those of the store and of the clock's readings, the same for every load
//   answer   cycles, each above 0
#include "kernels/memory/load_latency.hpp"

namespace peakproof::kernels {
namespace {

/// The load by name: of two that it knows alike, the compiler drops one.
__device__ __forceinline__ std::uint32_t cycles_of_load(const std::uint32_t* address, volatile std::uint32_t* sink) {
  std::uint32_t word = 0;
  const std::int64_t begin = clock64();
  asm volatile("ld.relaxed.gpu.global.u32 %0, [%1];" : "=r"(word) : "l"(address) : "memory");
  *sink = word;
  const std::int64_t end = clock64();
  return static_cast<std::uint32_t>(end - begin);
}

}  // namespace

__global__ void __launch_bounds__(1) load_latency(const char* memory, Permutation order, std::int64_t samples,
                                                  std::uint32_t* first, std::uint32_t* again) {
  __shared__ volatile std::uint32_t sink;
#pragma unroll 1
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    const auto line = static_cast<std::int64_t>(order(static_cast<std::uint64_t>(sample)));
    const auto* address = reinterpret_cast<const std::uint32_t*>(memory + line * Ring::line_bytes);
    const std::uint32_t as_found = cycles_of_load(address, &sink);
    const std::uint32_t once_more = cycles_of_load(address, &sink);
    first[sample] = as_found;
    again[sample] = once_more;
  }
}

cudaError_t launch(const LoadLatency& probe, const void* memory, std::uint32_t* first, std::uint32_t* again,
                   cudaStream_t stream) {
  const std::int64_t lines = probe.bytes / Ring::line_bytes;
  if (memory == nullptr || first == nullptr || again == nullptr || probe.samples < 1 || probe.samples > lines)
    return cudaErrorInvalidValue;
  const Permutation order{static_cast<std::uint64_t>(lines), probe.seed};
  load_latency<<<1, 1, 0, stream>>>(static_cast<const char*>(memory), order, probe.samples, first, again);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
