#include "reports/quality/roc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace peakproof::reports::quality {
namespace {

/// How many are at or above a threshold.
struct Step {
  double threshold = 0;
  std::uint64_t false_positives = 0;
  std::uint64_t true_positives = 0;
};

/// One for each different score, from the highest; the last counts all.
std::vector<Step> steps(std::span<const int> truth, std::span<const double> scores, int positive) {
  if (truth.size() != scores.size())
    throw std::invalid_argument(fmt::format("{} labels, but {} scores: give as many", truth.size(), scores.size()));
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (!std::isfinite(scores[i]))
      throw std::invalid_argument(fmt::format("row {}: score {} is not finite", i, scores[i]));
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  std::vector<Step> found;
  Step step;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double score = scores[order[i]];
    step.threshold = score;
    (truth[order[i]] == positive ? step.true_positives : step.false_positives) += 1;
    const bool last_of_ties = i + 1 == order.size() || scores[order[i + 1]] != score;
    if (last_of_ties) found.push_back(step);
  }
  return found;
}

}  // namespace

std::vector<RocPoint> roc_curve(std::span<const int> truth, std::span<const double> scores, int positive) {
  const auto found = steps(truth, scores, positive);
  if (found.empty() || found.back().true_positives == 0 || found.back().false_positives == 0) return {};
  const auto negatives = static_cast<double>(found.back().false_positives);
  const auto positives = static_cast<double>(found.back().true_positives);
  std::vector<RocPoint> curve = {{.threshold = std::numeric_limits<double>::infinity()}};
  for (const Step& step : found)
    curve.push_back({.threshold = step.threshold,
                     .false_positive_rate = static_cast<double>(step.false_positives) / negatives,
                     .true_positive_rate = static_cast<double>(step.true_positives) / positives});
  return curve;
}

Measure roc_auc(std::span<const int> truth, std::span<const double> scores, int positive) {
  const auto found = steps(truth, scores, positive);
  if (found.empty()) return undefined("no labels");
  if (found.back().true_positives == 0) return undefined("no positives among the labels");
  if (found.back().false_positives == 0) return undefined("no negatives among the labels");
  // In whole numbers, so exact: fewer than 2^32 items give less than 2^63.
  std::uint64_t twice_the_area = 0;
  Step before;
  for (const Step& step : found) {
    twice_the_area += (step.false_positives - before.false_positives) * (step.true_positives + before.true_positives);
    before = step;
  }
  return defined(static_cast<double>(twice_the_area) / 2 / static_cast<double>(before.false_positives) /
                 static_cast<double>(before.true_positives));
}

}  // namespace peakproof::reports::quality
