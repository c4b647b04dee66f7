// All measures of one input together, and their formats.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/quality/classification.hpp"
#include "reports/quality/input.hpp"
#include "reports/quality/roc.hpp"

namespace peakproof::reports::quality {

struct Figure {
  std::string name;   ///< "precision"
  std::string scope;  ///< what of: "macro", "binary yes", "class cat", "iou 0.5", "category 3 iou 0.5"; empty: all
  Measure measure;
  bool detail = false;  ///< too much for a terminal
};

struct Evaluation {
  std::string task;  ///< classify, regress, detect
  std::string file;
  std::int64_t items = 0;           ///< rows; the truths of a detection
  std::int64_t detections = 0;      ///< of a detection
  std::vector<std::string> labels;  ///< classes or categories, in the order of the figures
  std::string positive;             ///< the class that counts as positive; empty: none
  std::vector<Figure> figures;
  std::vector<RocPoint> roc;  ///< empty where there is no score or it is not defined
  std::vector<std::string> notes;
};

struct ClassifyChoices {
  std::vector<Average> averages;        ///< empty: all that have a meaning
  std::optional<std::string> positive;  ///< else 1, where labels are numbers, or the last of two
};

/// Throw InputError where the labels do not go with the scores, the probabilities or the choices.
[[nodiscard]] Evaluation evaluate(const ClassifyInput& input, const ClassifyChoices& choices);
[[nodiscard]] Evaluation evaluate(const RegressInput& input);
[[nodiscard]] Evaluation evaluate(const DetectInput& input, const std::vector<double>& thresholds);

/// For a terminal: at most 120 columns; the last lines are the notes.
[[nodiscard]] std::string to_text(const Evaluation& evaluation);
/// GitHub Markdown.
[[nodiscard]] std::string to_markdown(const Evaluation& evaluation);
/// A row for each figure: name, scope, value, undefined.
[[nodiscard]] std::string to_csv(const Evaluation& evaluation);
/// Strict JSON; an undefined value is null with its reason beside it, and so is the first threshold of the ROC curve,
/// which is infinite.
[[nodiscard]] std::string to_json(const Evaluation& evaluation);

}  // namespace peakproof::reports::quality
