#include "reports/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "reports/codes.hpp"
#include "reports/evaluate_parts.hpp"
#include "reports/format.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

constexpr std::size_t kEnough = 3;              ///< measurements: of three two decide
constexpr std::string_view kAgain = "PP-1303";  ///< marks what is measured again for a peer's sake

std::vector<Check> evaluate_rule(std::size_t place, const Report& report, const Terms& terms) {
  const Rule& rule = terms.policy->rules[place];
  switch (rule.measure) {
    case Measure::issue:
    case Measure::spec:
    case Measure::clock:
    case Measure::absolute:
      return check_performance(rule, report, terms);
    case Measure::baseline:
      return check_baseline(place, report, terms);
    case Measure::reason:
      return check_reasons(rule, report);
    case Measure::counter:
      return check_counters(rule, report);
    case Measure::state:
      return check_states(rule, report);
    case Measure::correctness:
      return check_correctness(rule, report);
    case Measure::validity:
      return check_validity(rule, report);
    case Measure::peer:   // needs the others
    case Measure::event:  // all rules together
      break;
  }
  return {};
}

/// What is missing is never passed over: a policy may make little of it, by a rule of its own, but not forget it.
std::optional<Check> missing_without_rule(const Report& report, const Terms& terms) {
  const auto& missing = report.completeness.missing;
  const auto& rules = terms.policy->rules;
  if (missing.empty() || std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
        return rule.measure == Measure::validity && rule.subject == "complete" && applies_to(rule, report.device.spec);
      }))
    return std::nullopt;
  Check check{.code = "PP-7101", .id = "validity.complete"};
  check.source = "nothing passes without a measurement; the policy has no rule on it";
  return decided(std::move(check), Status::error,
                 fmt::format("{} planned results are missing: {}", missing.size(), listed(missing)));
}

/// A check of a node, which no rule stands for.
Check node_check(std::string code, std::string id, Status status, std::string message) {
  return {.code = std::move(code),
          .id = std::move(id),
          .subject = {},
          .status = status,
          .required = true,
          .device_fault = false,
          .message = std::move(message),
          .measured = std::nullopt,
          .limit = std::nullopt,
          .unit = {},
          .source = "every device of a node counts"};
}

std::string label_of(const Report& report) {
  for (const char* name : {"uuid", "pci"}) {
    const auto found = report.device.facts.find(name);
    if (found != report.device.facts.end()) return found->second;
  }
  return report.device.spec.name.empty() ? report.host.name : report.device.spec.name;
}

/// What should be the same on all devices of a node.
Check alike(const Report& node) {
  constexpr std::array kFacts = {"vbios", "driver", "power_limit_w", "ecc", "mig", "compute_mode"};
  std::map<std::string, std::set<std::string>> values;
  for (const Report& member : node.members) {
    if (member.results.empty()) continue;  // nothing was opened: that is told elsewhere
    values["board"].insert(member.device.spec.name);
    for (const char* name : kFacts) {
      const auto found = member.device.facts.find(name);
      values[name].insert(found == member.device.facts.end() ? "unknown" : found->second);
    }
    if (member.health) {
      for (const Counter& counter : member.health->counters)
        if (counter.name == "nvlinks_active" && counter.after)
          values[counter.name].insert(fmt::format("{:g}", *counter.after));
    }
  }
  std::vector<std::string> differences;
  for (const auto& [name, seen] : values) {
    if (seen.size() > 1) differences.push_back(fmt::format("{}: {}", name, fmt::join(seen, " or ")));
  }
  Check check = node_check("PP-6102", "node.alike", Status::pass, "the devices are alike");
  check.required = false;
  if (differences.empty()) return check;
  return decided(std::move(check), Status::warn, "the devices differ in " + listed(differences));
}

/// The checks that only who ran it can know.
std::vector<Check> kept(const std::vector<Check>& checks) {
  std::vector<Check> out;
  std::copy_if(checks.begin(), checks.end(), std::back_inserter(out),
               [](const Check& check) { return check.id.starts_with("run."); });
  return out;
}

void settle(Report& report, const Terms& terms, const RunEvents& events) {
  Acceptance acceptance = report.acceptance.value_or(Acceptance{.level = "verify"});
  acceptance.policy_name = terms.policy->name;
  acceptance.policy_sha256 = terms.policy->sha256;
  acceptance.policy_text = terms.policy->text;
  acceptance.baseline_sha256 = terms.baseline ? terms.baseline->sha256 : "";
  report.acceptance = std::move(acceptance);
  report.exit_code = exit_code(report.checks, events);
  for (const Report& member : report.members) report.exit_code = worse(report.exit_code, member.exit_code);
  report.verdict = verdict_of_exit_code(report.exit_code);
}

/// Where one device is in doubt, all are measured again: else its second figure would be held against the same median, and
/// share its error.
void add_doubts(Report& node, const std::vector<std::vector<Check>>& between) {
  std::set<std::string> doubted;
  for (const auto& checks : between) {
    for (const Check& check : checks)
      if (is_open(check)) doubted.insert(check.subject);
  }
  for (Report& member : node.members) {
    for (const Result& result : member.results) {
      const std::string row = row_name(result);
      if (!doubted.contains(row) || !is_usable(result.verdict) || result.attempts.size() + 1 >= kEnough) continue;
      Check check = node_check(std::string(kAgain), "performance.peer.again", Status::skip,
                               "a device of the node is in doubt: all are measured again, for a median of its own");
      check.required = false;
      check.subject = row;
      member.checks.push_back(std::move(check));
    }
  }
}

/// The checks between the devices of a node, added to each device.
void add_peers(Report& node, const Terms& terms) {
  std::vector<const Report*> devices;
  for (const Report& member : node.members) devices.push_back(&member);
  auto between = evaluate_peers(devices, terms);
  add_doubts(node, between);
  for (std::size_t i = 0; i < between.size(); ++i) {
    auto& own = node.members[i].checks;
    std::move(between[i].begin(), between[i].end(), std::back_inserter(own));
    settle(node.members[i], terms, {});
  }
}

}  // namespace

std::vector<Check> evaluate(const Report& report, const Terms& terms) {
  std::vector<Check> checks;
  std::vector<const Rule*> on_events;
  for (const Rule& rule : terms.policy->rules)
    if (rule.measure == Measure::event && applies_to(rule, report.device.spec)) on_events.push_back(&rule);
  bool events_done = false;
  for (std::size_t place = 0; place < terms.policy->rules.size(); ++place) {
    const Rule& rule = terms.policy->rules[place];
    if (!applies_to(rule, report.device.spec)) continue;
    const bool event = rule.measure == Measure::event;
    if (event && std::exchange(events_done, true)) continue;
    auto found = event ? check_events(on_events, report) : evaluate_rule(place, report, terms);
    std::move(found.begin(), found.end(), std::back_inserter(checks));
  }
  if (auto missing = missing_without_rule(report, terms)) checks.push_back(std::move(*missing));
  return checks;
}

std::vector<Check> evaluate_node(const Report& node, const Terms& /*terms*/, int expected_members) {
  const auto count = static_cast<int>(node.members.size());
  const int expected = expected_members > 0 ? expected_members : std::max(count, 1);
  std::vector<std::string> labels;
  for (const Report& member : node.members) labels.push_back(label_of(member));
  const std::string_view noun = node.scope == Scope::fleet ? "nodes" : "devices";
  Check devices = node_check("PP-6101", "run.devices", count >= expected ? Status::pass : Status::fail,
                             fmt::format("{} of {} {}: {}", count, expected, noun, listed(labels, 16)));
  devices.measured = count;
  devices.limit = expected;
  devices.unit = noun;
  std::vector<Check> checks{std::move(devices)};
  if (count > 1) checks.push_back(alike(node));
  return checks;
}

void conclude(Report& report, const Terms& terms, const RunEvents& events) {
  std::vector<Check> checks = kept(report.checks);
  if (report.scope == Scope::device) {
    auto found = evaluate(report, terms);
    std::move(found.begin(), found.end(), std::back_inserter(checks));
    report.checks = std::move(checks);
    settle(report, terms, events);
    return;
  }
  for (Report& member : report.members) conclude(member, terms);
  if (report.scope == Scope::node) add_peers(report, terms);
  const bool counted = std::any_of(checks.begin(), checks.end(), [](const Check& c) { return c.code == "PP-6101"; });
  for (Check& check : evaluate_node(report, terms))
    if (!counted || check.code != "PP-6101") checks.push_back(std::move(check));
  report.checks = std::move(checks);
  settle(report, terms, events);
}

std::vector<std::string> to_measure_again(const Report& report) {
  const auto any = [&report](auto&& holds) { return std::any_of(report.checks.begin(), report.checks.end(), holds); };
  if (report.exit_code > exit_signal_base || report.exit_code == exit_device_fault ||
      any([](const Check& c) { return c.device_fault; }))
    return {};
  std::set<std::string> wanted;
  for (const Check& check : report.checks)
    if (is_open(check) || check.code == kAgain) wanted.insert(check.subject);
  std::vector<std::string> names;
  for (const Result& result : report.results) {
    const std::string row = row_name(result);
    const bool again =
        wanted.contains(row) || (result.verdict == Verdict::noisy && result.attempts.size() + 1 < kEnough);
    const bool once_wrong = std::any_of(result.attempts.begin(), result.attempts.end(),
                                        [](const Attempt& a) { return a.verdict == Verdict::incorrect; });
    if (again && !once_wrong && (is_usable(result.verdict) || result.verdict == Verdict::noisy) &&
        std::find(names.begin(), names.end(), row) == names.end())
      names.push_back(row);
  }
  return names;
}

}  // namespace peakproof::reports
