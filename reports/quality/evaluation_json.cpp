#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "reports/quality/evaluation.hpp"

namespace peakproof::reports::quality {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kQualitySchema = "1.0.0";

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json encode(const Figure& figure) {
  const Measure& measure = figure.measure;
  return {{"name", figure.name},
          {"scope", figure.scope},
          {"value", measure.value ? number(*measure.value) : Json(nullptr)},
          {"undefined", measure.value ? Json(nullptr) : Json(measure.undefined)}};
}

}  // namespace

std::string to_json(const Evaluation& evaluation) {
  Json figures = Json::array();
  for (const Figure& figure : evaluation.figures) figures.push_back(encode(figure));
  Json roc = Json::array();
  for (const RocPoint& point : evaluation.roc)
    roc.push_back({{"threshold", number(point.threshold)},
                   {"false_positive_rate", point.false_positive_rate},
                   {"true_positive_rate", point.true_positive_rate}});
  Json json = {{"kind", "peakproof quality"},
               {"schema", kQualitySchema},
               {"task", evaluation.task},
               {"file", evaluation.file},
               {"items_count", evaluation.items}};
  if (evaluation.task == "detect") json["detections_count"] = evaluation.detections;
  if (evaluation.task != "regress") json["labels"] = evaluation.labels;
  if (evaluation.task == "classify")
    json["positive"] = evaluation.positive.empty() ? Json(nullptr) : Json(evaluation.positive);
  json["figures"] = figures;
  if (evaluation.task == "classify") json["roc"] = roc;
  json["notes"] = evaluation.notes;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace peakproof::reports::quality
