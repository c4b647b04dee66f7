#include "reports/fleet_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "reports/baseline_device.hpp"
#include "reports/render.hpp"
#include "reports/utc.hpp"

namespace peakproof::reports {
namespace {

constexpr double kLongAgo = -std::numeric_limits<double>::infinity();

bool known(const std::string& text) { return !text.empty() && text != "withheld"; }

/// The checks of those who ran it, which no figure shows.
bool is_of_the_run(const Check& check) { return check.id.starts_with("run."); }

/// Adds to a device's own checks what its run saw and nothing else in the report shows, so that judging it again does not
/// lose it, and a later report of the device takes its place with it.
void add_events(Report& device, const RunEvents& events) {
  const auto add = [&device](std::string code, std::string id, Status status, std::string message) {
    auto& checks = device.checks;
    if (std::any_of(checks.begin(), checks.end(), [&id](const Check& check) { return check.id == id; })) return;
    checks.push_back({.code = std::move(code),
                      .id = std::move(id),
                      .status = status,
                      .device_fault = status == Status::fail,
                      .message = std::move(message),
                      .source = "the exit code of the report of its run"});
  };
  if (events.signal > 0)
    add("PP-8103", "run.interrupted", Status::error, fmt::format("signal {} ended the run", events.signal));
  if (events.device_fault) add("PP-8101", "run.fault", Status::fail, "a device failed during the run");
}

void take_apart(Report report, std::string run_id, std::size_t& index, RunEvents events, Parts& out) {
  const RunEvents own = events_of(report);
  events.signal = std::max(events.signal, own.signal);
  events.device_fault = events.device_fault || own.device_fault;
  // A node was measured in one run, whatever its devices' own runs are called; a fleet is no run.
  if (run_id.empty() && report.scope != Scope::fleet) run_id = report.run_id;
  if (report.scope == Scope::device) {
    add_events(report, events);
    Item item{.run_id = std::move(run_id), .host = host_of(report), .key = device_key(report), .index = index++};
    item.device = std::move(report);
    out.items.push_back(std::move(item));
    return;
  }
  auto& kept = report.scope == Scope::fleet ? out.of_fleets : out.of_nodes[node_key(host_of(report), run_id)];
  std::copy_if(report.checks.begin(), report.checks.end(), std::back_inserter(kept), is_of_the_run);
  if (report.members.empty())
    out.of_fleets.push_back(fleet_check("PP-7203", "empty", node_key(host_of(report), run_id), Status::error,
                                        "this report of a node or fleet holds no device"));
  for (Report& member : report.members) take_apart(std::move(member), run_id, index, events, out);
}

/// The same measurements, read twice.
bool same_report(const Item& a, const Item& b) {
  const auto figures = [](const Report& report) {
    std::vector<double> out;
    for (const Result& result : report.results) out.push_back(result.achieved_per_s);
    return out;
  };
  if (a.run_id != b.run_id || a.host != b.host || a.key != b.key || a.device.started != b.device.started) return false;
  if (!a.run_id.empty()) return !a.key.empty() || a.index == b.index;
  const auto x = figures(a.device);
  const auto y = figures(b.device);
  return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [](double p, double q) { return p == q || (std::isnan(p) && std::isnan(q)); });
}

}  // namespace

std::string small_letters(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string host_of(const Report& report) { return known(report.host.name) ? small_letters(report.host.name) : ""; }

std::string device_key(const Report& device) {
  for (const char* name : {"uuid", "serial"})
    if (std::string text = fact(device, name); known(text)) return text;
  const std::string host = host_of(device);
  if (host.empty()) return {};
  if (const std::string pci = fact(device, "pci"); known(pci)) return host + "/" + pci;
  return device.device.spec.kind == theory::DeviceKind::cpu ? host + "/cpu" : std::string();
}

double finished_at(const Report& report) {
  if (const auto end = utc_seconds(report.finished)) return *end;
  return utc_seconds(report.started).value_or(kLongAgo);
}

std::string label(const Item& item) {
  const std::string& name = item.key.empty() ? item.device.device.spec.name : item.key;
  return fmt::format("{} on {}", name, item.host.empty() ? "a host whose name is withheld" : item.host);
}

Check fleet_check(std::string code, std::string id, const std::string& subject, Status status,
                  const std::string& message) {
  return {.code = std::move(code),
          .id = "run.fleet." + std::move(id),
          .subject = one_line(subject),
          .status = status,
          .required = status == Status::fail || status == Status::error,
          .message = one_line(message),
          .source = "reports/fleet.hpp: a fleet is complete and each of its devices counts once"};
}

std::string node_key(const std::string& host, const std::string& run_id) {
  return host.empty() ? "run " + run_id : host;
}

Parts take_apart(std::vector<Report> reports) {
  Parts parts;
  for (Report& report : reports) {
    std::size_t index = 0;
    take_apart(std::move(report), {}, index, {}, parts);
  }
  return parts;
}

std::vector<Item> once_each(std::vector<Item> items, std::vector<Check>& checks) {
  std::vector<Item> kept;
  std::multimap<std::string, std::size_t> by_run;
  std::map<std::string, std::size_t> by_device;
  for (Item& item : items) {
    const auto [first, last] = by_run.equal_range(item.run_id);
    if (std::any_of(first, last, [&](const auto& entry) { return same_report(kept[entry.second], item); })) {
      checks.push_back(
          fleet_check("PP-6301", "duplicate", label(item), Status::warn,
                      fmt::format("the report of run {} was given twice and counts once", or_unknown(item.run_id))));
      continue;
    }
    const auto again = item.key.empty() ? by_device.end() : by_device.find(item.key);
    if (again == by_device.end()) {
      by_run.emplace(item.run_id, kept.size());
      if (!item.key.empty()) by_device.emplace(item.key, kept.size());
      kept.push_back(std::move(item));
      continue;
    }
    Item& other = kept[again->second];
    if (finished_at(item.device) >= finished_at(other.device)) std::swap(item, other);
    by_run.emplace(other.run_id, again->second);
    checks.push_back(
        fleet_check("PP-6302", "measured_again", label(other), Status::warn,
                    fmt::format("measured more than once: what ended at {} ({}) counts, what ended at {} ({}) does not",
                                or_unknown(other.device.finished), other.device.verdict,
                                or_unknown(item.device.finished), item.device.verdict)));
  }
  return kept;
}

}  // namespace peakproof::reports
