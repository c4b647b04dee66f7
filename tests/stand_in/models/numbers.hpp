// Random words and half-precision numbers, from their published definitions.
#pragma once

#include <cstdint>

namespace peakproof::stand_in {

/// The index-th output of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
/// 2014; the constants are those of its reference code).
[[nodiscard]] std::uint64_t splitmix64(std::uint64_t seed, std::uint64_t index);

/// IEEE 754 binary16, as bits.
[[nodiscard]] float value_of_half(std::uint16_t half);
/// The half that is nearest to a value below 65536 in magnitude, on the side of zero.
[[nodiscard]] std::uint16_t half_towards_zero(float value);

}  // namespace peakproof::stand_in
