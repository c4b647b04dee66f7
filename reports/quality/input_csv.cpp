#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "reports/quality/csv_table.hpp"
#include "reports/quality/input.hpp"
#include "reports/quality/labels.hpp"

namespace peakproof::reports::quality {
namespace {

std::string place(const CsvTable& table, const CsvRow& row, std::size_t column) {
  return fmt::format("line {}, column {}", row.line, table.header[column]);
}

std::size_t require_column(const CsvTable& table, std::string_view name) {
  if (const auto column = table.column(name)) return *column;
  throw InputError(fmt::format("line 1: no column is named {} (there are: {})", name, fmt::join(table.header, ", ")));
}

double number(const CsvTable& table, const CsvRow& row, std::size_t column) {
  const std::string& field = row.fields[column];
  const auto value = to_number(field);
  if (!value) throw InputError(fmt::format("{}: '{}' is no number", place(table, row, column), field));
  if (!std::isfinite(*value)) throw InputError(fmt::format("{}: {} is not finite", place(table, row, column), field));
  return *value;
}

std::vector<double> numbers(const CsvTable& table, std::size_t column) {
  std::vector<double> values;
  values.reserve(table.rows.size());
  for (const CsvRow& row : table.rows) values.push_back(number(table, row, column));
  return values;
}

/// Labels, images and the like: an empty one is a hole in the data.
const std::string& text(const CsvTable& table, const CsvRow& row, std::size_t column) {
  if (row.fields[column].empty()) throw InputError(fmt::format("{}: it is empty", place(table, row, column)));
  return row.fields[column];
}

std::vector<std::string> texts(const CsvTable& table, std::size_t column) {
  std::vector<std::string> values;
  values.reserve(table.rows.size());
  for (const CsvRow& row : table.rows) values.push_back(text(table, row, column));
  return values;
}

/// p0, p1, … as far as they go.
std::vector<std::size_t> probability_columns(const CsvTable& table) {
  std::vector<std::size_t> columns;
  while (const auto column = table.column(fmt::format("p{}", columns.size()))) columns.push_back(*column);
  return columns;
}

std::vector<std::string> unused_notes(const CsvTable& table, const std::vector<std::size_t>& used) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < table.header.size(); ++i)
    if (std::find(used.begin(), used.end(), i) == used.end()) names.push_back(table.header[i]);
  if (names.empty()) return {};
  return {fmt::format("columns that were not used: {}", fmt::join(names, ", "))};
}

/// 0 or 1; an empty field is 0.
bool flag(const CsvTable& table, const CsvRow& row, std::size_t column) {
  const std::string& field = row.fields[column];
  if (field == "1") return true;
  if (field.empty() || field == "0") return false;
  throw InputError(fmt::format("{}: '{}' is neither 0 nor 1", place(table, row, column), field));
}

Box box_of(const CsvTable& table, const CsvRow& row, const std::array<std::size_t, 4>& columns) {
  std::array<double, 4> sides{};
  std::transform(columns.begin(), columns.end(), sides.begin(),
                 [&](std::size_t column) { return number(table, row, column); });
  const Box box{sides[0], sides[1], sides[2], sides[3]};
  if (const std::string wrong = box_problem(box); !wrong.empty())
    throw InputError(fmt::format("line {}: {}", row.line, wrong));
  return box;
}

}  // namespace

ClassifyInput classify_from_csv(std::string_view csv) {
  const CsvTable table = read_csv_table(csv);
  ClassifyInput input;
  std::vector<std::size_t> used = {require_column(table, "truth")};
  input.truth = texts(table, used.front());
  if (const auto column = table.column("predicted")) {
    used.push_back(*column);
    input.predicted = texts(table, *column);
  }
  if (const auto column = table.column("score")) {
    used.push_back(*column);
    input.scores = numbers(table, *column);
  }
  const auto columns = probability_columns(table);
  used.insert(used.end(), columns.begin(), columns.end());
  input.classes = static_cast<int>(columns.size());
  for (const CsvRow& row : table.rows)
    for (const std::size_t column : columns) {
      input.probabilities.push_back(number(table, row, column));
      if (const double p = input.probabilities.back(); p < 0 || p > 1)
        throw InputError(fmt::format("{}: {} is no probability", place(table, row, column), p));
    }
  if (used.size() == 1) throw InputError("line 1: nothing was predicted: give a column predicted, score, or p0, p1, …");
  input.notes = unused_notes(table, used);
  return input;
}

RegressInput regress_from_csv(std::string_view csv) {
  const CsvTable table = read_csv_table(csv);
  const std::size_t truth = require_column(table, "truth");
  const std::size_t predicted = require_column(table, "predicted");
  return {.truth = numbers(table, truth),
          .predicted = numbers(table, predicted),
          .notes = unused_notes(table, {truth, predicted})};
}

DetectInput detect_from_csv(std::string_view csv) {
  const CsvTable table = read_csv_table(csv);
  const std::size_t kind = require_column(table, "kind");
  const std::size_t image = require_column(table, "image");
  const std::size_t category = require_column(table, "category");
  const std::array<std::size_t, 4> box = {require_column(table, "x"), require_column(table, "y"),
                                          require_column(table, "width"), require_column(table, "height")};
  const std::size_t score = require_column(table, "score");
  const auto crowd = table.column("iscrowd");
  DetectInput input;
  std::vector<std::string> truth_categories;
  std::vector<std::string> detection_categories;
  for (const CsvRow& row : table.rows) {
    const std::string& of = row.fields[kind];
    const bool is_truth = of == "truth";
    if (!is_truth && of != "detection")
      throw InputError(fmt::format("{}: '{}' is neither truth nor detection", place(table, row, kind), of));
    if (is_truth && !row.fields[score].empty())
      throw InputError(fmt::format("{}: a truth has no score", place(table, row, score)));
    const bool is_crowd = crowd && flag(table, row, *crowd);
    if (!is_truth && is_crowd) throw InputError(fmt::format("{}: a detection is no crowd", place(table, row, *crowd)));
    (is_truth ? truth_categories : detection_categories).push_back(text(table, row, category));
    if (is_truth)
      input.truths.push_back({text(table, row, image), 0, box_of(table, row, box), is_crowd});
    else
      input.detections.push_back({text(table, row, image), 0, box_of(table, row, box), number(table, row, score)});
  }
  std::vector<std::size_t> used = {kind, image, category, box[0], box[1], box[2], box[3], score};
  if (crowd) used.push_back(*crowd);
  input.notes = unused_notes(table, used);
  return with_categories(std::move(input), truth_categories, detection_categories);
}

DetectInput with_categories(DetectInput input, const std::vector<std::string>& truth_categories,
                            const std::vector<std::string>& detection_categories) {
  const std::array columns = {&truth_categories, &detection_categories};
  const Labels labels(columns);
  const auto number = [&](auto& boxes, const std::vector<std::string>& names) {
    const auto places = labels.find_all(names);
    for (std::size_t i = 0; i < boxes.size(); ++i) boxes[i].category = places.at(i);
  };
  number(input.truths, truth_categories);
  number(input.detections, detection_categories);
  input.categories = labels.names();
  return input;
}

}  // namespace peakproof::reports::quality
