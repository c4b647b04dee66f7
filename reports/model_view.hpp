// What the formats of a model report share: its figures as tables of text, the header row first.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/model_report.hpp"

namespace peakproof::reports {

using TextTable = std::vector<std::vector<std::string>>;

/// FLOPs and FLOPS are not the same thing.
inline constexpr std::string_view kFlopsLegend =
    "FLOPs: operations that the network needs once (2 for each MAC). FLOP/s: what a device does in a second. Times are "
    "predictions: each layer's least time under the ceilings, not measurements.";

[[nodiscard]] std::string model_headline(const ModelReport& report);
/// Operators without a rule, and how many layers have them; empty where there are none.
[[nodiscard]] std::string unknown_text(const ModelReport& report);
/// The sums: parameters, MACs, FLOPs, activations, what the file says.
[[nodiscard]] std::vector<Line> model_lines(const ModelReport& report);
/// Parameters as they are stored: one row for each size of a number.
[[nodiscard]] TextTable storage_table(const ModelReport& report);
/// One row for each precision: the ceilings, the network's intensity and that of the ridge, latency, items a second, the
/// share of the time that is bound by compute, memory.
[[nodiscard]] TextTable times_table(const ModelReport& report);
/// Where the ceilings come from: what all precisions share stands once.
[[nodiscard]] std::vector<Line> ceiling_lines(const ModelReport& report);
[[nodiscard]] TextTable batches_table(const ModelReport& report);
/// The largest batch that fits; empty where it is not known.
[[nodiscard]] std::vector<Line> batch_lines(const ModelReport& report);
/// ", at fp16": what layers and batches are told for.
[[nodiscard]] std::string at_precision(const ModelReport& report);

/// Operations over the bytes that are moved: where a layer, and the whole network, stand under the roofline. Nothing
/// where it moves none.
[[nodiscard]] std::optional<double> flop_per_byte(const theory::LayerTime& time);
[[nodiscard]] std::optional<double> flop_per_byte(const theory::NetworkTime& time);

/// A layer with what it takes; `time` is null where it is free, part of another or there are no times.
struct ModelLayer {
  const theory::LayerCost* cost = nullptr;
  const theory::LayerTime* time = nullptr;
  const theory::LayerCost* part_of = nullptr;  ///< the layer that it became part of
  double weight_bytes = 0;                     ///< at the report's precision
  double activation_bytes = 0;                 ///< that it reads and writes
};
/// In the order of computation.
[[nodiscard]] std::vector<ModelLayer> model_layers(const ModelReport& report);
/// The `most` that take longest, the longest first; those that need most operations where there are no times.
[[nodiscard]] std::vector<ModelLayer> heaviest(std::vector<ModelLayer> layers, std::size_t most);
[[nodiscard]] TextTable layers_table(const std::vector<ModelLayer>& layers);

/// 25557032 -> "25.56 M".
[[nodiscard]] std::string count_text(double count);
/// "1x3x224x224"; empty of a scalar.
[[nodiscard]] std::string dimensions_text(const std::vector<std::int64_t>& shape);
/// 102228128 -> "102.2 MB".
[[nodiscard]] std::string bytes_text(double bytes);

}  // namespace peakproof::reports
