// Samples and what is said of them: pure statistics, no device.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace peakproof::reports {

/// One timed launch.
struct Sample {
  double seconds = 0;
  std::optional<double> sm_clock_hz;     ///< measured in the same interval; on a CPU, the core clock probed around it
  bool contaminated = false;             ///< something else ran meanwhile (stolen time, another process)
  std::optional<double> latency_cycles;  ///< SM cycles per dependent instruction, where a latency is measured
  std::optional<double> power_w;         ///< of the whole board, as the driver says it while the launch runs
};

/// Why sampling ended.
enum class StopReason { none, converged, time_budget, max_samples, interrupted };
[[nodiscard]] std::string_view name(StopReason reason);
[[nodiscard]] std::optional<StopReason> stop_reason_from_name(std::string_view name);

/// Times in seconds. Every field but the counts is NaN where there are no samples.
struct Summary {
  int count = 0;         ///< samples that the figures are made from
  int contaminated = 0;  ///< left out of them (not where every sample is contaminated)
  double median_s = 0;
  double min_s = 0;
  double max_s = 0;
  double p10_s = 0;
  double p90_s = 0;
  double ci95_low_s = 0;  ///< 95 % interval of the median by order statistics; infinite below 6 samples
  double ci95_high_s = 0;
  double spread = 0;  ///< (p90 - p10) / median; infinite below 6 samples. Not a MAD, which is blind to two clock states
  std::optional<double> median_sm_clock_hz;
  std::optional<double> median_power_w;  ///< of the samples that have one
  StopReason stop = StopReason::none;
};

/// The q-quantile (0..1) by linear interpolation between order statistics (Hyndman and Fan's type 7); NaN if empty.
[[nodiscard]] double quantile(std::vector<double> values, double q);
/// Distribution-free interval of the median at 95 % or more: ranks k and n+1-k with k from the binomial distribution.
struct Interval {
  double low = 0;
  double high = 0;
};
[[nodiscard]] Interval median_interval95(std::vector<double> values);
[[nodiscard]] Summary summarize(std::span<const Sample> samples, StopReason stop = StopReason::none);

/// (p90 - p10) / median of 1 / (seconds x sm_clock_hz): what each sample reached at its own clock, which is E_issue but
/// for a factor that all share. Of the times where any sample has no clock. Contaminated samples are left out as in the
/// summary; infinite below 6 samples, NaN where a time is no positive number.
[[nodiscard]] double issue_spread(std::span<const Sample> samples);

/// SM cycles per dependent instruction: what a chain waits for each of its steps.
struct Latency {
  double cycles = 0;         ///< median; NaN where any reading is no positive finite number
  Interval ci95;             ///< of the median, in cycles, by order statistics; infinite below 6 samples
  std::optional<double> ns;  ///< cycles / the measured median clock; nothing where no clock was measured
};
/// The latency of these samples, contaminated ones left out as in the summary; nothing where no sample has a reading.
[[nodiscard]] std::optional<Latency> latency(std::span<const Sample> samples);
/// Whether cycles, and nanoseconds where there are any, are positive finite numbers.
[[nodiscard]] bool usable(const Latency& latency);

/// True if the 95 % interval of the median lies within +-tolerance of it (0.0025: +-0.25 %).
[[nodiscard]] bool converged(const Summary& summary, double tolerance);

}  // namespace peakproof::reports
