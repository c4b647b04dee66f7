// How well boxes are found, as the COCO evaluator (pycocotools.cocoeval, iouType "bbox", area "all", at most 100
// detections an image) defines it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reports/quality/measure.hpp"

namespace peakproof::reports::quality {

/// x, y: the upper left corner.
struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};
/// Intersection over union; undefined where both are empty or a side is negative or no number.
[[nodiscard]] Measure iou(const Box& a, const Box& b);

/// What is wrong with a box for the evaluator; empty: nothing.
[[nodiscard]] std::string box_problem(const Box& box);

struct Truth {
  std::string image;
  int category = 0;
  Box box;
  bool crowd = false;  ///< a region of many: matches any number of detections, and none of them counts
};
struct Detection {
  std::string image;
  int category = 0;
  Box box;
  double score = 0;
};

/// COCO's AP of one category at one IoU threshold: in each image detections take, from the highest score, the free
/// truth of the largest overlap; precision is made to fall only and is read at 101 recalls. Undefined where the
/// category has no truth but crowds. Equal scores stay in their order within an image, and go by image: whole numbers
/// by value, then others as text. Throws std::invalid_argument where a score, a threshold or a box cannot be meant (an
/// area above 1e10, which COCO leaves out, among them).
[[nodiscard]] Measure average_precision(std::span<const Truth> truths, std::span<const Detection> detections,
                                        int category, double threshold);

/// What one category has.
struct CategoryPrecision {
  int category = 0;
  std::int64_t truths = 0;  ///< without crowds
  std::int64_t detections = 0;
  Measure mean;                       ///< over the thresholds
  std::vector<Measure> by_threshold;  ///< in the order of the thresholds
};
struct MeanAveragePrecision {
  Measure map;                                ///< over all categories that have a truth, and all thresholds
  std::vector<Measure> by_threshold;          ///< in the order of the thresholds
  std::vector<CategoryPrecision> categories;  ///< that occur in either, by their numbers
};
/// Throws as average_precision does, and where there is no threshold.
[[nodiscard]] MeanAveragePrecision mean_average_precision(std::span<const Truth> truths,
                                                          std::span<const Detection> detections,
                                                          std::span<const double> thresholds);
/// 0.50, 0.55, … 0.95.
[[nodiscard]] std::vector<double> coco_thresholds();

}  // namespace peakproof::reports::quality
