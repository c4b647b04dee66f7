// Small whole numbers in the number formats of the tensor cores.
#pragma once

#include <cstdint>

namespace peakproof::kernels {

/// A binary format: how wide an element is where an instruction reads it, and what its bits are. An integer format has
/// no exponent; of one bit it is unsigned, else two's complement.
struct NumberFormat {
  int width = 0;        ///< bits from one element to the next
  int exponent = 0;     ///< bits
  int significand = 0;  ///< bits that are written, without the hidden one
  int shift = 0;        ///< bits below the element in its place

  [[nodiscard]] constexpr bool integer() const { return exponent == 0; }
  [[nodiscard]] constexpr std::uint64_t mask() const { return width == 64 ? ~0ULL : (1ULL << unsigned(width)) - 1; }
  /// The bit that makes a number negative; 0 of integers.
  [[nodiscard]] constexpr std::uint64_t sign() const {
    return integer() ? 0 : 1ULL << unsigned(exponent + significand + shift);
  }
  /// A whole number that the format holds exactly; integers wrap.
  [[nodiscard]] constexpr std::uint64_t encode(std::int64_t value) const {
    if (integer()) return static_cast<std::uint64_t>(value) & mask();
    if (value == 0) return 0;
    const auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
    int power = 0;
    while (magnitude >> unsigned(power) > 1) ++power;
    const std::uint64_t fraction = power <= significand
                                       ? (magnitude ^ 1ULL << unsigned(power)) << unsigned(significand - power)
                                       : (magnitude ^ 1ULL << unsigned(power)) >> unsigned(power - significand);
    const auto biased = static_cast<std::uint64_t>(power + (1 << unsigned(exponent - 1)) - 1);
    return (value < 0 ? sign() : 0) | (biased << unsigned(significand) | fraction) << unsigned(shift);
  }
};

/// The formats, by PTX's names. f32 is TF32 too, which is read from the upper bits of an FP32. e2m1 lies in a byte of its
/// own, as kind::f8f6f4 reads it; of e2m1x2 there are two in a byte, as kind::mxf4 reads them.
enum class Format : int { f64, f32, f16, bf16, e4m3, e5m2, e3m2, e2m3, e2m1, e2m1x2, s32, s8, s4, b1 };

[[nodiscard]] constexpr NumberFormat number_format(Format format) {
  switch (format) {
    case Format::f64:
      return {64, 11, 52, 0};
    case Format::f32:
      return {32, 8, 23, 0};
    case Format::f16:
      return {16, 5, 10, 0};
    case Format::bf16:
      return {16, 8, 7, 0};
    case Format::e4m3:
      return {8, 4, 3, 0};
    case Format::e5m2:
      return {8, 5, 2, 0};
    case Format::e3m2:
      return {8, 3, 2, 0};
    case Format::e2m3:
      return {8, 2, 3, 0};
    case Format::e2m1:
      return {8, 2, 1, 2};
    case Format::e2m1x2:
      return {4, 2, 1, 0};
    case Format::s32:
      return {32, 0, 0, 0};
    case Format::s8:
      return {8, 0, 0, 0};
    case Format::s4:
      return {4, 0, 0, 0};
    case Format::b1:
      return {1, 0, 0, 0};
  }
  return {};
}

}  // namespace peakproof::kernels
