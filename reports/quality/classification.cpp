#include "reports/quality/classification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>

namespace peakproof::reports::quality {
namespace {

/// Decisions about one class, or about all together.
struct Counts {
  std::int64_t true_positives = 0;
  std::int64_t predicted = 0;
  std::int64_t actual = 0;
};

void require_equal(std::size_t truth, std::size_t predicted, const char* what) {
  if (truth != predicted)
    throw std::invalid_argument(fmt::format("{} labels, but {} {}: give as many", truth, predicted, what));
}

std::map<int, Counts> count(std::span<const int> truth, std::span<const int> predicted) {
  require_equal(truth.size(), predicted.size(), "predicted labels");
  std::map<int, Counts> classes;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++classes[truth[i]].actual;
    ++classes[predicted[i]].predicted;
    if (truth[i] == predicted[i]) ++classes[truth[i]].true_positives;
  }
  return classes;
}

Measure ratio(std::int64_t part, std::int64_t whole, const char* why) {
  return whole > 0 ? defined(static_cast<double>(part) / static_cast<double>(whole)) : undefined(why);
}

PrecisionRecall quality_of(const Counts& c) {
  return {.precision = ratio(c.true_positives, c.predicted, "no positives among the predicted labels"),
          .recall = ratio(c.true_positives, c.actual, "no positives among the labels"),
          .f1 = ratio(2 * c.true_positives, c.actual + c.predicted, "no positives among the labels, nor predicted")};
}

/// Undefined as soon as one class is.
Measure mean(const std::vector<ClassQuality>& classes, Measure PrecisionRecall::*figure) {
  double sum = 0;
  for (const auto& [label, quality] : classes) {
    const Measure& measure = quality.*figure;
    if (!measure.value) return undefined(fmt::format("class {} has none: {}", label, measure.undefined));
    sum += *measure.value;
  }
  return defined(sum / static_cast<double>(classes.size()));
}

double clipped_log(double p) {
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  return std::log(std::clamp(p, kEpsilon, 1 - kEpsilon));
}

/// Written so that no NaN passes.
void require_probability(double p, std::size_t row) {
  if (!(p >= 0 && p <= 1)) throw std::invalid_argument(fmt::format("row {}: {} is no probability", row, p));
}

}  // namespace

Measure accuracy(std::span<const int> truth, std::span<const int> predicted) {
  require_equal(truth.size(), predicted.size(), "predicted labels");
  std::int64_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) right += truth[i] == predicted[i] ? 1 : 0;
  return ratio(right, static_cast<std::int64_t>(truth.size()), "no labels");
}

std::vector<ClassQuality> each_class(std::span<const int> truth, std::span<const int> predicted) {
  std::vector<ClassQuality> classes;
  for (const auto& [label, counts] : count(truth, predicted)) classes.push_back({label, quality_of(counts)});
  return classes;
}

PrecisionRecall precision_recall(std::span<const int> truth, std::span<const int> predicted, Average average,
                                 int positive) {
  if (truth.empty() && predicted.empty()) {
    const Measure none = undefined("no labels");
    return {none, none, none};
  }
  if (average == Average::macro) {
    const auto classes = each_class(truth, predicted);
    return {.precision = mean(classes, &PrecisionRecall::precision),
            .recall = mean(classes, &PrecisionRecall::recall),
            .f1 = mean(classes, &PrecisionRecall::f1)};
  }
  const auto classes = count(truth, predicted);
  Counts counts;
  for (const auto& [label, c] : classes) {
    if (average == Average::binary && label != positive) continue;
    counts.true_positives += c.true_positives;
    counts.predicted += c.predicted;
    counts.actual += c.actual;
  }
  return quality_of(counts);
}

Measure log_loss(std::span<const int> truth, std::span<const double> probability, int positive) {
  require_equal(truth.size(), probability.size(), "probabilities");
  if (truth.empty()) return undefined("no labels");
  long double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    require_probability(probability[i], i);
    sum -= clipped_log(truth[i] == positive ? probability[i] : 1 - probability[i]);
  }
  return defined(static_cast<double>(sum / static_cast<long double>(truth.size())));
}

Measure cross_entropy(std::span<const int> truth, std::span<const double> probabilities, int classes) {
  if (classes < 1) throw std::invalid_argument(fmt::format("{} classes: give 1 or more", classes));
  const auto width = static_cast<std::size_t>(classes);
  if (probabilities.size() % width != 0 || probabilities.size() / width != truth.size())
    throw std::invalid_argument(fmt::format("{} labels of {} classes need {} probabilities, not {}", truth.size(),
                                            classes, truth.size() * width, probabilities.size()));
  if (classes == 1) return undefined("one class alone");
  if (truth.empty()) return undefined("no labels");
  long double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] < 0 || truth[i] >= classes)
      throw std::invalid_argument(fmt::format("row {}: class {} is none of the {}", i, truth[i], classes));
    for (const double p : probabilities.subspan(i * width, width)) require_probability(p, i);
    sum -= clipped_log(probabilities[i * width + static_cast<std::size_t>(truth[i])]);
  }
  return defined(static_cast<double>(sum / static_cast<long double>(truth.size())));
}

}  // namespace peakproof::reports::quality
