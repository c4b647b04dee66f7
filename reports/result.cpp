#include "reports/result.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace peakproof::reports {

bool Verification::passed() const {
  if (method.empty() || items <= 0 || mismatches != 0) return false;
  for (const auto& error : {rmse, mae, max_error})
    if (error && !(std::isfinite(*error) && *error >= 0)) return false;
  if (relative_error.has_value() != tolerance.has_value()) return false;  // half a check is none
  // False for NaN on either side.
  return !relative_error || (*relative_error >= 0 && *relative_error <= *tolerance);
}

bool is_burst(const Texts& params) {
  const auto mode = params.find("mode");
  return mode != params.end() && mode->second == "burst";
}

double judged_spread(const Result& result) {
  const auto& peak = result.peak ? result.peak : result.peak_measured;
  const bool follows_no_clock = peak && peak->clock_hz == 0;  // a memory
  return is_burst(result.params) && !follows_no_clock ? issue_spread(result.samples) : result.summary.spread;
}

Verdict judge(const Result& result, const Limits& limits) {
  const auto& efficiency = result.efficiency;
  const bool judged = !result.latency;  // a latency is reported, not judged
  const auto taken = static_cast<double>(result.samples.size());
  Limits own = limits;
  if (result.unit == kCalls) own.max_spread = limits.max_spread_of_calls;
  return judge({.failed = result.latency && !usable(*result.latency),
                .samples = result.summary.count,
                .median_s = result.summary.median_s,
                .spread = judged_spread(result),
                .contaminated = taken > 0 ? result.summary.contaminated / taken : 0,
                .verified = result.verification.passed(),
                .audit_failed = result.audit.status == "failed",
                .efficiency = judged ? (efficiency.issue ? efficiency.issue : efficiency.spec) : std::nullopt,
                .floor = judged && result.floor ? std::optional(result.floor->issue) : std::nullopt},
               own);
}

namespace {

bool near(double a, double b) {
  constexpr double kRounding = 1e-9;
  return a == b || std::abs(a - b) <= kRounding * std::abs(b);
}

/// Whether the ratio is that of the two rates; before 1.2 only one of them was told.
bool follows(const Reference& r) {
  return !r.own_achieved_per_s || near(r.ratio * r.achieved_per_s, *r.own_achieved_per_s);
}

/// Whether a latency is the one that the samples hold.
bool same(const std::optional<Latency>& told, const std::optional<Latency>& sampled) {
  if (!told || !sampled) return told.has_value() == sampled.has_value();
  return near(told->cycles, sampled->cycles) && near(told->ci95.low, sampled->ci95.low) &&
         near(told->ci95.high, sampled->ci95.high) && told->ns.has_value() == sampled->ns.has_value() &&
         (!told->ns || near(*told->ns, *sampled->ns));
}

}  // namespace

std::string contradiction(const Report& report) {
  std::vector<Verdict> verdicts;
  for (const Result& result : report.results) {
    verdicts.push_back(result.verdict);
    // An error or a skip has no figures to hold it against; nothing passes by them.
    if (result.verdict == Verdict::error || result.verdict == Verdict::skipped) continue;
    if (const Verdict judged = judge(result); judged != result.verdict)
      return "result " + result.name + " says " + std::string(name(result.verdict)) + ", its figures say " +
             std::string(name(judged));
    if (!same(result.latency, latency(result.samples)))
      return "result " + result.name + " gives a latency that its samples do not give";
    if (result.reference && !follows(*result.reference))
      return "result " + result.name + " gives a ratio to its reference that the two rates do not give";
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
