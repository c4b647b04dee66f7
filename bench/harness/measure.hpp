// From a Case to a Result: calibrate, poison, warm up (or rest), sample, verify, hold against theory, judge.
#pragma once

#include <functional>
#include <string_view>

#include "bench/harness/backend.hpp"
#include "bench/harness/case.hpp"
#include "bench/harness/sampler.hpp"

namespace peakproof::bench {

/// From where a case is sampled: each mode is a result of its own.
enum class Mode {
  settled,  ///< after a warm-up, when the clock has settled
  burst,    ///< from idle, the first 50 ms
  plateau,  ///< after 10 s under load
};
/// What the result's param "mode" holds; settled has none.
[[nodiscard]] std::string_view mode_name(Mode mode);

struct MeasurePolicy {
  Mode mode = Mode::settled;
  SamplePolicy sampling;
  BurstPolicy burst;
  double target_sample_s = 0.010;  ///< a launch is calibrated to about this (2 to 20 ms)
  double min_sample_s = 0.002;
  std::optional<double> min_efficiency;  ///< replaces the case's floor
  WallClock now;
  std::function<bool()> interrupted;
  std::function<void(double seconds)> rest;  ///< lets the device idle before a burst; empty: no pause
};

/// The policy that the options ask for, on the real clock.
struct Options;
[[nodiscard]] MeasurePolicy policy_for(const Options& options, std::function<bool()> interrupted);
/// The same for another mode.
[[nodiscard]] MeasurePolicy in_mode(MeasurePolicy policy, Mode mode);

/// Measures in the policy's mode. A MeasurementError becomes a Result with verdict error and the message as its note; a
/// DeviceFault is passed on, since nothing can be measured after it.
[[nodiscard]] reports::Result measure(const Case& benchmark_case, Backend& backend, const MeasurePolicy& policy);

/// The result of a case that was not measured.
[[nodiscard]] reports::Result unmeasured(const Case& benchmark_case, Mode mode, reports::Verdict verdict,
                                         const std::string& note);

}  // namespace peakproof::bench
