#include "kernels/arithmetic/special_function.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

namespace peakproof::kernels {

double exact_value(SpecialFunction function, double x) {
  switch (function) {
    case SpecialFunction::ex2:
      return std::exp2(x);
    case SpecialFunction::lg2:
      return std::log2(x);
    case SpecialFunction::rcp:
      return 1 / x;
    case SpecialFunction::rsqrt:
      return 1 / std::sqrt(x);
    case SpecialFunction::sin:
      return std::sin(x);
    case SpecialFunction::tanh:
      return std::tanh(x);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

float operand(SpecialFunction function, float x) {
  switch (function) {
    case SpecialFunction::lg2:
      return x + 6.0F;
    case SpecialFunction::rsqrt:
      return std::fabs(x);
    case SpecialFunction::sin:
      return std::fma(x, 0.5F, std::numbers::pi_v<float> / 2);
    default:
      return x;
  }
}

int tolerance_ulp(SpecialFunction function) {
  switch (function) {
    case SpecialFunction::ex2:
      return 2;
    case SpecialFunction::lg2:
      return 4;
    case SpecialFunction::rcp:
      return 2;
    case SpecialFunction::rsqrt:
      return 3;
    case SpecialFunction::sin:
      return 12;
    case SpecialFunction::tanh:
      return 3;
  }
  return 0;
}

int shift(SpecialFunction function) { return function == SpecialFunction::tanh ? 12 : 0; }

std::uint32_t expected_bits(SpecialFunction function, float x) {
  const auto rounded = static_cast<float>(exact_value(function, operand(function, x)));
  return std::bit_cast<std::uint32_t>(rounded) >> static_cast<unsigned>(shift(function));
}

}  // namespace peakproof::kernels
