#include "theory/roofline.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace peakproof::theory {
namespace {

DeviceSpec h200() {
  DeviceSpec device;
  device.compute_capability = {9, 0};
  device.sm_count = 132;
  device.sm_clock_hz = 1980e6;
  device.tensor_clock_hz = 1830e6;
  device.memory_data_rate_bps = 6.402e9;
  device.memory_bus_bits = 6016;
  return device;
}

TEST(Roofline, MemoryLimitsBelowTheRidgeAndThePipeAbove) {
  EXPECT_DOUBLE_EQ(attainable(100e12, 2e12, 1).value(), 2e12);
  EXPECT_DOUBLE_EQ(attainable(100e12, 2e12, 50).value(), 100e12);
  EXPECT_DOUBLE_EQ(attainable(100e12, 2e12, 5000).value(), 100e12);
  EXPECT_DOUBLE_EQ(attainable(100e12, 2e12, 0).value(), 0);
  EXPECT_DOUBLE_EQ(ridge_point(100e12, 2e12).value(), 50);
}

TEST(Roofline, RidgePointsOfH200) {
  EXPECT_NEAR(ridge_point(h200(), Pipe::fp32_fma).value(), 13.90, 0.01);
  EXPECT_NEAR(ridge_point(h200(), Pipe::fp64_fma).value(), 6.95, 0.01);
  EXPECT_NEAR(ridge_point(h200(), Pipe::tensor_bf16).value(), 205.5, 0.1);
  EXPECT_NEAR(ridge_point(h200(), Pipe::fp32_fma, Pipe::shared).value(), 2.0, 1e-9) << "256 FLOP and 128 B a clock";
}

TEST(Roofline, AttainableOnH200) {
  // A triad: 2 operations for 12 bytes of FP32.
  EXPECT_NEAR(attainable(h200(), Pipe::fp32_fma, 2.0 / 12.0).value(), 4814.3e9 / 6, 1e8);
  EXPECT_NEAR(attainable(h200(), Pipe::fp32_fma, 1000).value(), 66.9e12, 0.05e12);
}

TEST(Roofline, UnknownStaysUnknown) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinite = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(attainable(0, 1e12, 1));
  EXPECT_FALSE(attainable(1e12, 0, 1));
  EXPECT_FALSE(attainable(nan, 1e12, 1));
  EXPECT_FALSE(attainable(1e12, infinite, 1));
  EXPECT_FALSE(attainable(1e12, 1e12, -1));
  EXPECT_FALSE(attainable(1e12, 1e12, nan));
  EXPECT_FALSE(ridge_point(1e12, -1));
  EXPECT_FALSE(ridge_point(nan, 1e12));
  auto device = h200();
  EXPECT_FALSE(ridge_point(device, Pipe::tensor_fp4)) << "no row on 9.0";
  EXPECT_FALSE(attainable(device, Pipe::tensor_fp4, 1));
  device.memory_bus_bits = 0;
  EXPECT_FALSE(ridge_point(device, Pipe::fp32_fma));
  EXPECT_FALSE(attainable(device, Pipe::fp32_fma, 1));
}

}  // namespace
}  // namespace peakproof::theory
