// What launching costs: a kernel that does nothing, one that counts, one that writes its times, and those that serve them.
#include "kernels/launch/launch_cost.hpp"

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"

namespace peakproof::stand_in {
namespace {

constexpr double kMemoryCycles = 600;               // to load, and to store what was loaded
constexpr std::int64_t kTickPs = 32'000;            // of %globaltimer
constexpr std::int64_t kTimerBeginNs = 1LL << 60U;  // it counts from long ago

std::int64_t timer_ns(std::int64_t ps) { return kTimerBeginNs + ps / kTickPs * kTickPs / 1000; }

Cost no_cost(const Launch& /*launch*/) { return {}; }
cudaError_t nothing(const Launch& /*launch*/) { return cudaSuccess; }

Cost memory_cost(const Launch& /*launch*/) { return {.latency_cycles = kMemoryCycles}; }

cudaError_t count(const Launch& launch) {
  auto* counter = elements(launch.argument<unsigned long long*>(0), 1);
  if (!counter) return cudaErrorIllegalAddress;
  switch (launch.flaw) {
    case Flaw::shorter:
    case Flaw::dropped:
      return cudaSuccess;
    case Flaw::nan:
      *counter = ~0ULL;
      break;
    default:
      *counter += launch.flaw == Flaw::wrong ? 2 : 1;
  }
  written(counter);
  return cudaSuccess;
}

cudaError_t stamp(const Launch& launch) {
  auto* out = elements(launch.argument<kernels::LaunchStamp*>(0), 1);
  if (!out) return cudaErrorIllegalAddress;
  const std::int64_t begin = timer_ns(launch.interval.begin_ps);
  const std::int64_t end = timer_ns(launch.interval.end_ps);
  switch (launch.flaw) {
    case Flaw::shorter:
    case Flaw::dropped:
      out->begin_ns = begin;
      break;
    case Flaw::nan:
      *out = {.begin_ns = begin, .end_ns = -1};
      break;
    case Flaw::wrong:
      *out = {.begin_ns = begin, .end_ns = begin - 1};
      break;
    default:
      *out = {.begin_ns = begin, .end_ns = end};
  }
  written(out);
  return cudaSuccess;
}

Cost wait_cost(const Launch& launch) { return {.seconds = 1e-9 * double(launch.argument<std::int64_t>(0))}; }

Cost tick_cost(const Launch& launch) { return {.seconds = 1e-12 * double(kTickPs) * launch.argument<int>(1)}; }

cudaError_t tick(const Launch& launch) {
  const int count = launch.argument<int>(1);
  auto* ticks = elements(launch.argument<std::int64_t*>(0), count);
  if (!ticks) return cudaErrorIllegalAddress;
  for (int i = 0; i < count; ++i) ticks[i] = kTickPs / 1000;
  written(ticks);
  return cudaSuccess;
}

const Model kNothing({.name = "launch_nothing",
                      .role = Role::measured,
                      .cost = no_cost,
                      .answer = nothing,
                      .argument_bytes = std::vector<std::size_t>{}});
const Model kCount({.name = "launch_count",
                    .role = Role::measured,
                    .cost = memory_cost,
                    .answer = count,
                    .argument_bytes = std::vector<std::size_t>{sizeof(unsigned long long*)}});
const Model kStamp({.name = "launch_stamp", .role = Role::measured, .cost = memory_cost, .answer = stamp});
const Model kWait({.name = "launch_wait", .cost = wait_cost, .answer = nothing});
const Model kTick({.name = "launch_tick", .cost = tick_cost, .answer = tick});

}  // namespace
}  // namespace peakproof::stand_in
