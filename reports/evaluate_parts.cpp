#include "reports/evaluate_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "reports/codes.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {

Check check_of(const Rule& rule, std::string subject) {
  return {.code = rule.code,
          .id = rule.id,
          .subject = std::move(subject),
          .status = Status::error,
          .required = rule.required,
          .device_fault = rule.device_fault,
          .message = {},
          .measured = std::nullopt,
          .limit = std::nullopt,
          .unit = rule.unit,
          .source = rule.source};
}

Check decided(Check check, Status status, std::string message) {
  check.status = status == Status::fail && !check.required ? Status::warn : status;
  check.device_fault = check.device_fault && check.status == Status::fail;
  check.message = std::move(message);
  return check;
}

Check not_applicable(const Rule& rule, std::string subject, std::string why) {
  Check check = check_of(rule, std::move(subject));
  check.required = false;
  return decided(std::move(check), Status::skip, std::move(why));
}

Status held_against(const Rule& rule, double value) {
  if (!std::isfinite(value)) return rule.outcome;
  if ((rule.fail_below && !(value >= *rule.fail_below)) || (rule.fail_above && !(value <= *rule.fail_above)))
    return rule.outcome;
  if ((rule.warn_below && !(value >= *rule.warn_below)) || (rule.warn_above && !(value <= *rule.warn_above)))
    return Status::warn;
  return Status::pass;
}

std::optional<double> deciding_limit(const Rule& rule, double value, Status status) {
  const auto broken_below = [value](const std::optional<double>& limit) { return limit && !(value >= *limit); };
  const auto broken_above = [value](const std::optional<double>& limit) { return limit && !(value <= *limit); };
  if (status != Status::pass) {
    for (const auto& limit : {rule.fail_below, rule.warn_below})
      if (broken_below(limit)) return limit;
    for (const auto& limit : {rule.fail_above, rule.warn_above})
      if (broken_above(limit)) return limit;
  }
  for (const auto& limit : {rule.fail_below, rule.fail_above, rule.warn_below, rule.warn_above})
    if (limit) return limit;
  return std::nullopt;
}

void Votes::add(Status status) {
  ++all;
  if (status != Status::pass) ++warned;
  if (status != Status::pass && status != Status::warn) ++failed;
}

Status Votes::majority() const {
  if (all == 0) return Status::error;
  if (failed > 0 && 2 * failed >= all) return Status::fail;
  return 2 * warned > all || failed > 0 ? Status::warn : Status::pass;
}

bool is_open(const Check& check) {
  constexpr int kEnough = 3;  // of three two decide
  const Code* code = find_code(check.code);
  const bool doubtful = check.status == Status::warn && (check.code == "PP-1301" || check.code == "PP-1401");
  const bool decided_by_two = check.attempts == 2 && check.failed_attempts != 1;
  return code && code->category == "performance" && (check.status == Status::fail || doubtful) &&
         check.attempts < kEnough && !decided_by_two;
}

Check voted(Check check, const Votes& votes, std::string message) {
  check.attempts = votes.all;
  check.failed_attempts = votes.failed;
  if (votes.all > 1 && votes.failed > 0) {
    message += fmt::format("; {}{} of {} measurements failed", votes.failed < votes.all ? "flaky: " : "", votes.failed,
                           votes.all);
  } else if (votes.all > 1) {
    message += fmt::format("; measured {} times", votes.all);
  }
  return decided(std::move(check), votes.majority(), std::move(message));
}

std::string listed(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
  return text;
}

std::string number_text(double value, std::string_view unit) {
  if (unit.empty()) return fmt::format("{:.2f} %", 100 * value);
  if (unit == "FLOP/s" || unit == "OP/s" || unit == "B/s") return rate_text(value, unit);
  return fmt::format("{:.6g} {}", value, unit);
}

bool is_first_rule(std::span<const Rule> rules, std::size_t rule, std::string_view row,
                   const theory::DeviceSpec& device) {
  for (std::size_t i = 0; i <= rule; ++i) {
    if (rules[i].measure == rules[rule].measure && matches_glob(rules[i].subject, row) && applies_to(rules[i], device))
      return i == rule;
  }
  return false;
}

bool is_usable(Verdict verdict) {
  return verdict == Verdict::pass || verdict == Verdict::below || verdict == Verdict::no_theory;
}

bool was_timed(const Result& result) {
  return result.verdict != Verdict::skipped && (result.summary.count > 0 || !result.samples.empty());
}

std::optional<double> figure(Measure measure, const Efficiency& efficiency, double achieved_per_s) {
  switch (measure) {
    case Measure::issue:
    case Measure::peer:
    case Measure::baseline:
      return efficiency.issue ? efficiency.issue : efficiency.spec;
    case Measure::spec:
      return efficiency.spec;
    case Measure::clock:
      return efficiency.clock;
    case Measure::absolute:
      return achieved_per_s;
    default:
      return std::nullopt;
  }
}

bool is_cpu(const Report& report) { return report.device.spec.kind == theory::DeviceKind::cpu; }

std::optional<std::string> unwatched(const Report& report) {
  if (!report.health) return "the report holds no health readings";
  if (report.health->source.empty())
    return "nobody could be asked: " + (report.health->why.empty() ? "no management library" : report.health->why);
  return std::nullopt;
}

bool is_absent_by_nature(std::string_view why) {
  constexpr std::array<std::string_view, 4> kReasons = {"not supported by this GPU", "no NVLink is active",
                                                        "not known to this driver",
                                                        "not in the version that this driver knows"};
  return std::any_of(kReasons.begin(), kReasons.end(),
                     [why](std::string_view reason) { return why.find(reason) != std::string_view::npos; });
}

Check unread(const Rule& rule, std::string subject, std::string why) {
  return decided(check_of(rule, std::move(subject)), rule.required ? Status::error : Status::skip, std::move(why));
}

}  // namespace peakproof::reports
