#include "reports/fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "reports/fleet_parts.hpp"
#include "reports/format.hpp"
#include "reports/utc.hpp"

namespace peakproof::reports {
namespace {

void set_exit_code(Report& report, int code) {
  report.exit_code = code;
  report.verdict = verdict_of_exit_code(code);
}

/// "8 x NVIDIA H200".
std::string boards_text(const Report& report) {
  std::map<std::string, int> boards;
  for (const Report* device : devices_of(report)) ++boards[device->device.spec.name];
  std::vector<std::string> parts;
  parts.reserve(boards.size());
  for (const auto& [name, count] : boards) parts.push_back(count > 1 ? fmt::format("{} x {}", count, name) : name);
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// What a report of several has in common with its members. Times are UTC.
void summarize_members(Report& report) {
  double begin = std::numeric_limits<double>::infinity();
  double end = -std::numeric_limits<double>::infinity();
  int code = report.members.empty() ? static_cast<int>(exit_inconclusive) : static_cast<int>(exit_pass);
  report.anonymous = !report.members.empty();
  for (const Report& member : report.members) {
    if (const auto at = utc_seconds(member.started)) begin = std::min(begin, *at);
    end = std::max(end, finished_at(member));
    report.duration_s = std::max(report.duration_s, member.duration_s);
    report.anonymous = report.anonymous && member.anonymous;
    report.samples_withheld = report.samples_withheld || member.samples_withheld;
    report.device.stand_in = report.device.stand_in || member.device.stand_in;
    code = worse(code, member.exit_code);
  }
  if (std::isfinite(begin)) report.started = utc_text(begin);
  if (std::isfinite(end)) report.finished = utc_text(end);
  if (end > begin) report.duration_s = end - begin;
  report.device.spec.name = boards_text(report);
  // The level that all were measured at; of several none is the whole's.
  if (!report.members.empty() && report.members.front().acceptance) {
    const Acceptance& first = *report.members.front().acceptance;
    const bool one_level = std::all_of(report.members.begin(), report.members.end(), [&](const Report& member) {
      return member.acceptance && member.acceptance->level == first.level;
    });
    if (one_level) report.acceptance = Acceptance{.level = first.level};
  }
  set_exit_code(report, code);
}

/// All were judged by one policy, whose text the fleet itself holds: a thousand copies of it would be most of the file.
void withhold_policy(Report& report) {
  for (Report& member : report.members) {
    if (member.acceptance) member.acceptance->policy_text.clear();
    withhold_policy(member);
  }
}

void withhold_samples(Report& report) {
  report.samples_withheld = true;
  for (Result& result : report.results) {
    result.samples.clear();
    result.unit_maps.clear();
  }
  if (report.health) withhold_timeline(*report.health);
  for (Report& member : report.members) withhold_samples(member);
}

/// What fleets that are merged again said of missing hosts and unreadable files; a host that is here now is not missing.
std::vector<Check> still_true(std::vector<Check> checks, const std::vector<Item>& items) {
  std::erase_if(checks, [&](const Check& check) {
    if (check.id == "run.fleet.unreadable" || check.id == "run.fleet.empty") return false;
    // Of a node all of whose devices were measured again elsewhere; how many nodes there were is counted anew.
    if (!check.id.starts_with("run.fleet.")) return check.status == Status::pass;
    return check.id != "run.fleet.missing" || std::any_of(items.begin(), items.end(), [&](const Item& item) {
             return same_host(item.host, small_letters(check.subject));
           });
  });
  return checks;
}

}  // namespace

std::vector<const Report*> devices_of(const Report& report) {
  if (report.scope == Scope::device) return {&report};
  std::vector<const Report*> devices;
  for (const Report& member : report.members) {
    const auto found = devices_of(member);
    devices.insert(devices.end(), found.begin(), found.end());
  }
  return devices;
}

RunEvents events_of(const Report& report) {
  const auto shows_fault = [](const Report& each, const auto& self) -> bool {
    return std::any_of(each.checks.begin(), each.checks.end(),
                       [](const Check& check) { return check.device_fault && check.status == Status::fail; }) ||
           std::any_of(each.members.begin(), each.members.end(), [&](const Report& m) { return self(m, self); });
  };
  RunEvents events;
  if (report.exit_code > exit_signal_base) events.signal = report.exit_code - exit_signal_base;
  // A check that said so is made again; what none explains was an event.
  events.device_fault = report.exit_code == exit_device_fault && !shows_fault(report, shows_fault);
  return events;
}

Report node_of(std::vector<Report> devices) {
  Report node{.scope = Scope::node};
  if (!devices.empty()) {
    const Report& first = devices.front();
    node.argv = first.argv;
    node.tool = first.tool;
    node.host = first.host;
    const bool one_run = std::all_of(devices.begin(), devices.end(),
                                     [&](const Report& device) { return device.run_id == first.run_id; });
    if (one_run) node.run_id = first.run_id;
  }
  node.members = std::move(devices);
  summarize_members(node);
  return node;
}

void conclude_all(Report& report, const Terms& terms, const RunEvents& events) {
  conclude(report, terms, events);
  if (report.scope != Scope::fleet) return;
  for (Check& check : peer_checks(report, terms)) {
    if (check.status == Status::fail) set_exit_code(report, worse(report.exit_code, exit_rejected));
    report.checks.push_back(std::move(check));
  }
  withhold_policy(report);
}

Report merge(std::vector<Report> reports, const Expected& expected, const Terms& terms) {
  Parts parts = take_apart(std::move(reports));
  if (parts.items.empty()) throw ReadError("no report of a device was given: there is nothing to merge");
  Report fleet{.scope = Scope::fleet};
  std::vector<Item> items = once_each(std::move(parts.items), fleet.checks);
  for (auto& found : {still_true(std::move(parts.of_fleets), items), expectation_checks(expected, items),
                      mixture_checks(expected, items)})
    fleet.checks.insert(fleet.checks.end(), found.begin(), found.end());
  std::vector<std::string> order;
  std::map<std::string, std::vector<Report>> nodes;
  for (Item& item : items) {
    const std::string key =
        node_key(item.host, item.run_id.empty() ? fmt::format("{} without a name", order.size()) : item.run_id);
    auto& devices = nodes[key];
    if (devices.empty()) order.push_back(key);
    devices.push_back(std::move(item.device));
  }
  for (const std::string& key : order) {
    Report node = node_of(std::move(nodes.at(key)));
    const auto kept = parts.of_nodes.extract(key);
    if (!kept.empty()) node.checks = kept.mapped();
    fleet.members.push_back(std::move(node));
  }
  // Of nodes all of whose devices were measured again elsewhere.
  for (const auto& [key, kept] : parts.of_nodes) fleet.checks.insert(fleet.checks.end(), kept.begin(), kept.end());
  fleet.tool = fleet.members.front().tool;
  summarize_members(fleet);
  conclude_all(fleet, terms);
  withhold_samples(fleet);
  return fleet;
}

}  // namespace peakproof::reports
