// FP16 on the host against all of its numbers.
#include "kernels/cpu/half.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>

namespace {

using namespace peakproof::kernels::cpu;  // NOLINT(google-build-using-namespace): the whole file is about it

constexpr std::uint16_t kInfinity = 0x7c00;

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

TEST(Half, KnownNumbers) {
  EXPECT_EQ(from_half(0x3c00), 1.0);
  EXPECT_EQ(from_half(0xc000), -2.0);
  EXPECT_EQ(from_half(0x7bff), 65504.0);
  EXPECT_EQ(from_half(0x0001), 0x1p-24);
  EXPECT_EQ(from_half(0x0400), 0x1p-14);
  EXPECT_EQ(from_half(0x3555), 0.333251953125);
  EXPECT_TRUE(std::signbit(from_half(0x8000)));
}

TEST(Half, EveryNumberStaysItself) {
  for (std::uint16_t size = 0; size < kInfinity; ++size) {
    for (const unsigned sign : {0U, 0x8000U}) {
      const auto half = static_cast<std::uint16_t>(size | sign);
      ASSERT_EQ(bits(round_to_half(from_half(half))), bits(from_half(half))) << half;
      ASSERT_EQ(half_bits(from_half(half)), half);
    }
  }
}

TEST(Half, RoundsToTheNearestTiesToEven) {
  for (std::uint16_t size = 0; size + 1 < kInfinity; ++size) {
    const double below = from_half(size);
    const double above = from_half(static_cast<std::uint16_t>(size + 1));
    const double middle = (below + above) / 2;  // exact
    const double even = size % 2 == 0 ? below : above;
    for (const double sign : {1.0, -1.0}) {
      ASSERT_EQ(bits(round_to_half(sign * middle)), bits(sign * even)) << size;
      ASSERT_EQ(bits(round_to_half(sign * std::nextafter(middle, 0))), bits(sign * below)) << size;
      ASSERT_EQ(bits(round_to_half(sign * std::nextafter(middle, 1e9))), bits(sign * above)) << size;
      ASSERT_EQ(bits(round_to_half(sign * std::nextafter(above, 0))), bits(sign * above)) << size;
    }
  }
}

}  // namespace
