#include "reports/result.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string>
#include <vector>

#include "reports/network_claims.hpp"
#include "reports/sha256.hpp"

namespace peakproof::reports {

namespace {

struct ScopeName {
  Scope scope;
  std::string_view name;
};
constexpr std::array kScopes = {ScopeName{Scope::device, "device"}, ScopeName{Scope::node, "node"},
                                ScopeName{Scope::fleet, "fleet"}};

}  // namespace

std::string_view name(Scope scope) {
  for (const ScopeName& row : kScopes)
    if (row.scope == scope) return row.name;
  return "device";
}

std::optional<Scope> scope_from_name(std::string_view name) {
  for (const ScopeName& row : kScopes)
    if (row.name == name) return row.scope;
  return std::nullopt;
}

bool Verification::passed() const {
  if (method.empty() || items <= 0 || mismatches != 0 || not_numbers != 0 || !wrong_units.empty()) return false;
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
  const auto& summary = result.summary;
  const bool judged = !result.latency;  // a latency is reported, not judged
  // Without the samples, which may have been withheld, the counts of the summary tell how many there were.
  const auto taken = static_cast<double>(result.samples.empty() ? std::int64_t{summary.count} + summary.contaminated
                                                                : std::ssize(result.samples));
  Limits own = limits;
  if (result.unit == kCalls) own.max_spread = limits.max_spread_of_calls;
  return judge({.failed = result.latency && !usable(*result.latency),
                .samples = result.summary.count,
                .median_s = result.summary.median_s,
                .spread = judged_spread(result),
                .contaminated = taken > 0 ? summary.contaminated / taken : 0,
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

namespace {

/// The exit code that the report's checks (without an acceptance, its results) and its members give.
int given_exit_code(const Report& report) {
  const RunEvents events{.missing = static_cast<int>(report.completeness.missing.size())};
  int given = events.missing > 0 ? exit_inconclusive : exit_pass;
  if (report.acceptance) {
    given = exit_code(report.checks, {});  // what is missing has a check; whether it is required is the policy's matter
  } else if (report.members.empty() || !report.results.empty()) {
    std::vector<Verdict> verdicts;
    for (const Result& result : report.results) verdicts.push_back(result.verdict);
    given = exit_code(verdicts, events);
  }
  for (const Report& member : report.members) given = worse(given, member.exit_code);
  return given;
}

std::string contradiction(const Result& result, bool withheld) {
  // An error or a skip has no figures to hold it against; nothing passes by them.
  if (result.verdict == Verdict::error || result.verdict == Verdict::skipped) return {};
  const bool unseen = withheld && result.samples.empty();
  // The spread of a burst is in its samples alone.
  const Verdict judged = unseen && is_burst(result.params) ? result.verdict : judge(result);
  if (judged != result.verdict)
    return "says " + std::string(name(result.verdict)) + ", its figures say " + std::string(name(judged));
  if (!unseen && !same(result.latency, latency(result.samples))) return "gives a latency that its samples do not give";
  if (result.reference && !follows(*result.reference))
    return "gives a ratio to its reference that the two rates do not give";
  return network_contradiction(result);
}

std::string contradiction(const Check& check) {
  if (check.attempts < 1 || check.failed_attempts < 0 || check.failed_attempts > check.attempts)
    return "counts " + std::to_string(check.failed_attempts) + " failures in " + std::to_string(check.attempts) +
           " attempts";
  if (check.status == Status::pass && 2 * check.failed_attempts > check.attempts)
    return "passes, and most of its attempts failed";
  return {};
}

}  // namespace

std::string contradiction(const Report& report) {
  for (const Result& result : report.results)
    if (const std::string found = contradiction(result, report.samples_withheld); !found.empty())
      return "result " + result.name + " " + found;
  for (const Check& check : report.checks)
    if (const std::string found = contradiction(check); !found.empty()) return "check " + check.id + " " + found;
  for (std::size_t i = 0; i < report.members.size(); ++i)
    if (const std::string found = contradiction(report.members[i]); !found.empty())
      return "member " + std::to_string(i) + ": " + found;
  if (!report.checks.empty() && !report.acceptance) return "it has checks, and is no acceptance";
  // A policy without the names in it is no longer the text that the hash was made of; the members of a fleet leave the text
  // to the fleet.
  if (report.acceptance && !report.anonymous && !report.acceptance->policy_text.empty() &&
      report.acceptance->policy_sha256 != sha256(report.acceptance->policy_text))
    return "the hash of its policy is not that of the policy's text";
  const int given = given_exit_code(report);
  const int held = report.exit_code;
  // Faults, signals and unwritten reports are events that no result shows.
  const bool event =
      held == exit_device_fault || held > exit_signal_base || (held == exit_report_not_written && given == exit_pass);
  if (held != given && !event)
    return "the report says exit code " + std::to_string(held) + ", its " + (report.acceptance ? "checks" : "results") +
           " give " + std::to_string(given);
  if (report.verdict != verdict_of_exit_code(held))
    return "the report says " + report.verdict + " with exit code " + std::to_string(held);
  return {};
}

}  // namespace peakproof::reports
