// The largest batch of a network that a memory holds.
#pragma once

#include <cstdint>
#include <functional>

namespace peakproof::reports {

/// From 1 to `most`; 0 where not even one item fits. What a batch needs must not fall as it grows. Where it grows by
/// the same for each item, four sizes are asked for.
[[nodiscard]] std::int64_t largest_batch(const std::function<double(std::int64_t)>& bytes_needed, double memory_bytes,
                                         std::int64_t most);

}  // namespace peakproof::reports
