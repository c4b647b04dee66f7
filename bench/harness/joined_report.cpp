#include "bench/harness/joined_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "bench/harness/errors.hpp"
#include "bench/harness/host_info.hpp"
#include "bench/harness/run_id.hpp"
#include "bench/harness/runner.hpp"
#include "bench/harness/worker_talk.hpp"

namespace peakproof::bench {
namespace {

using reports::Report;
using reports::Result;

constexpr const char* kFault = "fault";
constexpr const char* kOptions = "options";

std::string missing_key(const Job& job) { return "missing." + job.benchmark; }

std::vector<std::string> names_of(const std::vector<Result>& results) {
  std::vector<std::string> names;
  names.reserve(results.size());
  for (const auto& result : results) names.push_back(planned_name(result));
  return names;
}

/// `all` without each of `some`, once for each time that it is there.
std::vector<std::string> without(std::vector<std::string> all, const std::vector<std::string>& some) {
  for (const auto& name : some)
    if (const auto found = std::find(all.begin(), all.end(), name); found != all.end()) all.erase(found);
  return all;
}

void add_line(std::string& text, const std::string& line) {
  if (text.find(line) == std::string::npos) text += (text.empty() ? "" : "; ") + line;
}

/// The first worker's facts describe the start, the last one's the end.
void join_facts(reports::Texts& facts, const reports::Texts& part) {
  for (const auto& [key, value] : part) {
    if (key == kFault)
      add_line(facts[key], value);
    else if (key.find("_after") != std::string::npos)
      facts[key] = value;
    else
      facts.emplace(key, value);
  }
}

void join_device(reports::Device& device, reports::Device part, bool first) {
  if (first) {
    // The device says more about itself than the list of devices did, and what we have found stays.
    reports::Texts facts = std::move(part.facts);
    join_facts(facts, device.facts);
    part.facts = std::move(facts);
    device = std::move(part);
  } else {
    join_facts(device.facts, part.facts);
  }
}

/// Whether no worker has described the device yet: what the list of devices says has no compute capability, no cores.
bool undescribed(const reports::Device& device) { return device.spec.sm_count == 0; }

/// A part's report without the results of other cases than the job's; what is common to both ways of joining.
std::vector<Result> take_common(Report& report, const Job& job, Part& part) {
  std::vector<Result> results;
  if (part.report) {
    if (part.device_fault) part.report->device.facts.erase(kFault);  // told below, with the benchmark
    join_device(report.device, std::move(part.report->device), undescribed(report.device));
    results = std::move(part.report->results);
  }
  join_health(report.health, part.report ? std::move(part.report->health) : std::nullopt);
  if (part.device_fault) add_line(report.device.facts[kFault], fmt::format("{}: {}", job.benchmark, part.problem));
  const auto left = without(job.cases, names_of(results));
  if (!part.problem.empty() && std::find(left.begin(), left.end(), part.under_way) != left.end())
    results.push_back(failed_result(part.under_way, part.problem));
  return results;
}

}  // namespace

Result failed_result(const std::string& planned, const std::string& why) {
  Result result{.name = planned.substr(0, planned.find('/')),
                .achieved_per_s = std::numeric_limits<double>::quiet_NaN(),
                .summary = reports::summarize({}),
                .audit = {.status = "not_applicable"},
                .verdict = reports::Verdict::error,
                .note = why};
  std::string* last = nullptr;  // the value that a part without a colon belongs to
  for (std::size_t slash = planned.find('/'); slash != std::string::npos;) {
    const std::size_t next = planned.find('/', slash + 1);
    const std::string part = planned.substr(slash + 1, next == std::string::npos ? next : next - slash - 1);
    const std::size_t colon = part.find(':');
    if (colon != std::string::npos)
      last = &(result.params[part.substr(0, colon)] = part.substr(colon + 1));
    else if (last != nullptr)
      *last += '/' + part;
    else
      result.name += '/' + part;
    slash = next;
  }
  return result;
}

Report begun_report(const Options& options, const DeviceName& device, const std::vector<Job>& jobs) {
  Report report{
      .run_id = new_run_id(), .started = timestamp(), .argv = options.argv, .tool = tool_info(), .host = host_info()};
  report.finished = report.started;
  report.tool.facts[kOptions] = fmt::format("{}", fmt::join(measuring_arguments(options), " "));
  report.anonymous = options.anonymous;
  report.device.spec.name = device.name;
  report.device.spec.kind = device.selector == "cpu" ? theory::DeviceKind::cpu : theory::DeviceKind::gpu;
  if (!device.uuid.empty()) report.device.facts = {{"uuid", device.uuid}, {"pci", device.pci}};
  for (const auto& job : jobs)
    report.completeness.planned.insert(report.completeness.planned.end(), job.cases.begin(), job.cases.end());
  report.completeness.missing = report.completeness.planned;
  return report;
}

void join(Report& report, const Job& job, Part part) {
  std::vector<Result> results = take_common(report, job, part);
  const auto names = names_of(results);
  const auto left = without(job.cases, names);
  // A case that nobody has planned is told all the same: its verdict counts.
  for (const auto& name : without(names, job.cases)) report.completeness.planned.push_back(name);
  std::move(results.begin(), results.end(), std::back_inserter(report.results));
  if (!left.empty())
    add_line(report.device.facts[missing_key(job)], part.problem.empty() ? "the worker has left it out" : part.problem);
}

void join_again(Report& report, const Job& job, Part part) {
  std::vector<Result> results = take_common(report, job, part);
  for (auto& result : results) {
    const std::string name = planned_name(result);
    const auto old = std::find_if(report.results.begin(), report.results.end(),
                                  [&](const Result& each) { return planned_name(each) == name; });
    if (old == report.results.end()) continue;
    result.attempts = std::move(old->attempts);
    result.attempts.push_back({.achieved_per_s = old->achieved_per_s,
                               .efficiency = old->efficiency,
                               .summary = old->summary,
                               .verdict = old->verdict});
    *old = std::move(result);
  }
}

void join_health(std::optional<reports::Health>& health, std::optional<reports::Health> part) {
  constexpr const char* kNotTold = "the last worker ended before it was read";
  if (!health) {
    health = std::move(part);
    return;
  }
  for (auto& counter : health->counters) {
    const reports::Counter* newer = nullptr;
    if (part)
      for (const auto& each : part->counters)
        if (each.name == counter.name) newer = &each;
    if (newer != nullptr && !counter.before) counter.before = newer->before;
    counter.after = newer != nullptr ? newer->after : std::nullopt;
    if (newer != nullptr) counter.why = newer->why;
    if (!counter.after && counter.why.empty()) counter.why = kNotTold;
  }
  if (!part) return;
  for (auto& counter : part->counters)
    if (std::none_of(health->counters.begin(), health->counters.end(),
                     [&](const auto& each) { return each.name == counter.name; }))
      health->counters.push_back(std::move(counter));
  if (health->source.empty()) health->source = part->source;
  if (!part->why.empty()) add_line(health->why, part->why);
  health->stale = health->stale || part->stale;
  std::move(part->events.begin(), part->events.end(), std::back_inserter(health->events));
  std::move(part->timeline.begin(), part->timeline.end(), std::back_inserter(health->timeline));
  health->timeline = reports::thinned(std::move(health->timeline));
}

void settle(Report& report, reports::RunEvents& events) {
  report.completeness.missing = without(report.completeness.planned, names_of(report.results));
  events.missing = static_cast<int>(report.completeness.missing.size());
  events.device_fault = events.device_fault || report.device.facts.count(kFault) > 0;
  std::vector<reports::Verdict> verdicts;
  for (const auto& result : report.results) verdicts.push_back(result.verdict);
  report.exit_code = reports::exit_code(verdicts, events);
  report.verdict = reports::verdict_of_exit_code(report.exit_code);
}

namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw UsageError(fmt::format("--resume: {}: measure anew without --resume, or into another file", why));
}

std::string fact(const reports::Texts& facts, const std::string& key) {
  const auto found = facts.find(key);
  return found == facts.end() ? std::string() : found->second;
}

void require_same(const std::string& what, const std::string& then, const std::string& now) {
  if (then != now) refuse(fmt::format("the saved report is of another {} ('{}', now '{}')", what, then, now));
}

/// Whether `done` holds a result for each of the job's cases, and each was really measured.
bool finished(const Report& done, const Job& job) {
  const std::set<std::string> cases(job.cases.begin(), job.cases.end());
  std::vector<std::string> measured;
  for (const auto& result : done.results)
    if (cases.count(planned_name(result)) > 0 && result.verdict != reports::Verdict::error)
      measured.push_back(planned_name(result));
  return without(job.cases, measured).empty();
}

}  // namespace

Report resumed_report(const Report& done, const Report& begun, const std::vector<Job>& jobs, std::vector<Job>& to_do) {
  if (done.anonymous) refuse("the saved report withholds which device it is of");
  if (done.scope != reports::Scope::device) refuse("the saved report is not of one device");
  require_same("device", fact(done.device.facts, "uuid"), fact(begun.device.facts, "uuid"));
  require_same("host", done.host.name, begun.host.name);
  require_same("commit of PeakProof", done.tool.commit, begun.tool.commit);
  require_same("choice of options", fact(done.tool.facts, kOptions), fact(begun.tool.facts, kOptions));
  const auto other = without(begun.completeness.planned, done.completeness.planned);
  if (!other.empty()) refuse(fmt::format("the saved report has not planned {}", other.front()));
  const auto more = without(done.completeness.planned, begun.completeness.planned);
  if (!more.empty()) refuse(fmt::format("the saved report has planned {} as well", more.front()));

  Report report = done;
  report.argv = begun.argv;
  report.anonymous = begun.anonymous;
  for (const auto& job : jobs) {
    if (finished(done, job)) continue;
    const std::set<std::string> cases(job.cases.begin(), job.cases.end());
    std::erase_if(report.results, [&](const Result& result) { return cases.count(planned_name(result)) > 0; });
    report.device.facts.erase(missing_key(job));
    to_do.push_back(job);
  }
  add_line(report.device.facts["resumed"],
           fmt::format("at {} with {} of {} benchmarks left", begun.started, to_do.size(), jobs.size()));
  return report;
}

}  // namespace peakproof::bench
