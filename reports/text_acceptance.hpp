// The part of a report for a terminal that only an acceptance, or a report of several devices, has.
#pragma once

#include <string>

#include "reports/result.hpp"

namespace peakproof::reports {

/// Who was measured and under what terms, the members, the checks (failures first), each result in a line.
[[nodiscard]] std::string acceptance_text(const Report& report);
/// Health, what was not measured, what to do next, and what stands behind the results that did not pass.
[[nodiscard]] std::string acceptance_details_text(const Report& report);

}  // namespace peakproof::reports
