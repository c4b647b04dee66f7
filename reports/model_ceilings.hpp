// Ceilings for predictions out of a report of measurements.
#pragma once

#include <optional>
#include <string>

#include "reports/result.hpp"
#include "theory/network_time.hpp"
#include "theory/precision.hpp"

namespace peakproof::reports {

struct PickedCeilings {
  std::optional<theory::Ceilings> ceilings;
  std::string why;  ///< without ceilings, what is missing; with them, a remark, or empty
};

/// What the report's device was measured to reach at this precision. The matrix ceiling is, in this order, the fastest
/// that a network of this precision was predicted from, a library's product of this type, our own product, the best chain
/// of the pipe; the memory's is the copy through device memory, else the best of its patterns, else, with a remark, the
/// slowest that a network was predicted from (its pass may stay in a cache). A result counts only where its verdict lets
/// it stand as a figure (pass, below, no_theory); the fastest of several is taken. A report of several devices has none.
[[nodiscard]] PickedCeilings measured_ceilings(const Report& report, theory::Precision precision);

}  // namespace peakproof::reports
