#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "reports/quality/input.hpp"

namespace peakproof::reports::quality {
namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(const std::string& where, std::string_view what) {
  const bool has_colon = where.empty() || where.back() == ' ';
  throw InputError(fmt::format("{}{}{}", where, has_colon ? "" : ": ", what));
}

/// A value and where it stands: "truth[3].bbox".
struct Node {
  const Json& json;
  std::string where;

  [[nodiscard]] Node at(std::size_t i) const { return {json[i], fmt::format("{}[{}]", where, i)}; }
  [[nodiscard]] std::string member(const std::string& key) const {
    return where.empty() || where.back() == ' ' ? where + key : where + "." + key;
  }
  [[nodiscard]] bool has(const std::string& key) const {
    if (!json.is_object()) fail(where, "it is no object");
    return json.contains(key);
  }
  [[nodiscard]] Node get(const std::string& key) const {
    if (!has(key)) fail(where, fmt::format("it has no \"{}\"", key));
    return {json.at(key), member(key)};
  }
  [[nodiscard]] std::size_t size() const {
    if (!json.is_array()) fail(where, "it is no array");
    return json.size();
  }
};

Json parsed(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) throw InputError("it is empty");
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    std::string what = error.what();
    for (char& c : what) c = c == '\n' || c == '\r' ? ' ' : c;
    throw InputError(fmt::format("it is no JSON: {}", what));
  }
}

double number(const Node& node) {
  if (!node.json.is_number()) fail(node.where, "it is no number");
  const auto value = node.json.get<double>();
  if (!std::isfinite(value)) fail(node.where, "it is not finite");
  return value;
}

/// A text, a whole number, or true or false as 1 and 0.
std::string label(const Node& node) {
  if (node.json.is_boolean()) return node.json.get<bool>() ? "1" : "0";
  if (node.json.is_number_integer()) return node.json.dump();
  if (!node.json.is_string()) fail(node.where, "it is neither a text nor a whole number");
  auto text = node.json.get<std::string>();
  if (text.empty()) fail(node.where, "it is empty");
  return text;
}

bool crowd(const Node& node) {
  if (node.json.is_boolean()) return node.json.get<bool>();
  if (node.json.is_number_integer() && (node.json == 0 || node.json == 1)) return node.json == 1;
  fail(node.where, "it is neither 0 nor 1");
}

Box box(const Node& node) {
  if (node.size() != 4) fail(node.where, fmt::format("it has {} numbers, not 4: x, y, width, height", node.size()));
  const Box read{number(node.at(0)), number(node.at(1)), number(node.at(2)), number(node.at(3))};
  if (const std::string wrong = box_problem(read); !wrong.empty()) fail(node.where, wrong);
  return read;
}

template <class Read>
auto column(const Node& node, Read read) {
  std::vector<decltype(read(node))> values;
  const std::size_t size = node.size();
  values.reserve(size);
  for (std::size_t i = 0; i < size; ++i) values.push_back(read(node.at(i)));
  return values;
}

/// As many as there are labels in "truth"; `truth` must not be empty.
template <class Value>
std::vector<Value> require_as_many(std::vector<Value> values, std::size_t truth, std::string_view key) {
  if (values.size() != truth) fail(std::string(key), fmt::format("{} entries, but truth has {}", values.size(), truth));
  return values;
}

std::vector<std::string> unused_notes(const Json& object, const std::set<std::string>& used) {
  std::vector<std::string> names;
  for (const auto& item : object.items())
    if (used.count(item.key()) == 0) names.push_back(item.key());
  if (names.empty()) return {};
  return {fmt::format("entries that were not used: {}", fmt::join(names, ", "))};
}

/// What the two detection formats call the same things.
struct Names {
  std::string image;
  std::string category;
};

struct Read {
  DetectInput input;
  std::vector<std::string> truth_categories;
  std::vector<std::string> detection_categories;
};

void read_truths(const Node& node, const Names& names, Read& read) {
  for (std::size_t i = 0; i < node.size(); ++i) {
    const Node entry = node.at(i);
    read.truth_categories.push_back(label(entry.get(names.category)));
    read.input.truths.push_back({label(entry.get(names.image)), 0, box(entry.get("bbox")),
                                 entry.has("iscrowd") && crowd(entry.get("iscrowd"))});
  }
}

void read_detections(const Node& node, const Names& names, Read& read) {
  for (std::size_t i = 0; i < node.size(); ++i) {
    const Node entry = node.at(i);
    read.detection_categories.push_back(label(entry.get(names.category)));
    read.input.detections.push_back(
        {label(entry.get(names.image)), 0, box(entry.get("bbox")), number(entry.get("score"))});
  }
}

std::set<std::string> ids(const Node& node) {
  std::set<std::string> found;
  for (std::size_t i = 0; i < node.size(); ++i)
    if (const Node id = node.at(i).get("id"); !found.insert(label(id)).second)
      fail(id.where, fmt::format("{} is there twice", label(id)));
  return found;
}

/// The reference of each entry of `node` to an id of the annotations.
void require_known(const Node& node, const std::string& key, const std::set<std::string>& known) {
  for (std::size_t i = 0; i < node.size(); ++i)
    if (const Node id = node.at(i).get(key); known.count(label(id)) == 0)
      fail(id.where, fmt::format("{} is not among those of the annotations", label(id)));
}

}  // namespace

ClassifyInput classify_from_json(std::string_view text) {
  const Json json = parsed(text);
  const Node root{json, {}};
  ClassifyInput input;
  input.truth = column(root.get("truth"), &label);
  const std::size_t items = input.truth.size();
  if (items == 0) fail("truth", "it is empty");
  if (root.has("predicted"))
    input.predicted = require_as_many(column(root.get("predicted"), &label), items, "predicted");
  if (root.has("score")) input.scores = require_as_many(column(root.get("score"), &number), items, "score");
  if (root.has("probabilities")) {
    const auto rows = require_as_many(column(root.get("probabilities"),
                                             [](const Node& row) {
                                               return column(row, [](const Node& node) {
                                                 const double p = number(node);
                                                 if (p < 0 || p > 1)
                                                   fail(node.where, fmt::format("{} is no probability", p));
                                                 return p;
                                               });
                                             }),
                                      items, "probabilities");
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].empty() || rows[i].size() != rows.front().size())
        fail(fmt::format("probabilities[{}]", i),
             fmt::format("{} classes, but the first row has {}", rows[i].size(), rows.front().size()));
      input.probabilities.insert(input.probabilities.end(), rows[i].begin(), rows[i].end());
    }
    input.classes = static_cast<int>(rows.front().size());
  }
  if (input.predicted.empty() && input.scores.empty() && input.classes == 0)
    fail({}, R"(nothing was predicted: give "predicted", "score" or "probabilities")");
  input.notes = unused_notes(json, {"truth", "predicted", "score", "probabilities"});
  return input;
}

RegressInput regress_from_json(std::string_view text) {
  const Json json = parsed(text);
  const Node root{json, {}};
  RegressInput input;
  input.truth = column(root.get("truth"), &number);
  if (input.truth.empty()) fail("truth", "it is empty");
  input.predicted = require_as_many(column(root.get("predicted"), &number), input.truth.size(), "predicted");
  input.notes = unused_notes(json, {"truth", "predicted"});
  return input;
}

DetectInput detect_from_json(std::string_view text) {
  const Json json = parsed(text);
  const Node root{json, {}};
  if (json.is_array())
    fail({}, R"(it is an array, as COCO's results are: give the annotations with --truth, or {"truth", "detections"})");
  Read read;
  const Names names{"image", "category"};
  read_truths(root.get("truth"), names, read);
  read_detections(root.get("detections"), names, read);
  if (read.input.truths.empty() && read.input.detections.empty()) fail({}, "it has no truth and no detection");
  read.input.notes = unused_notes(json, {"truth", "detections"});
  return with_categories(std::move(read.input), read.truth_categories, read.detection_categories);
}

DetectInput detect_from_coco(std::string_view annotations, std::string_view results) {
  const auto named = [](const char* file, std::string_view text) {
    try {
      return parsed(text);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: {}", file, error.what()));
    }
  };
  const Json truth_json = named("annotations", annotations);
  const Json found_json = named("results", results);
  const Node root{truth_json, "annotations: "};
  const Node found{found_json, "results"};
  if (!truth_json.is_object()) fail("annotations", R"(it is no object with "images", "categories" and "annotations")");
  Read read;
  const Names names{"image_id", "category_id"};
  const Node truths = root.get("annotations");
  read_truths(truths, names, read);
  read_detections(found, names, read);
  const auto images = ids(root.get("images"));
  const auto categories = ids(root.get("categories"));
  require_known(truths, names.image, images);
  require_known(truths, names.category, categories);
  require_known(found, names.image, images);
  require_known(found, names.category, categories);
  if (read.input.truths.empty() && read.input.detections.empty()) fail({}, "there is no truth and no detection");
  return with_categories(std::move(read.input), read.truth_categories, read.detection_categories);
}

}  // namespace peakproof::reports::quality
