// What evaluate() is made of: the rules of one kind each, and what they share.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/evaluate.hpp"

namespace peakproof::reports {

/// A check of this rule that has found nothing yet: an error.
[[nodiscard]] Check check_of(const Rule& rule, std::string subject);
/// The check with its outcome. What is not required never does more than warn, and only a failure is a fault.
[[nodiscard]] Check decided(Check check, Status status, std::string message);
/// It does not apply here, and nothing is lost by it: skipped, whatever the rule requires.
[[nodiscard]] Check not_applicable(const Rule& rule, std::string subject, std::string why);

/// What a value is by the rule's limits: pass, warn, or the rule's outcome. What is no finite number breaks every limit.
[[nodiscard]] Status held_against(const Rule& rule, double value);
/// The limit that a status comes from, the nearest one if the value passes.
[[nodiscard]] std::optional<double> deciding_limit(const Rule& rule, double value, Status status);

/// What a measurement and its earlier attempts say together: each counts as one vote.
struct Votes {
  int all = 0;
  int warned = 0;  ///< failed ones included
  int failed = 0;
  void add(Status status);
  /// Fail where at least half of them failed (two of three decide; one of two is open and measured again), warn where more
  /// than half were at least doubtful, or where one failed.
  [[nodiscard]] Status majority() const;
};
/// Whether measuring again may still change what a performance check says: it failed or is in doubt, and no two of three
/// have decided yet.
[[nodiscard]] bool is_open(const Check& check);
/// The check, decided by these votes.
[[nodiscard]] Check voted(Check check, const Votes& votes, std::string message);

/// "a, b, c and 4 more".
[[nodiscard]] std::string listed(const std::vector<std::string>& names, std::size_t most = 8);
/// A number for a message in this unit: "97.0 %" where the unit is empty.
[[nodiscard]] std::string number_text(double value, std::string_view unit);

/// Whether this rule is the first one of its measure that is for the device and whose subject fits: rules on peers and
/// baselines that stand further back leave the result to it.
[[nodiscard]] bool is_first_rule(std::span<const Rule> rules, std::size_t rule, std::string_view row,
                                 const theory::DeviceSpec& device);

/// Whether the verdict lets the figures of a measurement be used.
[[nodiscard]] bool is_usable(Verdict verdict);
/// Whether there are figures of timed launches, also where the single samples are withheld.
[[nodiscard]] bool was_timed(const Result& result);
/// What a rule on performance looks at, where there is such a figure: E_issue (E_spec where no clock was measured), …
[[nodiscard]] std::optional<double> figure(Measure measure, const Efficiency& efficiency, double achieved_per_s);

/// Why rules on health say nothing of a CPU.
inline constexpr std::string_view kNoManagement = "the host CPU has no management library that counts this";
[[nodiscard]] bool is_cpu(const Report& report);
/// Why nothing is known of the device's health at all; nothing where something is.
[[nodiscard]] std::optional<std::string> unwatched(const Report& report);
/// Whether the reason why a reading is absent says that there is nothing to read, and not that it went wrong.
[[nodiscard]] bool is_absent_by_nature(std::string_view why);
/// A check that could not be made: an error where it is required.
[[nodiscard]] Check unread(const Rule& rule, std::string subject, std::string why);
/// A fact of the device that is a number.
[[nodiscard]] std::optional<double> fact_number(const Report& report, const std::string& name);

[[nodiscard]] std::vector<Check> check_performance(const Rule& rule, const Report& report, const Terms& terms);
/// `rule` is the place of the rule in the policy.
[[nodiscard]] std::vector<Check> check_baseline(std::size_t rule, const Report& report, const Terms& terms);
[[nodiscard]] std::vector<Check> check_reasons(const Rule& rule, const Report& report);
[[nodiscard]] std::vector<Check> check_counters(const Rule& rule, const Report& report);
[[nodiscard]] std::vector<Check> check_states(const Rule& rule, const Report& report);
/// The rules on events, all together: an event belongs to the first rule that knows it.
[[nodiscard]] std::vector<Check> check_events(const std::vector<const Rule*>& rules, const Report& report);
[[nodiscard]] std::vector<Check> check_correctness(const Rule& rule, const Report& report);
[[nodiscard]] std::vector<Check> check_validity(const Rule& rule, const Report& report);

}  // namespace peakproof::reports
