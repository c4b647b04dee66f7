#include "bench/harness/cpu_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "kernels/cpu/cycle_chain.hpp"
#include "kernels/cpu/multiply_stream.hpp"

namespace peakproof::bench {
namespace {

template <class Kernel>
double timed(const Kernel& kernel) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  kernel.run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double lost_share(const WorkerReading& worker) {
  if (!(worker.seconds > 0)) return 0;
  return std::max(0.0, 1.0 - worker.cpu_seconds / worker.seconds);
}

/// The smaller share of before and after; 1 where neither is known.
double core_share(const WorkerReading& worker) {
  double share = 1;
  for (const CoreProbe& probe : {worker.before, worker.after}) {
    if (probe.share > 0) share = std::min(share, probe.share);
  }
  return share;
}

std::optional<double> mean_clock(const std::vector<WorkerReading>& workers) {
  if (workers.empty()) return std::nullopt;
  double sum = 0;
  for (const WorkerReading& worker : workers) {
    if (!(worker.before.clock_hz > 0) || !(worker.after.clock_hz > 0)) return std::nullopt;
    sum += (worker.before.clock_hz + worker.after.clock_hz) / 2;
  }
  return sum / static_cast<double>(workers.size());
}

void add_reason(HostAssessment& result, const std::string& reason) {
  result.contaminated = true;
  if (!result.reason.empty()) result.reason += "; ";
  result.reason += reason;
}

}  // namespace

CoreProbe probe_core() {
  using kernels::cpu::CycleChain;
  using kernels::cpu::MultiplyStream;
  if (!CycleChain::available) return {};
  constexpr int bursts = 3;
  constexpr CycleChain chain{1500};       // 192,000 cycles: 48 us at 4 GHz
  constexpr MultiplyStream stream{1600};  //  96,000 cycles
  double chain_s = std::numeric_limits<double>::infinity();
  double stream_s = std::numeric_limits<double>::infinity();
  for (int burst = 0; burst < bursts; ++burst) {
    chain_s = std::min(chain_s, timed(chain));
    if (MultiplyStream::available) stream_s = std::min(stream_s, timed(stream));
  }
  if (!(chain_s > 0)) return {};
  const double clock_hz = static_cast<double>(chain.cycles()) / chain_s;
  return {clock_hz, static_cast<double>(stream.cycles()) / stream_s / clock_hz};  // 0 where there is no stream
}

HostAssessment assess(const HostReadings& readings, const HostLimits& limits) {
  HostAssessment result;
  result.clock_hz = mean_clock(readings.pool.workers);
  const WorkerReading* off_core = nullptr;
  const WorkerReading* shared = nullptr;
  for (const WorkerReading& worker : readings.pool.workers) {
    const double lost = lost_share(worker);
    const double limit = worker.involuntary_switches > 0 ? limits.lost_switched : limits.lost;
    if (lost > limit && (off_core == nullptr || lost > lost_share(*off_core))) off_core = &worker;
    result.lost = std::max(result.lost, lost);

    const double share = core_share(worker);
    if (share < limits.share && (shared == nullptr || share < core_share(*shared))) shared = &worker;
    result.share = std::min(result.share, share);
  }
  for (const double seconds : readings.stolen_seconds) result.stolen_s += std::max(0.0, seconds);

  if (off_core != nullptr) {
    add_reason(result, fmt::format("CPU {} ran {:.1f} % of the time ({} involuntary switches)", off_core->cpu,
                                   100 * (1 - lost_share(*off_core)), off_core->involuntary_switches));
  }
  if (result.stolen_s > 0) {
    add_reason(result, fmt::format("the hypervisor took up to {:.0f} ms", 1e3 * result.stolen_s));
  }
  if (shared != nullptr) {
    add_reason(result, fmt::format("CPU {} multiplied at {:.1f} % of its rate: another hardware thread shares the core",
                                   shared->cpu, 100 * core_share(*shared)));
  }
  return result;
}

}  // namespace peakproof::bench
