#include "bench/harness/soak.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/harness/joined_report.hpp"
#include "bench/harness/runner.hpp"
#include "reports/render.hpp"

namespace peakproof::bench {
namespace {

bool stands(reports::Verdict verdict) {
  return verdict == reports::Verdict::pass || verdict == reports::Verdict::no_theory ||
         verdict == reports::Verdict::skipped;
}

/// How much a check says against the device; 0: nothing.
int weight(const reports::Check& check) {
  switch (check.status) {
    case reports::Status::pass:
      return 0;
    case reports::Status::skip:
      return check.required ? 2 : 0;
    case reports::Status::warn:
      return 1;
    case reports::Status::error:
      return check.required ? 2 : 1;
    case reports::Status::fail:
      break;
  }
  return check.device_fault ? 4 : 3;
}

std::string in_round(const std::string& name, int round) { return fmt::format("{}/round:{}", name, round); }

/// What is kept of a later round beside its ranges and its checks.
reports::Report kept_of(reports::Report round, int number, std::map<std::string, int>& kept) {
  std::vector<reports::Result> results;
  std::vector<std::string> planned;
  for (auto& result : round.results) {
    if (stands(result.verdict) || kept[reports::row_name(result)]++ >= SoakRecord::kMostKept) continue;
    result.params["round"] = std::to_string(number);
    planned.push_back(planned_name(result));
    results.push_back(std::move(result));
  }
  round.results = std::move(results);
  for (auto& name : round.completeness.missing) planned.push_back(name = in_round(name, number));
  round.completeness.planned = std::move(planned);
  round.checks.clear();
  return round;
}

}  // namespace

void add_measured(reports::Report& report, reports::Report more) {
  if (report.results.empty() && more.device.spec.sm_count > 0) report.device = more.device;
  report.duration_s += more.duration_s;
  report.finished = more.finished;
  Job job;
  for (const auto& result : more.results) job.cases.push_back(planned_name(result));
  join(report, job, {.report = std::move(more)});
  reports::RunEvents ignored;
  settle(report, ignored);
}

void SoakRecord::note_ranges(const reports::Report& round) {
  for (const auto& result : round.results) {
    const bool issue = result.efficiency.issue.has_value();
    const double value = result.efficiency.issue.value_or(result.achieved_per_s);
    if (!(value > 0)) continue;
    const auto [at, first] = ranges_.try_emplace(reports::row_name(result), Range{value, value, issue, 0});
    Range& range = at->second;
    if (range.issue != issue) continue;
    range.lowest = std::min(range.lowest, value);
    range.highest = std::max(range.highest, value);
    ++range.rounds;
  }
}

void SoakRecord::carry_checks(const reports::Report& round) {
  for (const auto& check : round.checks) {
    if (weight(check) == 0) continue;
    const auto [at, first] = carried_.try_emplace({check.id, check.subject}, check);
    if (!first && weight(at->second) >= weight(check)) continue;
    at->second = check;
    at->second.id = fmt::format("run.round:{}.{}", rounds_, check.id);
    at->second.message = fmt::format("round {}: {}", rounds_, check.message);
  }
}

void SoakRecord::add(reports::Report round) {
  ++rounds_;
  note_ranges(round);
  if (rounds_ == 1) {
    report_ = std::move(round);
    return;
  }
  carry_checks(round);
  reports::Report kept = kept_of(std::move(round), rounds_, kept_);
  auto& planned = report_.completeness.planned;
  planned.insert(planned.end(), kept.completeness.planned.begin(), kept.completeness.planned.end());
  add_measured(report_, std::move(kept));
}

reports::Report SoakRecord::report() const {
  reports::Report report = report_;
  for (auto& result : report.results) {
    const auto range = ranges_.find(reports::row_name(result));
    if (range == ranges_.end() || range->second.rounds < 2) continue;
    const Range& r = range->second;
    if (!result.note.empty()) result.note += "; ";
    result.note += r.issue
                       ? fmt::format("soak: {} rounds, E_issue {} to {} %", r.rounds,
                                     reports::percent_text(r.lowest, 2), reports::percent_text(r.highest, 2))
                       : fmt::format("soak: {} rounds, {} to {}", r.rounds, reports::rate_text(r.lowest, result.unit),
                                     reports::rate_text(r.highest, result.unit));
  }
  for (const auto& [key, check] : carried_) report.checks.push_back(check);
  report.device.facts["soak_rounds"] = std::to_string(rounds_);
  return report;
}

}  // namespace peakproof::bench
