#include "tests/stand_in/models/numbers.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace peakproof::stand_in {
namespace {

using kernels::Element;

/// A sign, an exponent and a fraction. IEEE 754 formats keep the highest exponent for infinities and NaN, E4M3 its
/// highest code alone, for NaN (OCP 8-bit Floating Point Specification).
struct Format {
  int exponent_bits;
  int fraction_bits;
  bool ieee = true;
  int unused_bits = 0;  ///< below the fraction

  [[nodiscard]] int bias() const { return (1 << unsigned(exponent_bits - 1)) - 1; }
  [[nodiscard]] std::uint64_t highest_exponent() const { return (1ULL << unsigned(exponent_bits)) - 1; }
  [[nodiscard]] std::uint64_t all_fraction() const { return (1ULL << unsigned(fraction_bits)) - 1; }
  /// The code after the largest finite one: infinity, or the NaN of E4M3.
  [[nodiscard]] std::uint64_t beyond() const {
    return highest_exponent() << unsigned(fraction_bits) | (ieee ? 0 : all_fraction());
  }
};

/// Of a floating-point format; without exponent: an integer.
Format format_of(Element element) {
  switch (element) {
    case Element::f64:
      return {.exponent_bits = 11, .fraction_bits = 52};
    case Element::f32:
      return {.exponent_bits = 8, .fraction_bits = 23};
    case Element::tf32:
      return {.exponent_bits = 8, .fraction_bits = 10, .unused_bits = 13};
    case Element::f16:
      return {.exponent_bits = 5, .fraction_bits = 10};
    case Element::bf16:
      return {.exponent_bits = 8, .fraction_bits = 7};
    case Element::e5m2:
      return {.exponent_bits = 5, .fraction_bits = 2};
    case Element::e4m3:
      return {.exponent_bits = 4, .fraction_bits = 3, .ieee = false};
    default:
      return {.exponent_bits = 0, .fraction_bits = 0};
  }
}

/// x times 2^n, as std::ldexp and quicker; what it makes of x is no subnormal number, or exact all the same.
double scaled_by_power(double x, int n) {
  constexpr int kBias = 1023;
  constexpr int kFar = 1000;
  if (n < -kFar || n > kFar) return std::ldexp(x, n);
  return x * std::bit_cast<double>(static_cast<std::uint64_t>(n + kBias) << 52U);
}

double decoded(const Format& format, std::uint64_t code, bool negative) {
  const std::uint64_t exponent = code >> unsigned(format.fraction_bits);
  const std::uint64_t fraction = code & format.all_fraction();
  const double sign = negative ? -1 : 1;
  if (code == format.beyond() && format.ieee) return sign * std::numeric_limits<double>::infinity();
  if (code >= format.beyond()) return std::numeric_limits<double>::quiet_NaN();
  const bool subnormal = exponent == 0;
  const std::uint64_t significand = subnormal ? fraction : fraction + format.all_fraction() + 1;
  const int scale = (subnormal ? 1 : static_cast<int>(exponent)) - format.bias() - format.fraction_bits;
  return sign * scaled_by_power(static_cast<double>(significand), scale);
}

/// The code of a magnitude. A significand that rounds up to the next power of two carries into the exponent.
std::uint64_t encoded(const Format& format, double magnitude, Rounding rounding) {
  if (magnitude == 0) return 0;
  const std::uint64_t largest = format.beyond() - 1;
  const std::uint64_t overflow = format.ieee && format.fraction_bits > 2 ? format.beyond() : largest;
  if (std::isinf(magnitude)) return overflow;
  const int exponent = std::max(std::ilogb(magnitude), 1 - format.bias());
  const double scaled = scaled_by_power(magnitude, format.fraction_bits - exponent);
  const auto significand =
      static_cast<std::uint64_t>(rounding == Rounding::nearest ? std::nearbyint(scaled) : std::floor(scaled));
  const auto code =
      (static_cast<std::uint64_t>(exponent + format.bias() - 1) << unsigned(format.fraction_bits)) + significand;
  if (code > largest) return rounding == Rounding::nearest ? overflow : largest;
  return code;
}

}  // namespace

std::uint64_t splitmix64(std::uint64_t seed, std::uint64_t index) {
  constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15;
  std::uint64_t state = seed;
  state += golden_gamma * index + golden_gamma;  // the state after index + 1 steps
  state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9;
  state = (state ^ (state >> 27U)) * 0x94d049bb133111eb;
  return state ^ (state >> 31U);
}

float value_of_half(std::uint16_t half) { return static_cast<float>(value_of(Element::f16, half)); }

int width_of(Element element) {
  switch (element) {
    case Element::s32:
      return 32;
    case Element::s8:
      return 8;
    case Element::s4:
      return 4;
    case Element::b1:
      return 1;
    default: {
      const Format format = format_of(element);
      return 1 + format.exponent_bits + format.fraction_bits + format.unused_bits;
    }
  }
}

double value_of(Element element, std::uint64_t bits) {
  const int width = width_of(element);
  const Format format = format_of(element);
  const std::uint64_t sign = 1ULL << unsigned(width - 1);
  if (format.exponent_bits == 0) {  // two's complement; one bit has no sign
    if (width == 1) return static_cast<double>(bits & 1);
    return static_cast<double>(bits & (sign - 1)) - ((bits & sign) != 0 ? static_cast<double>(sign) : 0);
  }
  return decoded(format, (bits & (sign - 1)) >> unsigned(format.unused_bits), (bits & sign) != 0);
}

std::uint64_t bits_of_value(Element element, double value, Rounding rounding) {
  const int width = width_of(element);
  const Format format = format_of(element);
  const std::uint64_t sign = 1ULL << unsigned(width - 1);
  const std::uint64_t all = sign | (sign - 1);
  if (format.exponent_bits == 0)
    return std::isnan(value) ? all : static_cast<std::uint64_t>(static_cast<std::int64_t>(std::nearbyint(value))) & all;
  if (std::isnan(value)) return sign - 1;  // all bits of exponent and fraction are a NaN in every format
  const std::uint64_t code = encoded(format, std::fabs(value), rounding) << unsigned(format.unused_bits);
  return code | (std::signbit(value) ? sign : 0);
}

std::uint64_t read_bits(Element element, const void* array, std::int64_t index) {
  const int width = width_of(element);
  const auto* bytes = static_cast<const unsigned char*>(array);
  if (width < 8) {
    const std::int64_t bit = index * width;
    return static_cast<unsigned>(bytes[bit / 8]) >> static_cast<unsigned>(bit % 8) & ((1U << unsigned(width)) - 1);
  }
  std::uint64_t bits = 0;
  std::memcpy(&bits, bytes + index * (width / 8), static_cast<std::size_t>(width / 8));
  return bits;
}

void write_bits(Element element, void* array, std::int64_t index, std::uint64_t bits) {
  const int width = width_of(element);
  auto* bytes = static_cast<unsigned char*>(array);
  if (width >= 8) {
    std::memcpy(bytes + index * (width / 8), &bits, static_cast<std::size_t>(width / 8));
    return;
  }
  const std::int64_t bit = index * width;
  const auto shift = static_cast<unsigned>(bit % 8);
  const unsigned mask = ((1U << unsigned(width)) - 1) << shift;
  bytes[bit / 8] = static_cast<unsigned char>((bytes[bit / 8] & ~mask) | (static_cast<unsigned>(bits) << shift & mask));
}

}  // namespace peakproof::stand_in
