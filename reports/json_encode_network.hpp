// Networks that were run or trained, as JSON, and what every encoder needs: see json_encode.hpp.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/model_run.hpp"

namespace peakproof::reports {

template <typename Json>
struct ValueEncoder {
  /// What is no finite number is null: JSON has neither NaN nor Infinity.
  static Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }
  static Json number(const std::optional<double>& x) { return x ? number(*x) : Json(nullptr); }
  /// Zero stands for unknown in a DeviceSpec and for "no clock" in a Peak; in JSON both are null.
  static Json known(double x) { return x == 0 ? Json(nullptr) : number(x); }
  template <std::integral T>
  static Json known(T x) {
    return x == 0 ? Json(nullptr) : Json(x);
  }
  static Json numbers(const std::vector<double>& values) {
    Json out = Json::array();
    for (const double x : values) out.push_back(number(x));
    return out;
  }
  static Json object(const std::map<std::string, std::string>& texts) {
    Json out = Json::object();
    for (const auto& [key, value] : texts) out[key] = value;
    return out;
  }
};

template <typename Json>
struct NetworkEncoder : ValueEncoder<Json> {
  using Values = ValueEncoder<Json>;
  using Values::known;
  using Values::number;

  static Json of(const OutputQuality& q) {
    return {{"items", q.items},
            {"relative_error", number(q.relative_error)},
            {"rmse", number(q.rmse)},
            {"mae", number(q.mae)},
            {"max_error", number(q.max_error)},
            {"top1_agreement", number(q.top1_agreement)},
            {"accuracy", number(q.accuracy)},
            {"reference_accuracy", number(q.reference_accuracy)}};
  }

  static Json of(const LayerRun& l) {
    return {{"name", l.name},
            {"flops", number(l.flops)},
            {"measured_s", number(l.measured_s)},
            {"predicted_s", known(l.predicted_s)},
            {"bound", l.bound}};
  }

  /// A 0 here says that nothing was held against it, so it stays one.
  static Json of(const MeasuredCeilings& c) {
    return {{"matrix_per_second", number(c.matrix_per_second)},
            {"vector_per_second", number(c.vector_per_second)},
            {"bytes_per_second", number(c.bytes_per_second)},
            {"launch_s", number(c.launch_s)}};
  }

  static Json of(const Inference& i) {
    Json layers = Json::array();
    for (const LayerRun& layer : i.layers) layers.push_back(of(layer));
    return {{"network", i.network},
            {"precision", i.precision},
            {"batch", i.batch},
            {"parameters", i.parameters},
            {"macs_per_item", number(i.macs_per_item)},
            {"flops_per_item", number(i.flops_per_item)},
            {"weight_bytes", number(i.weight_bytes)},
            {"passes", i.passes},
            {"p50_s", number(i.p50_s)},
            {"p95_s", number(i.p95_s)},
            {"p99_s", number(i.p99_s)},
            {"items_per_s", number(i.items_per_s)},
            {"predicted_s", number(i.predicted_s)},
            {"ceilings", Values::object(i.ceilings)},
            {"measured_ceilings", i.measured_ceilings ? of(*i.measured_ceilings) : Json(nullptr)},
            {"layers", layers},
            {"quality", i.quality ? of(*i.quality) : Json(nullptr)}};
  }

  static Json of(const Epoch& e) {
    return {{"loss", number(e.loss)}, {"accuracy", number(e.accuracy)}, {"seconds", number(e.seconds)}};
  }

  static Json of(const Training& t) {
    Json curve = Json::array();
    for (const Epoch& epoch : t.curve) curve.push_back(of(epoch));
    const auto count = [](const std::optional<std::int64_t>& x) { return x ? Json(*x) : Json(nullptr); };
    return {{"network", t.network},
            {"data", t.data},
            {"seed", t.seed},
            {"batch", t.batch},
            {"learning_rate", number(t.learning_rate)},
            {"momentum", number(t.momentum)},
            {"target_accuracy", number(t.target_accuracy)},
            {"time_to_target_s", number(t.time_to_target_s)},
            {"epochs_to_target", count(t.epochs_to_target)},
            {"iterations_to_target", count(t.iterations_to_target)},
            {"samples_per_s", number(t.samples_per_s)},
            {"best_accuracy", number(t.best_accuracy)},
            {"curve", curve},
            {"gradients_checked", t.gradients_checked},
            {"gradient_error", number(t.gradient_error)},
            {"repeats", t.repeats}};
  }
};

}  // namespace peakproof::reports
