// The measures of quality: values known by hand, what is undefined, what is refused, and properties on random inputs. The
// comparison with scikit-learn and the COCO evaluator is tests/end_to_end/quality_reference_test.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>
#include <vector>

#include "reports/quality/measures.hpp"

namespace peakproof::reports::quality {
namespace {

using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::ThrowsMessage;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

MATCHER_P(Is, value, "") {
  return ExplainMatchResult(Optional(DoubleNear(value, 1e-15)), arg.value, result_listener) && arg.undefined.empty();
}
MATCHER_P(IsUndefined, why, "") { return !arg.value && arg.undefined == why; }

// 3 classes: 0 found twice of three, 1 once of two, 2 never true.
const std::vector<int> kTruth = {0, 0, 0, 1, 1};
const std::vector<int> kPredicted = {0, 0, 1, 1, 2};

TEST(Classification, ValuesByHand) {
  EXPECT_THAT(accuracy(kTruth, kPredicted), Is(0.6));
  const auto one = precision_recall(kTruth, kPredicted, Average::binary, 0);
  EXPECT_THAT(one.precision, Is(1));
  EXPECT_THAT(one.recall, Is(2.0 / 3));
  EXPECT_THAT(one.f1, Is(0.8));
  const auto micro = precision_recall(kTruth, kPredicted, Average::micro);
  EXPECT_THAT(micro.precision, Is(0.6));
  EXPECT_THAT(micro.recall, Is(0.6));
  EXPECT_THAT(micro.f1, Is(0.6));
  const auto macro = precision_recall(kTruth, kPredicted, Average::macro);
  EXPECT_THAT(macro.precision, Is(0.5));
  EXPECT_THAT(macro.recall, IsUndefined("class 2 has none: no positives among the labels"));
  EXPECT_THAT(macro.f1, Is((0.8 + 0.5 + 0) / 3));  // defined for a class that occurs at all
}

TEST(Classification, UndefinedIsSaid) {
  EXPECT_THAT(accuracy({}, {}), IsUndefined("no labels"));
  for (const Average average : {Average::binary, Average::macro, Average::micro})
    EXPECT_THAT(precision_recall({}, {}, average).f1, IsUndefined("no labels"));
  const std::vector<int> zeros = {0, 0};
  const auto none = precision_recall(zeros, zeros, Average::binary, 1);
  EXPECT_THAT(none.precision, IsUndefined("no positives among the predicted labels"));
  EXPECT_THAT(none.recall, IsUndefined("no positives among the labels"));
  EXPECT_THAT(none.f1, IsUndefined("no positives among the labels, nor predicted"));
  const std::vector<int> wrong = {1, 1};
  const auto missed = precision_recall(wrong, zeros, Average::binary, 1);
  EXPECT_THAT(missed.precision, IsUndefined("no positives among the predicted labels"));
  EXPECT_THAT(missed.f1, Is(0));  // as in scikit-learn: its divisor is not 0
}

TEST(Classification, LengthsMustAgree) {
  const std::vector<int> two = {0, 1};
  const std::vector<double> half = {0.5};
  EXPECT_THROW(accuracy(two, kTruth), std::invalid_argument);
  EXPECT_THROW(precision_recall(two, kTruth, Average::macro), std::invalid_argument);
  EXPECT_THROW(precision_recall({}, two, Average::micro), std::invalid_argument);
  EXPECT_THROW(log_loss(two, half), std::invalid_argument);
  EXPECT_THROW(roc_auc(two, half), std::invalid_argument);
  EXPECT_THROW(cross_entropy(two, std::vector<double>{0.5, 0.5, 1}, 2), std::invalid_argument);
  EXPECT_THROW(mean_squared_error(std::vector{1.0, 2.0}, half), std::invalid_argument);
}

TEST(Classification, LogLossByHand) {
  const std::vector<int> truth = {1, 0};
  EXPECT_THAT(log_loss(truth, std::vector{0.5, 0.75}), Is((std::log(2) + std::log(4)) / 2));
  EXPECT_EQ(log_loss(truth, std::vector{1.0, 0.0}).value, -std::log(1 - std::numeric_limits<double>::epsilon()));
  EXPECT_THAT(log_loss(truth, std::vector{0.0, 1.0}), Is(-std::log(std::numeric_limits<double>::epsilon())));
  EXPECT_THAT(cross_entropy(truth, std::vector{0.5, 0.5, 0.25, 0.75}, 2), Is((std::log(2) + std::log(4)) / 2));
  EXPECT_THAT(log_loss({}, {}), IsUndefined("no labels"));
  EXPECT_THAT(cross_entropy({}, {}, 3), IsUndefined("no labels"));
  EXPECT_THAT(cross_entropy(std::vector{0}, std::vector{1.0}, 1), IsUndefined("one class alone"));
  for (const double wrong : {-0.1, 1.1, kNan, kInfinity}) {
    EXPECT_THAT(
        [&] {
          static_cast<void>(log_loss(truth, std::vector{0.5, wrong}));
        },
        ThrowsMessage<std::invalid_argument>(HasSubstr("row 1")));
    EXPECT_THAT(
        [&] {
          static_cast<void>(cross_entropy(truth, std::vector{0.5, 0.5, wrong, 0.5}, 2));
        },
        ThrowsMessage<std::invalid_argument>(HasSubstr("row 1")));
  }
  EXPECT_THROW(cross_entropy(std::vector{2}, std::vector{0.5, 0.5}, 2), std::invalid_argument);
  EXPECT_THROW(cross_entropy(std::vector{-1}, std::vector{0.5, 0.5}, 2), std::invalid_argument);
  EXPECT_THROW(cross_entropy({}, {}, 0), std::invalid_argument);
}

TEST(Classification, MicroIsAccuracyAndOrderDoesNotMatter) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<int> truth(40);
    std::vector<int> predicted(40);
    for (auto* labels : {&truth, &predicted})
      for (int& label : *labels) label = static_cast<int>(random() % 5);
    const double right = *accuracy(truth, predicted).value;
    const auto micro = precision_recall(truth, predicted, Average::micro);
    for (const Measure& measure : {micro.precision, micro.recall, micro.f1}) EXPECT_THAT(measure, Is(right));
    const auto macro = precision_recall(truth, predicted, Average::macro);
    std::vector<std::size_t> order(truth.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), random);
    std::vector<int> other_truth;
    std::vector<int> other_predicted;
    for (const std::size_t i : order) {
      other_truth.push_back(truth[i]);
      other_predicted.push_back(predicted[i]);
    }
    EXPECT_EQ(precision_recall(other_truth, other_predicted, Average::macro).f1.value, macro.f1.value);
  }
}

TEST(Roc, CurveByHand) {
  const std::vector<int> truth = {1, 0, 1, 0, 1};
  const std::vector<double> scores = {0.9, 0.5, 0.5, 0.1, 0.1};
  const auto curve = roc_curve(truth, scores);
  ASSERT_EQ(curve.size(), 4U);  // three different scores
  EXPECT_EQ(curve[0].threshold, kInfinity);
  EXPECT_EQ(curve[0].true_positive_rate, 0);
  EXPECT_EQ(curve[1].threshold, 0.9);
  EXPECT_DOUBLE_EQ(curve[1].true_positive_rate, 1.0 / 3);
  EXPECT_EQ(curve[1].false_positive_rate, 0);
  EXPECT_DOUBLE_EQ(curve[2].true_positive_rate, 2.0 / 3);
  EXPECT_EQ(curve[2].false_positive_rate, 0.5);
  EXPECT_EQ(curve[3].true_positive_rate, 1);
  EXPECT_EQ(curve[3].false_positive_rate, 1);
  // Of the 6 pairs 0.9 wins both, 0.5 one and a half, 0.1 a half.
  EXPECT_THAT(roc_auc(truth, scores), Is(4.0 / 6));
}

TEST(Roc, UndefinedAndRefused) {
  const std::vector<double> scores = {0.1, 0.2};
  EXPECT_THAT(roc_auc({}, {}), IsUndefined("no labels"));
  EXPECT_THAT(roc_auc(std::vector{0, 0}, scores), IsUndefined("no positives among the labels"));
  EXPECT_THAT(roc_auc(std::vector{1, 1}, scores), IsUndefined("no negatives among the labels"));
  for (const auto& truth : {std::vector{0, 0}, std::vector{1, 1}}) EXPECT_TRUE(roc_curve(truth, scores).empty());
  EXPECT_TRUE(roc_curve({}, {}).empty());
  for (const double wrong : {kNan, kInfinity, -kInfinity})
    EXPECT_THAT(
        [&] {
          static_cast<void>(roc_auc(std::vector{0, 1}, std::vector{0.5, wrong}));
        },
        ThrowsMessage<std::invalid_argument>(HasSubstr("row 1")));
}

TEST(Roc, AreaIsTheMannWhitneyCountAndSurvivesMonotoneTransforms) {
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    std::vector<int> truth(30);
    std::vector<double> scores(30);
    for (int& label : truth) label = static_cast<int>(random() % 2);
    for (double& score : scores) score = static_cast<double>(random() % 9);  // ties
    truth[0] = 0;
    truth[1] = 1;
    double won = 0;
    double pairs = 0;
    for (std::size_t i = 0; i < truth.size(); ++i)
      for (std::size_t j = 0; j < truth.size(); ++j)
        if (truth[i] == 1 && truth[j] == 0) {
          pairs += 1;
          won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        }
    const auto area = roc_auc(truth, scores);
    EXPECT_THAT(area, Is(won / pairs));
    std::vector<double> bent(scores.size());
    std::transform(scores.begin(), scores.end(), bent.begin(), [](double x) { return std::exp(3 * x) - 7; });
    EXPECT_EQ(roc_auc(truth, bent).value, area.value);
    std::transform(scores.begin(), scores.end(), bent.begin(), [](double x) { return -x; });
    EXPECT_THAT(roc_auc(truth, bent), Is(1 - won / pairs));
    const auto curve = roc_curve(truth, scores);
    for (std::size_t i = 1; i < curve.size(); ++i) {
      EXPECT_LT(curve[i].threshold, curve[i - 1].threshold);
      EXPECT_GE(curve[i].true_positive_rate, curve[i - 1].true_positive_rate);
      EXPECT_GE(curve[i].false_positive_rate, curve[i - 1].false_positive_rate);
    }
  }
}

TEST(Roc, AMillionScoresAreSorted) {  // by counting pairs this would take hours
  std::vector<int> truth(1'000'000);
  std::vector<double> scores(truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    truth[i] = static_cast<int>(i % 2);
    scores[i] = static_cast<double>(i);
  }
  const double n = static_cast<double>(truth.size()) / 2;
  EXPECT_THAT(roc_auc(truth, scores), Is((n + 1) / (2 * n)));
}

TEST(Regression, ByHand) {
  const std::vector<double> truth = {1, 2, 3, 4};
  const std::vector<double> predicted = {1, 4, 3, 0};
  EXPECT_THAT(mean_squared_error(truth, predicted), Is(5));
  EXPECT_THAT(root_mean_squared_error(truth, predicted), Is(std::sqrt(5)));
  EXPECT_THAT(mean_absolute_error(truth, predicted), Is(1.5));
  EXPECT_THAT(mean_squared_error({}, {}), IsUndefined("no values"));
  EXPECT_THAT(root_mean_squared_error({}, {}), IsUndefined("no values"));
  EXPECT_THAT(mean_squared_error(std::vector{1e200}, std::vector{0.0}), IsUndefined("larger than a double holds"));
  for (const double wrong : {kNan, kInfinity}) {
    EXPECT_THAT(
        [&] {
          static_cast<void>(mean_absolute_error(std::vector{0.0, wrong}, std::vector{0.0, 0.0}));
        },
        ThrowsMessage<std::invalid_argument>(HasSubstr("row 1")));
    EXPECT_THROW(mean_squared_error(std::vector{0.0}, std::vector{wrong}), std::invalid_argument);
  }
}

}  // namespace
}  // namespace peakproof::reports::quality
