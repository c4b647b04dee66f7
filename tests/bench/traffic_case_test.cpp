// Whether each block had its SM for itself, from what the blocks leave behind.
#include <gtest/gtest.h>

#include "bench/harness/cuda_traffic.hpp"

namespace {

using peakproof::bench::blocks_not_alone;
using peakproof::kernels::BlockTrace;

TEST(BlocksNotAlone, OneAfterTheOtherIsAlone) {
  EXPECT_EQ(blocks_not_alone({{0, 10, 0}, {5, 15, 1}, {10, 20, 0}, {15, 16, 1}}), 0);
  EXPECT_EQ(blocks_not_alone({{10, 20, 0}, {0, 10, 0}}), 0) << "in whatever order they are listed";
  EXPECT_EQ(blocks_not_alone({}), 0);
}

TEST(BlocksNotAlone, TwoAtOnceAreSeen) {
  EXPECT_EQ(blocks_not_alone({{0, 10, 0}, {9, 20, 0}, {20, 30, 0}}), 1);
  EXPECT_EQ(blocks_not_alone({{0, 10, 3}, {0, 10, 3}}), 1);
}

TEST(BlocksNotAlone, WhatLeftNoTraceIsSeen) {
  EXPECT_EQ(blocks_not_alone({{0, 0, -1}, {0, 10, 0}}), 1);
  EXPECT_EQ(blocks_not_alone({{5, 5, 0}}), 1) << "no time";
  BlockTrace poisoned;
  poisoned.begin_clk = poisoned.end_clk = poisoned.smid = static_cast<std::int64_t>(0xA5A5A5A5A5A5A5A5);
  EXPECT_EQ(blocks_not_alone({poisoned, poisoned}), 2);
}

}  // namespace
