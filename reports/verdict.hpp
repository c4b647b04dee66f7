// The verdict on a result, and the exit code of a run: pure functions (README, "How to read a verdict").
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace peakproof::reports {

enum class Verdict { pass, below, above_theory, noisy, incorrect, error, no_theory, skipped };
[[nodiscard]] std::string_view name(Verdict verdict);
[[nodiscard]] std::optional<Verdict> verdict_from_name(std::string_view name);
/// One sentence that says what the verdict means and what to do.
[[nodiscard]] std::string_view explain(Verdict verdict);

/// The exit codes of every executable.
enum ExitCode : int {
  exit_pass = 0,
  exit_rejected = 1,
  exit_usage = 2,
  exit_inconclusive = 3,
  exit_device_fault = 4,
  exit_report_not_written = 5,
  exit_nothing_to_test = 77,
  exit_signal_base = 128,
};

struct Limits {
  double max_efficiency = 1.005;  ///< above it a count, a timer or a table is wrong
  double max_spread = 0.05;       ///< (p90 - p10) / median
  /// The same for times of calls (kCalls), of which the host's scheduler is a part.
  double max_spread_of_calls = 0.25;
  int min_samples = 11;
  double max_contaminated = 0.25;  ///< share of the samples; contaminated ones are left out of the figures
};

/// What judge() looks at; made by the measuring code from a Result.
struct Evidence {
  bool failed = false;  ///< an error ended the measurement
  int samples = 0;
  double median_s = 0;
  double spread = 0;
  double contaminated = 0;           ///< share of the samples; too many make the result noisy, not slow
  bool verified = false;             ///< the answer was checked and is right
  bool audit_failed = false;         ///< the machine code does not hold the work that is claimed
  std::optional<double> efficiency;  ///< E_issue (E_spec where no clock was measured); nothing without theory
  std::optional<double> floor;       ///< nothing: reported, not judged
};
/// In this order: error, incorrect, noisy, no_theory (no peak), above_theory, no_theory (no floor), below, pass.
/// A failed audit is an error: the fault is the program's, not the device's. A time, an efficiency or a floor that is zero, negative or not a number is an error: nothing passes by accident.
[[nodiscard]] Verdict judge(const Evidence& evidence, const Limits& limits = {});

/// What happened to a run as a whole, beside the verdicts of its results.
struct RunEvents {
  int missing = 0;  ///< planned, and without a result
  bool device_fault = false;
  int signal = 0;  ///< ended by this signal; 0: none
  bool report_not_written = false;
};
/// 128+n > 4 > 1 > 3 > 5 > 0. No result at all, or only skipped ones, is inconclusive: nothing was measured.
[[nodiscard]] int exit_code(std::span<const Verdict> verdicts, const RunEvents& events);
/// The run's verdict in one word for an exit code: "pass", "rejected", "inconclusive", "device_fault", "interrupted", …
[[nodiscard]] std::string_view verdict_of_exit_code(int code);

}  // namespace peakproof::reports
