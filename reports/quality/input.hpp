// What `peakproof quality` reads: predictions beside the truth, as CSV, as JSON, or as the COCO evaluator's pair of
// files. Nothing is guessed: what is missing, no number or of unequal length is an InputError with its place.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "reports/quality/detection.hpp"

namespace peakproof::reports::quality {

/// What is wrong and where: "line 7, column score: 'x' is no number", "truth[3].bbox: …".
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One item in each place of each column; a column that was not given is empty.
struct ClassifyInput {
  std::vector<std::string> truth;
  std::vector<std::string> predicted;
  std::vector<double> scores;         ///< of the positive class; the higher, the surer
  std::vector<double> probabilities;  ///< items x classes, row-major
  int classes = 0;                    ///< of the probabilities
  std::vector<std::string> notes;     ///< what a reader should know, such as columns that were not used
};

struct RegressInput {
  std::vector<double> truth;
  std::vector<double> predicted;
  std::vector<std::string> notes;
};

struct DetectInput {
  std::vector<Truth> truths;
  std::vector<Detection> detections;
  std::vector<std::string> categories;  ///< their names; Truth::category and Detection::category count them from 0
  std::vector<std::string> notes;
};

/// Columns truth, and predicted, score or p0, p1, … (or several of them).
[[nodiscard]] ClassifyInput classify_from_csv(std::string_view text);
/// {"truth": [labels], "predicted": [labels], "score": [numbers], "probabilities": [[numbers]]}; a label is a text, a
/// whole number or true or false (1 and 0).
[[nodiscard]] ClassifyInput classify_from_json(std::string_view text);

/// Columns truth, predicted.
[[nodiscard]] RegressInput regress_from_csv(std::string_view text);
/// {"truth": [numbers], "predicted": [numbers]}
[[nodiscard]] RegressInput regress_from_json(std::string_view text);

/// Columns kind (truth or detection), image, category, x, y, width, height, score (empty in a truth) and, if wanted,
/// iscrowd (0 or 1).
[[nodiscard]] DetectInput detect_from_csv(std::string_view text);
/// {"truth": [{"image", "category", "bbox": [x, y, width, height], "iscrowd"}], "detections": [{"image", "category",
/// "bbox", "score"}]}; image and category are texts or whole numbers.
[[nodiscard]] DetectInput detect_from_json(std::string_view text);
/// COCO's annotations ({"images", "categories", "annotations"}) and results ([{"image_id", "category_id", "bbox",
/// "score"}]). An error names the file: "annotations: …", "results: …".
[[nodiscard]] DetectInput detect_from_coco(std::string_view annotations, std::string_view results);

/// Boxes with the names of their categories beside them, before the categories are numbered; the same length each.
[[nodiscard]] DetectInput with_categories(DetectInput input, const std::vector<std::string>& truth_categories,
                                          const std::vector<std::string>& detection_categories);

}  // namespace peakproof::reports::quality
