#include "reports/model_fit.hpp"

#include <algorithm>
#include <cmath>

namespace peakproof::reports {

std::int64_t largest_batch(const std::function<double(std::int64_t)>& bytes_needed, double memory_bytes,
                           std::int64_t most) {
  const double one = bytes_needed(1);
  if (!(one <= memory_bytes)) return 0;
  if (most < 2) return 1;
  const double two = bytes_needed(2);
  if (!(two <= memory_bytes)) return 1;
  std::int64_t low = 2;          // fits
  std::int64_t high = most + 1;  // does not, or is not asked for
  // Where a straight line through both leaves the memory, then its neighbour, then halves.
  const double line = two > one ? 1 + std::floor((memory_bytes - one) / (two - one)) : static_cast<double>(most);
  auto next = static_cast<std::int64_t>(std::min(line, static_cast<double>(most)));
  for (int step = 0; high - low > 1; ++step) {
    next = std::clamp(next, low + 1, high - 1);
    const bool fits = bytes_needed(next) <= memory_bytes;
    (fits ? low : high) = next;
    next = step == 0 ? next + (fits ? 1 : -1) : low + (high - low) / 2;
  }
  return low;
}

}  // namespace peakproof::reports
