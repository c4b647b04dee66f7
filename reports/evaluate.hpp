// From a report to an acceptance: pure functions, the same figures always get the same checks, on any machine.
#pragma once

#include <string>
#include <vector>

#include "reports/baseline.hpp"
#include "reports/check.hpp"
#include "reports/policy.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {

/// What an acceptance is given beside the report.
struct Terms {
  const Policy* policy = nullptr;
  const Baseline* baseline = nullptr;  ///< null: rules against a baseline are skipped, and that is said
};

/// Every rule of the policy against the report of one device, planned and missing results included. Rules on peers need
/// evaluate_node().
[[nodiscard]] std::vector<Check> evaluate(const Report& report, const Terms& terms);

/// The rules between the devices of a node: every member's E_issue against the median of all members (robust z by the MAD),
/// and that none is missing. `expected_members` 0: as many as there are.
[[nodiscard]] std::vector<Check> evaluate_node(const Report& node, const Terms& terms, int expected_members = 0);

/// Evaluates a report with all its members in place: fills checks, acceptance, verdict and exit code of each, the worst
/// of all for the whole. `events` are those of the run, beyond what the report shows.
void conclude(Report& report, const Terms& terms, const RunEvents& events = {});

/// Names (row_name) of the results whose performance checks failed, or that were too noisy, and that may be measured again:
/// never one that was incorrect, or on a device with a fault.
[[nodiscard]] std::vector<std::string> to_measure_again(const Report& report);

}  // namespace peakproof::reports
