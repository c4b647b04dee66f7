// Made-up Reports with every verdict and status in them, behind the golden files; random Reports; and their exact comparison.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/result.hpp"

namespace peakproof::reports {

/// On a stand-in device, with hostile texts in it.
[[nodiscard]] Report example_report();
/// One device accepted, or rather rejected: checks of every status, measured again, wrong SMs, health, an event.
[[nodiscard]] Report example_acceptance();
/// A node of three devices, of which one fails.
[[nodiscard]] Report example_node();
/// Any values in any field that JSON can hold: texts with quotes, control characters and non-ASCII letters; numbers
/// that need all their digits; NaN.
[[nodiscard]] Report random_report(std::uint64_t seed);
/// The paths of the fields in which two reports differ. NaN equals NaN.
[[nodiscard]] std::vector<std::string> differences(const Report& a, const Report& b);

}  // namespace peakproof::reports
