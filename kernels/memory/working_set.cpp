// What is known of a working set without a device.
#include "kernels/memory/working_set.hpp"

#include <numeric>

namespace peakproof::kernels {

std::string WorkingSet::symbol() const {
  return pattern == WorkingSetPattern::read ? "working_set<Read>" : "working_set<Copy>";
}

int coprime_blocks(const WorkingSet& kernel, int most) {
  int blocks = most;
  while (blocks > 1 && std::gcd(std::int64_t{blocks}, kernel.tiles()) != 1) --blocks;
  return blocks;
}

}  // namespace peakproof::kernels
