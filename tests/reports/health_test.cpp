// What was seen of the device's health: names, time shares, thinning. No device.
#include "reports/health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "reports/efficiency.hpp"

namespace peakproof::reports {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TelemetryPoint with_reasons(double at_s, std::optional<std::uint64_t> reasons) {
  TelemetryPoint point{.at_s = at_s};
  point.clock_reasons = reasons;
  return point;
}

TEST(ClockReasonNames, OnePerBitAndUnknownOnesAreNotLost) {
  EXPECT_THAT(clock_reason_names_of(0), IsEmpty());
  EXPECT_THAT(clock_reason_names_of(0x44), ElementsAre("sw_power_cap", "hw_thermal"));
  EXPECT_THAT(clock_reason_names_of(0x1ff), SizeIs(9));
  EXPECT_THAT(clock_reason_names_of(0x8000000000000204),
              ElementsAre("sw_power_cap", "unknown_0x200", "unknown_0x8000000000000000"));
  for (const auto& [bit, name] : clock_reason_names())
    EXPECT_THAT(clock_reason_names_of(bit), ElementsAre(std::string(name)));
}

TEST(ReasonShare, EachLookStandsForTheTimeAroundIt) {
  const std::vector<TelemetryPoint> points = {with_reasons(1, 0x4), with_reasons(3, 0), with_reasons(4, 0x4)};
  // 0 to 2: power cap; 2 to 3.5: none; 3.5 to 10: power cap.
  EXPECT_DOUBLE_EQ(reason_share(points, 0, 10, 0x4), 0.85);
  EXPECT_DOUBLE_EQ(reason_share(points, 0, 10, 0x20), 0);
  EXPECT_DOUBLE_EQ(reason_share(points, 0, 10, 0x24), 0.85);
  // A look outside does not count.
  EXPECT_DOUBLE_EQ(reason_share(points, 2.5, 3.5, 0x4), 0);
}

TEST(ReasonShare, WhatDoesNotSayItDoesNotCount) {
  const std::vector<TelemetryPoint> points = {with_reasons(1, std::nullopt), with_reasons(2, 0x4),
                                              with_reasons(3, std::nullopt)};
  EXPECT_DOUBLE_EQ(reason_share(points, 0, 4, 0x4), 1);
  EXPECT_DOUBLE_EQ(reason_share({}, 0, 4, 0x4), 0);
  EXPECT_DOUBLE_EQ(reason_share(points, 2, 2, 0x4), 1) << "a region of one moment";
}

TEST(Summarize, OfTheLooksWithin) {
  std::vector<TelemetryPoint> points = {
      {.at_s = 0, .sm_clock_hz = 9e9, .power_w = 9000, .temperature_c = 99, .clock_reasons = 0x40},
      {.at_s = 1, .sm_clock_hz = 1.0e9, .power_w = 300, .temperature_c = 50, .clock_reasons = 0x4},
      {.at_s = 2, .sm_clock_hz = 1.4e9, .power_w = 500, .temperature_c = 52, .clock_reasons = 0},
      {.at_s = 3, .sm_clock_hz = 1.2e9, .power_w = 400, .temperature_c = 51, .clock_reasons = 0},
      {.at_s = 4, .sm_clock_hz = 0.1e9, .power_w = 9000, .temperature_c = 99, .clock_reasons = 0x40}};
  const Telemetry seen = summarize(points, 1, 3);
  EXPECT_EQ(seen.begin_s, 1);
  EXPECT_EQ(seen.end_s, 3);
  EXPECT_EQ(seen.count, 3);
  EXPECT_DOUBLE_EQ(seen.min_sm_clock_hz.value(), 1.0e9);
  EXPECT_DOUBLE_EQ(seen.median_sm_clock_hz.value(), 1.2e9);
  EXPECT_DOUBLE_EQ(seen.max_sm_clock_hz.value(), 1.4e9);
  EXPECT_DOUBLE_EQ(seen.median_power_w.value(), 400);
  EXPECT_DOUBLE_EQ(seen.max_power_w.value(), 500);
  EXPECT_DOUBLE_EQ(seen.max_temperature_c.value(), 52);
  EXPECT_THAT(seen.reasons, ElementsAre(testing::Pair("sw_power_cap", 0.25)));
  EXPECT_FALSE(seen.stale);
  std::reverse(points.begin(), points.end());
  EXPECT_EQ(summarize(points, 1, 3).reasons, seen.reasons) << "in whatever order";
}

TEST(Summarize, WhatNoLookHasStaysEmptyAndIsNotZero) {
  const Telemetry none = summarize({}, 1, 3);
  EXPECT_EQ(none.count, 0);
  EXPECT_FALSE(none.min_sm_clock_hz || none.median_sm_clock_hz || none.max_sm_clock_hz || none.median_power_w ||
               none.max_power_w || none.max_temperature_c);
  EXPECT_THAT(none.reasons, IsEmpty());
  const std::vector<TelemetryPoint> partly = {{.at_s = 2, .power_w = 100}};
  EXPECT_FALSE(summarize(partly, 1, 3).median_sm_clock_hz);
  EXPECT_EQ(summarize(partly, 1, 3).median_power_w, 100);
}

std::vector<TelemetryPoint> many(int count, int change_every) {
  std::vector<TelemetryPoint> points;
  for (int i = 0; i < count; ++i) points.push_back(with_reasons(i, (i / change_every) % 2 == 0 ? 0 : 4));
  return points;
}

std::vector<double> times(const std::vector<TelemetryPoint>& points) {
  std::vector<double> at;
  for (const auto& point : points) at.push_back(point.at_s);
  return at;
}

TEST(Thinned, FewStayAsTheyAre) {
  EXPECT_THAT(thinned({}), IsEmpty());
  EXPECT_EQ(times(thinned(many(10, 3), 10)), times(many(10, 3)));
}

TEST(Thinned, KeepsTheEndsAndEveryChange) {
  const auto kept = thinned(many(1000, 100), 50);
  EXPECT_THAT(kept, SizeIs(50));
  EXPECT_EQ(kept.front().at_s, 0);
  EXPECT_EQ(kept.back().at_s, 999);
  const auto at = times(kept);
  EXPECT_TRUE(std::is_sorted(at.begin(), at.end()));
  for (int change = 100; change < 1000; change += 100)
    EXPECT_TRUE(std::binary_search(at.begin(), at.end(), change)) << change;
  double widest = 0;
  for (std::size_t i = 1; i < at.size(); ++i) widest = std::max(widest, at[i] - at[i - 1]);
  EXPECT_LE(widest, 2 * 1000.0 / (50 - 11)) << "the rest is even";
}

TEST(Thinned, MoreChangesThanRoomAreThinnedToo) {
  const auto kept = thinned(many(1000, 1), 10);
  EXPECT_THAT(kept, SizeIs(10));
  EXPECT_EQ(kept.front().at_s, 0);
  EXPECT_EQ(kept.back().at_s, 999);
}

TEST(Thinned, LittleOrNoRoom) {
  EXPECT_THAT(thinned(many(10, 3), 0), IsEmpty());
  EXPECT_THAT(thinned(many(10, 3), -1), IsEmpty());
  EXPECT_THAT(times(thinned(many(10, 3), 1)), ElementsAre(0));
  EXPECT_THAT(times(thinned(many(10, 3), 2)), ElementsAre(0, 9));
}

ClockReasons of_one(std::uint64_t reasons) {
  const std::vector<TelemetryPoint> points = {with_reasons(1, reasons)};
  return clock_reasons(points, summarize(points, 0, 2));
}

TEST(ClockReasonsOf, EachBitHasItsName) {
  struct Row {
    std::uint64_t bits;
    ClockReasons expected;
  };
  const std::vector<Row> rows = {{0, {}},
                                 {0x1, {}},
                                 {0x2, {.locked = 1}},
                                 {0x100, {.locked = 1}},
                                 {0x4, {.power_cap = 1}},
                                 {0x8, {.hardware_slowdown = 1}},
                                 {0x80, {.hardware_slowdown = 1}},
                                 {0x88, {.hardware_slowdown = 1}},
                                 {0x20, {.thermal = 1}},
                                 {0x40, {.thermal = 1}},
                                 {0x48, {.thermal = 1}},  // HW slowdown, and heat is why
                                 {0x10, {.other = 1}},
                                 {0x400, {.other = 1}},  // one that is not known yet
                                 {0x24, {.power_cap = 1, .thermal = 1}}};
  for (const auto& [bits, expected] : rows) {
    const ClockReasons found = of_one(bits);
    EXPECT_EQ(found.power_cap, expected.power_cap) << bits;
    EXPECT_EQ(found.thermal, expected.thermal) << bits;
    EXPECT_EQ(found.hardware_slowdown, expected.hardware_slowdown) << bits;
    EXPECT_EQ(found.locked, expected.locked) << bits;
    EXPECT_EQ(found.other, expected.other) << bits;
  }
}

TEST(ClockReasonsOf, TwoKindsOfHeatAreCountedOnceWhereTheyOverlap) {
  const std::vector<TelemetryPoint> points = {with_reasons(0.5, 0x20), with_reasons(1.5, 0x60), with_reasons(2.5, 0x40),
                                              with_reasons(3.5, 0)};
  EXPECT_DOUBLE_EQ(clock_reasons(points, summarize(points, 0, 4)).thermal, 0.75);
}

TEST(ClockReasonsOf, TheDriversCountersCountWhereTheyKnowMore) {
  const std::vector<TelemetryPoint> points = {with_reasons(1, 0)};
  Telemetry telemetry = summarize(points, 0, 2);
  telemetry.reasons = {{"sw_power_cap", 0.3}, {"sw_thermal", 0.1}, {"hw_power_brake", 0.05}};
  const ClockReasons found = clock_reasons(points, telemetry);
  EXPECT_DOUBLE_EQ(found.power_cap, 0.3);
  EXPECT_DOUBLE_EQ(found.thermal, 0.1);
  EXPECT_DOUBLE_EQ(found.hardware_slowdown, 0.05);
}

TEST(ClockReasonsOf, TheLossIsDividedCompletely) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::uint64_t> bits(0, 0x3ff);
  std::uniform_real_distribution<double> clock(0.3, 1.0);
  for (int i = 0; i < 2000; ++i) {
    std::vector<TelemetryPoint> points;
    for (int k = 0; k < 8; ++k) points.push_back(with_reasons(k, bits(random) & bits(random)));
    const double c = clock(random);
    const auto found = losses({.spec = c, .issue = 1, .clock = c}, clock_reasons(points, summarize(points, 0, 7)), {});
    double sum = 0;
    for (const Loss& loss : found) {
      EXPECT_EQ(loss.kind, "clock") << loss.name;
      EXPECT_GT(loss.fraction, 0);
      sum += loss.fraction;
    }
    EXPECT_NEAR(sum, 1 - c, 1e-12);
  }
}

}  // namespace
}  // namespace peakproof::reports
