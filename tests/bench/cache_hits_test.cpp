// Hits and misses from the times of single loads: the groups they fall into, and when nothing can be told.
#include "bench/harness/cache_hits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/harness/cuda_chase.hpp"

namespace peakproof::bench {
namespace {

std::vector<std::uint32_t> times(std::uint32_t cycles, int count, std::uint32_t jitter = 5) {
  std::vector<std::uint32_t> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = cycles + static_cast<std::uint32_t>(i) % jitter;
  return values;
}
std::vector<std::uint32_t> operator+(std::vector<std::uint32_t> a, const std::vector<std::uint32_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(HitRate, CountsWhatLiesBelowTheThreshold) {
  const auto rate =
      hit_rate({.as_found = times(260, 75) + times(680, 25), .hits = times(260, 100), .misses = times(680, 100)});
  ASSERT_TRUE(rate && rate->share && rate->threshold);
  EXPECT_DOUBLE_EQ(*rate->share, 0.75);
  EXPECT_GT(*rate->threshold, 264);
  EXPECT_LT(*rate->threshold, 680);
  EXPECT_EQ(rate->hit_cycles, 262);
  EXPECT_EQ(rate->miss_cycles, 682);
  EXPECT_FALSE(rate->groups);
  EXPECT_THAT(text(*rate, 100), testing::StartsWith("hit rate 75.0 % of 100 lines"));
}

TEST(HitRate, AFarHitIsAHit) {
  const auto rate = hit_rate({.as_found = times(260, 50) + times(420, 50),
                              .hits = times(260, 60) + times(420, 40),
                              .misses = times(680, 100)});
  ASSERT_TRUE(rate && rate->share && rate->groups);
  EXPECT_DOUBLE_EQ(*rate->share, 1);
  EXPECT_NEAR(rate->groups->low, 262, 2);
  EXPECT_NEAR(rate->groups->high, 422, 2);
  EXPECT_DOUBLE_EQ(rate->groups->share_of_low, 0.6);
  EXPECT_THAT(text(*rate, 100), testing::HasSubstr("a near and a far partition"));
}

TEST(HitRate, IsNotToldWhereHitsAndMissesOverlap) {
  const auto rate = hit_rate({.as_found = times(300, 100), .hits = times(300, 100), .misses = times(302, 100)});
  ASSERT_TRUE(rate);
  EXPECT_FALSE(rate->share);
  EXPECT_FALSE(rate->threshold);
  EXPECT_THAT(text(*rate, 100), testing::StartsWith("the hit rate could not be told"));
}

TEST(HitRate, NeedsAllThreeKindsOfLoads) {
  const auto some = times(300, 10);
  EXPECT_FALSE(hit_rate({.as_found = {}, .hits = some, .misses = some}));
  EXPECT_FALSE(hit_rate({.as_found = some, .hits = {}, .misses = some}));
  EXPECT_FALSE(hit_rate({.as_found = some, .hits = some, .misses = {}}));
}

TEST(HitRate, AtLeastByTheRateAlone) {
  EXPECT_DOUBLE_EQ(least_hit_share(10e12, 4.8e12), 0.52);
  EXPECT_EQ(least_hit_share(3e12, 4.8e12), 0) << "all of it could be misses";
  EXPECT_EQ(least_hit_share(0, 4.8e12), 0);
}

TEST(TwoGroups, AreToldFromOneGroupAndFromAFewStrays) {
  EXPECT_FALSE(two_groups({}));
  EXPECT_FALSE(two_groups({1}));
  EXPECT_FALSE(two_groups({5, 5, 5, 5}));
  EXPECT_FALSE(two_groups({100, 101, 102, 103, 104, 105, 106, 107}));
  std::vector<double> strays(95, 100.0);
  strays.insert(strays.end(), 5, 900.0);
  EXPECT_FALSE(two_groups(strays)) << "5 % are no partition";
  const auto groups = two_groups({420, 260, 261, 419, 421, 259});
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->low, 260);
  EXPECT_EQ(groups->high, 420);
  EXPECT_DOUBLE_EQ(groups->share_of_low, 0.5);
}

TEST(SweptSizes, AreTwoAnOctaveUpToTheLast) {
  EXPECT_THAT(swept_sizes(1024, 4096), testing::ElementsAre(1024, 1536, 2048, 3072, 4096));
  EXPECT_THAT(swept_sizes(1024, 3071), testing::ElementsAre(1024, 1536, 2048));
  EXPECT_THAT(swept_sizes(1024, 100), testing::IsEmpty());
}

TEST(RingOfLines, HasWholeLinesAndAtLeastOne) {
  EXPECT_EQ(ring_of_lines(1000).nodes, 7);
  EXPECT_EQ(ring_of_lines(1000).stride_bytes, 128);
  EXPECT_EQ(ring_of_lines(1).nodes, 1);
}

}  // namespace
}  // namespace peakproof::bench
