// Rules on performance: each result against its floor, a limit, or a baseline.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/evaluate_parts.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

/// The aspect of validity that tells what is wrong with a result of this verdict.
std::string_view aspect_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::noisy:
      return "quiet";
    case Verdict::above_theory:
      return "plausible";
    default:
      return "measured";
  }
}

/// Whether another rule already makes the acceptance inconclusive, or rejects, for a result of this verdict.
bool told_elsewhere(const Terms& terms, const Report& report, Verdict verdict) {
  return std::any_of(terms.policy->rules.begin(), terms.policy->rules.end(), [&](const Rule& rule) {
    if (!rule.required || !applies_to(rule, report.device.spec)) return false;
    if (verdict == Verdict::incorrect) return rule.measure == Measure::correctness && rule.subject == "*";
    return rule.measure == Measure::validity && rule.subject == aspect_of(verdict);
  });
}

std::string_view label(Measure measure) {
  switch (measure) {
    case Measure::issue:
      return "E_issue";
    case Measure::spec:
      return "E_spec";
    case Measure::clock:
      return "C";
    default:
      return "achieved";
  }
}

/// The rule as it holds for this result: with the result's floor where the rule has no limit of its own.
std::optional<Rule> with_limits(const Rule& rule, const Result& result) {
  Rule own = rule;
  const bool has_limits = rule.fail_below || rule.warn_below || rule.fail_above || rule.warn_above;
  if (rule.measure != Measure::issue || has_limits) return own;
  if (!result.floor) return std::nullopt;
  own.fail_below = result.floor->issue;
  own.source = result.floor->source;
  return own;
}

/// Why the rule cannot look at this result, although it was measured: it has no such figure, by nature.
std::optional<std::string> without_figure(const Rule& rule, const Result& result) {
  if (rule.measure == Measure::absolute) return std::nullopt;
  if (result.latency) return "a latency has no efficiency";
  if (!result.peak && !result.peak_measured) return "no peak is known";
  if (rule.measure != Measure::issue && !result.peak) return "no rated peak is known";
  if (rule.measure == Measure::clock && result.peak->clock_hz == 0) return "it follows no SM clock";
  return std::nullopt;
}

Check judged(const Rule& rule, const Result& result) {
  Check check = check_of(rule, row_name(result));
  if (rule.measure == Measure::absolute) {
    check.unit = result.unit;
    if (rule.unit != result.unit) {
      return decided(
          std::move(check), Status::error,
          fmt::format("the limit is in {}, the result in {}", rule.unit.empty() ? "no unit" : rule.unit, result.unit));
    }
  }
  const auto value = figure(rule.measure, result.efficiency, result.achieved_per_s);
  if (!value || !std::isfinite(*value))
    return decided(std::move(check), Status::error, fmt::format("{} is not known", label(rule.measure)));
  Votes votes;
  const Status now = held_against(rule, *value);
  votes.add(now);
  for (const Attempt& attempt : result.attempts) {
    const auto earlier = figure(rule.measure, attempt.efficiency, attempt.achieved_per_s);
    if (is_usable(attempt.verdict) && earlier) votes.add(held_against(rule, *earlier));
  }
  check.measured = value;
  check.limit = deciding_limit(rule, *value, now);
  std::string message = fmt::format("{} {}", label(rule.measure), number_text(*value, check.unit));
  if (check.limit) message += fmt::format(", limit {}", number_text(*check.limit, check.unit));
  if (rule.outcome == Status::fail || now == Status::pass) return voted(std::move(check), votes, message);
  return decided(std::move(check), now, message);
}

/// A result as a share of what the baseline says of it.
struct Compared {
  double ratio = 0;
  bool significant = false;  ///< the result's interval lies wholly below that of the baseline
  bool by_issue = false;     ///< else by the rate, from which the clock is not taken out
};
std::optional<Compared> compare(const Efficiency& efficiency, double achieved_per_s, const Summary& summary,
                                const BaselineEntry& entry) {
  const auto issue = figure(Measure::baseline, efficiency, achieved_per_s);
  const bool by_issue = issue.has_value() && entry.issue.has_value();
  const double value = by_issue ? *issue : achieved_per_s;
  const double reference = by_issue ? *entry.issue : entry.achieved_per_s;
  const Interval& ci = by_issue ? entry.issue_ci95 : entry.achieved_ci95;
  if (!(std::isfinite(value) && value > 0 && std::isfinite(reference) && reference > 0)) return std::nullopt;
  // A shorter time is a higher rate. An interval that is not known widens nothing.
  const double widened = value * summary.median_s / summary.ci95_low_s;
  const double highest = std::isfinite(widened) && widened > value ? widened : value;
  const double lowest = std::isfinite(ci.low) && ci.low > 0 && ci.low < reference ? ci.low : reference;
  return Compared{.ratio = value / reference, .significant = highest < lowest, .by_issue = by_issue};
}

Status status_of(const Rule& rule, const Compared& compared) {
  const Status status = held_against(rule, compared.ratio);
  if (status != Status::fail) return status;
  // Without E_issue a healthy board of a lower clock would fail. Beyond the limit, but within what the baseline's own
  // reports differ by, it is in doubt.
  const bool below = rule.fail_below && compared.ratio < *rule.fail_below;
  return compared.by_issue && (compared.significant || !below) ? Status::fail : Status::warn;
}

Check against(const Rule& rule, const Result& result, const BaselineEntry& entry) {
  Check check = check_of(rule, row_name(result));
  if (entry.unit != result.unit) {
    return decided(std::move(check), Status::error,
                   fmt::format("the baseline is in {}, the result in {}", entry.unit, result.unit));
  }
  const auto compared = compare(result.efficiency, result.achieved_per_s, result.summary, entry);
  if (!compared) return decided(std::move(check), Status::error, "no usable figure here or in the baseline");
  Votes votes;
  const Status now = status_of(rule, *compared);
  votes.add(now);
  for (const Attempt& attempt : result.attempts) {
    const auto earlier = compare(attempt.efficiency, attempt.achieved_per_s, attempt.summary, entry);
    if (is_usable(attempt.verdict) && earlier) votes.add(status_of(rule, *earlier));
  }
  check.measured = compared->ratio;
  check.limit = deciding_limit(rule, compared->ratio, now);
  if (compared->ratio > 1 && now != Status::pass) check.code = "PP-1402";
  std::string message =
      fmt::format("{} of the baseline's {}", number_text(compared->ratio, ""),
                  entry.issue ? number_text(*entry.issue, "") : number_text(entry.achieved_per_s, entry.unit));
  if (check.limit) message += fmt::format(", limit {}", number_text(*check.limit, ""));
  if (!compared->by_issue)
    message += "; there is no E_issue, so that its clock counts too";
  else if (now == Status::warn && rule.fail_below && compared->ratio < *rule.fail_below)
    message += "; the intervals overlap";
  return voted(std::move(check), votes, message);
}

/// The name with its parameters in one order: those of planned cases end in the mode.
std::string sorted_name(std::string_view name) {
  std::vector<std::string> parts;
  for (std::size_t slash = 0; slash != std::string_view::npos;) {
    slash = name.find('/');
    parts.emplace_back(name.substr(0, slash));
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  }
  std::sort(parts.begin() + 1, parts.end());
  return fmt::format("{}", fmt::join(parts, "/"));
}

/// Entries of the baseline that have no figure in the report, by what became of them.
void add_missing(std::vector<Check>& checks, std::size_t place, const Report& report, const Terms& terms) {
  const auto& rules = terms.policy->rules;
  const Rule& rule = rules[place];
  std::vector<std::string> lost;
  std::vector<std::string> unusable;
  std::vector<std::string> left_out;
  const auto& missing = report.completeness.missing;
  for (const BaselineEntry& entry : terms.baseline->entries) {
    if (!is_first_rule(rules, place, entry.subject, report.device.spec)) continue;
    std::vector<std::string>* into = &left_out;
    for (const Result& result : report.results) {
      if (row_name(result) != entry.subject) continue;
      into = is_usable(result.verdict) ? nullptr : result.verdict == Verdict::skipped ? &lost : &unusable;
    }
    const auto is_entry = [&entry](const std::string& name) { return sorted_name(name) == sorted_name(entry.subject); };
    if (into == &left_out && std::any_of(missing.begin(), missing.end(), is_entry)) into = &lost;
    if (into != nullptr) into->push_back(entry.subject);
  }
  const auto add = [&](const std::vector<std::string>& names, Status status, std::string_view what) {
    if (names.empty()) return;
    Check check = check_of(rule, "");
    check.code = "PP-1403";
    check.measured = static_cast<double>(names.size());
    check.limit = 0;
    check.unit = "results";
    checks.push_back(decided(std::move(check), status, fmt::format("{}: {}", what, listed(names))));
  };
  add(lost, Status::fail, "in the baseline, planned, and without a result here");
  add(unusable, Status::error, "in the baseline, and without a usable figure here");
  add(left_out, Status::warn, "in the baseline, and not planned in this run");
}

}  // namespace

std::vector<Check> check_performance(const Rule& rule, const Report& report, const Terms& terms) {
  std::vector<Check> checks;
  std::vector<std::string> without;
  std::string why;
  bool matched = false;
  for (const Result& result : report.results) {
    const std::string row = row_name(result);
    if (!matches_glob(rule.subject, row)) continue;
    matched = true;
    if (result.verdict == Verdict::skipped) {
      if (rule.subject != "*") checks.push_back(not_applicable(rule, row, "skipped: " + one_line(result.note)));
      continue;
    }
    if (!is_usable(result.verdict)) {
      if (!told_elsewhere(terms, report, result.verdict)) {
        checks.push_back(
            decided(check_of(rule, row), Status::error, fmt::format("cannot be judged: {}", name(result.verdict))));
      }
      continue;
    }
    auto reason = without_figure(rule, result);
    const auto own = reason ? std::nullopt : with_limits(rule, result);
    if (!own) {
      without.push_back(row);
      why = reason.value_or("no floor with a source is known");
      continue;
    }
    checks.push_back(judged(*own, result));
  }
  if (!checks.empty()) return checks;
  if (!without.empty()) {
    // Nothing at all could be judged. Clocks are looked at where there are some; whatever else was asked for is open.
    Check check = rule.measure == Measure::clock ? not_applicable(rule, "", "") : check_of(rule, "");
    return {decided(std::move(check), Status::skip, fmt::format("{}: {}", why, listed(without)))};
  }
  Check nothing = check_of(rule, "");
  nothing.code = "PP-7110";
  return {decided(std::move(nothing), Status::skip,
                  matched ? "no result could be judged" : fmt::format("no result is called {}", rule.subject))};
}

std::vector<Check> check_baseline(std::size_t place, const Report& report, const Terms& terms) {
  const auto& rules = terms.policy->rules;
  const Rule& rule = rules[place];
  if (!terms.baseline) return {not_applicable(rule, "", "no baseline was given")};
  std::vector<Check> checks;
  std::vector<std::string> extra;
  for (const Result& result : report.results) {
    const std::string row = row_name(result);
    if (!is_first_rule(rules, place, row, report.device.spec) || !is_usable(result.verdict)) continue;
    const auto& entries = terms.baseline->entries;
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [&row](const BaselineEntry& e) { return e.subject == row; });
    if (entry == entries.end())
      extra.push_back(row);
    else
      checks.push_back(against(rule, result, *entry));
  }
  if (checks.empty()) {
    // A rule for a part of the results may find none of them in this run.
    const bool part = rule.subject != "*";
    checks.push_back(part ? not_applicable(rule, "", "no such result has a figure in the baseline")
                          : decided(check_of(rule, ""), Status::error, "no result has a figure in the baseline"));
  }
  add_missing(checks, place, report, terms);
  if (!extra.empty()) {
    Check check = not_applicable(rule, "", "not in the baseline: " + listed(extra));
    check.code = "PP-1404";
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace peakproof::reports
