// Reads every SM's clock counter beside the global timer.
//
//   idea     one lane of each small block waits for the global timer to tick and reads the SM's clock at that moment.
//            Two readings of an SM, one before and one after a launch, give its mean clock in between: (clk1 - clk0) /
//            (ns1 - ns0). Every block stays for a moment, so that the blocks spread over all SMs before one leaves
//   work     none
//   limit    the reading is late by the few instructions between the two registers, the same number each time
//   answer   smid is -1 where the timer did not tick in time
#include "kernels/probe/clock_probe.hpp"
#include "kernels/probe/device_clock.cuh"

namespace peakproof::kernels {

__global__ void __launch_bounds__(ClockProbe::threads) clock_probe(ClockReading* out) {
  constexpr std::int64_t stay = 1 << 13;   // cycles, about 5 us: longer than the launch of all blocks takes
  constexpr std::int64_t guard = 1 << 22;  // cycles, about 2 ms: the slowest known tick is 1 ms
  if (threadIdx.x != 0) return;
  const std::int64_t begin = clock64();
  std::int64_t clk = begin;
  while (clk - begin < stay) clk = clock64();

  const std::int64_t before = global_ns();
  std::int64_t ns = before;
  do {
    ns = global_ns();
    clk = clock64();
  } while (ns == before && clk - begin < guard);
  out[blockIdx.x] = ns == before ? ClockReading{} : ClockReading{clk, ns, sm_id()};
}

__global__ void empty() {}

cudaError_t launch(const ClockProbe& probe, ClockReading* out, cudaStream_t stream) {
  if (probe.sm_count < 1 || out == nullptr) return cudaErrorInvalidValue;
  clock_probe<<<static_cast<unsigned>(probe.blocks()), ClockProbe::threads, 0, stream>>>(out);
  return cudaGetLastError();
}

cudaError_t launch_empty(cudaStream_t stream) {
  empty<<<1, 1, 0, stream>>>();
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
