// How good predictions are: measures of classification, regression and detection, as scikit-learn 1.x and the COCO
// evaluator define them. Pure functions. What is not defined (no positives, one class) has no value, and says why.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace peakproof::reports::quality {

/// A value, or why there is none.
struct Measure {
  std::optional<double> value;
  std::string undefined;  ///< "no positives among the labels"; empty where there is a value
};

/// Labels as small whole numbers; equal lengths, else std::invalid_argument.
[[nodiscard]] Measure accuracy(std::span<const int> truth, std::span<const int> predicted);

enum class Average { binary, macro, micro };
struct PrecisionRecall {
  Measure precision;
  Measure recall;
  Measure f1;
};
/// binary: of class `positive`. macro: the plain mean over the classes that occur in either; a class without a value
/// makes the mean undefined, and is named. micro: over all decisions.
[[nodiscard]] PrecisionRecall precision_recall(std::span<const int> truth, std::span<const int> predicted,
                                               Average average, int positive = 1);

struct RocPoint {
  double threshold = 0;  ///< scores of at least this are positive; infinite for the first point
  double false_positive_rate = 0;
  double true_positive_rate = 0;
};
/// One point for each different score, ties together, after (0, 0). Empty where a class is missing.
[[nodiscard]] std::vector<RocPoint> roc_curve(std::span<const int> truth, std::span<const double> scores,
                                              int positive = 1);
/// The area by trapezoids; ties count one half.
[[nodiscard]] Measure roc_auc(std::span<const int> truth, std::span<const double> scores, int positive = 1);
/// Binary: -mean(ln p of the true class), with p clipped to [eps, 1 - eps] of double as scikit-learn 1.x does.
[[nodiscard]] Measure log_loss(std::span<const int> truth, std::span<const double> probability, int positive = 1);
/// Many classes: `probabilities` is items x classes, row-major; rows are normalised to 1.
[[nodiscard]] Measure cross_entropy(std::span<const int> truth, std::span<const double> probabilities, int classes);

[[nodiscard]] Measure mean_squared_error(std::span<const double> truth, std::span<const double> predicted);
[[nodiscard]] Measure root_mean_squared_error(std::span<const double> truth, std::span<const double> predicted);
[[nodiscard]] Measure mean_absolute_error(std::span<const double> truth, std::span<const double> predicted);

/// x, y: the upper left corner.
struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};
/// Intersection over union; undefined where both are empty or a side is negative or no number.
[[nodiscard]] Measure iou(const Box& a, const Box& b);

struct Truth {
  std::string image;
  int category = 0;
  Box box;
  bool crowd = false;
};
struct Detection {
  std::string image;
  int category = 0;
  Box box;
  double score = 0;
};
/// The COCO evaluator's AP of one category at one IoU threshold: greedy matching by score, 101 recall points, at most 100
/// detections an image. Undefined where the category has no truth.
[[nodiscard]] Measure average_precision(std::span<const Truth> truths, std::span<const Detection> detections,
                                        int category, double threshold);
struct MeanAveragePrecision {
  Measure map;                        ///< over all categories that have a truth, and all thresholds
  std::vector<Measure> by_threshold;  ///< in the order of the thresholds
};
[[nodiscard]] MeanAveragePrecision mean_average_precision(std::span<const Truth> truths,
                                                          std::span<const Detection> detections,
                                                          std::span<const double> thresholds);
/// 0.50, 0.55, … 0.95.
[[nodiscard]] std::vector<double> coco_thresholds();

}  // namespace peakproof::reports::quality
