// Which pipe each benchmark's results can be of: what a policy is held against before anything is measured.
#pragma once

#include <vector>

#include "reports/policy.hpp"

namespace peakproof::bench {

/// One entry for each benchmark and pipe, by the benchmark's name; without a pipe where its results have none.
[[nodiscard]] std::vector<reports::KnownResult> known_results();

}  // namespace peakproof::bench
