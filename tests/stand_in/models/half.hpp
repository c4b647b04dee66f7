// 16-bit floating-point numbers, rounded as the machine rounds them: to nearest, ties to even.
#pragma once

#include <bit>
#include <cstdint>

namespace peakproof::stand_in {

/// IEEE 754 binary16 of a value below 65520 in magnitude, as bits. In integers, without a branch that a vector unit
/// minds: the exponent's bias changes from 127 to 15, and what is added before the 13 low bits go rounds them.
[[nodiscard, gnu::always_inline]] inline std::uint32_t nearest_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  constexpr std::uint32_t rebias = (127U - 15U) << 23U;
  const std::uint32_t normal = (magnitude - rebias + 0xfffU + (magnitude >> 13U & 1U)) >> 13U;
  // Below 2^-14 a half counts in 2^-24, which is the last place of a float in [0.5, 1).
  const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(0.5F);
  constexpr std::uint32_t least_normal = (127U - 14U) << 23U;
  const std::uint32_t small = 0U - static_cast<std::uint32_t>(magnitude < least_normal);  // all bits or none
  return (bits >> 16U & 0x8000U) | (subnormal & small) | (normal & ~small);
}

}  // namespace peakproof::stand_in
