// The digits are those of the file that is named in digits.LICENSE.md, and are learned.
#include "kernels/network/digits.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <string>

#include "kernels/network/mlp.hpp"
#include "reports/sha256.hpp"

namespace peakproof::kernels {
namespace {

std::array<int, Digits::classes> of_each_class(const Digits& data) {
  std::array<int, Digits::classes> counts{};
  for (const int label : data.labels) ++counts.at(static_cast<std::size_t>(label));
  return counts;
}

std::string line_of(const std::string& pixel, const std::string& label) {
  std::string line;
  for (int i = 0; i < Digits::pixels; ++i) line += pixel + ",";
  return line + label + "\n";
}

TEST(Digits, AreTheFile) {
  EXPECT_EQ(reports::sha256(digits_csv()), "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8");
}

TEST(Digits, AreSplitByEveryFifth) {
  const auto& [learn, test] = digits();
  EXPECT_EQ(learn.items(), 1437);
  EXPECT_EQ(test.items(), 360);
  EXPECT_EQ(learn.images.size(), learn.labels.size() * Digits::pixels);
  EXPECT_EQ(test.images.size(), test.labels.size() * Digits::pixels);
  // The first line is a 0, the second a 1; the sixth a 5.
  EXPECT_EQ(test.labels.at(0), 0);
  EXPECT_EQ(learn.labels.at(0), 1);
  EXPECT_EQ(test.labels.at(1), 5);
  EXPECT_EQ(test.images.at(2), 5.0F / 16);  // 0,0,5,13,9,1
  EXPECT_EQ(test.images.at(3), 13.0F / 16);
}

TEST(Digits, HaveAsManyOfEachAsTheSourceSays) {
  constexpr std::array kOfEach = {178, 182, 177, 183, 181, 182, 181, 179, 174, 180};  // optdigits.names, testing set
  const auto learn = of_each_class(digits().learn);
  const auto test = of_each_class(digits().test);
  for (std::size_t digit = 0; digit < kOfEach.size(); ++digit)
    EXPECT_EQ(learn.at(digit) + test.at(digit), kOfEach.at(digit)) << digit;
}

TEST(Digits, OtherLinesAreRefusedWithTheirNumber) {
  const std::string good = line_of("16", "9");
  EXPECT_EQ(split_digits(good + good).learn.labels.at(0), 9);
  EXPECT_EQ(split_digits(good.substr(0, good.size() - 1)).test.items(), 1);  // without the last end of line
  const std::array bad = {line_of("17", "1"),  line_of("-1", "1"),  line_of("1", "10"), line_of("1", ""),
                          line_of("1.5", "1"), line_of("1", "1,1"), line_of("", "1"),   std::string("\n")};
  for (const auto& line : bad) {
    try {
      static_cast<void>(split_digits(good + line));
      ADD_FAILURE() << line;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find("line 2 "), std::string::npos) << error.what();
    }
  }
}

TEST(Digits, AreLearnedInASecond) {
  const auto& weights = trained_digits_mlp();
  const auto layers = mlp_layers(digits_mlp());
  const auto row = in_a_row(weights);
  ASSERT_EQ(row.size(), parameter_count(layers));
  const std::vector<double> parameters(row.begin(), row.end());
  EXPECT_GE(accuracy(mlp_scores(layers, parameters, digits().test), digits().test.labels), 0.95);
  EXPECT_EQ(&weights, &trained_digits_mlp());
}

}  // namespace
}  // namespace peakproof::kernels
