// Which SM is blamed for a wrong answer.
#include "bench/harness/sm_blame.hpp"

#include <gmock/gmock.h>

namespace peakproof::bench {
namespace {

using Words = std::vector<std::uint32_t>;

std::vector<kernels::BlockTrace> on_sms(const std::vector<int>& sms) {
  std::vector<kernels::BlockTrace> traces;
  for (const int sm : sms) traces.push_back({.begin_clk = 1, .end_clk = 2, .smid = sm});
  return traces;
}

reports::Verification verify(const Words& out, const std::vector<int>& sms) {
  return verify_by_sm("", out, on_sms(sms), [](std::size_t i) { return static_cast<std::uint32_t>(100 + i); });
}

TEST(SmBlame, NobodyWhereNothingIsWrong) {
  const auto result = verify({100, 101, 102, 103}, {7, 3});
  EXPECT_EQ(result.items, 4);
  EXPECT_EQ(result.mismatches, 0);
  EXPECT_EQ(result.units, 2);
  EXPECT_TRUE(result.wrong_units.empty());
}

TEST(SmBlame, NamesTheSmTheNumberAndTheBits) {
  // Blocks of two items: SM 7 has the first and the last, SM 3 the middle one.
  const auto result = verify({100, 101, 102 ^ 0x400, 103, 104 ^ 0x8, 105 ^ 0x3}, {7, 3, 7});
  EXPECT_EQ(result.mismatches, 3);
  EXPECT_EQ(result.units, 2);
  ASSERT_EQ(result.wrong_units.size(), 2U);
  EXPECT_EQ(result.wrong_units[0].unit, 7) << "the worst first";
  EXPECT_EQ(result.wrong_units[0].items, 2);
  EXPECT_EQ(result.wrong_units[0].bits, 0xBU);
  EXPECT_EQ(result.wrong_units[0].example, "item 4: 00000060, expected 00000068");
  EXPECT_EQ(result.wrong_units[1].unit, 3);
  EXPECT_EQ(result.wrong_units[1].items, 1);
  EXPECT_EQ(result.wrong_units[1].bits, 0x400U);
}

TEST(SmBlame, IsNobodysWithoutATrace) {
  const auto untraced = verify({99, 101}, {});
  EXPECT_EQ(untraced.mismatches, 1);
  EXPECT_EQ(untraced.units, 0);
  ASSERT_EQ(untraced.wrong_units.size(), 1U);
  EXPECT_EQ(untraced.wrong_units[0].unit, -1);
  const auto never_ran = verify({99, 101}, {-1, 4});
  EXPECT_EQ(never_ran.units, 1) << "a block that wrote no trace is no SM";
  EXPECT_EQ(never_ran.wrong_units.at(0).unit, -1);
}

TEST(SmBlame, ShowsWideWordsWhole) {
  EXPECT_EQ(wrong_item_text(1, 0x1'0000'0000, 2), "item 1: 0000000100000000, expected 0000000000000002");
}

TEST(AgreedWords, AreThoseOfMost) {
  EXPECT_EQ(agreed_words(Words{9, 1, 5, 2, 5, 2, 5, 2}, 2), (Words{5, 2}));
  EXPECT_EQ(agreed_words(Words{5, 5, 9}, 1), (Words{5}));
}

}  // namespace
}  // namespace peakproof::bench
