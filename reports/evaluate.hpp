// From a report to an acceptance: pure functions, the same figures always get the same checks, on any machine.
#pragma once

#include <span>
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

/// Every rule of the policy against the report of one device, planned and missing results included; rules on peers are
/// left to evaluate_peers(). A rule on performance is decided by the majority of the result and its attempts.
[[nodiscard]] std::vector<Check> evaluate(const Report& report, const Terms& terms);

/// The rules on peers: for each device the checks of its results against the median of all of them (the result of the
/// same row_name, of boards of the same name), with a robust z by the MAD. In the order of the devices. With fewer than
/// three there is nothing to compare, and that is said.
[[nodiscard]] std::vector<std::vector<Check>> evaluate_peers(std::span<const Report* const> devices,
                                                             const Terms& terms);

/// What holds for a node as a whole: that none of its devices is missing, and that they are alike. `expected_members` 0:
/// as many as there are.
[[nodiscard]] std::vector<Check> evaluate_node(const Report& node, const Terms& terms, int expected_members = 0);

/// Evaluates a report with all its members in place: fills checks, acceptance, verdict and exit code of each, the worst
/// of all for the whole. The checks between the devices of a node become checks of the devices. Checks that are in the
/// report already and whose id begins with "run." stay (who ran it saw what no figure shows: a GPU that is missing, a
/// worker that hung); all others are made anew. `events` are those of the run, beyond what the report shows.
void conclude(Report& report, const Terms& terms, const RunEvents& events = {});

/// Names (row_name) of the results of one device that were concluded, whose performance failed, is in doubt, or was too
/// noisy to tell, and that may be measured again: not what two of three have decided, never one that was incorrect, nothing
/// on a device with a fault or after a signal.
[[nodiscard]] std::vector<std::string> to_measure_again(const Report& report);

}  // namespace peakproof::reports
