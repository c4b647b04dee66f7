// How far predicted numbers are from the true ones, as sklearn.metrics 1.x defines it (mean_squared_error,
// root_mean_squared_error, mean_absolute_error).
#pragma once

#include <span>

#include "reports/quality/measure.hpp"

namespace peakproof::reports::quality {

/// Undefined for no values, and where the result is larger than a double holds. Throw std::invalid_argument where the
/// lengths differ or a value is not finite.
[[nodiscard]] Measure mean_squared_error(std::span<const double> truth, std::span<const double> predicted);
[[nodiscard]] Measure root_mean_squared_error(std::span<const double> truth, std::span<const double> predicted);
[[nodiscard]] Measure mean_absolute_error(std::span<const double> truth, std::span<const double> predicted);

}  // namespace peakproof::reports::quality
