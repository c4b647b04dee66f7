// The clock probe, one reading per block on a tick of the global timer, and the kernel that does nothing.
#include "kernels/probe/clock_probe.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"

namespace peakproof::stand_in {
namespace {

constexpr double kStayCycles = 8192;                // what a block waits before it looks at the timer
constexpr std::int64_t kTickPs = 32'000;            // of %globaltimer
constexpr std::int64_t kTimerBeginNs = 1LL << 60U;  // it counts from long ago
constexpr std::int64_t kCounterApart = 1 << 20;     // the SMs' counters did not start together

Cost probe_cost(const Launch& /*launch*/) { return {.sm_cycles = kStayCycles}; }

cudaError_t probe(const Launch& launch) {
  auto* out = elements(launch.argument<kernels::ClockReading*>(0), launch.blocks());
  if (!out) return cudaErrorIllegalAddress;
  const std::int64_t tick_ps = launch.interval.end_ps / kTickPs * kTickPs;
  const auto cycles = static_cast<std::int64_t>(launch.interval.cycles_at(tick_ps));
  for (std::int64_t block = 0; block < launch.blocks(); ++block) {
    const std::int64_t sm = block % settings().sms;
    out[block] = {.clk = cycles + sm * kCounterApart, .ns = kTimerBeginNs + tick_ps / 1000, .smid = sm};
  }
  written(out);
  return cudaSuccess;
}

Cost no_cost(const Launch& /*launch*/) { return {}; }
cudaError_t nothing(const Launch& /*launch*/) { return cudaSuccess; }

const Model kProbe({.name = "clock_probe", .cost = probe_cost, .answer = probe});
const Model kEmpty({.name = "empty", .cost = no_cost, .answer = nothing});

}  // namespace
}  // namespace peakproof::stand_in
