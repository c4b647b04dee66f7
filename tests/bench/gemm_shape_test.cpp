// The shapes that are measured where the user names none.
#include "bench/harness/gemm_shape.hpp"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace {

using namespace peakproof::bench;  // NOLINT: a test of this namespace
using peakproof::kernels::GemmShape;
using peakproof::kernels::GemmTile;

constexpr GemmTile kTile{128, 256, 64};

std::int64_t tiles_of(const GemmShape& shape, const GemmTile& tile) { return shape.m / tile.m * (shape.n / tile.n); }

TEST(WholeWaves, FillAnH200) {
  const GemmShape shape = whole_waves(132, kTile);
  EXPECT_EQ(shape.m, 8448);
  EXPECT_EQ(shape.n, 8192);
  EXPECT_EQ(shape.k, 8192);
  EXPECT_EQ(tiles_of(shape, kTile), 16 * 132);
}

TEST(WholeWaves, TakeTheSideWhereItFits) {
  for (const int sms : {1, 2, 4, 8, 64, 128}) {
    const GemmShape shape = whole_waves(sms, kTile);
    EXPECT_EQ(shape.m, kGemmSide) << sms;
    EXPECT_EQ(shape.n, kGemmSide) << sms;
  }
}

TEST(WholeWaves, FitTheTileAndStayNearTheSide) {
  for (const GemmTile& tile : {kTile, GemmTile{256, 256, 128}, GemmTile{128, 128, 16}, GemmTile{128, 256, 1024}})
    for (int sms = 1; sms <= 192; ++sms)
      for (const std::int64_t side : {1024, 4096, 8192}) {
        const GemmShape shape = whole_waves(sms, tile, side);
        ASSERT_EQ(shape.m % tile.m, 0);
        ASSERT_EQ(shape.n % tile.n, 0);
        ASSERT_EQ(shape.k % tile.k, 0);
        ASSERT_EQ(shape.k, side);
        for (const std::int64_t extent : {shape.m, shape.n}) {
          ASSERT_GE(extent * 3, side * 2) << sms;
          ASSERT_LE(extent * 2, side * 3) << sms;
        }
      }
}

TEST(WholeWaves, LeaveNoSmIdleWhereThereAreManyTiles) {
  // Real devices: T4, RTX 3090, RTX 4090, L40S, A100, H100 PCIe, H100 SXM and H200, B200, RTX 5090.
  for (const int sms : {40, 82, 128, 142, 108, 114, 132, 148, 170})
    EXPECT_EQ(tiles_of(whole_waves(sms, kTile), kTile) % sms, 0) << sms;
}

TEST(WholeWaves, FallBackToTheSmallestTail) {
  const GemmShape shape = whole_waves(127, kTile);  // a prime number, and more than 1.5 times the tiles of a side
  const std::int64_t tiles = tiles_of(shape, kTile);
  const std::int64_t waves = (tiles + 126) / 127;
  EXPECT_GT(static_cast<double>(tiles) / static_cast<double>(waves * 127), 0.99);
}

TEST(WholeWaves, OfATileLargerThanTheSideIsOneTile) {
  const GemmShape shape = whole_waves(3, {1024, 1024, 1024}, 100);
  EXPECT_EQ(shape.m, 1024);
  EXPECT_EQ(shape.n, 1024);
  EXPECT_EQ(shape.k, 1024);
}

TEST(SweptShapes, AreAGridAroundTheUsualShape) {
  const auto shapes = swept_shapes({8448, 8192, 8192}, kTile);
  EXPECT_EQ(shapes.size(), 4U * 4 * 4);
  std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> different;
  bool usual = false;
  for (const auto& shape : shapes) {
    EXPECT_EQ(shape.m % kTile.m, 0);
    EXPECT_EQ(shape.n % kTile.n, 0);
    EXPECT_EQ(shape.k % kTile.k, 0);
    different.insert({shape.m, shape.n, shape.k});
    usual = usual || (shape.m == 8448 && shape.n == 8192 && shape.k == 8192);
  }
  EXPECT_EQ(different.size(), shapes.size());
  EXPECT_TRUE(usual);
}

TEST(SweptShapes, KeepWhatIsFixed) {
  const auto shapes = swept_shapes({8448, 8192, 8192}, kTile, {.m = 256, .n = 0, .k = 320});
  EXPECT_EQ(shapes.size(), 4U);
  for (const auto& shape : shapes) {
    EXPECT_EQ(shape.m, 256);
    EXPECT_EQ(shape.k, 320);
  }
  EXPECT_EQ(swept_shapes({8448, 8192, 8192}, kTile, {.m = 100, .n = 100, .k = 100}).size(), 1U);
}

TEST(SweptShapes, OfASmallProductAreNoneTwice) {
  const auto shapes = swept_shapes({128, 256, 64}, kTile);
  EXPECT_EQ(shapes.size(), 2U * 2 * 4);  // one and two tiles
}

}  // namespace
