// Made-up networks that were run and trained.
#pragma once

#include <vector>

#include "reports/result.hpp"

namespace peakproof::reports {

/// In this order: inference in full, briefly and with labels (no p99, no prediction), skipped; training that reaches
/// its target and one that does not; three points of a sweep over the batch size, the last of them wrong.
[[nodiscard]] std::vector<Result> example_networks();

}  // namespace peakproof::reports
