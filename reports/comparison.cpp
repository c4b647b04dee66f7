#include "reports/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "reports/baseline_device.hpp"
#include "reports/fleet.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr std::array kChanges = {
    std::pair{Change::same, std::string_view("same")},
    std::pair{Change::faster, std::string_view("faster")},
    std::pair{Change::slower, std::string_view("slower")},
    std::pair{Change::missing, std::string_view("missing")},
    std::pair{Change::added, std::string_view("added")},
    std::pair{Change::not_comparable, std::string_view("not_comparable")},
};

bool positive(double x) { return std::isfinite(x) && x > 0; }

/// Why the result has no figure that could be compared; empty where it has one.
std::string unusable(const Result& result) {
  if (result.verdict != Verdict::pass && result.verdict != Verdict::below && result.verdict != Verdict::no_theory)
    return fmt::format("verdict {}", name(result.verdict));
  const Summary& s = result.summary;
  if (!positive(result.achieved_per_s)) return "no rate";
  if (!positive(s.median_s) || !positive(s.ci95_low_s) || !positive(s.ci95_high_s) || s.ci95_low_s > s.median_s ||
      s.ci95_high_s < s.median_s)
    return fmt::format("{} samples give no interval", s.count);
  return {};
}

/// The logarithm of the rate, and how far its interval reaches below and above.
struct LogRate {
  double value = 0;
  double below = 0;
  double above = 0;
};

LogRate log_rate(const Result& result) {
  const Summary& s = result.summary;
  return {std::log(result.achieved_per_s), std::log(s.ci95_high_s / s.median_s), std::log(s.median_s / s.ci95_low_s)};
}

Interval ratio_interval(const Result& before, const Result& after) {
  const LogRate a = log_rate(after);
  const LogRate b = log_rate(before);
  const double difference = a.value - b.value;
  return {std::exp(difference - std::hypot(a.below, b.above)), std::exp(difference + std::hypot(a.above, b.below))};
}

Change change_of(double ratio, const Interval& interval, double tolerance) {
  if (std::isnan(ratio) || std::isnan(interval.low) || std::isnan(interval.high)) return Change::not_comparable;
  if (std::abs(ratio - 1) <= tolerance || (interval.low <= 1 && interval.high >= 1)) return Change::same;
  return ratio > 1 ? Change::faster : Change::slower;
}

/// What the scatter or the clock has to do with it.
std::string note_on(const ComparedResult& compared, double tolerance) {
  if (compared.change == Change::same && !(std::abs(*compared.ratio - 1) <= tolerance))
    return "no difference beyond the scatter of both; measure longer to see a smaller one";
  if (compared.change != Change::slower && compared.change != Change::faster) return {};
  if (!compared.before_issue || !compared.after_issue) return {};
  const double issue = *compared.after_issue / *compared.before_issue;
  if (!(std::abs(issue - 1) <= tolerance)) return "E_issue changed with it";
  return "E_issue is the same: the clock made the difference";
}

ComparedResult compare_pair(const std::string& subject, const Result* before, const Result* after, double tolerance) {
  ComparedResult out{.subject = subject, .ratio95 = {kNaN, kNaN}};
  const auto fill = [&](const Result* result, std::optional<double>& rate, std::optional<double>& issue) {
    if (result == nullptr || result->verdict == Verdict::skipped) return false;
    out.unit = result->unit;
    if (unusable(*result).empty()) rate = result->achieved_per_s;
    issue = result->efficiency.issue;
    return true;
  };
  const bool was = fill(before, out.before_per_s, out.before_issue);
  const bool is = fill(after, out.after_per_s, out.after_issue);
  if (!is) {
    out.change = Change::missing;
    out.note = after != nullptr ? "skipped now: " + after->note : "not measured any more";
    return out;
  }
  if (!was) {
    out.change = Change::added;
    out.note = before != nullptr ? "was skipped: " + before->note : "not measured before";
    return out;
  }
  const std::string why_before = unusable(*before);
  const std::string why_after = unusable(*after);
  if (!why_before.empty()) out.note = "before: " + why_before;
  if (!why_after.empty()) out.note += (out.note.empty() ? "after: " : "; after: ") + why_after;
  if (before->unit != after->unit) out.note = fmt::format("{} before, {} after", before->unit, after->unit);
  if (!out.note.empty()) return out;  // not comparable
  out.ratio = after->achieved_per_s / before->achieved_per_s;
  out.ratio95 = ratio_interval(*before, *after);
  out.change = change_of(*out.ratio, out.ratio95, tolerance);
  out.note = note_on(out, tolerance);
  return out;
}

/// Results by their names; what is there twice is told apart by its order.
std::vector<std::pair<std::string, const Result*>> named(const Report& report) {
  std::map<std::string, int> seen;
  std::vector<std::pair<std::string, const Result*>> out;
  for (const Result& result : report.results) {
    std::string subject = row_name(result);
    if (const int times = ++seen[subject]; times > 1) subject += fmt::format(" #{}", times);
    out.emplace_back(std::move(subject), &result);
  }
  return out;
}

void compare_devices(const Report* before, const Report* after, const std::string& where, Comparison& out) {
  using Named = std::vector<std::pair<std::string, const Result*>>;
  const Named old_results = before != nullptr ? named(*before) : Named{};
  const Named new_results = after != nullptr ? named(*after) : Named{};
  const std::map<std::string, const Result*> old_by_name(old_results.begin(), old_results.end());
  const std::map<std::string, const Result*> new_by_name(new_results.begin(), new_results.end());
  const auto find = [](const auto& results, const std::string& subject) {
    const auto found = results.find(subject);
    return found == results.end() ? nullptr : found->second;
  };
  const auto skipped = [](const Result* result) { return result == nullptr || result->verdict == Verdict::skipped; };
  const auto add = [&](const std::string& subject) {
    const Result* was = find(old_by_name, subject);
    const Result* is = find(new_by_name, subject);
    if (skipped(was) && skipped(is)) return;  // the device lacks it, then as now
    out.results.push_back(compare_pair(subject + where, was, is, out.tolerance));
  };
  for (const auto& [subject, result] : old_results) add(subject);
  for (const auto& [subject, result] : new_results)
    if (old_by_name.count(subject) == 0) add(subject);
  if (after == nullptr) return;
  // Planned and never measured, now: nobody knows what it would have been.
  for (const std::string& subject : after->completeness.missing)
    if (old_by_name.count(subject) == 0)
      out.results.push_back(
          {.subject = subject + where, .ratio95 = {kNaN, kNaN}, .note = "planned after, not measured"});
}

/// What a device is called, so that it is found again in another report.
std::string key_of(const Report& device, std::size_t index) {
  for (const char* key : {"uuid", "pci"})
    if (std::string text = fact(device, key); !text.empty() && text != "withheld") return text;
  return fmt::format("device {}", index);
}

std::vector<std::pair<std::string, const Report*>> keyed(const Report& report) {
  std::vector<std::pair<std::string, const Report*>> out;
  std::set<std::string> seen;
  for (const Report* device : devices_of(report)) {
    std::string key = key_of(*device, out.size());
    if (!seen.insert(key).second) key += fmt::format(", {} of the report", out.size());
    out.emplace_back(std::move(key), device);
  }
  return out;
}

void compare_facts(const Report& before, const Report& after, Comparison& out) {
  const auto tell = [&](std::string_view what, const std::string& a, const std::string& b) {
    if (a == b) return;
    std::string line = fmt::format("{}: {} before, {} after", what, or_unknown(a), or_unknown(b));
    if (std::find(out.differences.begin(), out.differences.end(), line) == out.differences.end())
      out.differences.push_back(std::move(line));
  };
  const auto text = [](int number) { return std::to_string(number); };
  tell("device", before.device.spec.name, after.device.spec.name);
  tell("architecture", architecture(before.device.spec), architecture(after.device.spec));
  tell("SMs", text(before.device.spec.sm_count), text(after.device.spec.sm_count));
  tell("power limit", watts_or_unknown(power_limit(before)), watts_or_unknown(power_limit(after)));
  for (const char* key : {"driver", "ecc", "mig", "vbios", "persistence"})
    tell(key, fact(before, key), fact(after, key));
  tell("PeakProof", before.tool.version, after.tool.version);
  tell("commit", before.tool.commit, after.tool.commit);
  tell("compiler", before.tool.compiler, after.tool.compiler);
  tell("CPU of the host", before.host.cpu, after.host.cpu);
}

}  // namespace

std::string_view name(Change change) {
  for (const auto& [value, text] : kChanges)
    if (value == change) return text;
  return "not_comparable";
}

std::vector<std::string> incompatibilities(const Report& before, const Report& after) {
  using Kinds = std::set<std::string>;
  const auto kinds = [](const Report& report, auto text) {
    Kinds out;
    for (const Report* device : devices_of(report)) out.insert(text(*device));
    return out;
  };
  std::vector<std::string> lines;
  const auto hold = [&](std::string_view what, const Kinds& a, const Kinds& b) {
    if (a != b)
      lines.push_back(
          one_line(fmt::format("{}: {} before, {} after", what, fmt::join(a, " and "), fmt::join(b, " and "))));
  };
  const auto board = [](const Report& r) { return r.device.spec.name; };
  const auto arch = [](const Report& r) { return architecture(r.device.spec); };
  const auto real = [](const Report& r) { return std::string(r.device.stand_in ? "a pretend device" : "hardware"); };
  hold("device", kinds(before, board), kinds(after, board));
  hold("architecture", kinds(before, arch), kinds(after, arch));
  hold("stand-in", kinds(before, real), kinds(after, real));
  return lines;
}

Comparison compare(const Report& before, const Report& after, double tolerance) {
  Comparison out{.tolerance = tolerance >= 0 && tolerance < 1 ? tolerance : 0};
  const auto old_devices = keyed(before);
  const auto new_devices = keyed(after);
  const bool single = old_devices.size() == 1 && new_devices.size() == 1;
  const auto same_key = [](const auto& devices, const std::string& key) {
    return std::find_if(devices.begin(), devices.end(), [&](const auto& device) { return device.first == key; });
  };
  for (const auto& [key, device] : old_devices) {
    const auto pair = single ? new_devices.begin() : same_key(new_devices, key);
    const Report* partner = pair == new_devices.end() ? nullptr : pair->second;
    if (partner != nullptr) compare_facts(*device, *partner, out);
    compare_devices(device, partner, single ? "" : " on " + key, out);
  }
  for (const auto& [key, device] : new_devices)
    if (!single && same_key(old_devices, key) == old_devices.end()) compare_devices(nullptr, device, " on " + key, out);
  return out;
}

int exit_code(const Comparison& comparison) {
  const auto any = [&](std::initializer_list<Change> changes) {
    return std::any_of(comparison.results.begin(), comparison.results.end(), [&](const ComparedResult& each) {
      return std::find(changes.begin(), changes.end(), each.change) != changes.end();
    });
  };
  if (any({Change::slower, Change::missing})) return exit_rejected;
  if (any({Change::not_comparable}) || !any({Change::same, Change::faster})) return exit_inconclusive;
  return exit_pass;
}

}  // namespace peakproof::reports
