#include "tests/stand_in/models/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace peakproof::stand_in {
namespace {

constexpr unsigned kFractionBits = 10;
constexpr int kBias = 15;

}  // namespace

std::uint64_t splitmix64(std::uint64_t seed, std::uint64_t index) {
  constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15;
  std::uint64_t state = seed;
  state += golden_gamma * index + golden_gamma;  // the state after index + 1 steps
  state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9;
  state = (state ^ (state >> 27U)) * 0x94d049bb133111eb;
  return state ^ (state >> 31U);
}

float value_of_half(std::uint16_t half) {
  const unsigned exponent = (half >> kFractionBits) & 0x1fU;
  const unsigned fraction = half & 0x3ffU;
  const float sign = (half & 0x8000U) != 0 ? -1.0F : 1.0F;
  if (exponent == 0x1fU)
    return fraction != 0 ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
  const unsigned significand = exponent == 0 ? fraction : fraction + 0x400U;
  const int scale = std::max(1, static_cast<int>(exponent)) - kBias - static_cast<int>(kFractionBits);
  return sign * std::ldexp(static_cast<float>(significand), scale);
}

std::uint16_t half_towards_zero(float value) {
  const unsigned sign = std::signbit(value) ? 0x8000U : 0U;
  const float magnitude = std::fabs(value);
  if (magnitude == 0) return static_cast<std::uint16_t>(sign);
  const int exponent = std::max(std::ilogb(magnitude), 1 - kBias);  // below: subnormal
  const auto significand =
      static_cast<unsigned>(std::ldexp(magnitude, static_cast<int>(kFractionBits) - exponent));  // truncated
  // A significand of 0x400 and above carries its leading bit into the exponent field.
  const unsigned biased = static_cast<unsigned>(exponent + kBias - 1) << kFractionBits;
  return static_cast<std::uint16_t>(sign | (biased + significand));
}

}  // namespace peakproof::stand_in
