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
  std::vector<ComparedResult> results;
  std::vector<std::string> differences;  ///< of device, driver, power limit, ECC, tool: what else changed
};

/// Same where the intervals of the two medians allow it, or where the ratio is within `tolerance` of 1.
[[nodiscard]] Comparison compare(const Report& before, const Report& after, double tolerance = 0.01);
/// 1 where something is slower or missing, 3 where something cannot be compared, else 0.
[[nodiscard]] int exit_code(const Comparison& comparison);
[[nodiscard]] std::string to_text(const Comparison& comparison);
[[nodiscard]] std::string to_markdown(const Comparison& comparison);
[[nodiscard]] std::string to_json(const Comparison& comparison);

}  // namespace peakproof::reports
