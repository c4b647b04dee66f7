// The published latencies against a second transcription, and what a table for comparison must never do: answer for an
// architecture or an instruction that it has no figure of.
#include "theory/latencies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "theory/pipe.hpp"

namespace peakproof::theory {
namespace {

using Cycles = std::map<std::pair<std::string, std::string>, double>;  // compute capability, instruction

TEST(Latencies, EveryRowIsThatOfTheSecondTranscriptionAndNoneIsMissing) {
  const Cycles expected = {
      {{"7.5", "fp32_fma"}, 4.07},   {{"7.5", "fp64_fma"}, 48},     {{"7.5", "fp16x2_fma"}, 6.19},
      {{"7.5", "int32_mad"}, 4.11},  {{"7.5", "int32_add"}, 3.96},  {{"7.5", "int32_logic"}, 4.11},
      {{"7.5", "dp4a"}, 4.11},       {{"7.5", "sfu_ex2"}, 15},      {{"7.5", "sfu_lg2"}, 15},
      {{"7.5", "sfu_rsqrt"}, 15},    {{"7.5", "sfu_sin"}, 21},      {{"7.5", "shuffle"}, 25},
      {{"9.0", "fp32_fma"}, 4.07},   {{"9.0", "fp64_fma"}, 8.04},   {{"9.0", "fp16x2_fma"}, 8.52},
      {{"9.0", "int32_mad"}, 4.12},  {{"10.3", "fp32_fma"}, 4.04},  {{"10.3", "fp16x2_fma"}, 4.04},
      {{"10.3", "int32_mad"}, 4},    {{"10.3", "int32_add"}, 4},    {{"10.3", "int32_logic"}, 4},
      {{"10.3", "sfu_ex2"}, 14.14},  {{"10.3", "sfu_lg2"}, 40},     {{"10.3", "sfu_rcp"}, 42.1},
      {{"10.3", "sfu_rsqrt"}, 40.1}, {{"10.3", "sfu_sin"}, 24.02},  {{"10.3", "sfu_tanh"}, 18},
      {{"10.3", "shuffle"}, 24},     {{"10.3", "convert_pack"}, 4}, {{"8.0", "load_l1"}, 33},
      {{"8.0", "load_l2"}, 205},     {{"8.0", "load_l2_far"}, 405}, {{"8.0", "load_dram"}, 552},
      {{"8.6", "load_l1"}, 33},      {{"8.6", "load_l2"}, 250},     {{"8.6", "load_dram"}, 556},
      {{"8.9", "load_l1"}, 34},      {{"8.9", "load_l2"}, 274},     {{"8.9", "load_dram"}, 625},
      {{"9.0", "load_shared"}, 29},  {{"9.0", "load_l1"}, 32},      {{"9.0", "load_l2"}, 280},
      {{"9.0", "load_l2_far"}, 502}, {{"9.0", "load_dram"}, 687},
  };
  Cycles rows;
  for (const auto& row : published_latencies())
    rows[{to_string(row.compute_capability), std::string(row.instruction)}] = row.cycles;
  EXPECT_EQ(rows, expected);
}

TEST(Latencies, AreFoundByArchitectureAndInstructionAndNothingElse) {
  const auto* fma = find_latency({9, 0}, "fp32_fma");
  ASSERT_NE(fma, nullptr);
  EXPECT_EQ(fma->cycles, 4.07);
  EXPECT_TRUE(fma->doubt.empty());
  EXPECT_EQ(find_latency({9, 0}, "sfu_ex2"), nullptr) << "no figure seen";
  EXPECT_EQ(find_latency({9, 0}, "fp32"), nullptr);
  EXPECT_EQ(find_latency({9, 0}, ""), nullptr);
  for (const ComputeCapability cc : {ComputeCapability{7, 0}, {8, 6}, {8, 9}, {10, 0}, {12, 0}, {13, 0}, {0, 0}})
    EXPECT_EQ(find_latency(cc, "fp32_fma"), nullptr) << to_string(cc) << ": never a row of another architecture";
}

TEST(Latencies, AFigureThatIsHardToBelieveSaysSo) {
  // An HFMA2 of 8.5 cycles would be twice an FFMA on Hopper alone.
  const auto* hfma2 = find_latency({9, 0}, "fp16x2_fma");
  ASSERT_NE(hfma2, nullptr);
  EXPECT_THAT(hfma2->doubt, testing::StartsWith("doubtful: "));
  for (const auto& row : published_latencies()) {
    SCOPED_TRACE(to_string(row.compute_capability) + ' ' + std::string(row.instruction));
    EXPECT_FALSE(row.source.empty());
    EXPECT_GE(row.cycles, 3.9) << "no chain of these architectures is faster than 4 cycles but for rounding";
    const bool plain_integer_or_fp32 = row.instruction == "fp32_fma" || row.instruction.starts_with("int32_");
    if (plain_integer_or_fp32) {
      EXPECT_LE(row.cycles, 4.2);
    }
  }
}

TEST(Latencies, AFartherLevelTakesLonger) {
  for (const ComputeCapability cc : {ComputeCapability{8, 0}, {8, 6}, {8, 9}, {9, 0}}) {
    double nearer = 0;
    for (const auto* level : {"load_shared", "load_l1", "load_l2", "load_l2_far", "load_dram"}) {
      const auto* row = find_latency(cc, level);
      if (row == nullptr) continue;
      EXPECT_GT(row->cycles, nearer) << to_string(cc) << ' ' << level;
      nearer = row->cycles;
    }
    EXPECT_GT(nearer, 500) << to_string(cc);
  }
}

TEST(Latencies, InstructionsCarryTheNameOfTheirPipe) {
  for (const auto& row : published_latencies()) {
    const bool special_function = row.instruction.starts_with("sfu_");
    const bool load = row.instruction.starts_with("load_");
    EXPECT_TRUE(special_function || load || pipe_from_name(row.instruction)) << row.instruction;
  }
}

}  // namespace
}  // namespace peakproof::theory
