// The memory pattern by the host, and what its launchers refuse before they touch a device.
#include "kernels/memory/pattern.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <set>

namespace {

using peakproof::kernels::Data;
using peakproof::kernels::Pattern;

TEST(Pattern, ConstantsAreConstant) {
  for (const std::uint64_t index : {0ULL, 1ULL, 1ULL << 40U}) {
    EXPECT_EQ((Pattern{Data::zero, 7}.word(index)), 0U);
    EXPECT_EQ((Pattern{Data::ones, 7}.word(index)), ~0ULL);
  }
}

TEST(Pattern, RandomIsSplitMix64) {
  // The first values of the published generator (Vigna, splitmix64.c) from the state 1234567.
  const Pattern pattern{Data::random, 1234567};
  EXPECT_EQ(pattern.word(0), 6457827717110365317ULL);
  EXPECT_EQ(pattern.word(1), 3203168211198807973ULL);
  EXPECT_EQ(pattern.word(2), 9817491932198370423ULL);
}

TEST(Pattern, RandomDependsOnPositionAndSeed) {
  std::set<std::uint64_t> seen;
  std::int64_t ones = 0;
  constexpr int count = 4096;
  for (std::uint64_t index = 0; index < count; ++index) {
    const std::uint64_t word = Pattern{Data::random, 1}.word(index);
    seen.insert(word);
    seen.insert(Pattern{Data::random, 2}.word(index));
    ones += std::popcount(word);
  }
  EXPECT_EQ(seen.size(), 2U * count);
  EXPECT_NEAR(static_cast<double>(ones) / count, 32.0, 0.5);  // half of the bits; six standard errors are 0.375
}

TEST(Pattern, RefusesWhatIsNoBuffer) {
  peakproof::kernels::Mismatches mismatches;
  unsigned long long sum = 0;
  std::uint64_t word = 0;
  EXPECT_EQ(fill(Pattern{}, nullptr, 8, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(fill(Pattern{}, &word, 7, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(fill(Pattern{}, &word, 0, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(count_mismatches(Pattern{}, &word, -8, &mismatches, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(count_mismatches(Pattern{}, &word, 8, nullptr, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(sum_of_words(Pattern{}, 0, &sum, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(sum_of_words(Pattern{}, 1, nullptr, nullptr), cudaErrorInvalidValue);
}

}  // namespace
