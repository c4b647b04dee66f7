// What a check on the device found: how many words are wrong, which bits, and where. Starts as all zero.
#pragma once

#include <cstdint>

namespace peakproof::kernels {

struct Mismatches {
  unsigned long long count = 0;
  unsigned long long bits = 0;       ///< every bit that was wrong in any of them
  unsigned long long not_first = 0;  ///< the complement of the first wrong index: a maximum, like the next
  unsigned long long end = 0;        ///< behind the last wrong index

  [[nodiscard]] std::uint64_t first() const { return ~not_first; }
  [[nodiscard]] std::uint64_t last() const { return end - 1; }
};

}  // namespace peakproof::kernels
