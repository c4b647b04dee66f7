// 16-bit floating-point numbers on the host, against published values and against a search for the nearest.
#include "kernels/arithmetic/half_chain.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace {

using namespace peakproof::kernels::half_chain;  // NOLINT: a test of this namespace

constexpr std::array formats = {Format::fp16, Format::bf16};

TEST(HalfChain, KnowsPublishedValues) {
  EXPECT_EQ(value(Format::fp16, 0x3c00), 1.0);
  EXPECT_EQ(value(Format::fp16, 0x7bff), 65504.0);  // the largest (IEEE 754 binary16)
  EXPECT_EQ(value(Format::fp16, 0x0001), 0x1p-24);  // the smallest
  EXPECT_EQ(value(Format::fp16, 0x0400), 0x1p-14);  // the smallest normal
  EXPECT_EQ(value(Format::fp16, 0xc000), -2.0);
  EXPECT_EQ(value(Format::bf16, 0x3f80), 1.0);
  EXPECT_EQ(value(Format::bf16, 0x7f7f), 0x1.fep127);
  EXPECT_EQ(value(Format::bf16, 0x0001), 0x1p-133);
  EXPECT_EQ(value(Format::bf16, 0xbfd8), -1.6875);
  EXPECT_TRUE(std::isnan(value(Format::fp16, 0x7e00)));
  EXPECT_TRUE(std::isinf(value(Format::bf16, 0xff80)));
}

TEST(HalfChain, RoundsToNearestEven) {
  EXPECT_EQ(nearest(Format::fp16, 65519.99), 0x7bff);
  EXPECT_EQ(nearest(Format::fp16, 65520.0), 0x7c00);          // half way to what would come next: infinite
  EXPECT_EQ(nearest(Format::fp16, 1.0 + 0x1p-11), 0x3c00);    // a tie goes to even
  EXPECT_EQ(nearest(Format::fp16, 1.0 + 0x1.8p-10), 0x3c02);  // up, here
  EXPECT_EQ(nearest(Format::fp16, 1.0 + 0x1.0001p-11), 0x3c01);
  EXPECT_EQ(nearest(Format::fp16, 0x1p-25), 0x0000);
  EXPECT_EQ(nearest(Format::fp16, 0x1.0001p-25), 0x0001);
  EXPECT_EQ(nearest(Format::fp16, -0.0), 0x8000);
  EXPECT_EQ(nearest(Format::fp16, 2.0 - 0x1p-12), 0x4000);  // the carry goes into the exponent
  EXPECT_EQ(nearest(Format::bf16, 3.14159265358979), 0x4049);
  EXPECT_EQ(nearest(Format::bf16, -std::numeric_limits<double>::infinity()), 0xff80);
  EXPECT_EQ(nearest(Format::bf16, std::numeric_limits<double>::quiet_NaN()) & 0x7fff, 0x7fff);
}

TEST(HalfChain, GivesEveryNumberBack) {
  for (const Format format : formats) {
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
      const double number = value(format, static_cast<std::uint16_t>(bits));
      if (std::isnan(number)) continue;
      ASSERT_EQ(nearest(format, number), bits);
    }
  }
}

TEST(HalfChain, FindsTheNearestOfAllNumbers) {
  for (const Format format : formats) {
    std::vector<double> numbers;  // the positive finite ones, ascending as their bits
    for (std::uint32_t bits = 0; bits < 0x8000; ++bits)
      if (const double number = value(format, static_cast<std::uint16_t>(bits)); std::isfinite(number))
        numbers.push_back(number);
    double x = 0.3;
    for (int i = 0; i < 20'000; ++i) {
      x = std::fma(x, x, -1.9);  // chaotic, within +-2
      const double magnitude = std::fabs(std::ldexp(x, i % 30 - 20));
      const auto above = std::lower_bound(numbers.begin(), numbers.end(), magnitude);
      const auto below = above == numbers.begin() ? above : above - 1;
      const auto closest = *above - magnitude < magnitude - *below ? above : below;
      const auto expected = static_cast<std::uint16_t>(closest - numbers.begin()) | (std::signbit(x) ? 0x8000 : 0);
      ASSERT_EQ(nearest(format, std::copysign(magnitude, x)), expected) << magnitude;
    }
  }
}

TEST(HalfChain, AdvancesAsStepByStep) {
  for (const Format format : formats) {
    const std::uint32_t c = nearest(format, -1.734375) | std::uint32_t{nearest(format, -1.5625)} << 16U;
    std::array<Pair, 32> lanes{};
    for (std::uint32_t lane = 0; lane < 32; ++lane)
      lanes[lane] = {(0x3000U + 37 * lane) | (0xb100U + 11 * lane) << 16U, c};
    auto expected = lanes;
    for (auto& lane : expected) {
      for (int step = 0; step < 1001; ++step) {
        const auto next = [&](std::uint32_t bits, std::uint32_t constant) {
          const double x = value(format, static_cast<std::uint16_t>(bits));
          // Exact in double: 22 bits and few below 1.
          return std::uint32_t{nearest(format, x * x + value(format, static_cast<std::uint16_t>(constant)))};
        };
        lane.x = next(lane.x & 0xffffU, c & 0xffffU) | next(lane.x >> 16U, c >> 16U) << 16U;
      }
    }
    advance(format, lanes, 1001);
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) EXPECT_EQ(lanes[lane].x, expected[lane].x);
  }
}

TEST(HalfChain, GivesEveryChainTwoOfFourConstants) {
  constexpr std::uint64_t four = 0x4444333322221111;
  EXPECT_EQ(constants(four, 0), 0x22221111U);
  EXPECT_EQ(constants(four, 3), 0x11114444U);
  EXPECT_EQ(constants(four, 4), constants(four, 0));
}

}  // namespace
