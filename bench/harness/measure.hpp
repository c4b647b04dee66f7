// From a Case to a Result: calibrate, poison, warm up, sample, verify, hold against theory, judge.
#pragma once

#include <functional>

#include "bench/harness/backend.hpp"
#include "bench/harness/case.hpp"
#include "bench/harness/sampler.hpp"

namespace peakproof::bench {

struct MeasurePolicy {
  SamplePolicy sampling;
  double target_sample_s = 0.010;  ///< a launch is calibrated to about this (2 to 20 ms)
  double min_sample_s = 0.002;
  std::optional<double> min_efficiency;  ///< replaces the case's floor
  WallClock now;
  std::function<bool()> interrupted;
};

/// The policy that the options ask for, on the real clock.
struct Options;
[[nodiscard]] MeasurePolicy policy_for(const Options& options, std::function<bool()> interrupted);
/// The same after 10 s under load.
[[nodiscard]] MeasurePolicy plateau(MeasurePolicy policy);

/// Measures. A MeasurementError becomes a Result with verdict error and the message as its note; a DeviceFault is
/// passed on, since nothing can be measured after it.
[[nodiscard]] reports::Result measure(const Case& benchmark_case, Backend& backend, const MeasurePolicy& policy);

/// The result of a case that was not measured.
[[nodiscard]] reports::Result unmeasured(const Case& benchmark_case, reports::Verdict verdict, const std::string& note);

}  // namespace peakproof::bench
