#include "reports/acceptance_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "reports/codes.hpp"

namespace peakproof::reports {
namespace {

/// A check and the device or node that it is about; empty: the report as a whole.
struct ToldCheck {
  std::string device;
  const Check* check = nullptr;
};

void collect(const Report& report, const std::string& device, std::vector<ToldCheck>& found) {
  for (const Check& check : report.checks) found.push_back({device, &check});
  const std::vector<std::string> names = member_names(report);
  for (std::size_t i = 0; i < names.size(); ++i)
    collect(report.members[i], device.empty() ? names[i] : fmt::format("{}/{}", device, names[i]), found);
}

std::vector<ToldCheck> all_checks(const Report& report) {
  std::vector<ToldCheck> found;
  collect(report, {}, found);
  return found;
}

std::int64_t count(const Report& report, Status status) {
  const auto checks = all_checks(report);
  return std::count_if(checks.begin(), checks.end(), [&](const ToldCheck& c) { return c.check->status == status; });
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

/// "gpu:1 performance.issue fp32_fma/ilp:8".
std::string subject_text(const ToldCheck& told) {
  std::string text = told.device;
  for (const std::string* part : {&told.check->id, &told.check->subject})
    if (!part->empty()) text += (text.empty() ? "" : " ") + *part;
  return text;
}

std::string fact(const Report& report, const std::string& key) {
  const auto found = report.device.facts.find(key);
  return found == report.device.facts.end() ? std::string() : found->second;
}

/// "165…3047": enough to find the board by. Empty where the serial number is unknown or withheld.
std::string short_serial(const Report& report) {
  std::string serial = fact(report, "serial");
  if (serial.empty() || report.anonymous ||
      !std::all_of(serial.begin(), serial.end(), [](unsigned char c) { return std::isalnum(c) != 0; }))
    return {};
  constexpr std::size_t kFirst = 3;
  constexpr std::size_t kLast = 4;
  if (serial.size() <= kFirst + kLast + 1) return serial;
  return serial.substr(0, kFirst) + "…" + serial.substr(serial.size() - kLast);
}

/// "gpu:0" as "GPU0 165…3047".
std::string device_label(const NamedDevice& device) {
  if (device.name.empty()) return {};
  std::string text = device.name;
  if (const bool of_node = text.find('/') == std::string::npos; of_node && text.starts_with("gpu:"))
    text = "GPU" + text.substr(4);
  const std::string serial = short_serial(*device.report);
  return serial.empty() ? text : fmt::format("{} {}", text, serial);
}

std::string efficiency_text(const Result& result) {
  const Efficiency& e = result.efficiency;
  const auto share = [](const std::optional<double>& x, std::string_view of) {
    return x && std::isfinite(*x) ? fmt::format("{}% {}", percent_text(x), of) : std::string();
  };
  std::string text = share(e.spec, "spec");
  if (e.clock) {
    if (const std::string issue = share(e.issue, "issue"); !issue.empty())
      text += (text.empty() ? "" : " | ") + issue + " x " + share(e.clock, "clock");
  } else if (!e.spec) {
    text = share(e.issue, "issue");
  }
  if (const std::string reasons = result.telemetry ? reasons_text(*result.telemetry) : std::string(); !reasons.empty())
    text += fmt::format("{}({})", text.empty() ? "" : " ", reasons);
  return text;
}

std::string outcome(const Report& device, const Result& result) {
  // Nothing passes whose answer or figure cannot be believed, whatever the checks say.
  const bool unbelievable = result.verdict == Verdict::incorrect || result.verdict == Verdict::error ||
                            result.verdict == Verdict::above_theory || result.verdict == Verdict::noisy;
  std::optional<Status> worst;
  const auto severity = [](Status s) {
    return s == Status::fail ? 4 : s == Status::error ? 3 : s == Status::warn ? 2 : s == Status::pass ? 1 : 0;
  };
  const std::string name = row_name(result);
  for (const Check& check : device.checks)
    if (check.subject == name && (!worst || severity(check.status) > severity(*worst))) worst = check.status;
  const bool told = worst && *worst != Status::skip && !(unbelievable && severity(*worst) <= severity(Status::warn));
  return told ? status_word(*worst) : upper(reports::name(result.verdict));
}

void add(std::vector<Line>& lines, std::string_view label, std::string_view text) {
  if (!text.empty()) lines.push_back({one_line(label), one_line(text)});
}

/// "ecc_corrected_volatile 2 -> 5 errors"; empty where it did not change.
std::string change_text(const Counter& counter) {
  if (*counter.before == *counter.after) return {};
  return fmt::format("{} {:g} -> {:g} {}", counter.name, *counter.before, *counter.after, counter.unit);
}

}  // namespace

bool told_by_checks(const Report& report) { return report.acceptance.has_value() || !report.members.empty(); }

std::string status_word(Status status) { return upper(name(status)); }

std::vector<Line> check_lines(const Report& report, Status status) {
  std::vector<Line> lines;
  for (const ToldCheck& told : all_checks(report)) {
    const Check& check = *told.check;
    if (check.status != status) continue;
    std::string text = fmt::format("{}: {}", subject_text(told), check.message);
    if (!check.source.empty() && status != Status::pass) text += fmt::format(" [limit: {}]", check.source);
    if (!check.required) text += " (not required)";
    add(lines, fmt::format("{} {}", status_word(status), check.code), text);
  }
  return lines;
}

std::vector<Line> skipped_check_lines(const Report& report) {
  struct Skipped {
    int checks = 0;
    std::map<std::string, std::set<std::string>> devices;  // of each rule
  };
  std::map<std::string, Skipped> by_reason;
  for (const ToldCheck& told : all_checks(report)) {
    if (told.check->status != Status::skip) continue;
    Skipped& skipped = by_reason[(told.check->required ? "REQUIRED, and skipped: " : "") + told.check->message];
    ++skipped.checks;
    skipped.devices[told.check->id].insert(told.device);
  }
  const std::size_t everywhere = named_devices(report).size();
  std::vector<Line> lines;
  for (const auto& [reason, skipped] : by_reason) {
    std::vector<std::string> rules;
    for (const auto& [id, devices] : skipped.devices)
      rules.push_back(devices.size() == everywhere || devices.begin()->empty()
                          ? id
                          : fmt::format("{} ({})", id, fmt::join(devices, ", ")));
    add(lines, fmt::format("SKIP {}", skipped.checks), fmt::format("{}: {}", reason, fmt::join(rules, ", ")));
  }
  return lines;
}

std::string passed_text(const Report& report) {
  std::map<std::string, int> groups;
  int total = 0;
  for (const ToldCheck& told : all_checks(report)) {
    if (told.check->status != Status::pass) continue;
    ++groups[told.check->id.substr(0, told.check->id.find('.'))];
    ++total;
  }
  if (total == 0) return {};
  std::vector<std::string> parts;
  parts.reserve(groups.size());
  for (const auto& [group, number] : groups) parts.push_back(fmt::format("{} {}", number, group));
  return one_line(fmt::format("{} {} passed: {}", total, total == 1 ? "check" : "checks", fmt::join(parts, ", ")));
}

std::vector<Line> next_step_lines(const Report& report) {
  std::vector<Line> lines;
  for (const Status status : {Status::fail, Status::warn, Status::error}) {
    for (const ToldCheck& told : all_checks(report)) {
      const Code* const code = told.check->status == status ? find_code(told.check->code) : nullptr;
      if (code == nullptr || code->next_step.empty()) continue;
      const bool known =
          std::any_of(lines.begin(), lines.end(), [&](const Line& line) { return line.label == code->code; });
      if (!known) add(lines, code->code, fmt::format("{} ({})", code->next_step, code->action));
    }
  }
  return lines;
}

bool needs_explanation(const ToldResult& line) {
  return line.outcome != status_word(Status::pass) && line.result->verdict != Verdict::skipped &&
         line.outcome != upper(name(Verdict::no_theory));
}

std::vector<ToldResult> told_results(const Report& report) {
  std::vector<ToldResult> told;
  for (const NamedDevice& device : named_devices(report)) {
    for (const Result& result : device.report->results) {
      if (is_drawn(result.params)) continue;
      ToldResult line{.name = one_line(row_name(result)),
                      .device = one_line(device_label(device)),
                      .achieved = one_line(achieved_text(result)),
                      .efficiency = one_line(efficiency_text(result)),
                      .outcome = outcome(*device.report, result),
                      .report = device.report,
                      .result = &result};
      if (report.scope == Scope::fleet && line.outcome == status_word(Status::pass)) continue;
      told.push_back(std::move(line));
    }
  }
  // The same of all devices one under the other, in the order in which the first was measured.
  std::map<std::string, std::size_t> order;
  for (const ToldResult& line : told) order.emplace(line.name, order.size());
  std::stable_sort(told.begin(), told.end(),
                   [&](const ToldResult& a, const ToldResult& b) { return order.at(a.name) < order.at(b.name); });
  return told;
}

std::vector<std::vector<std::string>> member_table(const Report& report) {
  if (report.members.empty()) return {};
  std::vector<std::vector<std::string>> rows = {
      {"member", "device", "serial", "measured", "failed", "warned", "open", "exit", "verdict"}};
  const std::vector<std::string> names = member_names(report);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Report& member = report.members[i];
    std::size_t results = 0;
    std::size_t missing = 0;
    for (const NamedDevice& device : named_devices(member)) {
      results += device.report->results.size();
      missing += device.report->completeness.missing.size();
    }
    rows.push_back({names[i], boards_text(member), short_serial(member),
                    missing == 0 ? fmt::format("{}", results) : fmt::format("{}, {} missing", results, missing),
                    fmt::format("{}", count(member, Status::fail)), fmt::format("{}", count(member, Status::warn)),
                    fmt::format("{}", count(member, Status::error)), fmt::format("{}", member.exit_code),
                    one_line(member.verdict)});
  }
  return rows;
}

std::vector<Line> acceptance_lines(const Report& report) {
  std::vector<Line> lines;
  std::size_t planned = 0;
  std::vector<std::string> missing;
  for (const NamedDevice& device : named_devices(report)) {
    planned += device.report->completeness.planned.size();
    missing.insert(missing.end(), device.report->completeness.missing.begin(),
                   device.report->completeness.missing.end());
  }
  if (const auto& a = report.acceptance) {
    add(lines, "level", fmt::format("{}, planned {:.0f} s, took {:.1f} s", a->level, a->planned_s, report.duration_s));
    add(lines, "policy", fmt::format("{}, sha256 {}", a->policy_name, a->policy_sha256));
    add(lines, "baseline", a->baseline_sha256.empty() ? "none" : "sha256 " + a->baseline_sha256);
    add(lines, "claim", a->claim);
  }
  add(lines, "completeness", fmt::format("{} planned, {} missing", planned, missing.size()));
  add(lines, "run id", report.run_id);
  return lines;
}

std::vector<Line> identity_lines(const Report& report) {
  std::vector<Line> lines;
  if (report.scope == Scope::fleet) return lines;
  static constexpr std::array<std::pair<const char*, const char*>, 9> kFacts = {{{"serial", "serial"},
                                                                                 {"uuid", "UUID"},
                                                                                 {"pci", "PCI"},
                                                                                 {"board_part", "part"},
                                                                                 {"vbios", "VBIOS"},
                                                                                 {"driver", "driver"},
                                                                                 {"ecc", "ECC"},
                                                                                 {"mig", "MIG"},
                                                                                 {"persistence", "persistence"}}};
  for (const NamedDevice& device : named_devices(report)) {
    const auto& spec = device.report->device.spec;
    std::string text = spec.name.empty() ? "an unnamed device" : spec.name;
    for (const auto& [key, label] : kFacts)
      if (const std::string value = fact(*device.report, key); !value.empty())
        text += fmt::format(", {} {}", label, value);
    if (spec.power_limit_w > 0) text += fmt::format(", power limit {}", watts_text(spec.power_limit_w));
    add(lines, device.name.empty() ? "device" : device.name, text);
  }
  return lines;
}

std::vector<Line> health_lines(const Report& report) {
  std::vector<Line> lines;
  if (report.scope == Scope::fleet) return lines;
  for (const NamedDevice& device : named_devices(report)) {
    if (!device.report->health) continue;
    const Health& health = *device.report->health;
    const std::string where = device.name.empty() ? "" : device.name + " ";
    add(lines, where + "source", health.source.empty() ? "none" : health.source);
    add(lines, where + "incomplete", health.why);
    if (health.stale) add(lines, where + "STALE", "the source stopped answering during the run");
    std::map<std::string, std::vector<std::string>> unknown;
    for (const Counter& counter : health.counters) {
      if (counter.before && counter.after)
        add(lines, where + "changed", change_text(counter));
      else
        unknown[counter.why.empty() ? "no reason was given" : counter.why].push_back(counter.name);
    }
    for (const auto& [why, names] : unknown)
      add(lines, where + "not known", fmt::format("{}: {}", why, fmt::join(names, ", ")));
    for (const HealthEvent& event : health.events)
      add(lines, fmt::format("{}at {:.1f} s", where, event.at_s),
          fmt::format("{}{}: {}", event.kind, event.number != 0 ? fmt::format(" {}", event.number) : "", event.text));
  }
  return lines;
}

std::vector<Line> untested_lines(const Report& report) {
  std::vector<Line> lines;
  for (const NamedDevice& device : named_devices(report))
    for (Line& line : unmeasured_lines(*device.report))
      lines.push_back(
          {device.name.empty() ? line.label : fmt::format("{} {}", device.name, line.label), std::move(line.text)});
  return lines;
}

}  // namespace peakproof::reports
