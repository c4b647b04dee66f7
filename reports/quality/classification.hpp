// How well classes are told apart, as sklearn.metrics 1.x defines it (accuracy_score, precision_recall_fscore_support,
// log_loss).
#pragma once

#include <span>
#include <vector>

#include "reports/quality/measure.hpp"

namespace peakproof::reports::quality {

/// The part of the labels that is right. Labels are whole numbers; equal lengths, else std::invalid_argument.
[[nodiscard]] Measure accuracy(std::span<const int> truth, std::span<const int> predicted);

enum class Average { binary, macro, micro };
/// precision = TP / (TP + FP), recall = TP / (TP + FN), f1 = 2 TP / (2 TP + FP + FN): each undefined where its divisor
/// is 0, where scikit-learn warns and puts 0.
struct PrecisionRecall {
  Measure precision;
  Measure recall;
  Measure f1;
};
/// binary: of class `positive` against all others. macro: the plain mean over the classes that occur in either; a class
/// without a value makes the mean undefined, and is named. micro: over all decisions.
[[nodiscard]] PrecisionRecall precision_recall(std::span<const int> truth, std::span<const int> predicted,
                                               Average average, int positive = 1);

/// What each class has.
struct ClassQuality {
  int label = 0;
  PrecisionRecall quality;
};
/// Of the classes that occur in either, by their numbers.
[[nodiscard]] std::vector<ClassQuality> each_class(std::span<const int> truth, std::span<const int> predicted);

/// Binary: -mean(ln p of the true class), `probability` being that of `positive`; p is clipped to [eps, 1 - eps] of
/// double as scikit-learn does.
[[nodiscard]] Measure log_loss(std::span<const int> truth, std::span<const double> probability, int positive = 1);
/// Many classes: `probabilities` is items x classes, row-major, and truth counts the classes from 0. Clipped as above;
/// rows are taken as they are, as scikit-learn 1.x does since it normalises them no more.
[[nodiscard]] Measure cross_entropy(std::span<const int> truth, std::span<const double> probabilities, int classes);

}  // namespace peakproof::reports::quality
