// FP16 on the host, exactly: what an answer in half precision is replayed with.
#pragma once

#include <bit>
#include <cstdint>

namespace peakproof::kernels::cpu {

/// The value of a finite FP16 number, exactly.
[[nodiscard]] constexpr double from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10U) & 0x1fU;
  const int mantissa = bits & 0x3ffU;
  // Subnormals (exponent 0) are multiples of 2^-24 as the smallest normal numbers are.
  double value = exponent == 0 ? mantissa : mantissa + 0x400;
  for (int i = 1; i < exponent; ++i) value *= 2;
  value *= 0x1p-24;
  return (bits & 0x8000U) != 0 ? -value : value;
}

/// The nearest FP16 number to `value`, ties to even, as a double: |value| < 65520, beyond which FP16 has infinity only.
/// No branch and no table, so that a compiler makes vectors of it.
[[nodiscard]] constexpr double round_to_half(double value) {
  // Normal: keep 10 of the 52 bits of the mantissa; a carry goes into the exponent, as it must.
  constexpr std::uint64_t dropped = (std::uint64_t{1} << 42U) - 1;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto normal = std::bit_cast<double>((bits + (dropped >> 1U) + ((bits >> 42U) & 1U)) & ~dropped);
  // Below 2^-14: multiples of 2^-24, which is the spacing of doubles around 1.5 x 2^28. The sign of zero goes with it.
  constexpr double shift = 0x1.8p28;
  const double multiple = (value + shift) - shift;
  constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
  const auto subnormal = std::bit_cast<double>((std::bit_cast<std::uint64_t>(multiple) & ~sign) | (bits & sign));
  const auto size = std::bit_cast<double>(bits & ~sign);
  return size < 0x1p-14 ? subnormal : normal;
}

/// The bits of a value that is an FP16 number: what round_to_half returns.
[[nodiscard]] constexpr std::uint16_t half_bits(double half) {
  const auto bits = std::bit_cast<std::uint64_t>(half);
  const auto sign = static_cast<std::uint16_t>((bits >> 48U) & 0x8000U);
  const double size = half < 0 ? -half : half;
  if (size < 0x1p-14) return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(size * 0x1p24));
  const std::uint64_t magnitude = (bits & ~(std::uint64_t{1} << 63U)) >> 42U;  // exponent and 10 bits of mantissa
  return static_cast<std::uint16_t>(sign | (magnitude - (std::uint64_t{1023 - 15} << 10U)));
}

}  // namespace peakproof::kernels::cpu
