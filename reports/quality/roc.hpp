// Scores against the truth of two classes at every threshold, as sklearn.metrics 1.x defines it (roc_curve with
// drop_intermediate=False, roc_auc_score). O(n log n).
#pragma once

#include <span>
#include <vector>

#include "reports/quality/measure.hpp"

namespace peakproof::reports::quality {

struct RocPoint {
  double threshold = 0;  ///< scores of at least this are positive; infinite for the first point
  double false_positive_rate = 0;
  double true_positive_rate = 0;
};
/// One point for each different score, ties together, after (0, 0). Empty where a class is missing. Throws
/// std::invalid_argument where the lengths differ or a score is not finite.
[[nodiscard]] std::vector<RocPoint> roc_curve(std::span<const int> truth, std::span<const double> scores,
                                              int positive = 1);
/// The area by trapezoids: the chance that a positive is scored above a negative (Mann-Whitney), ties one half.
[[nodiscard]] Measure roc_auc(std::span<const int> truth, std::span<const double> scores, int positive = 1);

}  // namespace peakproof::reports::quality
