#include "reports/little.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace peakproof::reports {
namespace {

using testing::DoubleNear;

std::vector<FlightPoint> curve(double peak, double latency, double sharpness, int points = 12) {
  const LittleFit truth{.peak_per_s = peak, .latency_s = latency, .sharpness = sharpness};
  std::vector<FlightPoint> out;
  for (int i = 0; i < points; ++i) {
    const double bytes = 65536.0 * std::exp2(i);
    out.push_back({bytes, truth.rate_at(bytes)});
  }
  return out;
}

TEST(LittleFit, ModelsBothEnds) {
  const LittleFit fit{.peak_per_s = 4e12, .latency_s = 6e-7, .sharpness = 2};
  EXPECT_THAT(fit.rate_at(1000), DoubleNear(1000 / 6e-7, 1e-6 * 1000 / 6e-7)) << "few: N / latency";
  EXPECT_THAT(fit.rate_at(1e12), DoubleNear(4e12, 1e6)) << "many: the peak";
  EXPECT_DOUBLE_EQ(fit.needed_bytes(), 2.4e6);
  EXPECT_THAT(fit.rate_at(2.4e6), DoubleNear(4e12 / std::sqrt(2.0), 1e6)) << "in the knee";
}

TEST(LittleFit, FindsWhatMadeTheCurve) {
  for (const double sharpness : {1.0, 1.7, 3.0, 8.0}) {
    SCOPED_TRACE(sharpness);
    const auto fit = fit_littles_law(curve(4.6e12, 6.2e-7, sharpness));
    ASSERT_TRUE(fit);
    EXPECT_NEAR(fit->peak_per_s, 4.6e12, 0.01 * 4.6e12);
    EXPECT_NEAR(fit->latency_s, 6.2e-7, 0.01 * 6.2e-7);
    EXPECT_NEAR(fit->sharpness, sharpness, 0.03 * sharpness);
    EXPECT_LT(fit->residual, 0.01);
  }
}

TEST(LittleFit, StandsNoise) {
  auto points = curve(2e12, 5e-7, 2);
  for (std::size_t i = 0; i < points.size(); ++i) points[i].per_second *= i % 2 == 0 ? 1.02 : 0.98;
  const auto fit = fit_littles_law(points);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->peak_per_s, 2e12, 0.03 * 2e12);
  EXPECT_NEAR(fit->latency_s, 5e-7, 0.05 * 5e-7);
  EXPECT_GT(fit->residual, 0.005);
  EXPECT_LT(fit->residual, 0.05);
}

TEST(LittleFit, TellsTheLatencyUnderLoad) {
  const auto points = curve(4e12, 6e-7, 2);
  const auto fit = fit_littles_law(points);
  ASSERT_TRUE(fit && fit->loaded_bytes && fit->loaded_latency_s);
  EXPECT_GE(fit->rate_at(*fit->loaded_bytes), 0.945 * fit->peak_per_s);
  EXPECT_LT(fit->rate_at(*fit->loaded_bytes / 2), 0.95 * fit->peak_per_s) << "the smallest that does";
  const auto loaded = std::find_if(points.begin(), points.end(), [&](const FlightPoint& point) {
    return point.in_flight_bytes == *fit->loaded_bytes;
  });
  ASSERT_NE(loaded, points.end()) << "one of the points";
  EXPECT_DOUBLE_EQ(*fit->loaded_latency_s, loaded->in_flight_bytes / loaded->per_second) << "N / rate";
  EXPECT_GT(*fit->loaded_latency_s, fit->latency_s);
}

TEST(LittleFit, SaysWherePeakIsExtrapolated) {
  const auto fit = fit_littles_law(curve(4e12, 6e-7, 1, 6));  // ends at 2 MiB: not half of the peak
  ASSERT_TRUE(fit);
  EXPECT_FALSE(fit->loaded_bytes);
  EXPECT_FALSE(fit->loaded_latency_s);
}

TEST(LittleFit, IsNothingOfWhatTellsNothing) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(fit_littles_law({}));
  EXPECT_FALSE(fit_littles_law(curve(4e12, 6e-7, 2, 3))) << "too few";
  std::vector<FlightPoint> straight;
  std::vector<FlightPoint> level;
  for (int i = 0; i < 8; ++i) {
    straight.push_back({65536.0 * (i + 1), 1e11 * (i + 1)});
    level.push_back({65536.0 * (i + 1), 1e12});
  }
  EXPECT_FALSE(fit_littles_law(straight)) << "no peak";
  EXPECT_FALSE(fit_littles_law(level)) << "no latency";
  for (const double bad : {0.0, -1.0, kNaN, std::numeric_limits<double>::infinity()}) {
    auto points = curve(4e12, 6e-7, 2);
    points[3].per_second = bad;
    EXPECT_FALSE(fit_littles_law(points)) << bad;
    points = curve(4e12, 6e-7, 2);
    points[3].in_flight_bytes = bad;
    EXPECT_FALSE(fit_littles_law(points)) << bad;
  }
}

}  // namespace
}  // namespace peakproof::reports
