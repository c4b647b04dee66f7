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

/// Two numbers of a chain, in the lower and the upper half of a word, and the c of each.
struct Pair {
  std::uint32_t x = 0;
  std::uint32_t c = 0;
};

/// The two constants of a chain: of four numbers, the one by its own turn, and the next.
[[nodiscard]] constexpr std::uint32_t constants(std::uint64_t four, int chain) {
  const auto number = [four](int turn) { return static_cast<std::uint32_t>(four >> (16 * (turn % 4))) & 0xffffU; };
  return number(chain) | number(chain + 1) << 16U;
}

/// Takes both numbers of every lane `steps` steps further. All lanes have the constants of the first.
void advance(Format format, std::array<Pair, 32>& lanes, std::int64_t steps);

}  // namespace peakproof::kernels::half_chain
