// Kernels that leave 64-bit words in memory, sums or what they write: what their models share.
#pragma once

#include <cstdint>

#include "kernels/memory/stream.hpp"
#include "tests/stand_in/launch.hpp"

namespace peakproof::stand_in {

/// `wrong` and `nan` of one word among `count`.
inline void spoil(Flaw flaw, std::uint64_t* words, std::int64_t count) {
  if (flaw == Flaw::wrong) words[count / 2] ^= std::uint64_t{1} << 40U;
  if (flaw == Flaw::nan) words[count / 2] = ~words[count / 2] | 1U;
}

/// The sum modulo 2^64 of what one block reads, which is contiguous; `last` is the block that `shorter` leaves its last
/// vector of 16 bytes out of, and `dropped` leaves the first one out of every block.
inline std::uint64_t sum_of_part(Flaw flaw, const std::uint64_t* words, std::int64_t count, bool last) {
  std::uint64_t sum = 0;
  const std::int64_t begin = flaw == Flaw::dropped ? 2 : 0;
  const std::int64_t end = flaw == Flaw::shorter && last ? count - 2 : count;
  for (std::int64_t i = begin; i < end; ++i) sum += words[i];
  return sum;
}

/// Words first, first + step, … of one block's part, which begins with word `begin` of all; the flaws as above.
inline void write_part(Flaw flaw, const kernels::WordSequence& sequence, std::int64_t begin, std::uint64_t* words,
                       std::int64_t count, bool last) {
  std::uint64_t word = sequence.first + sequence.step * static_cast<std::uint64_t>(begin);
  for (std::int64_t i = 0; i < count; ++i, word += sequence.step) {
    if ((flaw == Flaw::dropped && i < 2) || (flaw == Flaw::shorter && last && i >= count - 2)) continue;
    words[i] = word;
  }
}

}  // namespace peakproof::stand_in
