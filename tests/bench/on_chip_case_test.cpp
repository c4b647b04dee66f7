// What is held against what lies on an SM: bank conflicts, and words against their answers.
#include <gtest/gtest.h>

#include "bench/harness/cuda_on_chip.hpp"

namespace peakproof::bench {
namespace {

theory::DeviceSpec device_of(int major, int minor) {
  return {.compute_capability = {major, minor}, .sm_count = 132, .sm_clock_hz = 1980e6};
}

TEST(ConflictPeak, IsTheShareOfAnUndisturbedRead) {
  const auto h200 = device_of(9, 0);
  const double whole = 132 * 128 * 1980e6;
  for (const int ways : {1, 2, 4, 8, 16, 32}) {
    const auto peak = conflict_peak(h200, ways, 1980e6);
    ASSERT_TRUE(peak);
    EXPECT_DOUBLE_EQ(peak->per_second, whole / ways);
    EXPECT_EQ(peak->clock_hz, 1980e6);
    EXPECT_EQ(peak->pipe, theory::Pipe::shared);
  }
}

TEST(ConflictPeak, SaysItsFormulaAndItsSource) {
  const auto peak = conflict_peak(device_of(9, 0), 8, 1e9);
  ASSERT_TRUE(peak);
  EXPECT_EQ(peak->formula, "132 SMs x 128 B/clk/SM x 1.000 GHz / 8 (8-way bank conflict)");
  EXPECT_NE(peak->source.find("one word of 32 bits a clock"), std::string::npos);
  EXPECT_EQ(conflict_peak(device_of(9, 0), 1, 1e9)->formula, "132 SMs x 128 B/clk/SM x 1.000 GHz");
}

TEST(ConflictPeak, IsUnknownWhereAnSmMovesLessThanItsBanks) {
  EXPECT_TRUE(conflict_peak(device_of(7, 5), 1, 1e9));
  EXPECT_FALSE(conflict_peak(device_of(7, 5), 2, 1e9));
  EXPECT_FALSE(conflict_peak(device_of(7, 5), 32, 1e9));
}

TEST(ConflictPeak, IsUnknownWhereSharedMemoryIs) {
  EXPECT_FALSE(conflict_peak(device_of(99, 0), 1, 1e9));
  EXPECT_FALSE(conflict_peak(device_of(99, 0), 4, 1e9));
}

TEST(VerifyWords, ComparesEveryThreadWithItsAnswer) {
  const std::vector<std::uint32_t> expected = {5, 6, 7};
  std::vector<std::uint32_t> out = {5, 6, 7, 5, 6, 7, 5};
  EXPECT_EQ(verify_words(out, expected, {}).items, 7);
  EXPECT_EQ(verify_words(out, expected, {}).mismatches, 0);
  out[4] = 7;
  EXPECT_EQ(verify_words(out, expected, {}).mismatches, 1);
  EXPECT_EQ(verify_words({7, 5, 6}, expected, {}).mismatches, 3) << "the same words in other places";
  EXPECT_EQ(verify_words(out, {}, {}).mismatches, 7) << "no answer is no right answer";
}

TEST(BlocksOfSm, TellsAMissingKernelFromAnError) {
  EXPECT_EQ(blocks_of_sm(cudaSuccess, 5).count, 5);
  EXPECT_FALSE(blocks_of_sm(cudaSuccess, 5).why_none);
  EXPECT_TRUE(blocks_of_sm(cudaErrorNoKernelImageForDevice, 0).why_none);
  EXPECT_THROW(static_cast<void>(blocks_of_sm(cudaErrorLaunchOutOfResources, 0)), MeasurementError);
}

TEST(DataRemark, SaysWhenTheOptionMeansNothing) {
  Options options;
  EXPECT_EQ(with_data_remark("first", options), "first");
  options.data = DataChoice::zero;
  EXPECT_NE(with_data_remark("first", options).find("first; --data does not apply"), std::string::npos);
  EXPECT_EQ(with_data_remark("", options).find("--data"), 0U);
}

}  // namespace
}  // namespace peakproof::bench
