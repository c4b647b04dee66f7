#include "reports/quality/evaluation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "reports/quality/labels.hpp"
#include "reports/quality/regression.hpp"

namespace peakproof::reports::quality {
namespace {

/// A classification with its labels as numbers.
struct Numbered {
  std::vector<std::string> names;
  std::vector<int> truth;
  std::vector<int> predicted;
  std::optional<int> positive;  ///< names.size() where it does not occur
  std::string positive_name;
};

std::vector<int> most_probable(const ClassifyInput& input) {
  std::vector<int> found;
  const auto width = static_cast<std::ptrdiff_t>(input.classes);
  for (auto row = input.probabilities.begin(); row != input.probabilities.end(); row += width)
    found.push_back(static_cast<int>(std::max_element(row, row + width) - row));
  return found;
}

/// Labels beside probabilities are the columns' numbers, or as many as there are columns, which then are in their
/// order.
std::vector<std::string> column_names(const Labels& labels, int classes) {
  const auto is_column = [&](const std::string& name) {
    const auto value = to_number(name);
    return value && *value >= 0 && *value < classes && *value == std::floor(*value);
  };
  if (labels.numbers() && std::all_of(labels.names().begin(), labels.names().end(), is_column)) {
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(classes));
    for (int i = 0; i < classes; ++i) names.push_back(fmt::format("{}", i));
    return names;
  }
  if (static_cast<int>(labels.names().size()) == classes) return labels.names();
  throw InputError(fmt::format(
      "{} columns of probabilities do not go with the {} labels {}: labels are 0 to {}, or as many as the columns",
      classes, labels.names().size(), fmt::join(labels.names(), ", "), classes - 1));
}

/// The class that counts as positive, if one is named or plain.
void choose_positive(Numbered& numbered, const Labels& labels, const ClassifyChoices& choices) {
  const auto place = [&](const std::string& name) -> std::optional<int> {
    const auto canonical = labels.numbers() ? to_number(name) : std::nullopt;
    const std::string wanted = canonical ? fmt::format("{}", *canonical) : name;
    const auto found = std::find(numbered.names.begin(), numbered.names.end(), wanted);
    if (found == numbered.names.end()) return std::nullopt;
    return static_cast<int>(found - numbered.names.begin());
  };
  const auto absent = static_cast<int>(numbered.names.size());
  if (choices.positive) {
    numbered.positive_name = *choices.positive;
    numbered.positive = place(*choices.positive);
    if (!numbered.positive && numbered.names.size() > 1)
      throw InputError(fmt::format("positive class {}: it is none of the labels {}", *choices.positive,
                                   fmt::join(numbered.names, ", ")));
    if (!numbered.positive) numbered.positive = absent;
  } else if (numbered.names.size() <= 2) {
    const auto one = labels.numbers() ? place("1") : std::nullopt;
    if (one || (labels.numbers() && numbered.names.size() == 1)) {
      numbered.positive_name = std::string("1");
      numbered.positive = one.value_or(absent);
    } else if (numbered.names.size() == 2) {
      numbered.positive_name = numbered.names.back();
      numbered.positive = 1;
    }
  }
}

Numbered numbered(const ClassifyInput& input, const ClassifyChoices& choices) {
  const std::array columns = {&input.truth, &input.predicted};
  const Labels labels(columns);
  Numbered found;
  found.names = labels.names();
  found.truth = labels.find_all(input.truth);
  found.predicted = labels.find_all(input.predicted);
  if (input.classes > 0) {
    found.names = column_names(labels, input.classes);
    if (found.names != labels.names())
      for (auto* places : {&found.truth, &found.predicted})
        for (int& place : *places)
          place = static_cast<int>(*to_number(labels.names()[static_cast<std::size_t>(place)]));
    if (found.predicted.empty()) found.predicted = most_probable(input);
  }
  choose_positive(found, labels, choices);
  return found;
}

void add(Evaluation& evaluation, const std::string& scope, const PrecisionRecall& quality) {
  evaluation.figures.push_back({"precision", scope, quality.precision});
  evaluation.figures.push_back({"recall", scope, quality.recall});
  evaluation.figures.push_back({"f1", scope, quality.f1});
}

/// "class 3 has none: …" of the pure function, with the label's own name.
Measure with_label(Measure measure, const std::vector<ClassQuality>& classes, const std::vector<std::string>& names,
                   Measure PrecisionRecall::*figure) {
  if (measure.value) return measure;
  const auto found =
      std::find_if(classes.begin(), classes.end(), [&](const ClassQuality& c) { return !(c.quality.*figure).value; });
  if (found == classes.end()) return measure;
  return undefined(fmt::format("class {} has none: {}", names[static_cast<std::size_t>(found->label)],
                               (found->quality.*figure).undefined));
}

void add_decisions(const Numbered& numbered, const ClassifyChoices& choices, Evaluation& evaluation) {
  evaluation.figures.push_back({"accuracy", {}, accuracy(numbered.truth, numbered.predicted)});
  const auto wants = [&](Average average) {
    const auto& all = choices.averages;
    return all.empty() ? average != Average::binary || numbered.positive.has_value()
                       : std::find(all.begin(), all.end(), average) != all.end();
  };
  const auto of = [&](Average average) {
    return precision_recall(numbered.truth, numbered.predicted, average, numbered.positive.value_or(0));
  };
  if (wants(Average::binary)) {
    if (!numbered.positive)
      throw InputError(fmt::format("binary precision needs a positive class: name one of {} with --positive",
                                   fmt::join(numbered.names, ", ")));
    add(evaluation, "binary " + numbered.positive_name, of(Average::binary));
  }
  const auto classes = each_class(numbered.truth, numbered.predicted);
  if (wants(Average::macro)) {
    PrecisionRecall mean = of(Average::macro);
    for (Measure PrecisionRecall::*figure :
         {&PrecisionRecall::precision, &PrecisionRecall::recall, &PrecisionRecall::f1})
      mean.*figure = with_label(mean.*figure, classes, numbered.names, figure);
    add(evaluation, "macro", mean);
  }
  if (wants(Average::micro)) add(evaluation, "micro", of(Average::micro));
  for (const auto& [label, quality] : classes)
    add(evaluation, "class " + numbered.names[static_cast<std::size_t>(label)], quality);
}

/// Scores, or the probabilities of the positive class where there are two.
std::vector<double> scores_of(const ClassifyInput& input, const Numbered& numbered) {
  if (!input.scores.empty() || input.classes != 2 || !numbered.positive) return input.scores;
  std::vector<double> scores;
  for (auto i = static_cast<std::size_t>(*numbered.positive); i < input.probabilities.size(); i += 2)
    scores.push_back(input.probabilities[i]);
  return scores;
}

void add_scores(const ClassifyInput& input, const Numbered& numbered, Evaluation& evaluation) {
  const auto scores = scores_of(input, numbered);
  if (scores.empty()) return;
  if (!numbered.positive)
    throw InputError(
        fmt::format("a score needs a positive class: name one of {} with --positive", fmt::join(numbered.names, ", ")));
  const int positive = *numbered.positive;
  evaluation.roc = roc_curve(numbered.truth, scores, positive);
  evaluation.figures.push_back(
      {"roc_auc", "binary " + numbered.positive_name, roc_auc(numbered.truth, scores, positive)});
  if (input.scores.empty()) return;
  const auto wrong = std::find_if(scores.begin(), scores.end(), [](double p) { return !(p >= 0 && p <= 1); });
  evaluation.figures.push_back({"log_loss", "binary " + numbered.positive_name,
                                wrong == scores.end()
                                    ? log_loss(numbered.truth, scores, positive)
                                    : undefined(fmt::format("scores are no probabilities: item {} has {}",
                                                            wrong - scores.begin() + 1, *wrong))});
}

void add_probabilities(const ClassifyInput& input, const Numbered& numbered, Evaluation& evaluation) {
  if (input.classes == 0) return;
  evaluation.figures.push_back(
      {"cross_entropy", {}, cross_entropy(numbered.truth, input.probabilities, input.classes)});
  // scikit-learn warns from the square root of the epsilon on.
  const double tolerance = std::sqrt(std::numeric_limits<double>::epsilon());
  std::int64_t off = 0;
  const auto width = static_cast<std::ptrdiff_t>(input.classes);
  for (auto row = input.probabilities.begin(); row != input.probabilities.end(); row += width)
    off += std::fabs(std::accumulate(row, row + width, 0.0) - 1) > tolerance ? 1 : 0;
  if (off > 0)
    evaluation.notes.push_back(
        fmt::format("probabilities of {} of {} items do not sum to 1 within {:.1e}; they are taken as they are", off,
                    evaluation.items, tolerance));
}

}  // namespace

Evaluation evaluate(const ClassifyInput& input, const ClassifyChoices& choices) {
  const Numbered labels = numbered(input, choices);
  Evaluation evaluation;
  evaluation.task = "classify";
  evaluation.items = static_cast<std::int64_t>(input.truth.size());
  evaluation.labels = labels.names;
  evaluation.positive = labels.positive_name;
  evaluation.notes = input.notes;
  if (!labels.predicted.empty())
    add_decisions(labels, choices, evaluation);
  else if (!choices.averages.empty())
    throw InputError("--average needs predicted labels: give a column predicted, or probabilities");
  else
    evaluation.notes.emplace_back("no predicted labels: accuracy, precision, recall and F1 are not computed");
  add_scores(input, labels, evaluation);
  add_probabilities(input, labels, evaluation);
  return evaluation;
}

Evaluation evaluate(const RegressInput& input) {
  Evaluation evaluation;
  evaluation.task = "regress";
  evaluation.items = static_cast<std::int64_t>(input.truth.size());
  evaluation.notes = input.notes;
  evaluation.figures = {{"mse", {}, mean_squared_error(input.truth, input.predicted)},
                        {"rmse", {}, root_mean_squared_error(input.truth, input.predicted)},
                        {"mae", {}, mean_absolute_error(input.truth, input.predicted)}};
  return evaluation;
}

Evaluation evaluate(const DetectInput& input, const std::vector<double>& thresholds) {
  Evaluation evaluation;
  evaluation.task = "detect";
  evaluation.items = static_cast<std::int64_t>(input.truths.size());
  evaluation.detections = static_cast<std::int64_t>(input.detections.size());
  evaluation.labels = input.categories;
  evaluation.notes = input.notes;
  const MeanAveragePrecision found = mean_average_precision(input.truths, input.detections, thresholds);
  evaluation.figures.push_back({"map", {}, found.map});
  const auto iou_scope = [&](std::size_t i) { return fmt::format("iou {:.6g}", thresholds[i]); };
  for (std::size_t i = 0; i < thresholds.size(); ++i)
    evaluation.figures.push_back({"map", iou_scope(i), found.by_threshold[i]});
  std::int64_t uncounted = 0;
  for (const CategoryPrecision& category : found.categories) {
    const std::string scope = "category " + input.categories.at(static_cast<std::size_t>(category.category));
    evaluation.figures.push_back({"ap", scope, category.mean});
    for (std::size_t i = 0; i < thresholds.size(); ++i)
      evaluation.figures.push_back({"ap", scope + " " + iou_scope(i), category.by_threshold[i], true});
    if (category.truths == 0) uncounted += category.detections;
  }
  if (uncounted > 0)
    evaluation.notes.push_back(
        fmt::format("{} of {} detections are of categories without a truth, which the mean leaves out", uncounted,
                    evaluation.detections));
  return evaluation;
}

}  // namespace peakproof::reports::quality
