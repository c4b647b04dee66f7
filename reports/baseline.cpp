#include "reports/baseline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "reports/baseline_device.hpp"
#include "reports/format.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

constexpr std::size_t kFewestReports = 3;
/// A figure is an outlier beyond both. SuperBench (ATC'24, generate_baseline.py) leaves data out again and again by a
/// fixed share of the mean; here it is by the spread itself, with the share as the least that matters. Proposals.
constexpr double kOutlierSigmas = 5;
constexpr double kOutlierShare = 0.01;
/// The MAD of normally distributed values is their standard deviation / 1.4826.
constexpr double kSigmaPerMad = 1.4826;
/// Above it a work count, a timer or a table is wrong (the policy's lint has the same limit).
constexpr double kMostEfficiency = 1.05;
/// What follows the clock spreads by 22 % at most over healthy GPUs ("Not all GPUs are created equal", SC22). Calls are
/// timed by the host, whose share in them is larger (as in Limits::max_spread_of_calls; twice that is a proposal).
constexpr double kWidestSpread = 0.25;
constexpr double kWidestSpreadOfCalls = 0.5;

/// One device's report, what it is called, and the run that it is of.
struct Source {
  const Report* report = nullptr;
  std::string label;
  std::string run_id;
  std::map<std::string, const Result*> results;  ///< by row_name
};

bool positive(double x) { return std::isfinite(x) && x > 0; }

[[noreturn]] void refuse(const Source& source, const std::string& why) {
  throw ReadError(fmt::format("{}: {}", source.label, one_line(why)));
}

void append_sources(const Report& report, const std::string& label, const std::string& run_id,
                    std::vector<Source>& sources) {
  const std::string& own = report.run_id.empty() ? run_id : report.run_id;
  if (report.members.empty()) {
    Source source{&report, label, own, {}};
    for (const Result& result : report.results)
      if (!source.results.emplace(row_name(result), &result).second)
        refuse(source, fmt::format("results, {}: measured twice in one report", row_name(result)));
    sources.push_back(std::move(source));
    return;
  }
  for (std::size_t i = 0; i < report.members.size(); ++i)
    append_sources(report.members[i], fmt::format("{}: members[{}]", label, i), own, sources);
}

/// What is held against a floor; nothing for a latency, which is not judged.
std::optional<double> issue_of(const Result& result) {
  if (result.latency) return std::nullopt;
  return result.efficiency.issue ? result.efficiency.issue : result.efficiency.spec;
}

void refuse_poison(const Source& source, const Result& result) {
  const auto at = [&](std::string_view why) {
    refuse(source, fmt::format("results, {}: {}; a baseline of it would be poisoned: leave the report out",
                               row_name(result), why));
  };
  const auto issue = issue_of(result);
  if (result.verdict == Verdict::error || result.verdict == Verdict::noisy || result.verdict == Verdict::skipped)
    return;
  if (result.verdict == Verdict::incorrect) at("verdict incorrect, the answer is wrong or unchecked");
  if (result.verdict == Verdict::above_theory || (issue && !(*issue <= kMostEfficiency)))
    at(fmt::format("efficiency {} % is above the peak", percent_text(issue)));
  if (result.verdict == Verdict::below ||
      (result.floor && !result.latency && !(issue && *issue >= result.floor->issue)))
    at(fmt::format("E_issue {} % is below its floor of {} %", percent_text(issue),
                   percent_text(result.floor ? std::optional(result.floor->issue) : std::nullopt)));
  if (!positive(result.achieved_per_s)) at("achieved_per_s is no positive number");
}

void refuse_unfit(const Source& source, bool allow_stand_in) {
  const Report& report = *source.report;
  if (report.device.stand_in && !allow_stand_in)
    refuse(source, "device.stand_in: a pretend device of the tests is no reference");
  if (report.exit_code > exit_signal_base) refuse(source, "exit_code: the run was interrupted; measure again");
  if (report.exit_code == exit_device_fault)
    refuse(source, "exit_code 4: the device had a fault; leave the report out");
  for (const Result& result : report.results) refuse_poison(source, result);
  if (report.exit_code == exit_rejected) refuse(source, "exit_code 1: the device was rejected; leave the report out");
  if (!report.completeness.missing.empty())
    refuse(source, fmt::format("completeness.missing: {} was planned and not measured; measure again",
                               fmt::join(report.completeness.missing, ", ")));
}

/// Throws where two reports are not of the same kind of device.
void refuse_mixture(const Source& first, const Source& other) {
  const auto expect = [&](std::string_view field, const std::string& a, const std::string& b) {
    if (a != b)
      refuse(other, fmt::format("{} is {}, in {} it is {}: make a baseline of each kind apart", field, or_unknown(b),
                                first.label, or_unknown(a)));
  };
  const Report& a = *first.report;
  const Report& b = *other.report;
  expect("device.name", a.device.spec.name, b.device.spec.name);
  expect("device.compute_capability", architecture(a.device.spec), architecture(b.device.spec));
  expect("device.sm_count", std::to_string(a.device.spec.sm_count), std::to_string(b.device.spec.sm_count));
  expect("device.stand_in", a.device.stand_in ? "true" : "false", b.device.stand_in ? "true" : "false");
  for (const char* key : {"driver", "ecc", "mig"})
    expect(fmt::format("device.facts.{}", key), fact(a, key), fact(b, key));
  const auto watts_a = power_limit(a);
  const auto watts_b = power_limit(b);
  if (watts_a.has_value() != watts_b.has_value() || (watts_a && !same_power(*watts_a, *watts_b)))
    expect("device.power_limit_w", watts_or_unknown(watts_a), watts_or_unknown(watts_b));
}

/// The same measurements twice are one report: its times are the same to the last bit.
void refuse_twins(const std::vector<Source>& sources) {
  std::vector<std::pair<std::vector<double>, const Source*>> seen;
  for (const Source& source : sources) {
    std::vector<double> figures;
    for (const Result& result : source.report->results)
      if (positive(result.summary.median_s)) figures.push_back(result.summary.median_s);
    for (const auto& [other, twin] : seen)
      if (!figures.empty() && other == figures && twin->report->started == source.report->started)
        refuse(source, fmt::format("results: the same figures as in {}: name each report once", twin->label));
    seen.emplace_back(std::move(figures), &source);
  }
}

/// What one report says of one subject.
struct Figure {
  std::optional<double> issue;
  double achieved = 0;
};

double middle(const std::vector<Figure>& figures, double (*value)(const Figure&)) {
  std::vector<double> values;
  std::transform(figures.begin(), figures.end(), std::back_inserter(values), value);
  return quantile(std::move(values), 0.5);
}

/// Leaves out the farthest outlier again and again.
void leave_out(std::vector<Figure>& figures, double (*value)(const Figure&)) {
  while (figures.size() > kFewestReports) {
    const double median = middle(figures, value);
    std::vector<double> deviations;
    deviations.reserve(figures.size());
    for (const Figure& figure : figures) deviations.push_back(std::abs(value(figure) - median));
    const double sigma = kSigmaPerMad * quantile(deviations, 0.5);
    const auto farthest = std::max_element(deviations.begin(), deviations.end());
    if (*farthest <= std::max(kOutlierSigmas * sigma, kOutlierShare * median)) return;
    figures.erase(figures.begin() + (farthest - deviations.begin()));
  }
}

double spread_of(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return (*high - *low) / quantile(values, 0.5);
}

BaselineEntry entry_of(const std::string& subject, const std::string& unit, std::vector<Figure> figures) {
  const bool by_issue =
      std::all_of(figures.begin(), figures.end(), [](const Figure& f) { return f.issue.has_value(); });
  const auto issue = [](const Figure& f) { return *f.issue; };
  const auto achieved = [](const Figure& f) { return f.achieved; };
  const std::size_t all = figures.size();
  leave_out(figures, by_issue ? +issue : +achieved);
  const auto values = [&](double (*value)(const Figure&)) {
    std::vector<double> out;
    std::transform(figures.begin(), figures.end(), std::back_inserter(out), value);
    return out;
  };
  BaselineEntry entry{.subject = subject,
                      .unit = unit,
                      .count = static_cast<int>(figures.size()),
                      .outliers = static_cast<int>(all - figures.size()),
                      .achieved_per_s = middle(figures, achieved),
                      .achieved_ci95 = median_interval95(values(achieved)),
                      .achieved_spread = spread_of(values(achieved))};
  if (by_issue) {
    entry.issue = middle(figures, issue);
    entry.issue_ci95 = median_interval95(values(issue));
    entry.issue_spread = spread_of(values(issue));
  }
  return entry;
}

double judged_spread(const BaselineEntry& entry) { return entry.issue ? entry.issue_spread : entry.achieved_spread; }

double widest_spread(const BaselineEntry& entry) { return entry.unit == kCalls ? kWidestSpreadOfCalls : kWidestSpread; }

BaselineEntry entry_of(const std::string& subject, const std::vector<Source>& sources) {
  std::vector<Figure> figures;
  std::string unit;
  for (const Source& source : sources) {
    const auto found = source.results.find(subject);
    if (found == source.results.end()) continue;
    const Result& result = *found->second;
    if (result.verdict != Verdict::pass && result.verdict != Verdict::no_theory) continue;
    if (!unit.empty() && unit != result.unit)
      refuse(source, fmt::format("results, {}: unit is {}, elsewhere {}", subject, result.unit, unit));
    unit = result.unit;
    figures.push_back({issue_of(result), result.achieved_per_s});
  }
  if (figures.size() < kFewestReports)
    throw ReadError(
        fmt::format("{}: usable in {} of {} reports, and a baseline takes at least {}: measure again those "
                    "where it is noisy, an error or not there",
                    one_line(subject), figures.size(), sources.size(), kFewestReports));
  BaselineEntry entry = entry_of(subject, unit, std::move(figures));
  if (const double spread = judged_spread(entry); !(spread <= widest_spread(entry)))
    throw ReadError(
        fmt::format("{}: {} spreads by {} % over the reports, more than {} %: one of them is not healthy, or "
                    "they are not alike",
                    one_line(subject), entry.issue ? "E_issue" : "the rate (no theory is known for it)",
                    percent_text(spread), percent_text(widest_spread(entry))));
  return entry;
}

/// In the order of their first appearance, without those that no device measured.
std::vector<std::string> subjects_of(const std::vector<Source>& sources) {
  std::vector<std::string> subjects;
  std::set<std::string> seen;
  for (const Source& source : sources)
    for (const Result& result : source.report->results)
      if (result.verdict != Verdict::skipped && seen.insert(row_name(result)).second)
        subjects.push_back(row_name(result));
  return subjects;
}

}  // namespace

Baseline create_baseline(std::span<const Report> reports, bool allow_stand_in, std::span<const std::string> names) {
  std::vector<Source> sources;
  for (std::size_t i = 0; i < reports.size(); ++i)
    append_sources(reports[i], i < names.size() ? names[i] : fmt::format("report {}", i + 1), {}, sources);
  if (sources.size() < kFewestReports)
    throw ReadError(fmt::format("a baseline takes at least {} reports of devices of one kind, found {}: measure more",
                                kFewestReports, sources.size()));
  for (const Source& source : sources) refuse_unfit(source, allow_stand_in);
  for (const Source& source : sources) refuse_mixture(sources.front(), source);
  refuse_twins(sources);

  const Report& first = *sources.front().report;
  Baseline baseline{.device = first.device.spec.name,
                    .compute_capability = architecture(first.device.spec),
                    .sm_count = first.device.spec.sm_count,
                    .stand_in = first.device.stand_in,
                    .driver = fact(first, "driver"),
                    .power_limit_w = power_limit(first),
                    .ecc = fact(first, "ecc")};
  std::set<std::string> versions;
  for (const Source& source : sources) {
    versions.insert(source.report->tool.version);
    baseline.created = std::max(baseline.created, source.report->finished);
    const auto& known = baseline.run_ids;
    if (!source.run_id.empty() && std::find(known.begin(), known.end(), source.run_id) == known.end())
      baseline.run_ids.push_back(source.run_id);
  }
  baseline.tool_version = fmt::format("{}", fmt::join(versions, ", "));
  for (const std::string& subject : subjects_of(sources)) baseline.entries.push_back(entry_of(subject, sources));
  if (baseline.entries.empty()) throw ReadError("the reports hold no result: there is nothing to make a baseline of");
  return read_baseline(to_json(baseline));  // sealed, and fit to be read again
}

}  // namespace peakproof::reports
