#include "reports/quality/detection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace peakproof::reports::quality {
namespace {

constexpr std::size_t kLargestDetections = 100;  // an image and category: the evaluator's last maxDets
constexpr double kLargestArea = 1e10;            // the evaluator's area range "all" ends at 1e5 ** 2
constexpr int kRecalls = 101;

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whole numbers by value, then everything else as text.
struct ImageOrder {
  bool operator()(std::string_view a, std::string_view b) const {
    const bool number = is_number(a);
    if (number != is_number(b)) return number;
    if (number && a.size() != b.size()) {
      const std::string_view x = a.substr(std::min(a.find_first_not_of('0'), a.size()));
      const std::string_view y = b.substr(std::min(b.find_first_not_of('0'), b.size()));
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    }
    return a < b;
  }
};

/// What one category has in one image, in the order of the input.
struct Image {
  std::vector<const Truth*> truths;
  std::vector<const Detection*> detections;
};
using Images = std::map<std::string_view, Image, ImageOrder>;

double area(const Box& box) { return box.width * box.height; }

/// As bbIou of pycocotools divides: with a crowd, by the area of the detection alone.
double overlap(const Box& detection, const Box& truth, bool crowd) {
  const double width = std::min(detection.width + detection.x, truth.width + truth.x) - std::max(detection.x, truth.x);
  const double height =
      std::min(detection.height + detection.y, truth.height + truth.y) - std::max(detection.y, truth.y);
  if (width <= 0 || height <= 0) return 0;
  const double intersection = width * height;
  if (intersection <= 0) return 0;  // too small for a double
  return intersection / (crowd ? area(detection) : area(detection) + area(truth) - intersection);
}

std::string problem(const Box& box) {
  for (const double x : {box.x, box.y, box.width, box.height})
    if (!std::isfinite(x)) return fmt::format("{} is not finite", x);
  if (!std::isfinite(box.x + box.width) || !std::isfinite(box.y + box.height))
    return "the box ends beyond every number";
  if (box.width < 0 || box.height < 0)
    return fmt::format("a box of {} x {} has a negative side", box.width, box.height);
  return {};
}

void validate(std::span<const Truth> truths, std::span<const Detection> detections,
              std::span<const double> thresholds) {
  const auto require = [](const char* what, std::size_t row, const std::string& problem) {
    if (!problem.empty()) throw std::invalid_argument(fmt::format("{} {}: {}", what, row, problem));
  };
  for (std::size_t i = 0; i < truths.size(); ++i) require("truth", i, box_problem(truths[i].box));
  for (std::size_t i = 0; i < detections.size(); ++i) {
    require("detection", i, box_problem(detections[i].box));
    const double score = detections[i].score;
    if (!std::isfinite(score)) require("detection", i, fmt::format("score {} is not finite", score));
  }
  if (thresholds.empty()) throw std::invalid_argument("no IoU threshold: give one or more above 0 and at most 1");
  for (const double threshold : thresholds)
    if (!(threshold > 0 && threshold <= 1))
      throw std::invalid_argument(fmt::format("{} is no IoU threshold: give one above 0 and at most 1", threshold));
}

std::map<int, Images> by_category(std::span<const Truth> truths, std::span<const Detection> detections) {
  std::map<int, Images> categories;
  for (const Truth& truth : truths) categories[truth.category][truth.image].truths.push_back(&truth);
  for (const Detection& detection : detections)
    categories[detection.category][detection.image].detections.push_back(&detection);
  return categories;
}

enum class Outcome { right, wrong, ignored };
struct Judged {
  double score = 0;
  Outcome outcome = Outcome::wrong;
};

/// An image ready to be matched at any threshold.
struct Prepared {
  std::vector<const Truth*> truths;          ///< crowds last
  std::vector<const Detection*> detections;  ///< the 100 highest scores
  std::vector<double> overlaps;              ///< detections x truths
};

Prepared prepare(Image image) {
  std::stable_partition(image.truths.begin(), image.truths.end(), [](const Truth* truth) { return !truth->crowd; });
  std::stable_sort(image.detections.begin(), image.detections.end(),
                   [](const Detection* a, const Detection* b) { return a->score > b->score; });
  image.detections.resize(std::min(image.detections.size(), kLargestDetections));
  Prepared prepared{std::move(image.truths), std::move(image.detections), {}};
  for (const Detection* detection : prepared.detections)
    for (const Truth* truth : prepared.truths)
      prepared.overlaps.push_back(overlap(detection->box, truth->box, truth->crowd));
  return prepared;
}

/// evaluateImg of pycocotools: of equally good truths the last; a crowd only where no other truth fits.
void match(const Prepared& image, double threshold, std::vector<Judged>& judged) {
  std::vector<bool> taken(image.truths.size());
  for (std::size_t d = 0; d < image.detections.size(); ++d) {
    double best = std::min(threshold, 1 - 1e-10);
    std::optional<std::size_t> found;
    for (std::size_t t = 0; t < image.truths.size(); ++t) {
      const bool crowd = image.truths[t]->crowd;
      if (taken[t] && !crowd) continue;
      if (found && crowd && !image.truths[*found]->crowd) break;
      const double here = image.overlaps[d * image.truths.size() + t];
      if (here < best) continue;
      best = here;
      found = t;
    }
    Outcome outcome = Outcome::wrong;
    if (found) {
      taken[*found] = true;
      outcome = image.truths[*found]->crowd ? Outcome::ignored : Outcome::right;
    }
    judged.push_back({image.detections[d]->score, outcome});
  }
}

/// accumulate of pycocotools for one category and threshold.
double interpolated(std::vector<Judged> judged, std::int64_t truths) {
  std::stable_sort(judged.begin(), judged.end(), [](const Judged& a, const Judged& b) { return a.score > b.score; });
  std::vector<double> recall;
  std::vector<double> precision;
  double right = 0;
  double wrong = 0;
  for (const Judged& one : judged) {
    right += one.outcome == Outcome::right ? 1 : 0;
    wrong += one.outcome == Outcome::wrong ? 1 : 0;
    recall.push_back(right / static_cast<double>(truths));
    precision.push_back(right / (wrong + right + std::numeric_limits<double>::epsilon()));
  }
  for (std::size_t i = precision.size(); i-- > 1;) precision[i - 1] = std::max(precision[i - 1], precision[i]);
  double sum = 0;
  for (int i = 0; i < kRecalls; ++i) {
    const double wanted = i == kRecalls - 1 ? 1.0 : i * 0.01;  // numpy.linspace(0, 1, 101)
    const auto place = std::lower_bound(recall.begin(), recall.end(), wanted);
    if (place == recall.end()) break;
    sum += precision[static_cast<std::size_t>(place - recall.begin())];
  }
  return sum / kRecalls;
}

CategoryPrecision evaluate(int category, const Images& images, std::span<const double> thresholds) {
  CategoryPrecision found;
  found.category = category;
  std::vector<Prepared> prepared;
  for (const auto& [name, image] : images) {
    found.truths += std::count_if(image.truths.begin(), image.truths.end(), [](const Truth* t) { return !t->crowd; });
    found.detections += static_cast<std::int64_t>(image.detections.size());
    prepared.push_back(prepare(image));
  }
  if (found.truths == 0) {
    found.mean = undefined("no truth of this category");
    found.by_threshold.assign(thresholds.size(), found.mean);
    return found;
  }
  double sum = 0;
  for (const double threshold : thresholds) {
    std::vector<Judged> judged;
    for (const Prepared& image : prepared) match(image, threshold, judged);
    const double precision = interpolated(std::move(judged), found.truths);
    found.by_threshold.push_back(defined(precision));
    sum += precision;
  }
  found.mean = defined(sum / static_cast<double>(thresholds.size()));
  return found;
}

/// Over the categories that have a value.
Measure mean_over(const std::vector<CategoryPrecision>& categories,
                  const Measure& (*figure)(const CategoryPrecision&, std::size_t), std::size_t index) {
  double sum = 0;
  int count = 0;
  for (const CategoryPrecision& category : categories) {
    const Measure& measure = figure(category, index);
    if (!measure.value) continue;
    sum += *measure.value;
    ++count;
  }
  return count > 0 ? defined(sum / count) : undefined("no truth in any category");
}

}  // namespace

std::string box_problem(const Box& box) {
  if (std::string wrong = problem(box); !wrong.empty()) return wrong;
  if (area(box) <= kLargestArea) return {};
  return fmt::format("a box of {} x {} is larger than 1e10, which COCO leaves out: use pixels", box.width, box.height);
}

Measure iou(const Box& a, const Box& b) {
  for (const Box* box : {&a, &b})
    if (const std::string wrong = problem(*box); !wrong.empty()) return undefined(wrong);
  if (area(a) <= 0 && area(b) <= 0) return undefined("both boxes are empty");
  return defined(overlap(a, b, false));
}

Measure average_precision(std::span<const Truth> truths, std::span<const Detection> detections, int category,
                          double threshold) {
  const std::array thresholds = {threshold};
  validate(truths, detections, thresholds);
  Images images;
  for (const Truth& truth : truths)
    if (truth.category == category) images[truth.image].truths.push_back(&truth);
  for (const Detection& detection : detections)
    if (detection.category == category) images[detection.image].detections.push_back(&detection);
  return evaluate(category, images, thresholds).by_threshold.front();
}

MeanAveragePrecision mean_average_precision(std::span<const Truth> truths, std::span<const Detection> detections,
                                            std::span<const double> thresholds) {
  validate(truths, detections, thresholds);
  MeanAveragePrecision found;
  for (const auto& [category, images] : by_category(truths, detections))
    found.categories.push_back(evaluate(category, images, thresholds));
  found.map = mean_over(
      found.categories, [](const CategoryPrecision& c, std::size_t) -> const Measure& { return c.mean; }, 0);
  for (std::size_t i = 0; i < thresholds.size(); ++i)
    found.by_threshold.push_back(mean_over(
        found.categories,
        [](const CategoryPrecision& c, std::size_t index) -> const Measure& { return c.by_threshold[index]; }, i));
  return found;
}

std::vector<double> coco_thresholds() {
  constexpr int kSteps = 9;
  std::vector<double> thresholds;
  thresholds.reserve(kSteps + 1);
  // As numpy.linspace(.5, 0.95, 10) rounds them.
  for (int i = 0; i < kSteps; ++i) thresholds.push_back(i * ((0.95 - 0.5) / kSteps) + 0.5);
  thresholds.push_back(0.95);
  return thresholds;
}

}  // namespace peakproof::reports::quality
