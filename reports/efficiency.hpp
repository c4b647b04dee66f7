// How well the machine was used, and where the rest went: pure functions (README, "How to read a verdict").
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "reports/result.hpp"
#include "theory/peak.hpp"

namespace peakproof::reports {

/// E_spec = achieved / rated peak, E_issue = achieved / peak at the measured clock, C = measured clock / rated clock,
/// so that E_spec = E_issue x C. A memory or link (a rated peak with no clock) has E_issue = E_spec and no C. Without a
/// rated peak (a CPU whose rated clock nothing tells) only E_issue is known; without a measured one only E_spec. An
/// achieved rate that is not a number gives efficiencies that are not numbers, which judge() calls an error; never a
/// missing one, which would pass for no theory.
[[nodiscard]] Efficiency efficiency(double achieved_per_s, const std::optional<theory::Peak>& rated,
                                    const std::optional<theory::Peak>& measured);

/// Why the clock was low: shares (0..1) of the time in which the driver named the reason. Two reasons may hold at once;
/// then the loss is divided between them in proportion.
struct ClockReasons {
  double power_cap = 0;          ///< the software's power cap
  double thermal = 0;            ///< the software's or the hardware's thermal slowdown
  double hardware_slowdown = 0;  ///< HW power brake, or HW slowdown for another reason than heat
  double locked = 0;             ///< application or display clocks
  double other = 0;              ///< sync boost, or a reason that is not known here
};

/// The reasons of a region, from its looks; where `telemetry` of it (with the driver's own counters in it) knows a larger
/// share of one, that one. HW slowdown is NVML's sum of several: where HW thermal holds at the same time, it is that.
[[nodiscard]] ClockReasons clock_reasons(std::span<const TelemetryPoint> points, const Telemetry& telemetry);

/// Why the pipe was not always busy: shares (0..1) of the time of a launch, each an upper bound of what it can cost.
struct IssueReasons {
  double overhead_instructions = 0;  ///< audited: not claimed / all instructions of the hot loop
  double tail = 0;                   ///< SMs that have finished and wait for the last one
  double launch = 0;                 ///< the launch's own time
};

/// The share of a launch in which its units had finished and waited for the last one, from their rates at equal work
/// (the "operations_per_clk" or "bytes_per_clk" of each SM): 1 - the mean of slowest / own. 0 where a rate is not known.
[[nodiscard]] double tail_share(const UnitMap& rates);

/// What is missing to the rated peak, each part with a name; the fractions are of that peak, positive, and add up to
/// 1 - E_spec (of the peak at the measured clock, and to 1 - E_issue, where there is no rated one). Clock loss is 1 -
/// C, issue loss the rest; a reason never gets more than is left, and what no reason explains is "unknown". Empty where
/// neither is known, or nothing is missing.
[[nodiscard]] std::vector<Loss> losses(const Efficiency& efficiency, const ClockReasons& clock,
                                       const IssueReasons& issue);

}  // namespace peakproof::reports
