#include "bench/harness/sampler.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>
#include <span>
#include <string>

#include "tests/bench/fakes.hpp"

namespace peakproof::bench {
namespace {

using reports::Sample;
using reports::StopReason;

Collected run(fakes::Timer& timer, const SamplePolicy& policy, int* launches = nullptr) {
  return collect(
      timer,
      [&] {
        if (launches) ++*launches;
      },
      policy, [&] { return timer.wall; }, [] { return false; });
}

TEST(Sampler, AQuietTimerNeedsTheFewestSamples) {
  fakes::Timer timer;
  int launches = 0;
  const auto collected = run(timer, {}, &launches);
  EXPECT_EQ(collected.stop, StopReason::converged);
  EXPECT_EQ(collected.samples.size(), 11U);
  EXPECT_TRUE(collected.settled);
  EXPECT_EQ(collected.warmups, 5);  // the window that must agree
  EXPECT_EQ(launches, 16);
  EXPECT_EQ(timer.prepared, 16);
  EXPECT_EQ(timer.started, 16);
  EXPECT_EQ(timer.stopped, 16);
}

TEST(Sampler, TheHookSeesEveryKeptSampleOnce) {
  fakes::Timer timer;
  int calls = 0;
  const auto collected = collect(
      timer, [] {}, {}, [&] { return timer.wall; }, [] { return false; },
      [&](Sample& sample) { sample.latency_cycles = static_cast<double>(++calls); });
  ASSERT_EQ(collected.samples.size(), 11U);
  EXPECT_EQ(calls, 11) << "the warm-up is none of its business";
  for (std::size_t i = 0; i < 11; ++i) EXPECT_EQ(collected.samples[i].latency_cycles, static_cast<double>(i + 1));
}

TEST(Sampler, TwoClockStatesNeverConverge) {
  fakes::Timer timer;
  timer.script = {{.seconds = 0.010}, {.seconds = 0.020}};
  const auto collected = run(timer, {.max_samples = 60, .budget_s = 1e9});
  EXPECT_EQ(collected.stop, StopReason::max_samples);
  EXPECT_EQ(collected.samples.size(), 60U);
  EXPECT_FALSE(collected.settled);
}

TEST(Sampler, TheTimeBudgetEndsItAndSaysSo) {
  fakes::Timer timer;
  timer.script = {{.seconds = 0.10}, {.seconds = 0.15}, {.seconds = 0.30}};
  const auto collected = run(timer, {.budget_s = 4, .warmup_budget_s = 1});
  EXPECT_EQ(collected.stop, StopReason::time_budget);
  EXPECT_GE(collected.samples.size(), 11U);
  EXPECT_LT(collected.samples.size(), 40U);
}

TEST(Sampler, FewerThanTheMinimumIsNeverEnough) {
  fakes::Timer timer;
  timer.script = {{.seconds = 3}};  // each launch eats much of the budget
  const auto collected = run(timer, {.budget_s = 5});
  EXPECT_EQ(collected.samples.size(), 11U);
}

TEST(Sampler, WarmsUpUntilTheClockHasSettled) {
  fakes::Timer timer;
  timer.script.clear();
  for (const double ghz : {1.0, 1.2, 1.5, 1.8, 1.9, 1.9, 1.9, 1.9, 1.9})
    timer.script.push_back({.seconds = 0.01, .sm_clock_hz = ghz * 1e9});
  // From here on 1.9 GHz for ever.
  timer.script.resize(200, {.seconds = 0.01, .sm_clock_hz = 1.9e9});
  const auto collected = run(timer, {});
  EXPECT_TRUE(collected.settled);
  EXPECT_EQ(collected.warmups, 9);
  for (const auto& sample : collected.samples) EXPECT_DOUBLE_EQ(*sample.sm_clock_hz, 1.9e9);
}

TEST(Sampler, APlateauStaysUnderLoad) {
  fakes::Timer timer;
  const auto collected = run(timer, {.warmup_min_s = 10, .warmup_budget_s = 12});
  EXPECT_GE(collected.warmups, 1000);
  EXPECT_TRUE(collected.settled);
}

TEST(Sampler, AnInterruptEndsItWithWhatThereIs) {
  fakes::Timer timer;
  timer.script = {{.seconds = 0.01}, {.seconds = 0.02}};
  const auto collected = collect(
      timer, [] {}, {.max_samples = 1000, .warmup_budget_s = 0.1}, [&] { return timer.wall; },
      [&] { return timer.next >= 20; });
  EXPECT_EQ(collected.stop, StopReason::interrupted);
  EXPECT_LE(timer.next, 20U);
}

/// Two launches: which of them ran, in order, and samples whose time and clock are those of the one that ran.
struct Pair {
  fakes::Timer timer;
  std::string order;
  std::vector<std::function<void()>> launches = {[this] { run('A', 0.010); }, [this] { run('B', 0.008); }};
  double b_noise = 0;

  void run(char name, double seconds) {
    order += name;
    const double noise = name == 'B' && order.size() % 4 == 0 ? b_noise : 0;
    timer.script = {{.seconds = seconds * (1 + noise), .sm_clock_hz = name == 'A' ? 1.5e9 : 1.4e9}};
  }
  std::vector<Collected> collect(const SamplePolicy& policy = {}) {
    return collect_in_turn(
        timer, std::span<const std::function<void()>>(launches), policy, [this] { return timer.wall; },
        [] { return false; });
  }
};

TEST(InTurn, TheLaunchesAlternateFromTheWarmUpToTheEnd) {
  Pair pair;
  const auto both = pair.collect();
  ASSERT_EQ(both.size(), 2U);
  std::string expected;
  for (int i = 0; i < 5 + 11; ++i) expected += "AB";
  EXPECT_EQ(pair.order, expected);
  for (const auto& each : both) {
    EXPECT_EQ(each.samples.size(), 11U);
    EXPECT_EQ(each.warmups, 5);
    EXPECT_TRUE(each.settled);
    EXPECT_EQ(each.stop, StopReason::converged);
    EXPECT_NEAR(each.wall_s, 11 * 0.018, 1e-12);
  }
  for (const auto& sample : both[0].samples) EXPECT_EQ(sample.seconds, 0.010);
  for (const auto& sample : both[1].samples) EXPECT_EQ(sample.sm_clock_hz, 1.4e9);
}

TEST(InTurn, EndsWhenEveryMedianIsKnown) {
  Pair pair;
  pair.b_noise = 0.3;
  const auto both = pair.collect({.max_samples = 40, .budget_s = 1e9});
  EXPECT_EQ(both[0].stop, StopReason::max_samples) << "though its own median is known";
  EXPECT_EQ(both[0].samples.size(), 40U);
  EXPECT_EQ(both[1].samples.size(), 40U);
}

TEST(InTurn, TheBudgetIsPerLaunch) {
  Pair pair;
  pair.b_noise = 0.3;
  const auto both = pair.collect({.budget_s = 1});
  EXPECT_EQ(both[0].stop, StopReason::time_budget);
  EXPECT_NEAR(both[0].wall_s, 2, 0.03);
}

TEST(Burst, SamplesFromTheFirstLaunchForFiftyMilliseconds) {
  fakes::Timer timer;
  timer.script = {{.seconds = 0.002}};
  timer.script[0].sm_clock_hz = 1.98e9;
  int launches = 0;
  const auto burst = collect_burst(
      timer, [&] { ++launches; }, {}, [&] { return timer.wall; }, [] { return false; });
  EXPECT_EQ(burst.samples.size(), 25U);
  EXPECT_EQ(launches, 25) << "no warm-up";
  EXPECT_EQ(burst.warmups, 0);
  EXPECT_EQ(burst.stop, StopReason::time_budget);
  EXPECT_NEAR(burst.wall_s, 0.05, 1e-12);
}

TEST(Burst, GoesOnUntilThereAreElevenSamples) {
  fakes::Timer timer;
  timer.script = {{.seconds = 0.02}};
  const auto burst = collect_burst(
      timer, [] {}, {}, [&] { return timer.wall; }, [] { return false; });
  EXPECT_EQ(burst.samples.size(), 11U);
}

TEST(Burst, EndsWhereATimerStandsStillOrTheRunIsInterrupted) {
  fakes::Timer timer;
  timer.script = {{.seconds = 0}};
  const auto still = collect_burst(
      timer, [] {}, {.max_samples = 30}, [&] { return timer.wall; }, [] { return false; });
  EXPECT_EQ(still.samples.size(), 30U);
  EXPECT_EQ(still.stop, StopReason::max_samples);
  timer.script = {{.seconds = 0.001}};
  const std::size_t before = timer.next;
  const auto cut = collect_burst(
      timer, [] {}, {}, [&] { return timer.wall; }, [&] { return timer.next >= before + 20; });
  EXPECT_EQ(cut.samples.size(), 20U);
  EXPECT_EQ(cut.stop, StopReason::interrupted);
}

TEST(Sampler, ATimeThatIsNoneNeverSettles) {
  fakes::Timer timer;
  timer.script = {{.seconds = 0}};
  const auto collected = run(timer, {.max_samples = 20, .warmup_budget_s = 0.05});
  EXPECT_FALSE(collected.settled);
}

// The measurer is itself measured: times of a known median must be found within its own interval.
TEST(Sampler, FindsAKnownMedian) {
  std::mt19937 random(7);
  std::normal_distribution<double> noise(0.010, 0.0002);
  fakes::Timer timer;
  timer.script.clear();
  for (int i = 0; i < 5000; ++i) timer.script.push_back({.seconds = noise(random)});
  const auto collected = run(timer, {.warmup_budget_s = 0.2});
  EXPECT_EQ(collected.stop, StopReason::converged);
  const auto summary = reports::summarize(collected.samples);
  EXPECT_NEAR(summary.median_s, 0.010, 3 * 0.0025 * 0.010);
  EXPECT_GT(collected.samples.size(), 50U);  // a spread of 5 % cannot be known from 11 samples
}

TEST(Settled, NeedsAFullWindowAndOneMeasure) {
  const auto with_clock = [](double hz) { return Sample{.seconds = 1, .sm_clock_hz = hz}; };
  EXPECT_FALSE(settled({with_clock(1), with_clock(1)}, 3, 0.01));
  EXPECT_TRUE(settled({with_clock(9), with_clock(1), with_clock(1), with_clock(1.005)}, 3, 0.01));
  EXPECT_FALSE(settled({with_clock(1), with_clock(1), with_clock(1.02)}, 3, 0.01));
  // One launch without a clock: the times decide.
  EXPECT_TRUE(settled({with_clock(1), with_clock(5), Sample{.seconds = 1}}, 3, 0.01));
  EXPECT_FALSE(settled({}, 0, 0.01));
}

}  // namespace
}  // namespace peakproof::bench
