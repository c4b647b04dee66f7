// Networks that were run or trained, read from JSON. Written for any JSON type, as json_node.hpp is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reports/json_node.hpp"
#include "reports/model_run.hpp"

namespace peakproof::reports {

template <typename Json>
OutputQuality read_output_quality(const JsonNode<Json>& n) {
  return {.items = n.at("items").template integer<std::int64_t>(),
          .relative_error = n.at("relative_error").number(),
          .rmse = n.at("rmse").number(),
          .mae = n.at("mae").number(),
          .max_error = n.at("max_error").number(),
          .top1_agreement = n.at("top1_agreement").maybe_number(),
          .accuracy = n.at("accuracy").maybe_number(),
          .reference_accuracy = n.at("reference_accuracy").maybe_number()};
}

template <typename Json>
LayerRun read_layer_run(const JsonNode<Json>& n) {
  return {.name = n.at("name").text(),
          .flops = n.at("flops").number(),
          .measured_s = n.at("measured_s").number(),
          .predicted_s = n.at("predicted_s").number(0),
          .bound = n.at("bound").text()};
}

template <typename Json>
MeasuredCeilings read_measured_ceilings(const JsonNode<Json>& n) {
  return {.matrix_per_second = n.at("matrix_per_second").number(),
          .vector_per_second = n.at("vector_per_second").number(),
          .bytes_per_second = n.at("bytes_per_second").number(),
          .launch_s = n.at("launch_s").number()};
}

/// Throws ReadError, as all of these do.
template <typename Json>
Inference read_inference(const JsonNode<Json>& n) {
  return {.network = n.at("network").text(),
          .precision = n.at("precision").text(),
          .batch = n.at("batch").template integer<std::int64_t>(),
          .parameters = n.at("parameters").template integer<std::int64_t>(),
          .macs_per_item = n.at("macs_per_item").number(),
          .flops_per_item = n.at("flops_per_item").number(),
          .weight_bytes = n.at("weight_bytes").number(),
          .passes = n.at("passes").template integer<std::int64_t>(),
          .p50_s = n.at("p50_s").maybe_number(),
          .p95_s = n.at("p95_s").maybe_number(),
          .p99_s = n.at("p99_s").maybe_number(),
          .items_per_s = n.at("items_per_s").number(),
          .predicted_s = n.at("predicted_s").maybe_number(),
          .ceilings = n.at("ceilings").map([](const JsonNode<Json>& x) { return x.text(); }),
          .measured_ceilings = n.at("measured_ceilings").maybe(read_measured_ceilings<Json>),
          .layers = n.at("layers").list(read_layer_run<Json>),
          .quality = n.at("quality").maybe(read_output_quality<Json>)};
}

template <typename Json>
Epoch read_epoch(const JsonNode<Json>& n) {
  return {.loss = n.at("loss").number(), .accuracy = n.at("accuracy").number(), .seconds = n.at("seconds").number()};
}

template <typename Json>
Training read_training(const JsonNode<Json>& n) {
  const auto count = [](const JsonNode<Json>& x) { return x.template integer<std::int64_t>(); };
  return {.network = n.at("network").text(),
          .data = n.at("data").text(),
          .seed = n.at("seed").template integer<std::uint64_t>(),
          .batch = n.at("batch").template integer<std::int64_t>(),
          .learning_rate = n.at("learning_rate").number(),
          .momentum = n.at("momentum").number(),
          .target_accuracy = n.at("target_accuracy").number(),
          .time_to_target_s = n.at("time_to_target_s").maybe_number(),
          .epochs_to_target = n.at("epochs_to_target").maybe(count),
          .iterations_to_target = n.at("iterations_to_target").maybe(count),
          .samples_per_s = n.at("samples_per_s").number(),
          .best_accuracy = n.at("best_accuracy").number(),
          .curve = n.at("curve").list(read_epoch<Json>),
          .gradients_checked = n.at("gradients_checked").template integer<std::int64_t>(),
          .gradient_error = n.at("gradient_error").number(),
          .repeats = n.at("repeats").boolean()};
}

}  // namespace peakproof::reports
