// What every measure of quality returns.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace peakproof::reports::quality {

/// A value, or why there is none.
struct Measure {
  std::optional<double> value;
  std::string undefined;  ///< "no positives among the labels"; empty where there is a value
};

[[nodiscard]] inline Measure defined(double value) { return {.value = value, .undefined = {}}; }
[[nodiscard]] inline Measure undefined(std::string why) { return {.value = std::nullopt, .undefined = std::move(why)}; }

}  // namespace peakproof::reports::quality
