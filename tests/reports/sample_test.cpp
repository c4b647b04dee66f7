#include "reports/sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace peakproof::reports {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> ranks(int n) {
  std::vector<double> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

std::vector<Sample> samples_of(const std::vector<double>& seconds) {
  std::vector<Sample> samples;
  samples.reserve(seconds.size());
  for (const double s : seconds) samples.push_back({s, std::nullopt, false});
  return samples;
}

/// P(X < k) for X ~ Binomial(n, 1/2), by products of ratios that stay within long double up to n = 10000.
long double tail(int n, int k) {
  long double term = std::ldexp(1.0L, -n);
  long double sum = 0;
  for (int i = 0; i < k; ++i) {
    sum += term;
    term = term * static_cast<long double>(n - i) / static_cast<long double>(i + 1);
  }
  return sum;
}

TEST(Quantile, KnownValues) {
  EXPECT_EQ(quantile({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_EQ(quantile({5}, 0.9), 5);
  EXPECT_EQ(quantile({1, 2, 3, 4, 5}, 0), 1);
  EXPECT_EQ(quantile({1, 2, 3, 4, 5}, 1), 5);
  // numpy.quantile([15, 20, 35, 40, 50], 0.4) and ([1, 2, 3, 4], 0.9), both of type 7
  EXPECT_DOUBLE_EQ(quantile({15, 20, 35, 40, 50}, 0.4), 29);
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3, 4}, 0.9), 3.7);
}

TEST(Quantile, OfNothingOrOfNoNumberIsNaN) {
  EXPECT_TRUE(std::isnan(quantile({}, 0.5)));
  EXPECT_TRUE(std::isnan(quantile({1, kNaN, 3}, 0.5)));
  EXPECT_TRUE(std::isnan(quantile({1, 2}, kNaN)));
  EXPECT_TRUE(std::isnan(quantile({1, 2}, -0.1)));
  EXPECT_TRUE(std::isnan(quantile({1, 2}, 1.1)));
  EXPECT_EQ(quantile({1, kInfinity, kInfinity}, 0.9), kInfinity);
}

TEST(Quantile, DoesNotDependOnTheOrderAndRisesWithQ) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int n = 1; n < 60; ++n) {
    std::vector<double> values(static_cast<std::size_t>(n));
    std::generate(values.begin(), values.end(), [&] { return uniform(random); });
    auto shuffled = values;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    double before = -1;
    for (const double q : {0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0}) {
      const double x = quantile(values, q);
      EXPECT_EQ(x, quantile(shuffled, q));
      EXPECT_GE(x, before);
      before = x;
    }
  }
}

TEST(MedianInterval, RanksArePublishedOnes) {
  // Ranks of the distribution-free 95 % interval, as in tables of order statistics.
  const struct {
    int n, low, high;
  } rows[] = {{6, 1, 6},   {8, 1, 8},   {9, 2, 8},    {10, 2, 9},   {11, 2, 10},
              {20, 6, 15}, {25, 8, 18}, {50, 18, 33}, {100, 40, 61}};
  for (const auto& row : rows) {
    const Interval interval = median_interval95(ranks(row.n));
    EXPECT_EQ(interval.low, row.low) << row.n;
    EXPECT_EQ(interval.high, row.high) << row.n;
  }
}

TEST(MedianInterval, IsTheNarrowestThatCovers95Percent) {
  for (int n = 6; n <= 10000; n += n < 200 ? 1 : 523) {
    const Interval interval = median_interval95(ranks(n));
    const int k = static_cast<int>(interval.low);
    EXPECT_EQ(interval.high, n + 1 - k);
    EXPECT_LE(tail(n, k), 0.025L) << n;
    EXPECT_GT(tail(n, k + 1), 0.025L) << n;
  }
}

TEST(MedianInterval, IsInfiniteBelowSixSamples) {
  for (int n = 1; n < 6; ++n) {
    const Interval interval = median_interval95(ranks(n));
    EXPECT_EQ(interval.low, -kInfinity);
    EXPECT_EQ(interval.high, kInfinity);
  }
  EXPECT_TRUE(std::isnan(median_interval95({}).low));
  EXPECT_TRUE(std::isnan(median_interval95({1, 2, 3, 4, 5, 6, kNaN}).high));
}

/// The share of many samples of n draws whose interval holds the true median.
template <typename Draw>
double coverage(int n, double median, const Draw& draw) {
  constexpr int kRepetitions = 4000;
  int hits = 0;
  std::vector<double> values(static_cast<std::size_t>(n));
  for (int i = 0; i < kRepetitions; ++i) {
    std::generate(values.begin(), values.end(), draw);
    const Interval interval = median_interval95(values);
    hits += interval.low <= median && median <= interval.high ? 1 : 0;
  }
  return static_cast<double>(hits) / kRepetitions;
}

TEST(MedianInterval, CoversTheTrueMedianWhateverTheDistribution) {
  std::mt19937_64 random(42);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal(5, 2);
  const auto two_states = [&] { return uniform(random) < 0.6 ? 1 + uniform(random) : 10 + uniform(random); };
  for (const int n : {6, 11, 20, 57, 100}) {
    const double exact = static_cast<double>(1 - 2 * tail(n, static_cast<int>(median_interval95(ranks(n)).low)));
    EXPECT_GE(exact, 0.95);
    // Four standard deviations of a share of 4000.
    const double slack = 4 * std::sqrt(exact * (1 - exact) / 4000);
    EXPECT_NEAR(coverage(n, 0.5, [&] { return uniform(random); }), exact, slack) << n;
    EXPECT_NEAR(coverage(n, 5.0, [&] { return normal(random); }), exact, slack) << n;
    EXPECT_NEAR(coverage(n, 1 + 0.5 / 0.6, two_states), exact, slack) << n;
  }
}

TEST(Summarize, KnownValues) {
  std::vector<Sample> samples = samples_of({5, 3, 1, 2, 4, 11, 6, 7, 8, 9, 10, 100});
  samples[0].sm_clock_hz = 1.0e9;
  samples[1].sm_clock_hz = 3.0e9;
  samples[11].sm_clock_hz = 9.0e9;
  samples[11].contaminated = true;  // kept in the samples, left out of the figures
  const Summary s = summarize(samples, StopReason::converged);
  EXPECT_EQ(s.count, 11);
  EXPECT_EQ(s.contaminated, 1);
  EXPECT_EQ(s.median_s, 6);
  EXPECT_EQ(s.min_s, 1);
  EXPECT_EQ(s.max_s, 11);
  EXPECT_EQ(s.p10_s, 2);
  EXPECT_EQ(s.p90_s, 10);
  EXPECT_EQ(s.ci95_low_s, 2);
  EXPECT_EQ(s.ci95_high_s, 10);
  EXPECT_DOUBLE_EQ(s.spread, 8.0 / 6.0);
  EXPECT_EQ(s.median_sm_clock_hz, 2.0e9);
  EXPECT_EQ(s.stop, StopReason::converged);
}

TEST(Summarize, WhereEverySampleIsContaminatedTheyAreAllThereIs) {
  std::vector<Sample> samples = samples_of({1, 2, 3});
  for (Sample& sample : samples) sample.contaminated = true;
  const Summary s = summarize(samples);
  EXPECT_EQ(s.count, 3);
  EXPECT_EQ(s.contaminated, 3);
  EXPECT_EQ(s.median_s, 2);
}

TEST(Summarize, WithoutSamplesEverythingButTheCountsIsNaN) {
  const Summary s = summarize({});
  EXPECT_EQ(s.count, 0);
  EXPECT_EQ(s.contaminated, 0);
  for (const double x : {s.median_s, s.min_s, s.max_s, s.p10_s, s.p90_s, s.ci95_low_s, s.ci95_high_s, s.spread})
    EXPECT_TRUE(std::isnan(x));
  EXPECT_FALSE(s.median_sm_clock_hz);
  EXPECT_TRUE(std::isnan(summarize(samples_of({1, 1, kNaN, 1, 1, 1, 1})).median_s));
}

TEST(Summarize, FewSamplesAreNeverQuiet) {
  const Summary s = summarize(samples_of({1, 1, 1, 1, 1}));
  EXPECT_EQ(s.median_s, 1);
  EXPECT_EQ(s.spread, kInfinity);
  EXPECT_FALSE(converged(s, 1e9));
  EXPECT_TRUE(converged(summarize(samples_of({1, 1, 1, 1, 1, 1})), 0.0025));
}

TEST(Summarize, SpreadSeesTwoClockStatesThatADeviationFromTheMedianDoesNot) {
  std::vector<double> seconds(70, 1.0);
  seconds.insert(seconds.end(), 30, 1.08);
  std::shuffle(seconds.begin(), seconds.end(), std::mt19937_64(7));
  const Summary s = summarize(samples_of(seconds));
  EXPECT_NEAR(s.spread, 0.08, 1e-12);
  std::vector<double> deviations;
  deviations.reserve(seconds.size());
  for (const double x : seconds) deviations.push_back(std::abs(x - s.median_s));
  EXPECT_EQ(quantile(deviations, 0.5), 0) << "the median absolute deviation is blind to it";
}

TEST(Summarize, PowerIsTheMedianOfTheSamplesThatKnowIt) {
  std::vector<Sample> samples = samples_of({1, 1, 1, 1, 1});
  EXPECT_FALSE(summarize(samples).median_power_w);
  samples[0].power_w = 690;
  samples[2].power_w = 700;
  samples[3].power_w = 10;
  samples[3].contaminated = true;
  samples[4].power_w = kNaN;
  EXPECT_EQ(summarize(samples).median_power_w, 695);
}

/// Samples of as many cycles each as are given, at clocks that fall.
std::vector<Sample> falling(const std::vector<double>& cycles) {
  std::vector<Sample> samples;
  double clock_hz = 2e9;
  for (const double each : cycles) {
    samples.push_back({.seconds = each / clock_hz, .sm_clock_hz = clock_hz});
    clock_hz *= 0.98;
  }
  return samples;
}

TEST(IssueSpread, SeesTheCyclesAndNotTheClock) {
  const auto steady = falling(std::vector<double>(25, 1e6));
  EXPECT_GT(summarize(steady).spread, 0.2) << "the times tell of the clock";
  EXPECT_NEAR(issue_spread(steady), 0, 1e-12);

  // 1 / (1, 2, … 11): p10 is 1/10, p90 1/2, the median 1/6.
  const auto spread = falling(ranks(11));
  EXPECT_NEAR(issue_spread(spread), 6 * (0.5 - 0.1), 1e-12);
}

TEST(IssueSpread, OfEqualClocksIsNearTheSpreadOfTheTimes) {
  std::vector<Sample> samples(50);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = {.seconds = 1 + 0.001 * static_cast<double>(i), .sm_clock_hz = 1.5e9};
  EXPECT_NEAR(issue_spread(samples), summarize(samples).spread, 0.002);
}

TEST(IssueSpread, WithoutAClockInEverySampleIsThatOfTheTimes) {
  auto samples = falling(std::vector<double>(25, 1e6));
  samples[7].sm_clock_hz.reset();
  EXPECT_EQ(issue_spread(samples), summarize(samples).spread);
  samples[7].sm_clock_hz = 0;
  EXPECT_EQ(issue_spread(samples), summarize(samples).spread);
  samples[7].contaminated = true;
  EXPECT_NEAR(issue_spread(samples), 0, 1e-12) << "a contaminated sample has no say";
}

TEST(IssueSpread, OfTooFewOrOfNoNumberIsNeverQuiet) {
  EXPECT_EQ(issue_spread(falling(std::vector<double>(5, 1e6))), kInfinity);
  EXPECT_TRUE(std::isnan(issue_spread({})));
  for (const double bad : {kNaN, kInfinity, 0.0, -1.0}) {
    auto samples = falling(std::vector<double>(25, 1e6));
    samples[3].seconds = bad;
    EXPECT_TRUE(std::isnan(issue_spread(samples))) << bad;
  }
}

TEST(Converged, ComparesTheWholeIntervalWithTheTolerance) {
  Summary s{.count = 11, .median_s = 1, .ci95_low_s = 0.998, .ci95_high_s = 1.002};
  EXPECT_TRUE(converged(s, 0.0025));
  EXPECT_FALSE(converged(s, 0.001));
  s.ci95_low_s = 0.99;
  EXPECT_FALSE(converged(s, 0.0025));
  s = {.count = 11, .median_s = 1, .ci95_low_s = 1, .ci95_high_s = 1.01};
  EXPECT_FALSE(converged(s, 0.0025));
  for (const double bad : {0.0, -1.0, kNaN}) {
    EXPECT_FALSE(converged({.count = 11, .median_s = bad, .ci95_low_s = bad, .ci95_high_s = bad}, 0.0025)) << bad;
  }
}

TEST(StopReasonNames, GoBothWays) {
  for (const StopReason reason : {StopReason::none, StopReason::converged, StopReason::time_budget,
                                  StopReason::max_samples, StopReason::interrupted}) {
    EXPECT_EQ(stop_reason_from_name(name(reason)), reason);
  }
  EXPECT_FALSE(stop_reason_from_name("bored"));
}

std::vector<Sample> with_readings(const std::vector<double>& readings, std::optional<double> clock_hz) {
  std::vector<Sample> samples;
  samples.reserve(readings.size());
  for (const double reading : readings)
    samples.push_back({.seconds = 0.01, .sm_clock_hz = clock_hz, .latency_cycles = reading});
  return samples;
}

TEST(Latency, IsTheMedianWithItsInterval) {
  const auto found = latency(with_readings({4.4, 4.0, 4.2, 4.1, 4.3, 4.0}, 2e9));
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(found->cycles, 4.15);
  EXPECT_EQ(found->ci95.low, 4.0);
  EXPECT_EQ(found->ci95.high, 4.4);
  EXPECT_DOUBLE_EQ(*found->ns, 2.075);
  EXPECT_TRUE(usable(*found));
}

TEST(Latency, OfFewSamplesHasNoInterval) {
  const auto found = latency(with_readings({4, 4, 5}, std::nullopt));
  EXPECT_EQ(found->cycles, 4);
  EXPECT_TRUE(std::isinf(found->ci95.low) && std::isinf(found->ci95.high));
  EXPECT_FALSE(found->ns) << "no clock";
  EXPECT_TRUE(usable(*found));
}

TEST(Latency, OfNoReadingsIsNone) {
  EXPECT_FALSE(latency({}));
  EXPECT_FALSE(latency(std::vector<Sample>(20, {.seconds = 0.01})));
}

TEST(Latency, OneBadReadingSpoilsIt) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  for (const double bad : {std::nan(""), kInfinite, -kInfinite, 0.0, -1.0}) {
    std::vector<double> readings(20, 4);
    readings[7] = bad;
    const auto found = latency(with_readings(readings, 2e9));
    ASSERT_TRUE(found) << bad;
    EXPECT_TRUE(std::isnan(found->cycles)) << bad;
    EXPECT_FALSE(usable(*found)) << bad;
  }
  auto samples = with_readings(std::vector<double>(20, 4), 2e9);
  samples[7].latency_cycles.reset();
  EXPECT_FALSE(usable(*latency(samples))) << "a sample without its reading";
}

TEST(Latency, ContaminatedSamplesCountOnlyWhereThereAreNoOthers) {
  auto samples = with_readings({4, 4, 4, 4, 4, 4, 4, 99, std::nan("")}, 2e9);
  samples[7].contaminated = true;
  samples[8].contaminated = true;
  samples[8].sm_clock_hz = 1;
  EXPECT_EQ(latency(samples)->cycles, 4);
  EXPECT_EQ(latency(samples)->ci95.high, 4);
  EXPECT_DOUBLE_EQ(*latency(samples)->ns, 2);
  for (Sample& sample : samples) sample.contaminated = true;
  EXPECT_FALSE(usable(*latency(samples)));
  samples.pop_back();
  EXPECT_EQ(latency(samples)->cycles, 4);
}

}  // namespace
}  // namespace peakproof::reports
