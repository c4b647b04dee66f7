#include "models/names.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace peakproof::models {
namespace {

TEST(Names, PrintableTextStays) {
  for (const std::string text : {"", "conv1/weights:0", "\u00e9\u4e2d\U0001F600", " !~"}) {
    EXPECT_EQ(text, printable(text));
  }
}

TEST(Names, WhatDoesNotPrintBecomesAQuestionMark) {
  EXPECT_EQ("a?b?c?", printable("a\nb\x7F"
                                "c\x1b"));
  EXPECT_EQ("??", printable("\u0085"));         // a line end of the second set of control characters
  EXPECT_EQ("???", printable("\u2028"));        // a line separator
  EXPECT_EQ("???", printable("\u202e"));        // turns the direction of writing
  EXPECT_EQ("???", printable("\u2066"));        // the same
  EXPECT_EQ("??", printable("\xC0\x80"));       // overlong
  EXPECT_EQ("???", printable("\xE0\x80\x80"));  // overlong
  EXPECT_EQ("???", printable("\xED\xA0\x80"));  // half of a surrogate pair
  EXPECT_EQ("????", printable("\xF4\x90\x80\x80"));
  EXPECT_EQ("?", printable("\xE4"));  // cut off
  EXPECT_EQ("a??", printable("a\xE4\xB8"));
}

TEST(Names, LongNamesAreShortened) {
  EXPECT_EQ("'name'", in_quotes("name"));
  const std::string quoted = in_quotes(std::string(5000, 'a') + "\nend");
  EXPECT_LT(quoted.size(), 120U);
  EXPECT_TRUE(quoted.ends_with("?end'"));
}

TEST(Names, Shapes) {
  EXPECT_EQ("scalar", shape_text({}));
  EXPECT_EQ("1 x 3 x -2", shape_text(std::vector<std::int64_t>{1, 3, -2}));
}

TEST(Names, ElementsAreCountedOrRefused) {
  const auto count = [](std::vector<std::int64_t> shape) { return element_count(shape); };
  EXPECT_EQ(1, count({}));
  EXPECT_EQ(24, count({2, 3, 4}));
  EXPECT_EQ(std::int64_t{1} << 53, count({std::int64_t{1} << 30, std::int64_t{1} << 23}));
  EXPECT_EQ(-1, count({std::int64_t{1} << 30, std::int64_t{1} << 23, 2}));
  EXPECT_EQ(-1, count({std::numeric_limits<std::int64_t>::max()}));
  EXPECT_EQ(-1, count({2, -1}));
  EXPECT_EQ(-1, count({0, -1}));
  EXPECT_EQ(0, count({std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max(), 0}));
}

}  // namespace
}  // namespace peakproof::models
