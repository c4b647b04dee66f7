// Rules on what happened to the device while it was measured: clock event reasons, counters and events. What could not be
// read is an error, never a pass; what this GPU does not have is skipped and said.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/evaluate_parts.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

/// Whether the driver told the reasons of the clock while this was sampled. Where they are none at all the timeline tells,
/// of which withhold_timeline() leaves enough.
bool reasons_known(const Report& report, const Telemetry& telemetry) {
  if (telemetry.stale || telemetry.count <= 0 || !(telemetry.end_s > telemetry.begin_s)) return false;
  if (!telemetry.reasons.empty()) return true;
  if (!report.health) return false;
  const auto& timeline = report.health->timeline;
  return std::any_of(timeline.begin(), timeline.end(), [](const auto& point) { return point.clock_reasons; });
}

bool power_limit_is_default(const Report& report) {
  const auto limit = fact_number(report, "power_limit_w");
  const auto usual = fact_number(report, "power_limit_default_w");
  return limit && usual && *limit >= *usual;
}

/// By how much a counter has grown, in the rule's unit.
Check check_counter(const Rule& rule, const Report& report, const Counter& counter) {
  if (!counter.before || !counter.after) {
    // What was read once and is not any more was lost, whatever the driver calls it.
    if (!counter.before && !counter.after && is_absent_by_nature(counter.why))
      return not_applicable(rule, counter.name, counter.why);
    return unread(
        rule, counter.name,
        fmt::format("{} could not be read: {}", counter.name, counter.why.empty() ? "no reason" : counter.why));
  }
  const bool per_second = rule.unit == counter.unit + "/s";
  if (!per_second && rule.unit != counter.unit) {
    return decided(check_of(rule, counter.name), Status::error,
                   fmt::format("the limit is in {}, the counter in {}", rule.unit, counter.unit));
  }
  double growth = *counter.after - *counter.before;
  if (!std::isfinite(growth) || growth < 0) {
    return decided(
        check_of(rule, counter.name), Status::error,
        fmt::format("{} ran from {:g} to {:g}: it was reset meanwhile", counter.name, *counter.before, *counter.after));
  }
  std::string text =
      fmt::format("{} new {} ({:g} before, {:g} after)", growth, counter.unit, *counter.before, *counter.after);
  if (per_second) {
    if (!(report.duration_s > 0))
      return decided(check_of(rule, counter.name), Status::error, "the run's duration is not known");
    growth /= report.duration_s;
    text += fmt::format(", {:.3g} a second", growth);
  }
  Check check = check_of(rule, counter.name);
  const Status status = held_against(rule, growth);
  check.measured = growth;
  check.limit = deciding_limit(rule, growth, status);
  return decided(std::move(check), status, std::move(text));
}

std::string name_of(const HealthEvent& event) {
  return event.kind == "xid" ? fmt::format("xid:{}", event.number) : event.kind;
}

/// What Health::why says where no queue of events could be opened.
constexpr std::string_view kNoEvents = "no events";

/// Why the driver's events would not have been seen.
std::optional<std::string> events_unseen(const Report& report) {
  if (auto why = unwatched(report)) return why;
  const std::string& why = report.health->why;
  if (why.find(kNoEvents) != std::string::npos) return why;
  if (report.health->stale) return "the driver stopped answering during the run";
  return std::nullopt;
}

}  // namespace

std::vector<Check> check_reasons(const Rule& rule, const Report& report) {
  if (is_cpu(report)) return {not_applicable(rule, rule.subject, std::string(kNoManagement))};
  std::vector<Check> checks;
  std::vector<std::string> unknown;
  int regions = 0;
  double longest = 0;
  for (const Result& result : report.results) {
    if (!was_timed(result)) continue;
    ++regions;
    if (!result.telemetry || !reasons_known(report, *result.telemetry)) {
      unknown.push_back(row_name(result));
      continue;
    }
    const Telemetry& telemetry = *result.telemetry;
    for (const auto& [reason, share] : telemetry.reasons) {
      if (!matches_glob(rule.subject, reason)) continue;
      const double seconds = share * (telemetry.end_s - telemetry.begin_s);
      if (!(share >= 0 && share <= 1) || !std::isfinite(seconds)) {
        unknown.push_back(row_name(result));
        continue;
      }
      longest = std::max(longest, seconds);
      const Status status = held_against(rule, seconds);
      if (status == Status::pass) continue;
      if (rule.condition == "power_limit_lowered" && power_limit_is_default(report)) continue;
      Check check = check_of(rule, row_name(result));
      check.measured = seconds;
      check.limit = deciding_limit(rule, seconds, status);
      checks.push_back(
          decided(std::move(check), status,
                  fmt::format("{} for {:.0f} ms, {:.1f} % of the timed region", reason, 1e3 * seconds, 100 * share)));
    }
  }
  if (!unknown.empty())
    checks.push_back(unread(rule, rule.subject, "not known while these were timed: " + listed(unknown)));
  if (regions == 0) {
    checks.push_back(decided(check_of(rule, rule.subject), Status::skip, "nothing was timed"));
  } else if (checks.empty()) {
    Check check = check_of(rule, rule.subject);
    check.measured = longest;
    check.limit = deciding_limit(rule, longest, Status::pass);
    std::string text = fmt::format("at most {:.0f} ms in any of {} timed regions", 1e3 * longest, regions);
    if (held_against(rule, longest) != Status::pass) text += ", and the power limit is the default";
    checks.push_back(decided(std::move(check), Status::pass, std::move(text)));
  }
  return checks;
}

std::vector<Check> check_counters(const Rule& rule, const Report& report) {
  if (is_cpu(report)) return {not_applicable(rule, rule.subject, std::string(kNoManagement))};
  std::vector<Check> checks;
  if (report.health) {
    for (const Counter& counter : report.health->counters)
      if (matches_glob(rule.subject, counter.name)) checks.push_back(check_counter(rule, report, counter));
  }
  if (checks.empty())
    checks.push_back(unread(rule, rule.subject, unwatched(report).value_or("no such counter was read")));
  return checks;
}

std::vector<Check> check_events(const std::vector<const Rule*>& rules, const Report& report) {
  std::vector<Check> checks;
  if (is_cpu(report)) {
    for (const Rule* rule : rules) checks.push_back(not_applicable(*rule, rule->subject, std::string(kNoManagement)));
    return checks;
  }
  std::vector<std::vector<const HealthEvent*>> of_rule(rules.size());
  std::vector<const HealthEvent*> unclaimed;
  if (report.health) {
    for (const HealthEvent& event : report.health->events) {
      const auto owner = std::find_if(rules.begin(), rules.end(), [&event](const Rule* rule) {
        return matches_glob(rule->subject, name_of(event));
      });
      if (owner != rules.end())
        of_rule[static_cast<std::size_t>(owner - rules.begin())].push_back(&event);
      else if (event.kind == "xid")
        unclaimed.push_back(&event);
    }
  }
  const auto told = [](const std::vector<const HealthEvent*>& events) {
    std::vector<std::string> texts;
    texts.reserve(events.size());
    for (const HealthEvent* event : events)
      texts.push_back(fmt::format("{} at {:.1f} s ({})", name_of(*event), event->at_s, one_line(event->text)));
    return listed(texts, 4);
  };
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto count = static_cast<double>(of_rule[i].size());
    const Status status = held_against(*rules[i], count);
    if (const auto unseen = events_unseen(report); unseen && status == Status::pass) {
      checks.push_back(unread(*rules[i], rules[i]->subject, "the driver's events were not seen: " + *unseen));
      continue;
    }
    Check check = check_of(*rules[i], rules[i]->subject);
    check.measured = count;
    check.limit = deciding_limit(*rules[i], count, status);
    checks.push_back(decided(std::move(check), status, of_rule[i].empty() ? "none" : told(of_rule[i])));
  }
  if (!unclaimed.empty()) {
    Check check{.code = "PP-4403", .id = "event.unclaimed", .subject = "xid", .required = false};
    check.measured = static_cast<double>(unclaimed.size());
    check.unit = "events";
    checks.push_back(decided(std::move(check), Status::warn, "no rule knows: " + told(unclaimed)));
  }
  return checks;
}

}  // namespace peakproof::reports
