#include "kernels/arithmetic/half_chain.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace peakproof::kernels::half_chain {
namespace {

/// Sign, exponent and mantissa from the top down.
struct Layout {
  int exponent_bits;
  int mantissa_bits;
  [[nodiscard]] constexpr int bias() const { return (1 << (exponent_bits - 1)) - 1; }
};

constexpr Layout layout(Format format) { return format == Format::fp16 ? Layout{5, 10} : Layout{8, 7}; }

constexpr std::size_t count = 65536;
using Map = std::vector<std::uint16_t>;  // by bits

/// First one, then the other.
Map then(const Map& first, const Map& second) {
  Map both(count);
  for (std::size_t x = 0; x < count; ++x) both[x] = second[first[x]];
  return both;
}

Map power(Map map, std::int64_t steps) {
  Map result(count);
  for (std::size_t x = 0; x < count; ++x) result[x] = static_cast<std::uint16_t>(x);
  for (; steps > 0; steps /= 2) {
    if (steps % 2 != 0) result = then(result, map);
    if (steps > 1) map = then(map, map);
  }
  return result;
}

/// The exact sum has at most 50 bits here, or is so lopsided that its double rounds as it does itself.
Map square_and_add(Format format, std::uint16_t c) {
  Map map(count);
  const double addend = value(format, c);
  for (std::size_t x = 0; x < count; ++x) {
    const double v = value(format, static_cast<std::uint16_t>(x));
    map[x] = nearest(format, std::fma(v, v, addend));
  }
  return map;
}

}  // namespace

double value(Format format, std::uint16_t bits) {
  const Layout l = layout(format);
  const int exponent = (bits >> l.mantissa_bits) & ((1 << l.exponent_bits) - 1);
  const int mantissa = bits & ((1 << l.mantissa_bits) - 1);
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == (1 << l.exponent_bits) - 1)
    return mantissa != 0 ? std::numeric_limits<double>::quiet_NaN() : sign * std::numeric_limits<double>::infinity();
  const int hidden = exponent > 0 ? 1 << l.mantissa_bits : 0;
  const int scale = (exponent > 0 ? exponent : 1) - l.bias() - l.mantissa_bits;
  return sign * std::ldexp(hidden + mantissa, scale);
}

std::uint16_t nearest(Format format, double value) {
  const Layout l = layout(format);
  const int infinity = ((1 << l.exponent_bits) - 1) << l.mantissa_bits;
  if (std::isnan(value)) return 0x7fff;
  const int sign = std::signbit(value) ? 0x8000 : 0;
  const double magnitude = std::fabs(value);
  if (std::isinf(magnitude)) return static_cast<std::uint16_t>(sign | infinity);
  if (magnitude == 0) return static_cast<std::uint16_t>(sign);
  int exponent = 0;
  static_cast<void>(std::frexp(magnitude, &exponent));                  // magnitude is in [2^(exponent-1), 2^exponent)
  const int lowest = 1 - l.bias();                                      // of the normal numbers
  const int unit = std::max(exponent - 1, lowest) - l.mantissa_bits;    // the last place
  const double rounded = std::nearbyint(std::ldexp(magnitude, -unit));  // ties to even, as the host rounds by default
  // Bits of consecutive numbers are consecutive, so that a carry into the exponent comes out right by itself.
  const int base = (unit + l.mantissa_bits - lowest) << l.mantissa_bits;
  const double bits = base + rounded;
  return static_cast<std::uint16_t>(sign | (bits >= infinity ? infinity : static_cast<int>(bits)));
}

void advance(Format format, std::array<Pair, 32>& lanes, std::int64_t steps) {
  const std::uint32_t c = lanes.front().c;
  const Map low = power(square_and_add(format, static_cast<std::uint16_t>(c)), steps);
  const Map high = power(square_and_add(format, static_cast<std::uint16_t>(c >> 16U)), steps);
  for (Pair& lane : lanes) lane.x = low[lane.x & 0xffffU] | static_cast<std::uint32_t>(high[lane.x >> 16U]) << 16U;
}

}  // namespace peakproof::kernels::half_chain
