// What a check on the device writes down of a wrong word.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/memory/mismatches.hpp"

namespace peakproof::stand_in {

/// The index-th word is `got` and should be `expected`.
inline void note(kernels::Mismatches& found, std::int64_t index, std::uint64_t got, std::uint64_t expected) {
  if (got == expected) return;
  const auto place = static_cast<unsigned long long>(index);
  found.count += 1;
  found.bits |= got ^ expected;
  found.not_first = std::max(found.not_first, ~place);
  found.end = std::max(found.end, place + 1);
}

}  // namespace peakproof::stand_in
