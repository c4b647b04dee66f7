#include "reports/model_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "theory/roofline.hpp"
#include "theory/units.hpp"

namespace peakproof::reports {
namespace {

using theory::LayerCost;
using theory::LayerTime;

const theory::NetworkTime* first_time(const ModelReport& report) {
  return report.times.empty() || !report.times.front().time ? nullptr : &*report.times.front().time;
}

std::string per_second_text(double seconds, std::int64_t items) {
  return seconds > 0 ? theory::si(static_cast<double>(items) / seconds, "/s", 4) : "-";
}

std::string share_text(double part, double whole) {
  return whole > 0 ? fmt::format("{:.0f} %", 100 * part / whole) : "-";
}

std::string tenths_text(const std::optional<double>& x) { return x ? fmt::format("{:.1f}", *x) : "-"; }

std::optional<double> ratio(double flops, double bytes) {
  return bytes > 0 && std::isfinite(flops / bytes) ? std::optional(flops / bytes) : std::nullopt;
}

/// Where a ceiling comes from, if it is the same at every precision that has ceilings.
std::optional<std::string> shared_source(const ModelReport& report, std::string theory::Ceilings::*source) {
  std::optional<std::string> shared;
  for (const ModelTime& entry : report.times) {
    if (!entry.ceilings) continue;
    const std::string& own = (*entry.ceilings).*source;
    if (shared && *shared != own) return std::nullopt;
    shared = own;
  }
  return shared;
}

std::string fits_text(const std::optional<bool>& fits) { return !fits ? "unknown" : (*fits ? "yes" : "no"); }

/// What a layer weighs in the order of the heaviest.
double weight(const ModelLayer& layer, bool timed) {
  return timed ? (layer.time ? layer.time->seconds : 0) : layer.cost->flops;
}

}  // namespace

std::string count_text(double count) { return count < 1000 ? fmt::format("{:.0f}", count) : theory::si(count, "", 4); }

std::string dimensions_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t dimension : shape) {
    if (!text.empty()) text += 'x';
    text += std::to_string(dimension);
  }
  return text;
}

std::string bytes_text(double bytes) { return theory::si(bytes, "B", 4); }

std::string model_headline(const ModelReport& report) {
  return fmt::format("{}: {} parameters, {} MACs, {} FLOPs for a batch of {}", one_line(report.file),
                     count_text(static_cast<double>(report.cost.parameters)), count_text(report.cost.macs),
                     count_text(report.cost.flops), report.batch);
}

std::string unknown_text(const ModelReport& report) {
  if (report.cost.unknown.empty()) return {};
  std::vector<std::string> operators;
  for (const auto& [name, layers] : report.cost.unknown)
    operators.push_back(fmt::format("{} ({} {})", one_line(name), layers, layers == 1 ? "layer" : "layers"));
  return fmt::format("no rule for {}: their operations are missing in every sum and time below",
                     fmt::join(operators, ", "));
}

std::vector<Line> model_lines(const ModelReport& report) {
  const auto& cost = report.cost;
  const auto batch = static_cast<double>(report.batch);
  std::vector<Line> lines = report.facts;
  lines.push_back({"parameters", fmt::format("{} ({})", std::to_string(cost.parameters),
                                             count_text(static_cast<double>(cost.parameters)))});
  lines.push_back({"MACs", fmt::format("{} a batch of {}, {} an item", count_text(cost.macs), report.batch,
                                       count_text(cost.macs / batch))});
  lines.push_back({"FLOPs", fmt::format("{} a batch of {}, {} an item: 2 for each MAC, {} in other operations",
                                        count_text(cost.flops), report.batch, count_text(cost.flops / batch),
                                        count_text(cost.flops - 2 * cost.macs))});
  lines.push_back(
      {"activations", fmt::format("{} numbers written, at most {} live at one time",
                                  count_text(cost.activation_numbers), count_text(cost.peak_activation_numbers))});
  lines.push_back({"layers", std::to_string(cost.layers.size())});
  return lines;
}

TextTable storage_table(const ModelReport& report) {
  using theory::Precision;
  struct Row {
    const char* name;
    Precision precision;
  };
  TextTable table = {{"numbers", "bytes each", "parameters take"}};
  for (const Row& row :
       {Row{"FP64", Precision::fp64}, Row{"FP32, TF32", Precision::fp32}, Row{"FP16, BF16", Precision::fp16},
        Row{"FP8, INT8", Precision::int8}, Row{"INT4", Precision::int4}})
    table.push_back({row.name, theory::plain(theory::bytes_per_number(row.precision)),
                     bytes_text(theory::storage_bytes(report.cost.parameters, row.precision))});
  return table;
}

TextTable times_table(const ModelReport& report) {
  TextTable table = {{"precision", "matrix", "memory", "FLOP/B", "ridge", "least time", "items/s", "of ceiling",
                      "by compute", "needs", "fits"}};
  for (const ModelTime& entry : report.times) {
    std::vector<std::string> row(table.front().size(), "-");
    row.front() = theory::name(entry.precision);
    if (entry.time && entry.ceilings) {
      const auto& c = *entry.ceilings;
      const auto& t = *entry.time;
      const double rate = t.seconds > 0 ? report.cost.flops / t.seconds : 0;
      row = {row.front(),
             theory::si(c.matrix_per_second, "FLOP/s", 4),
             theory::si(c.bytes_per_second, "B/s", 4),
             tenths_text(flop_per_byte(t)),
             tenths_text(theory::ridge_point(c.matrix_per_second, c.bytes_per_second)),
             time_text(t.seconds),
             per_second_text(t.seconds, report.batch),
             share_text(rate, c.matrix_per_second),
             share_text(t.compute_bound_s, t.seconds),
             bytes_text(t.bytes_needed),
             fits_text(t.fits)};
    }
    table.push_back(std::move(row));
  }
  return table;
}

std::vector<Line> ceiling_lines(const ModelReport& report) {
  const auto memory = shared_source(report, &theory::Ceilings::bytes_source);
  const auto vector = shared_source(report, &theory::Ceilings::vector_source);
  std::vector<Line> lines;
  for (const ModelTime& entry : report.times) {
    const std::string precision(theory::name(entry.precision));
    if (!entry.ceilings) {
      lines.push_back({precision, entry.why});
      continue;
    }
    const auto& c = *entry.ceilings;
    std::string text = "matrix: " + c.matrix_source;
    if (!memory) text += "; memory: " + c.bytes_source;
    if (!vector && c.vector_per_second > 0) text += "; other FLOPs: " + c.vector_source;
    if (c.launch_s > 0) text += fmt::format("; no layer takes less than {}", time_text(c.launch_s));
    if (!entry.why.empty()) text += "; " + entry.why;
    lines.push_back({precision, text});
  }
  if (memory) lines.push_back({"memory", *memory});
  if (vector && !vector->empty()) lines.push_back({"other FLOPs", *vector});
  return lines;
}

TextTable batches_table(const ModelReport& report) {
  if (report.batches.empty()) return {};
  TextTable table = {{"batch", "least time", "items/s", "needs", "fits"}};
  for (const BatchPoint& point : report.batches)
    table.push_back({std::to_string(point.batch), time_text(point.seconds), per_second_text(point.seconds, point.batch),
                     bytes_text(point.bytes_needed), fits_text(point.fits)});
  return table;
}

std::vector<Line> batch_lines(const ModelReport& report) {
  if (!report.largest_batch) return {};
  const std::int64_t most = *report.largest_batch;
  const std::string text =
      most < 1 ? "not even a batch of 1" : fmt::format("a batch of {}{}", most, most < kMostBatch ? "" : " or more");
  return {{"fits up to", text}};
}

std::string at_precision(const ModelReport& report) { return fmt::format(", at {}", theory::name(report.precision)); }

std::optional<double> flop_per_byte(const LayerTime& time) { return ratio(time.flops, time.bytes); }

std::optional<double> flop_per_byte(const theory::NetworkTime& time) {
  double flops = 0;
  double bytes = 0;
  for (const LayerTime& layer : time.layers) {
    flops += layer.flops;
    bytes += layer.bytes;
  }
  return ratio(flops, bytes);
}

std::vector<ModelLayer> model_layers(const ModelReport& report) {
  const auto* time = first_time(report);
  const double bytes = theory::bytes_per_number(report.precision);
  std::vector<ModelLayer> layers;
  layers.reserve(report.cost.layers.size());
  for (const LayerCost& cost : report.cost.layers)
    layers.push_back({.cost = &cost,
                      .weight_bytes = bytes * cost.weight_numbers,
                      .activation_bytes = bytes * (cost.input_numbers + cost.output_numbers)});
  if (time == nullptr) return layers;
  for (const LayerTime& entry : time->layers) {
    layers.at(entry.layer).time = &entry;
    for (const std::size_t part : entry.fused) layers.at(part).part_of = layers.at(entry.layer).cost;
  }
  return layers;
}

std::vector<ModelLayer> heaviest(std::vector<ModelLayer> layers, std::size_t most) {
  const bool timed = std::any_of(layers.begin(), layers.end(), [](const ModelLayer& l) { return l.time != nullptr; });
  std::stable_sort(layers.begin(), layers.end(),
                   [timed](const ModelLayer& a, const ModelLayer& b) { return weight(a, timed) > weight(b, timed); });
  if (layers.size() > most) layers.resize(most);
  return layers;
}

TextTable layers_table(const std::vector<ModelLayer>& layers) {
  TextTable table = {
      {"layer", "operator", "output", "parameters", "MACs", "FLOPs", "weights", "activations", "least time", "bound"}};
  for (const ModelLayer& layer : layers) {
    const LayerCost& cost = *layer.cost;
    std::string time = "-";
    std::string bound = "-";
    if (layer.time != nullptr) {
      time = time_text(layer.time->seconds);
      bound = theory::name(layer.time->bound);
    } else if (layer.part_of != nullptr) {
      bound = "in " + one_line(layer.part_of->name);
    } else if (cost.kind == theory::LayerKind::free || cost.kind == theory::LayerKind::unknown) {
      bound = theory::name(cost.kind);
    }
    const bool known = cost.kind != theory::LayerKind::unknown;
    table.push_back({one_line(cost.name), one_line(cost.operation), dimensions_text(cost.output_shape),
                     std::to_string(cost.parameters), known ? count_text(cost.macs) : "?",
                     known ? count_text(cost.flops) : "?", bytes_text(layer.weight_bytes),
                     bytes_text(layer.activation_bytes), time, bound});
  }
  return table;
}

}  // namespace peakproof::reports
