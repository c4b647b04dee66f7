// Two reports side by side, with the statistics of both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/check.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {

/// What became of a result from one report to the next.
enum class Change { same, faster, slower, missing, added, not_comparable };
[[nodiscard]] std::string_view name(Change change);

struct ComparedResult {
  std::string subject;  ///< row_name()
  Change change = Change::not_comparable;
  std::string unit;
  std::optional<double> before_per_s;
  std::optional<double> after_per_s;
  std::optional<double> ratio;  ///< after / before
  Interval ratio95;             ///< of the ratio, from the intervals of both medians; not finite where either is not
  std::optional<double> before_issue;
  std::optional<double> after_issue;
  std::string note;
};

struct Comparison {
  double tolerance = 0;
  std::vector<ComparedResult> results;
  std::vector<std::string> differences;  ///< of device, driver, power limit, ECC, tool: what else changed
};

/// Why the two cannot be held against each other: another board or architecture, a pretend device. Empty: they may.
[[nodiscard]] std::vector<std::string> incompatibilities(const Report& before, const Report& after);

/// Same where the interval of the ratio allows it, or where the ratio is within `tolerance` of 1: the intervals tell the
/// scatter within a run, the tolerance what is left from run to run. The interval of the ratio is made from both
/// intervals by MOVER on logarithms (Zou and Donner 2008, "Construction of confidence limits about effect measures",
/// Statistics in Medicine 27): d - sqrt((a - a_low)^2 + (b_high - b)^2) to d + sqrt((a_high - a)^2 + (b - b_low)^2).
/// What is noisy, wrong, an error or without an interval on either side is not comparable. The devices of two nodes are
/// paired by UUID, else PCI address, else their order.
[[nodiscard]] Comparison compare(const Report& before, const Report& after, double tolerance = 0.01);
/// 1 where something is slower or missing, 3 where something (or everything) cannot be compared, else 0.
[[nodiscard]] int exit_code(const Comparison& comparison);
[[nodiscard]] std::string to_text(const Comparison& comparison);
[[nodiscard]] std::string to_markdown(const Comparison& comparison);
[[nodiscard]] std::string to_json(const Comparison& comparison);

}  // namespace peakproof::reports
