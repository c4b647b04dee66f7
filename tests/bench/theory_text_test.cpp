// `peakproof theory` as text, against golden files. After a wanted change write them anew with
// PEAKPROOF_UPDATE_GOLDEN=1 and read the difference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "bench/commands/theory.hpp"

namespace peakproof::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

void expect_golden(const std::string& text, const std::string& file) {
  const std::string path = std::string(PEAKPROOF_GOLDEN) + "/" + file;
  if (std::getenv("PEAKPROOF_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream in(path);
  ASSERT_TRUE(in) << path;
  std::stringstream golden;
  golden << in.rdbuf();
  EXPECT_EQ(text, golden.str()) << path;
}

std::string text_of(std::string_view name) {
  const auto search = theory::find_board(name);
  EXPECT_NE(search.board, nullptr) << search.error;
  return search.board != nullptr ? theory_text(theory::device_spec(*search.board), search.board) : "";
}

void expect_tidy(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 120U) << line;
    EXPECT_FALSE(line.ends_with(' ')) << '"' << line << '"';
  }
  EXPECT_TRUE(text.ends_with('\n'));
}

TEST(TheoryText, A100) { expect_golden(text_of("A100 SXM"), "theory_a100_sxm.txt"); }

TEST(TheoryText, H200) { expect_golden(text_of("H200"), "theory_h200.txt"); }

TEST(TheoryText, BoardList) { expect_golden(board_list_text(), "theory_list.txt"); }

TEST(TheoryText, FitsATerminalOf120ColumnsForEveryBoard) {
  for (const auto& board : theory::boards()) {
    SCOPED_TRACE(std::string(board.name));
    const auto device = theory::device_spec(board);
    expect_tidy(theory_text(device, &board));
    expect_tidy(theory_text(device, nullptr));
  }
  expect_tidy(board_list_text());
}

TEST(TheoryText, WithoutABoardThereAreNoLinksAndNoPublishedFigures) {
  const auto search = theory::find_board("H200");
  ASSERT_NE(search.board, nullptr);
  const auto text = theory_text(theory::device_spec(*search.board), nullptr);
  EXPECT_THAT(text, Not(HasSubstr("published")));
  EXPECT_THAT(text, Not(HasSubstr("NVLink")));
  EXPECT_THAT(text, HasSubstr("132 SMs x 128 results/clk/SM x 2 FLOP x 1.980 GHz"));
}

TEST(TheoryText, WhatIsUnknownIsSaidToBe) {
  theory::DeviceSpec device;
  device.name = "A card from the future";
  device.compute_capability = {19, 0};
  const auto text = theory_text(device, nullptr);
  expect_tidy(text);
  EXPECT_THAT(text, HasSubstr("unknown for compute capability 19.0"));
  EXPECT_THAT(text, HasSubstr("No peaks"));
  EXPECT_THAT(text, HasSubstr("bandwidth unknown"));
  const auto thor = text_of("Thor");
  EXPECT_THAT(thor, HasSubstr("bandwidth unknown (printed: 273 GB/s)"));
  EXPECT_THAT(thor, HasSubstr("? per SM"));
  EXPECT_THAT(thor, HasSubstr("No ridge points"));
}

TEST(TheoryText, AHostCpu) {
  theory::DeviceSpec device;
  device.name = "AMD EPYC 9654";
  device.kind = theory::DeviceKind::cpu;
  device.microarchitecture = "zen4";
  device.sm_count = 2;
  device.sm_clock_hz = 3.7e9;
  const auto text = theory_text(device, nullptr);
  expect_tidy(text);
  EXPECT_THAT(text, HasSubstr("AMD Zen 4"));
  EXPECT_THAT(text, HasSubstr("2 cores x 16 FMA/clk/core x 2 FLOP x 3.700 GHz"));
  EXPECT_THAT(text, HasSubstr("8 at 128 bit, 16 at 256 bit, 16 at 512 bit"));
  EXPECT_THAT(text, Not(HasSubstr("SMs")));
}

TEST(TheoryText, AGtx16HasNoTensorCores) {
  theory::DeviceSpec device;
  device.name = "GeForce GTX 1660";
  device.compute_capability = {7, 5};
  device.variant = theory::Variant::gtx16;
  device.sm_count = 22;
  device.sm_clock_hz = 1785e6;
  const auto text = theory_text(device, nullptr);
  EXPECT_THAT(text, HasSubstr("Tensor cores         0 per SM"));
  EXPECT_THAT(text, Not(HasSubstr("tensor_")));
}

}  // namespace
}  // namespace peakproof::bench
