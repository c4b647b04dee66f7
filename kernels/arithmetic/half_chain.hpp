// Chains of 16-bit floating-point numbers on the host: x <- x * x + c, rounded to nearest even at every step. There are
// only 65536 numbers, so a step is a map of them onto each other, and many steps are a power of it.
#pragma once

#include <array>
#include <cstdint>

namespace peakproof::kernels::half_chain {

enum class Format {
  fp16,  ///< IEEE 754 binary16
  bf16,  ///< the upper half of an FP32
};

/// The number that these bits mean.
[[nodiscard]] double value(Format format, std::uint16_t bits);
/// The nearest number of the format, ties to even; infinite where it is too large, and NaN stays NaN.
[[nodiscard]] std::uint16_t nearest(Format format, double value);

/// Two numbers per lane, in the lower and the upper half of a word.
using Lanes = std::array<std::uint32_t, 32>&;
/// Takes both numbers of every lane `steps` steps further; c as bits of the format.
void advance(Format format, std::uint32_t c, Lanes lanes, std::int64_t steps);

}  // namespace peakproof::kernels::half_chain
