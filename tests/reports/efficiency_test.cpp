#include "reports/efficiency.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "reports/verdict.hpp"

namespace peakproof::reports {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

theory::Peak pipe_peak(double clock_hz) { return {theory::Pipe::fp32_fma, 25600 * clock_hz, clock_hz, "f", "s"}; }

double sum(const std::vector<Loss>& losses) {
  double total = 0;
  for (const Loss& loss : losses) total += loss.fraction;
  return total;
}

double fraction(const std::vector<Loss>& losses, const std::string& kind, const std::string& name) {
  for (const Loss& loss : losses) {
    if (loss.kind == kind && loss.name == name) return loss.fraction;
  }
  return 0;
}

TEST(Efficiency, KnownValues) {
  const Efficiency e = efficiency(0.5 * pipe_peak(2e9).per_second, pipe_peak(2e9), pipe_peak(1.25e9));
  EXPECT_DOUBLE_EQ(e.spec.value(), 0.5);
  EXPECT_DOUBLE_EQ(e.issue.value(), 0.8);
  EXPECT_DOUBLE_EQ(e.clock.value(), 0.625);
}

TEST(Efficiency, SpecIsIssueTimesClock) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> clock(1e8, 4e9);
  std::uniform_real_distribution<double> rate(1e6, 1e15);
  for (int i = 0; i < 1000; ++i) {
    const Efficiency e = efficiency(rate(random), pipe_peak(clock(random)), pipe_peak(clock(random)));
    EXPECT_NEAR(e.spec.value() / (e.issue.value() * e.clock.value()), 1, 1e-14);
  }
}

TEST(Efficiency, MemoryFollowsNoClock) {
  const theory::Peak dram{theory::Pipe::dram, 4e12, 0, "f", "s"};
  const Efficiency e = efficiency(3e12, dram, dram);
  EXPECT_EQ(e.spec, 0.75);
  EXPECT_EQ(e.issue, e.spec);
  EXPECT_FALSE(e.clock);
  EXPECT_EQ(efficiency(3e12, dram, std::nullopt).issue, 0.75);
}

TEST(Efficiency, UnknownStaysUnknown) {
  const Efficiency none = efficiency(1e12, std::nullopt, std::nullopt);
  EXPECT_FALSE(none.spec || none.issue || none.clock);
  const Efficiency no_clock = efficiency(1e12, pipe_peak(1e9), std::nullopt);
  EXPECT_TRUE(no_clock.spec);
  EXPECT_FALSE(no_clock.issue || no_clock.clock);
  const theory::Peak zero{theory::Pipe::fp32_fma, 0, 1e9, "f", "s"};
  EXPECT_FALSE(efficiency(1e12, zero, zero).spec) << "no division by an empty peak";
}

TEST(Efficiency, WithoutARatedClockThereIsStillTheMeasuredOne) {
  const Efficiency e = efficiency(0.75 * pipe_peak(3e9).per_second, std::nullopt, pipe_peak(3e9));
  EXPECT_DOUBLE_EQ(e.issue.value(), 0.75);
  EXPECT_FALSE(e.spec || e.clock);
  const auto found = losses(e, {.power_cap = 1}, {.tail = 0.1});
  EXPECT_NEAR(fraction(found, "issue", "tail"), 0.1, 1e-15);
  EXPECT_NEAR(fraction(found, "issue", "unknown"), 0.15, 1e-15);
  EXPECT_NEAR(sum(found), 0.25, 1e-15);
}

TEST(Efficiency, ARateThatIsNoNumberIsAnErrorNotAMissingTheory) {
  const Efficiency e = efficiency(kNaN, pipe_peak(1e9), pipe_peak(1e9));
  ASSERT_TRUE(e.issue);
  EXPECT_EQ(judge({.samples = 11, .median_s = 1, .verified = true, .efficiency = e.issue}), Verdict::error);
}

TEST(Losses, EachGetsItsName) {
  const Efficiency e{.spec = 0.72, .issue = 0.9, .clock = 0.8};
  const auto found = losses(e, {.power_cap = 0.5, .thermal = 0.25}, {.overhead_instructions = 0.02, .launch = 0.01});
  EXPECT_NEAR(fraction(found, "clock", "power cap"), 0.1, 1e-15);
  EXPECT_NEAR(fraction(found, "clock", "thermal"), 0.05, 1e-15);
  EXPECT_NEAR(fraction(found, "clock", "unknown"), 0.05, 1e-15);
  EXPECT_NEAR(fraction(found, "issue", "overhead instructions"), 0.016, 1e-15);
  EXPECT_NEAR(fraction(found, "issue", "launch"), 0.008, 1e-15);
  EXPECT_NEAR(fraction(found, "issue", "unknown"), 0.08 - 0.024, 1e-15);
  EXPECT_NEAR(sum(found), 0.28, 1e-15);
  for (const Loss& loss : found) EXPECT_FALSE(loss.evidence.empty()) << loss.name;
}

TEST(Losses, ReasonsThatHoldAtOnceShareTheLoss) {
  const auto found = losses({.spec = 0.7, .issue = 1, .clock = 0.7}, {.power_cap = 1, .thermal = 1, .locked = 1}, {});
  EXPECT_NEAR(fraction(found, "clock", "power cap"), 0.1, 1e-15);
  EXPECT_NEAR(fraction(found, "clock", "thermal"), 0.1, 1e-15);
  EXPECT_NEAR(fraction(found, "clock", "locked"), 0.1, 1e-15);
  EXPECT_EQ(fraction(found, "clock", "unknown"), 0);
}

TEST(Losses, HardwareSlowdownIsNeitherHeatNorPowerCap) {
  const auto found = losses({.spec = 0.8, .issue = 1, .clock = 0.8},
                            {.power_cap = 0.25, .thermal = 0.25, .hardware_slowdown = 0.5}, {});
  EXPECT_NEAR(fraction(found, "clock", "hardware slowdown"), 0.1, 1e-15);
  EXPECT_NEAR(fraction(found, "clock", "power cap"), 0.05, 1e-15);
  EXPECT_NEAR(fraction(found, "clock", "thermal"), 0.05, 1e-15);
  EXPECT_NEAR(sum(found), 0.2, 1e-15);
}

TEST(Losses, NoneAtOrAboveTheRatedPeak) {
  for (const double spec : {1.0, 1.1, kNaN}) {
    EXPECT_TRUE(losses({.spec = spec, .issue = 1, .clock = spec}, {.power_cap = 1}, {.launch = 0.5}).empty()) << spec;
  }
  EXPECT_TRUE(losses({}, {}, {}).empty());
}

TEST(Losses, WithoutAClockAllOfItIsIssue) {
  const auto found = losses({.spec = 0.9, .issue = 0.9}, {.power_cap = 1}, {.tail = 0.04});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NEAR(fraction(found, "issue", "tail"), 0.04, 1e-15);
  EXPECT_NEAR(fraction(found, "issue", "unknown"), 0.06, 1e-15);
}

TEST(Losses, ArePositiveAndAddUpWhateverTheReasons) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> any(-0.2, 1.4);
  for (int i = 0; i < 5000; ++i) {
    Efficiency e{.issue = std::abs(any(random)), .clock = std::abs(any(random))};
    e.spec = *e.issue * *e.clock;
    const auto found = losses(e, {any(random), i % 7 == 0 ? kNaN : any(random), any(random), any(random), any(random)},
                              {any(random), any(random), any(random)});
    for (const Loss& loss : found) EXPECT_GT(loss.fraction, 0);
    if (*e.spec < 1) {
      EXPECT_NEAR(sum(found), 1 - *e.spec, 1e-11);
    } else {
      EXPECT_TRUE(found.empty());
    }
  }
}

TEST(TailShare, OfUnitsThatWaitForTheSlowest) {
  EXPECT_DOUBLE_EQ(tail_share({.value = {200, 200, 200, 100}}), 1 - (0.5 * 3 + 1) / 4);
  EXPECT_DOUBLE_EQ(tail_share({.value = {200, 200}}), 0);
  EXPECT_DOUBLE_EQ(tail_share({}), 0);
  EXPECT_DOUBLE_EQ(tail_share({.value = {0, 200}}), 0);
}

}  // namespace
}  // namespace peakproof::reports
