#include "reports/result.hpp"

#include <string>
#include <vector>

namespace peakproof::reports {

bool Verification::passed() const {
  if (method.empty() || items <= 0 || mismatches != 0) return false;
  if (relative_error.has_value() != tolerance.has_value()) return false;  // half a check is none
  // False for NaN on either side.
  return !relative_error || (*relative_error >= 0 && *relative_error <= *tolerance);
}

Verdict judge(const Result& result, const Limits& limits) {
  const auto& efficiency = result.efficiency;
  const auto taken = static_cast<double>(result.samples.size());
  return judge({.samples = result.summary.count,
                .median_s = result.summary.median_s,
                .spread = result.summary.spread,
                .contaminated = taken > 0 ? result.summary.contaminated / taken : 0,
                .verified = result.verification.passed(),
                .audit_failed = result.audit.status == "failed",
                .efficiency = efficiency.issue ? efficiency.issue : efficiency.spec,
                .floor = result.floor ? std::optional(result.floor->issue) : std::nullopt},
               limits);
}

std::string contradiction(const Report& report) {
  std::vector<Verdict> verdicts;
  for (const Result& result : report.results) {
    verdicts.push_back(result.verdict);
    // An error or a skip has no figures to hold it against; nothing passes by them.
    if (result.verdict == Verdict::error || result.verdict == Verdict::skipped) continue;
    if (const Verdict judged = judge(result); judged != result.verdict)
      return "result " + result.name + " says " + std::string(name(result.verdict)) + ", its figures say " +
             std::string(name(judged));
  }
  const int given = exit_code(verdicts, {.missing = static_cast<int>(report.completeness.missing.size())});
  const int held = report.exit_code;
  // Faults, signals and unwritten reports are events that no result shows.
  const bool event =
      held == exit_device_fault || held > exit_signal_base || (held == exit_report_not_written && given == exit_pass);
  if (held == given || event) return {};
  return "the report says exit code " + std::to_string(held) + ", its results give " + std::to_string(given);
}

}  // namespace peakproof::reports
