#include "bench/harness/device_check.hpp"

#include <fmt/format.h>

namespace peakproof::bench {

void add_mismatches(reports::Verification& verification, const kernels::Mismatches& found) {
  if (found.count == 0) return;
  verification.mismatches += static_cast<std::int64_t>(found.count);
  verification.wrong_units.push_back({.unit = -1,
                                      .items = static_cast<std::int64_t>(found.count),
                                      .bits = found.bits,
                                      .example = found.first() == found.last()
                                                     ? fmt::format("item {}", found.first())
                                                     : fmt::format("items {} to {}", found.first(), found.last())});
}

}  // namespace peakproof::bench
