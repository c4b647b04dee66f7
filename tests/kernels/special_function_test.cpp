// What special functions must give, and how far off they may be.
#include "kernels/arithmetic/special_function.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/arithmetic/sfu_values.hpp"

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace
using enum SpecialFunction;

constexpr std::array functions = {ex2, lg2, rcp, rsqrt, sin, tanh};

TEST(SpecialFunctionTest, KnowsTheirValues) {
  EXPECT_EQ(exact_value(ex2, 3), 8);
  EXPECT_EQ(exact_value(lg2, 0.25), -2);
  EXPECT_EQ(exact_value(rcp, -4), -0.25);
  EXPECT_EQ(exact_value(rsqrt, 16), 0.25);
  EXPECT_NEAR(exact_value(sin, 0.5235987755982989), 0.5, 1e-15);
  EXPECT_NEAR(exact_value(tanh, 0.5), 0.46211715726000975, 1e-15);
  EXPECT_EQ(expected_bits(ex2, 1.0F), std::bit_cast<std::uint32_t>(2.0F));
  EXPECT_EQ(expected_bits(lg2, 2.0F), std::bit_cast<std::uint32_t>(3.0F));  // of x + 6
  EXPECT_EQ(expected_bits(tanh, 100.0F), std::bit_cast<std::uint32_t>(1.0F) >> 12U);
}

/// The tolerances in ulp are the documented errors, put as units of the last place of the smallest result that a chain's
/// value within +-2 can have.
TEST(SpecialFunctionTest, ToleranceCoversTheDocumentedErrorAndIsNotWide) {
  const auto largest_in_ulp = [](SpecialFunction f, auto error_of) {
    double largest = 0;
    for (float x = -1.9F; x < 1.72F; x += 0.001F) {
      const double value = exact_value(f, operand(f, x));
      const double ulp = std::ldexp(1.0, std::ilogb(value) - 23 + shift(f));
      largest = std::max(largest, error_of(value) / ulp);
    }
    return largest;
  };
  const auto relative = [](double exponent) {
    return [exponent](double value) { return std::fabs(value) * std::exp2(exponent); };
  };
  const std::vector<std::pair<SpecialFunction, double>> documented = {
      {lg2, largest_in_ulp(lg2, relative(-22))},
      {rsqrt, largest_in_ulp(rsqrt, relative(-22.9))},
      {sin, largest_in_ulp(sin, [](double) { return std::exp2(-20.5); })},
      {tanh, largest_in_ulp(tanh, relative(-11))},
      {ex2, 2.0 - 0.5},  // documented as a distance from the rounded result
      {rcp, 1.0}};
  for (const auto& [f, error] : documented) {
    EXPECT_GE(tolerance_ulp(f), error + 0.5 - 1e-9) << static_cast<int>(f);  // and half for rounding
    EXPECT_LE(tolerance_ulp(f), error + 2.0) << static_cast<int>(f);
  }
}

TEST(SpecialFunctionTest, OperandKeepsResultsFromZero) {
  for (float x = -1.9F; x < 1.72F; x += 0.001F) {
    const double logarithm = exact_value(lg2, operand(lg2, x));
    EXPECT_TRUE(logarithm >= 2 && logarithm < 3);
    EXPECT_GT(exact_value(sin, operand(sin, x)), 0.58);
  }
}

TEST(SfuValues, CountsWhatIsOffByMoreThanDocumented) {
  for (const SpecialFunction f : functions) {
    const SfuValues values{.function = f, .first = 0x3e000000, .stride = 1009, .count = 5000};
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < values.count; ++i)
      out.push_back(expected_bits(f, std::bit_cast<float>(values.first + i * values.stride)) << unsigned(shift(f)));
    EXPECT_EQ(count_mismatches(values, out.data()), 0);
    const auto unit = std::uint32_t{1} << static_cast<unsigned>(shift(f));
    const auto most = static_cast<std::uint32_t>(tolerance_ulp(f));
    out[7] += most * unit;
    out[8] -= most * unit;
    EXPECT_EQ(count_mismatches(values, out.data()), 0);
    out[7] += unit;
    out[8] -= unit;
    out[9] ^= 0x40000000U;
    EXPECT_EQ(count_mismatches(values, out.data()), 3);
  }
}

TEST(SfuValues, RefusesNothing) { EXPECT_EQ(launch(SfuValues{}, nullptr, nullptr), cudaErrorInvalidValue); }

}  // namespace
