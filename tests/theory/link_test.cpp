#include "theory/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "theory/boards.hpp"

namespace peakproof::theory {
namespace {

using testing::HasSubstr;

double gigabytes(const std::optional<Peak>& peak) { return peak ? 1e-9 * peak->per_second : -1; }

// What the PCI-SIG and data sheets print for 16 lanes, in one direction, encoding taken off.
TEST(Pcie, SixteenLanesOfEachGeneration) {
  EXPECT_DOUBLE_EQ(gigabytes(pcie_peak({1, 16})), 4);
  EXPECT_DOUBLE_EQ(gigabytes(pcie_peak({2, 16})), 8);
  EXPECT_NEAR(gigabytes(pcie_peak({3, 16})), 15.754, 0.001);
  EXPECT_NEAR(gigabytes(pcie_peak({4, 16})), 31.508, 0.001);
  EXPECT_NEAR(gigabytes(pcie_peak({5, 16})), 63.015, 0.001);
  EXPECT_NEAR(gigabytes(pcie_peak({6, 16})), 118, 0.001);
}

TEST(Pcie, LanesAndDirectionsMultiply) {
  const double one = gigabytes(pcie_peak({4, 1}));
  EXPECT_NEAR(one, 1.969, 0.001);
  for (const int lanes : {2, 4, 8, 12, 16, 32}) EXPECT_DOUBLE_EQ(gigabytes(pcie_peak({4, lanes})), lanes * one);
  EXPECT_DOUBLE_EQ(gigabytes(pcie_peak({4, 8}, 2)), 16 * one);
}

TEST(Pcie, FormulaHoldsTheNumbers) {
  const auto peak = pcie_peak({5, 16}, 2);
  ASSERT_TRUE(peak);
  EXPECT_EQ(peak->formula, "2 directions x 32 GT/s x 16 lanes x 128/130 / 8");
  EXPECT_EQ(peak->pipe, Pipe::pcie);
  EXPECT_EQ(peak->clock_hz, 0);
  EXPECT_THAT(peak->source, HasSubstr("PCI Express Base Specification"));
  EXPECT_EQ(pcie_peak({1, 1})->formula, "2.5 GT/s x 1 lane x 8/10 / 8");
  EXPECT_EQ(pcie_peak({6, 16})->formula, "64 GT/s x 16 lanes x 236/256 / 8");
}

TEST(Pcie, WhatThereIsNotHasNoPeak) {
  for (const int generation : {-1, 0, 7}) EXPECT_FALSE(pcie_peak({generation, 16})) << generation;
  for (const int lanes : {-16, 0, 3, 17, 64}) EXPECT_FALSE(pcie_peak({5, lanes})) << lanes;
  for (const int directions : {-1, 0, 3}) EXPECT_FALSE(pcie_peak({5, 16}, directions)) << directions;
}

TEST(Pcie, Names) {
  EXPECT_EQ(to_string(PcieLink{5, 16}), "Gen5 x16");
  EXPECT_EQ(to_string(PcieLink{}), "unknown");
  EXPECT_EQ(to_string(PcieLink{5, 0}), "unknown");
}

// An H100 at Gen5 x16 copies 56.2 to 57.1 GB/s (NVIDIA/cuda-samples, issue 357): what packets of 256 bytes leave.
TEST(Pcie, PacketsExplainWhatCopiesReach) {
  EXPECT_NEAR(*pcie_payload_share(5, 128), 0.842, 0.001);
  EXPECT_NEAR(*pcie_payload_share(5, 256), 0.914, 0.001);
  EXPECT_NEAR(*pcie_payload_share(5, 512), 0.955, 0.001);
  EXPECT_NEAR(gigabytes(pcie_peak({5, 16})) * *pcie_payload_share(5, 256), 57.6, 0.05);
  EXPECT_GT(*pcie_payload_share(6, 256), *pcie_payload_share(5, 256));
  EXPECT_FALSE(pcie_payload_share(0, 256));
  EXPECT_FALSE(pcie_payload_share(7, 256));
  EXPECT_FALSE(pcie_payload_share(5, 0));
}

TEST(NvLink, BoardsOfEachGeneration) {
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_peak({1, 4}, 2)), 160);    // P100
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_peak({2, 6}, 2)), 300);    // V100
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_peak({3, 12}, 2)), 600);   // A100
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_peak({4, 18})), 450);      // H100, H200: one direction
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_peak({5, 18}, 2)), 1800);  // B200
}

TEST(NvLink, TheLineIsNoDataRateButASlowOneIs) {
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_peak({4, 18, 26.562e9})), 450);  // as the driver says of an H100
  const auto slow = nvlink_peak({3, 4, 14.062e9});                   // as it says of an RTX 3090
  EXPECT_DOUBLE_EQ(gigabytes(slow), 4 * 14.062);
  EXPECT_EQ(slow->formula, "4 links x 14.062 GB/s");
  EXPECT_THAT(slow->source, HasSubstr("the driver's word"));
}

TEST(NvLink, FormulaAndWhatThereIsNot) {
  const auto peak = nvlink_peak({4, 18}, 2);
  EXPECT_EQ(peak->formula, "2 directions x 18 links x 25 GB/s");
  EXPECT_EQ(peak->pipe, Pipe::nvlink);
  EXPECT_EQ(peak->clock_hz, 0);
  EXPECT_EQ(nvlink_peak({4, 1})->formula, "1 link x 25 GB/s");
  for (const int generation : {-1, 0, 6}) EXPECT_FALSE(nvlink_peak({generation, 18})) << generation;
  EXPECT_FALSE(nvlink_peak({4, 0}));
  EXPECT_FALSE(nvlink_peak({4, 18}, 3));
}

TEST(Links, OfEveryBoardThatPrintsThem) {
  for (const auto& board : boards()) {
    const auto device = device_spec(board);
    const auto pcie = rated_peak(device, Pipe::pcie);
    ASSERT_EQ(pcie.has_value(), board.pcie_generation > 0 && board.pcie_lanes > 0) << board.name;
    if (pcie) {
      EXPECT_EQ(pcie->per_second, pcie_peak({board.pcie_generation, board.pcie_lanes})->per_second);
    }
    const auto nvlink = rated_peak(device, Pipe::nvlink);
    ASSERT_EQ(nvlink.has_value(), board.nvlink_gbs > 0) << board.name;
    if (nvlink) {
      EXPECT_DOUBLE_EQ(1e-9 * nvlink->per_second, board.nvlink_gbs / 2) << board.name;
    }
  }
}

}  // namespace
}  // namespace peakproof::theory
