// Boxes: overlap, average precision as the COCO evaluator defines it, and the order of equal scores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "reports/quality/measures.hpp"

namespace peakproof::reports::quality {
namespace {

using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::ThrowsMessage;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Box kBox{0, 0, 10, 10};
constexpr Box kElsewhere{100, 100, 10, 10};

MATCHER_P(Is, value, "") { return ExplainMatchResult(Optional(DoubleNear(value, 1e-14)), arg.value, result_listener); }

TEST(Iou, ByHand) {
  EXPECT_THAT(iou(kBox, kBox), Is(1));
  EXPECT_THAT(iou(kBox, kElsewhere), Is(0));
  EXPECT_THAT(iou(kBox, {10, 0, 10, 10}), Is(0));  // they touch
  EXPECT_THAT(iou(kBox, {5, 0, 10, 10}), Is(50.0 / 150));
  EXPECT_THAT(iou(kBox, {2, 3, 4, 5}), Is(0.2));
  EXPECT_THAT(iou(kBox, {1, 1, 0, 5}), Is(0));
  EXPECT_EQ(iou({1, 1, 0, 5}, {1, 1, 0, 5}).undefined, "both boxes are empty");
  EXPECT_THAT(iou(kBox, {0, 0, -1, 5}).undefined, HasSubstr("negative side"));
  EXPECT_THAT(iou({0, kNan, 1, 5}, kBox).undefined, HasSubstr("not finite"));
  EXPECT_THAT(iou({0, 0, 1e-200, 1e-200}, {0, 0, 1e-200, 1e-200}).undefined, HasSubstr("empty"));
}

TEST(Iou, DoesNotDependOnTheOrderThePlaceOrTheUnit) {
  std::mt19937 random(3);
  const auto number = [&] { return static_cast<double>(random() % 20); };
  for (int round = 0; round < 200; ++round) {
    const Box a{number(), number(), number() + 1, number() + 1};
    const Box b{number(), number(), number() + 1, number() + 1};
    const double value = iou(a, b).value.value();
    EXPECT_GE(value, 0);
    EXPECT_LE(value, 1);
    EXPECT_THAT(iou(b, a), Is(value));
    const auto moved = [](const Box& box) {
      return Box{8 * box.x - 64, 8 * box.y + 32, 8 * box.width, 8 * box.height};
    };
    EXPECT_THAT(iou(moved(a), moved(b)), Is(value));
  }
}

double ap(const std::vector<Truth>& truths, const std::vector<Detection>& detections, double threshold = 0.5) {
  return average_precision(truths, detections, 0, threshold).value.value();
}

TEST(AveragePrecision, ByHand) {
  const std::vector<Truth> two = {{"1", 0, kBox}, {"2", 0, kBox}};
  EXPECT_EQ(ap(two, {}), 0);
  EXPECT_NEAR(ap(two, {{"1", 0, kBox, 0.9}, {"2", 0, kBox, 0.8}}), 1, 1e-14);
  EXPECT_NEAR(ap(two, {{"1", 0, kBox, 0.9}}), 51.0 / 101, 1e-14);  // recalls 0, 0.01, … 0.50
  // Wrong first: precision 1/2 at recall 1/2, 2/3 at recall 1, and it only falls: 2/3 everywhere.
  EXPECT_NEAR(ap(two, {{"1", 0, kElsewhere, 0.9}, {"1", 0, kBox, 0.8}, {"2", 0, kBox, 0.7}}), 2.0 / 3, 1e-14);
  // The second on the same truth is wrong.
  EXPECT_NEAR(ap({two[0]}, {{"1", 0, kBox, 0.9}, {"1", 0, kBox, 0.8}}), 1, 1e-14);
  EXPECT_NEAR(ap(two, {{"1", 0, kBox, 0.9}, {"1", 0, kBox, 0.8}, {"2", 0, kBox, 0.7}}), (51 + 50 * 2.0 / 3) / 101,
              1e-14);
  // Another image, another category.
  EXPECT_EQ(ap(two, {{"3", 0, kBox, 0.9}}), 0);
  EXPECT_EQ(ap(two, {{"1", 1, kBox, 0.9}}), 0);
}

TEST(AveragePrecision, ThresholdIsInclusive) {
  const std::vector<Truth> one = {{"1", 0, kBox}};
  const std::vector<Detection> half = {{"1", 0, {0, 0, 10, 5}, 0.9}};  // IoU 0.5
  EXPECT_GT(ap(one, half, 0.5), 0.99);
  EXPECT_EQ(ap(one, half, 0.5000001), 0);
  EXPECT_GT(ap(one, {{"1", 0, kBox, 0.9}}, 1), 0.99);
  const Box rounded{0.3, 0.1, 0.6, 0.1};  // its overlap with itself is rounded to a little less than 1
  ASSERT_LT(iou(rounded, rounded).value.value(), 1);
  EXPECT_GT(ap({{"1", 0, rounded}}, {{"1", 0, rounded, 0.9}}, 1), 0.99);
}

TEST(AveragePrecision, CrowdsAreNeitherRightNorWrong) {
  const std::vector<Truth> with_crowd = {{"1", 0, kElsewhere, true}, {"1", 0, kBox}};
  const Box inside{101, 101, 2, 2};  // a small part of the crowd, but all of it inside
  EXPECT_NEAR(ap(with_crowd, {{"1", 0, inside, 0.9}, {"1", 0, inside, 0.8}, {"1", 0, kBox, 0.7}}), 1, 1e-14);
  EXPECT_NEAR(ap({with_crowd[1]}, {{"1", 0, inside, 0.9}, {"1", 0, kBox, 0.7}}), 0.5, 1e-14);
  // A truth of its own goes before a crowd around it, however small the overlap with the truth.
  const std::vector<Truth> around = {{"1", 0, {0, 0, 100, 100}, true}, {"1", 0, kBox}};
  EXPECT_NEAR(ap(around, {{"1", 0, {0, 0, 10, 6}, 0.9}}), 1, 1e-14);
  EXPECT_EQ(average_precision(std::vector<Truth>{around[0]}, {}, 0, 0.5).undefined, "no truth of this category");
}

TEST(AveragePrecision, OfEquallyGoodTruthsTheLastIsTaken) {
  // The first detection overlaps both truths by a third, the second only the first of them; a crowd before them changes
  // nothing.
  std::vector<Truth> truths = {{"1", 0, {0, 0, 10, 10}}, {"1", 0, {10, 0, 10, 10}}};
  const std::vector<Detection> detections = {{"1", 0, {5, 0, 10, 10}, 0.9}, {"1", 0, {0, 0, 10, 10}, 0.8}};
  EXPECT_NEAR(ap(truths, detections, 0.3), 1, 1e-14);
  truths.insert(truths.begin(), {"1", 0, kElsewhere, true});
  EXPECT_NEAR(ap(truths, detections, 0.3), 1, 1e-14);
}

TEST(AveragePrecision, HundredDetectionsAnImage) {
  std::vector<Detection> many(100, {"1", 0, kElsewhere, 0.9});
  many.push_back({"1", 0, kBox, 0.1});
  EXPECT_EQ(ap({{"1", 0, kBox}}, many), 0);
  many.erase(many.begin());
  EXPECT_GT(ap({{"1", 0, kBox}}, many), 0);
}

TEST(AveragePrecision, EqualScoresGoByTheNumberOfTheImage) {
  // In image 9 right, in image 10 wrong: 9 comes first, though "10" < "9" as text.
  const std::vector<Truth> one = {{"9", 0, kBox}};
  EXPECT_NEAR(ap(one, {{"10", 0, kBox, 0.5}, {"9", 0, kBox, 0.5}}), 1, 1e-14);
  EXPECT_NEAR(ap({{"10", 0, kBox}}, {{"10", 0, kBox, 0.5}, {"9", 0, kBox, 0.5}}), 0.5, 1e-14);
  EXPECT_NEAR(ap({{"a10", 0, kBox}}, {{"a9", 0, kBox, 0.5}, {"a10", 0, kBox, 0.5}}), 1, 1e-14);  // as text
}

TEST(AveragePrecision, WhatCannotBeMeantIsRefused) {
  const std::vector<Truth> truths = {{"1", 0, kBox}, {"1", 0, {0, 0, 1, -1}}};
  EXPECT_THAT([&] { static_cast<void>(average_precision(truths, {}, 0, 0.5)); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("truth 1")));
  for (const Detection& wrong :
       {Detection{"1", 0, kBox, kNan}, Detection{"1", 0, {0, 0, kNan, 1}, 1}, Detection{"1", 0, {0, 0, 1e6, 1e6}, 1}})
    EXPECT_THAT([&] { static_cast<void>(average_precision({}, std::vector{wrong}, 0, 0.5)); },
                ThrowsMessage<std::invalid_argument>(HasSubstr("detection 0")));
  for (const double threshold : {0.0, -0.5, 1.5, kNan})
    EXPECT_THROW(average_precision({}, {}, 0, threshold), std::invalid_argument);
  EXPECT_THROW(mean_average_precision({}, {}, {}), std::invalid_argument);
}

TEST(MeanAveragePrecision, IsOverCategoriesWithATruth) {
  const std::vector<Truth> truths = {{"1", 0, kBox}, {"1", 1, kBox}};
  const std::vector<Detection> detections = {{"1", 0, kBox, 0.9}, {"1", 7, kBox, 0.9}};
  const std::vector<double> thresholds = {0.5, 0.75};
  const auto found = mean_average_precision(truths, detections, thresholds);
  EXPECT_THAT(found.map, Is(0.5));
  ASSERT_EQ(found.by_threshold.size(), 2U);
  EXPECT_THAT(found.by_threshold[1], Is(0.5));
  ASSERT_EQ(found.categories.size(), 3U);
  EXPECT_THAT(found.categories[0].mean, Is(1));
  EXPECT_THAT(found.categories[1].mean, Is(0));
  EXPECT_EQ(found.categories[2].category, 7);
  EXPECT_FALSE(found.categories[2].mean.value);
  EXPECT_EQ(mean_average_precision({}, detections, thresholds).map.undefined, "no truth in any category");
}

TEST(MeanAveragePrecision, ThresholdsOfCoco) {
  const auto thresholds = coco_thresholds();
  ASSERT_EQ(thresholds.size(), 10U);
  for (std::size_t i = 0; i < thresholds.size(); ++i)
    EXPECT_NEAR(thresholds[i], 0.5 + 0.05 * static_cast<double>(i), 1e-15);
  EXPECT_EQ(thresholds.back(), 0.95);
}

TEST(MeanAveragePrecision, StaysInItsRangeAndForgetsTheOrder) {
  std::mt19937 random(4);
  const auto number = [&] { return static_cast<double>(random() % 8); };
  for (int round = 0; round < 40; ++round) {
    std::vector<Truth> truths;
    std::vector<Detection> detections;
    for (int i = 0; i < 20; ++i)
      truths.push_back({std::to_string(random() % 3),
                        static_cast<int>(random() % 2),
                        {number(), number(), number() + 1, number() + 1}});
    for (int i = 0; i < 40; ++i)
      detections.push_back({std::to_string(random() % 3),
                            static_cast<int>(random() % 2),
                            {number(), number(), number() + 1, number() + 1},
                            static_cast<double>(i)});  // all different
    const auto found = mean_average_precision(truths, detections, coco_thresholds());
    for (const Measure& measure : found.by_threshold) {
      EXPECT_GE(measure.value.value(), 0);
      EXPECT_LE(measure.value.value(), 1);
    }
    std::shuffle(detections.begin(), detections.end(), random);
    EXPECT_EQ(mean_average_precision(truths, detections, coco_thresholds()).map.value, found.map.value);
    // One by one they are what the mean is made of.
    double sum = 0;
    for (const int category : {0, 1})
      for (const double threshold : coco_thresholds())
        sum += average_precision(truths, detections, category, threshold).value.value();
    EXPECT_NEAR(sum / 20, found.map.value.value(), 1e-14);
  }
}

}  // namespace
}  // namespace peakproof::reports::quality
