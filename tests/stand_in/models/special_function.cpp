#include "tests/stand_in/models/special_function.hpp"

#include <bit>
#include <cmath>

namespace peakproof::stand_in {
namespace {

constexpr float kLeastNormal = 0x1p-126F;

float flushed(float x) { return std::fabs(x) < kLeastNormal ? std::copysign(0.0F, x) : x; }

double exact(SpecialFunction function, double x) {
  switch (function) {
    case SpecialFunction::ex2:
      return std::exp2(x);
    case SpecialFunction::lg2:
      return std::log2(x);
    case SpecialFunction::rcp:
      return 1.0 / x;
    case SpecialFunction::rsqrt:
      return 1.0 / std::sqrt(x);
    case SpecialFunction::sin:
      return std::sin(x);
    case SpecialFunction::tanh:
      return std::tanh(x);
  }
  return x;
}

/// To nearest, at the 12th significant bit.
float with_12_bits(double value) {
  constexpr double wide = (1U << 12U) + 1;  // 24 - 12 bits apart (Dekker's split)
  const auto x = static_cast<float>(value);
  const float product = x * static_cast<float>(wide);
  return product - (product - x);
}

/// The FP32 number on the other side of a value that was rounded to `nearest`.
float other_side(float nearest, double value) {
  const bool up = value > static_cast<double>(nearest);
  const bool away_from_zero = up == (nearest > 0);
  const auto bits = std::bit_cast<std::uint32_t>(nearest);
  return std::bit_cast<float>(away_from_zero ? bits + 1 : bits - 1);
}

}  // namespace

float special_function(SpecialFunction function, float x) {
  if (function == SpecialFunction::tanh) return std::isfinite(x) ? with_12_bits(std::tanh(static_cast<double>(x))) : 0;
  const float operand = flushed(x);
  const double value = exact(function, static_cast<double>(operand));
  if (std::isnan(value)) return std::bit_cast<float>(0x7fffffffU);
  const float nearest = flushed(static_cast<float>(value));
  const bool between = std::isnormal(nearest) && static_cast<double>(nearest) != value;
  // Multiplicative hashing (Knuth, The Art of Computer Programming, volume 3, 6.4): one operand in 8.
  const std::uint32_t hash = std::bit_cast<std::uint32_t>(x) * 0x9e3779b9U >> 29U;
  return between && hash == static_cast<std::uint32_t>(function) ? other_side(nearest, value) : nearest;
}

}  // namespace peakproof::stand_in
