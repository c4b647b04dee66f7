// The core clock of the CPU, measured; and whether a sample can be trusted: pure judgement of what was read around it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/harness/worker_pool.hpp"

namespace peakproof::bench {

/// The calling core's clock and share, in about 250 us: three bursts of the cycle chain and of the multiply stream, of
/// about 50 and 25 us. The quickest of each counts, because an interruption can only lengthen one.
[[nodiscard]] CoreProbe probe_core();

/// What was read around one sample.
struct HostReadings {
  PoolReading pool;
  std::vector<double> stolen_seconds{};  ///< by the hypervisor meanwhile, per CPU in use; empty: unknown
};

/// From where on a sample counts as contaminated. An idle machine loses under 0.1 % of the time to its timer tick, and
/// its cores multiply at 99.5 % or more of their rate. One competing process takes time slices of 1 ms and more; a busy
/// second hardware thread halves the rate at worst.
struct HostLimits {
  double lost = 0.01;            ///< share of a worker's time in which its thread did not run
  double lost_switched = 0.004;  ///< the same where the scheduler put something else on the core
  double share = 0.95;           ///< the lowest share of the core's multiply rate, before and after
};

struct HostAssessment {
  std::optional<double> clock_hz;  ///< mean over the workers of the mean of before and after; nothing if one is unknown
  bool contaminated = false;
  std::string reason;   ///< e.g. "CPU 3 ran 91.2 % of the time (2 involuntary switches)"; empty if clean
  double lost = 0;      ///< the largest share of a worker's time in which its thread did not run
  double share = 1;     ///< the smallest share of a core's multiply rate that was there, before or after
  double stolen_s = 0;  ///< by the hypervisor, all CPUs together
};

/// Contaminated is a sample if
/// - a thread was off its core for longer than the limits. Where the kernel keeps paravirtual time accounts, this
///   includes stolen time to the microsecond;
/// - the hypervisor's count of stolen time moved on one of the CPUs meanwhile. It goes in steps of 10 ms, so that it
///   marks one sample for each 10 ms stolen;
/// - a core did not multiply at its full rate before or after: another hardware thread shared it. Neither the clock nor
///   the times show that.
[[nodiscard]] HostAssessment assess(const HostReadings& readings, const HostLimits& limits = {});

}  // namespace peakproof::bench
