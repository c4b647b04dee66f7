// A model report as JSON: reports/model.schema.json describes it.
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "reports/model_report.hpp"
#include "reports/model_view.hpp"
#include "theory/roofline.hpp"

namespace peakproof::reports {
namespace {

using Json = nlohmann::ordered_json;

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }
Json number(const std::optional<double>& x) { return x ? number(*x) : Json(nullptr); }
template <class T>
Json maybe(const std::optional<T>& x) {
  return x ? Json(*x) : Json(nullptr);
}

Json encode(const theory::Ceilings& c) {
  return {{"matrix_per_second", number(c.matrix_per_second)},
          {"matrix_source", c.matrix_source},
          {"vector_per_second", number(c.vector_per_second)},
          {"vector_source", c.vector_source},
          {"bytes_per_second", number(c.bytes_per_second)},
          {"bytes_source", c.bytes_source},
          {"launch_s", number(c.launch_s)},
          {"memory_bytes", c.memory_bytes}};
}

Json encode(const ModelTime& entry, std::int64_t batch) {
  Json out = {{"precision", theory::name(entry.precision)},
              {"ceilings", entry.ceilings ? encode(*entry.ceilings) : Json(nullptr)},
              {"why", entry.why}};
  const bool timed = entry.time.has_value();
  const double seconds = timed ? entry.time->seconds : 0;
  out["least_s"] = timed ? number(seconds) : Json(nullptr);
  out["items_per_second"] = timed && seconds > 0 ? number(static_cast<double>(batch) / seconds) : Json(nullptr);
  out["flop_per_byte"] = timed ? number(flop_per_byte(*entry.time)) : Json(nullptr);
  out["ridge_flop_per_byte"] =
      entry.ceilings ? number(theory::ridge_point(entry.ceilings->matrix_per_second, entry.ceilings->bytes_per_second))
                     : Json(nullptr);
  out["compute_bound_s"] = timed ? number(entry.time->compute_bound_s) : Json(nullptr);
  out["memory_bound_s"] = timed ? number(entry.time->memory_bound_s) : Json(nullptr);
  out["bytes_needed"] = timed ? number(entry.time->bytes_needed) : Json(nullptr);
  out["fits"] = timed ? maybe(entry.time->fits) : Json(nullptr);
  out["missing"] = timed ? Json(entry.time->missing) : Json::array();
  return out;
}

Json encode(const ModelLayer& layer) {
  const auto& cost = *layer.cost;
  const bool known = cost.kind != theory::LayerKind::unknown;
  const auto* time = layer.time;
  return {{"name", cost.name},
          {"operator", cost.operation},
          {"kind", theory::name(cost.kind)},
          {"output", cost.output_shape},
          {"parameters", cost.parameters},
          {"macs", known ? number(cost.macs) : Json(nullptr)},
          {"flops", known ? number(cost.flops) : Json(nullptr)},
          {"weight_bytes", number(layer.weight_bytes)},
          {"activation_bytes", number(layer.activation_bytes)},
          {"moved_bytes", time ? number(time->bytes) : Json(nullptr)},
          {"flop_per_byte", time ? number(flop_per_byte(*time)) : Json(nullptr)},
          {"compute_s", time ? number(time->compute_s) : Json(nullptr)},
          {"memory_s", time ? number(time->memory_s) : Json(nullptr)},
          {"least_s", time ? number(time->seconds) : Json(nullptr)},
          {"bound", time ? Json(theory::name(time->bound)) : Json(nullptr)},
          {"part_of", layer.part_of ? Json(layer.part_of->name) : Json(nullptr)}};
}

}  // namespace

std::string model_json(const ModelReport& report) {
  Json facts = Json::object();
  for (const Line& line : report.facts) facts[line.label] = line.text;
  Json storage = Json::object();
  for (const theory::Precision precision : theory::kPrecisions)
    storage[std::string(theory::name(precision))] = theory::storage_bytes(report.cost.parameters, precision);
  Json times = Json::array();
  for (const ModelTime& entry : report.times) times.push_back(encode(entry, report.batch));
  Json batches = Json::array();
  for (const BatchPoint& point : report.batches)
    batches.push_back({{"batch", point.batch},
                       {"least_s", number(point.seconds)},
                       {"items_per_second",
                        point.seconds > 0 ? number(static_cast<double>(point.batch) / point.seconds) : Json(nullptr)},
                       {"bytes_needed", number(point.bytes_needed)},
                       {"fits", maybe(point.fits)}});
  Json layers = Json::array();
  for (const ModelLayer& layer : model_layers(report)) layers.push_back(encode(layer));
  const Json json = {{"kind", "peakproof model"},
                     {"schema", kModelSchemaVersion},
                     {"tool", report.tool},
                     {"file", report.file},
                     {"facts", facts},
                     {"notes", report.notes},
                     {"batch", report.batch},
                     {"fused", report.fused},
                     {"parameters", report.cost.parameters},
                     {"macs", number(report.cost.macs)},
                     {"flops", number(report.cost.flops)},
                     {"activation_numbers", number(report.cost.activation_numbers)},
                     {"peak_activation_numbers", number(report.cost.peak_activation_numbers)},
                     {"storage_bytes", storage},
                     {"unknown_operators", report.cost.unknown},
                     {"machine", report.machine.empty() ? Json(nullptr) : Json(report.machine)},
                     {"stand_in", report.stand_in},
                     {"times", times},
                     {"batches", batches},
                     {"largest_batch", maybe(report.largest_batch)},
                     {"layers_precision", theory::name(report.precision)},
                     {"layers", layers}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace peakproof::reports
