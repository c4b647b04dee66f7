// What stands behind the row of a network, and how training went over the epochs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "reports/heat_map.hpp"
#include "reports/networks_view.hpp"

namespace peakproof::reports {
namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ") {
  return fmt::format("{}", fmt::join(parts, separator));
}

void add(std::vector<Line>& lines, std::string_view label, const std::string& text) {
  if (!text.empty()) lines.push_back({std::string(label), one_line(text)});
}

std::string model_text(const Inference& i) {
  return fmt::format("{}, {}, batch {}: {} parameters, {} and {} an item, weights of {} in memory", i.network,
                     i.precision, i.batch, amount_text(static_cast<double>(i.parameters)),
                     rate_text(i.macs_per_item, "MAC"), rate_text(i.flops_per_item, "FLOP"),
                     rate_text(i.weight_bytes, "B"));
}

std::string latency_text_of(const Inference& i) {
  std::vector<std::string> parts;
  for (const auto& [name, seconds] : {std::pair{"p50", i.p50_s}, {"p95", i.p95_s}, {"p99", i.p99_s}})
    parts.push_back(fmt::format("{} {}", name, seconds ? time_text(*seconds) : "-"));
  return fmt::format("{} of {} passes, from the call to the end of the work", joined(parts), i.passes);
}

std::string prediction_text(const Inference& i) {
  if (!i.predicted_s) return {};
  std::string text = fmt::format("{} at least", time_text(*i.predicted_s));
  const auto measured = pass_seconds(i);
  const auto ratio = measured_to_predicted(i);
  if (measured && ratio) text += fmt::format(", measured {}: {:.2f} times that", time_text(*measured), *ratio);
  return text;
}

std::string ceilings_text(const Inference& i) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : i.ceilings) parts.push_back(fmt::format("{} {}", key, value));
  if (parts.empty() && i.measured_ceilings) {
    const MeasuredCeilings& c = *i.measured_ceilings;
    parts = {fmt::format("matrix {}", rate_text(c.matrix_per_second, "OP/s")),
             fmt::format("vector {}", rate_text(c.vector_per_second, "FLOP/s")),
             fmt::format("memory {}", rate_text(c.bytes_per_second, "B/s")),
             fmt::format("launch {}", time_text(c.launch_s))};
  }
  return joined(parts);
}

std::string layers_text(const Inference& i) {
  std::vector<std::string> parts;
  for (const LayerRun& layer : i.layers) {
    std::string text = fmt::format("{} {}", layer.name, time_text(layer.measured_s));
    if (layer.predicted_s > 0)
      text += fmt::format(" (predicted {}{}{})", time_text(layer.predicted_s), layer.bound.empty() ? "" : ", ",
                          layer.bound);
    parts.push_back(std::move(text));
  }
  return joined(parts);
}

std::string number_or_none(double x) { return std::isfinite(x) ? fmt::format("{:.3g}", x) : "no number"; }

std::string quality_text(const OutputQuality& q) {
  std::vector<std::string> parts = {
      fmt::format("against FP64 on {} items: relative error {}", q.items, number_or_none(q.relative_error)),
      fmt::format("RMSE {}", number_or_none(q.rmse)), fmt::format("MAE {}", number_or_none(q.mae)),
      fmt::format("worst {}", number_or_none(q.max_error))};
  if (q.top1_agreement) parts.push_back(fmt::format("same largest output {} %", percent_text(q.top1_agreement)));
  if (q.accuracy) parts.push_back(fmt::format("accuracy {} %", percent_text(q.accuracy, 2)));
  if (q.reference_accuracy)
    parts.push_back(fmt::format("{} % of the FP64 outputs", percent_text(q.reference_accuracy, 2)));
  return joined(parts);
}

void add_inference(std::vector<Line>& lines, const Inference& i) {
  add(lines, "network", model_text(i));
  add(lines, "latency", latency_text_of(i));
  add(lines, "predicted", prediction_text(i));
  add(lines, "ceilings", ceilings_text(i));
  add(lines, "layers", layers_text(i));
  add(lines, "quality", i.quality ? quality_text(*i.quality) : std::string());
}

std::string target_text(const Training& t) {
  const std::string target = fmt::format("an accuracy of {} %", percent_text(t.target_accuracy, 2));
  if (!t.time_to_target_s)
    return fmt::format("{} was not reached in {} epochs; the best was {} %", target, t.curve.size(),
                       percent_text(t.best_accuracy, 2));
  std::string text = fmt::format("{} after {}", target, time_text(*t.time_to_target_s));
  if (t.epochs_to_target) text += fmt::format(", {} epochs", *t.epochs_to_target);
  if (t.iterations_to_target) text += fmt::format(", {} steps", *t.iterations_to_target);
  return fmt::format("{}; the best was {} %", text, percent_text(t.best_accuracy, 2));
}

void add_training(std::vector<Line>& lines, const Training& t) {
  add(lines, "network",
      fmt::format("{}, batch {}, learning rate {:.4g}, momentum {:.4g}, seed {}", t.network, t.batch, t.learning_rate,
                  t.momentum, t.seed));
  add(lines, "data", t.data);
  add(lines, "target", target_text(t));
  if (!t.curve.empty())
    add(lines, "loss",
        fmt::format("{} after the first epoch, {} after the last of {}", number_or_none(t.curve.front().loss),
                    number_or_none(t.curve.back().loss), t.curve.size()));
  add(lines, "gradients",
      t.gradients_checked > 0 ? fmt::format("{} checked against finite differences, largest relative error {}",
                                            t.gradients_checked, number_or_none(t.gradient_error))
                              : std::string("NOT CHECKED"));
  add(lines, "repeats",
      t.repeats ? "the same seed gave the same curve again, bit for bit"
                : "NO: the same seed gave another curve, or was not tried again");
}

constexpr CurveAxis kEpochs = {.label = "epoch", .title = "over the epochs", .counts = true};

Curve& curve_of(std::vector<Curve>& curves, const std::string& name, const Training& training, std::string_view unit) {
  const auto found =
      std::find_if(curves.begin(), curves.end(), [&](const Curve& c) { return c.name == name && c.unit == unit; });
  if (found != curves.end()) return *found;
  Curve& made = curves.emplace_back();
  made.name = name;
  made.axis = &kEpochs;
  made.unit = std::string(unit);
  if (unit == "%" && training.target_accuracy > 0 && training.target_accuracy <= 1)
    made.target = training.target_accuracy;
  return made;
}

}  // namespace

std::vector<Line> network_lines(const Result& result) {
  std::vector<Line> lines;
  if (result.inference) add_inference(lines, *result.inference);
  if (result.training) add_training(lines, *result.training);
  return lines;
}

std::vector<Curve> training_curves(const Report& report) {
  std::vector<Curve> curves;
  for (std::size_t index = 0; index < report.results.size(); ++index) {
    const Result& r = report.results[index];
    if (!r.training || r.training->curve.empty() || !showable(r.verdict)) continue;
    for (const bool loss : {true, false}) {
      // A share, or a loss as it can be real.
      const auto [least, most] = loss ? std::pair(1e-12, 1e12) : std::pair(0.0, 1.0);
      const std::string name = fmt::format("{} of {}", loss ? "loss" : "accuracy", r.training->network);
      CurveLine line;
      line.params = {{"batch", fmt::format("{}", r.training->batch)}};
      std::int64_t epoch = 0;
      for (const Epoch& e : r.training->curve) {
        const double y = loss ? e.loss : e.accuracy;
        line.points.push_back({.x = ++epoch,
                               .y = y >= least && y <= most ? std::optional(y) : std::nullopt,
                               .verdict = r.verdict,
                               .result = index});
      }
      curve_of(curves, name, *r.training, loss ? "" : "%").lines.push_back(std::move(line));
    }
  }
  return curves;
}

}  // namespace peakproof::reports
