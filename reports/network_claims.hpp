// What a network's figures say against each other.
#pragma once

#include <string>

#include "reports/result.hpp"

namespace peakproof::reports {

/// The first claim of a network that its other figures do not bear out, as the rest of a sentence ("gives a quantile of
/// too few passes"); empty where there is none, and of a result that is no network. Held against each other: network,
/// precision and batch with the params; items a second x FLOPs an item with the result's rate; p50, p95 and p99 with
/// their order and the passes that each takes; shares with 0 to 1; what is told of a training with its curve.
[[nodiscard]] std::string network_contradiction(const Result& result);

}  // namespace peakproof::reports
