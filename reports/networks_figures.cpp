// The figures of networks for programs: a row here is a column of the CSV and a counter of the JSON's rows.
#include <array>

#include "reports/networks_view.hpp"

namespace peakproof::reports {
namespace {

using Maybe = std::optional<double>;
using I = const Inference&;
using Q = const OutputQuality&;
using T = const Training&;

Maybe number(std::int64_t x) { return static_cast<double>(x); }
Maybe number(const std::optional<std::int64_t>& x) { return x ? number(*x) : std::nullopt; }

/// With a figure of what was run, of its outputs, or of what was trained.
constexpr NetworkFigure run(std::string_view name, Maybe (*figure)(I)) {
  return {.name = name, .of_inference = figure};
}
constexpr NetworkFigure outputs(std::string_view name, Maybe (*figure)(Q)) {
  return {.name = name, .of_quality = figure};
}
constexpr NetworkFigure trained(std::string_view name, Maybe (*figure)(T)) {
  return {.name = name, .of_training = figure};
}

constexpr std::array kFigures = {
    NetworkFigure{.name = "batch_count",
                  .of_inference = [](I i) { return number(i.batch); },
                  .of_training = [](T t) { return number(t.batch); }},
    run("parameters_count", [](I i) { return number(i.parameters); }),
    run("macs_per_item", [](I i) { return Maybe(i.macs_per_item); }),
    run("flops_per_item", [](I i) { return Maybe(i.flops_per_item); }),
    run("weight_bytes", [](I i) { return Maybe(i.weight_bytes); }),
    run("passes_count", [](I i) { return number(i.passes); }),
    run("latency_p50_s", [](I i) { return i.p50_s; }),
    run("latency_p95_s", [](I i) { return i.p95_s; }),
    run("latency_p99_s", [](I i) { return i.p99_s; }),
    run("predicted_s", [](I i) { return i.predicted_s; }),
    run("measured_to_predicted_ratio", measured_to_predicted),
    outputs("output_items_count", [](Q q) { return number(q.items); }),
    outputs("output_relative_error", [](Q q) { return Maybe(q.relative_error); }),
    outputs("output_rmse", [](Q q) { return Maybe(q.rmse); }),
    outputs("output_mae", [](Q q) { return Maybe(q.mae); }),
    outputs("output_max_error", [](Q q) { return Maybe(q.max_error); }),
    outputs("top1_agreement_ratio", [](Q q) { return q.top1_agreement; }),
    NetworkFigure{.name = "accuracy_ratio",
                  .of_quality = [](Q q) { return q.accuracy; },
                  .of_training = [](T t) { return Maybe(t.best_accuracy); }},
    outputs("reference_accuracy_ratio", [](Q q) { return q.reference_accuracy; }),
    trained("target_accuracy_ratio", [](T t) { return Maybe(t.target_accuracy); }),
    trained("time_to_target_s", [](T t) { return t.time_to_target_s; }),
    trained("epochs_to_target_count", [](T t) { return number(t.epochs_to_target); }),
    trained("iterations_to_target_count", [](T t) { return number(t.iterations_to_target); }),
    trained("last_loss", [](T t) { return t.curve.empty() ? std::nullopt : Maybe(t.curve.back().loss); }),
    trained("learning_rate", [](T t) { return Maybe(t.learning_rate); }),
    trained("gradients_checked_count", [](T t) { return number(t.gradients_checked); }),
    trained("gradient_error", [](T t) { return Maybe(t.gradient_error); }),
};

}  // namespace

std::optional<double> NetworkFigure::value(const Result& r) const {
  if (r.training && of_training != nullptr) return of_training(*r.training);
  if (r.inference && of_inference != nullptr) return of_inference(*r.inference);
  return r.inference && r.inference->quality && of_quality != nullptr ? of_quality(*r.inference->quality)
                                                                      : std::nullopt;
}

std::span<const NetworkFigure> network_figures() { return kFigures; }

}  // namespace peakproof::reports
