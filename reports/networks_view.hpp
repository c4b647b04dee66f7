// Networks that were run or trained, as tables, lines and curves for all formats. Pure functions. What is not known,
// such as a p99 of too few passes, is "-" here and nothing in network_figures(), never 0.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/curve.hpp"
#include "reports/render.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {

/// A figure of a network for programs, beside its items a second: a column of the CSV, a counter of the JSON's rows.
struct NetworkFigure {
  std::string_view name;  ///< with its unit: "latency_p50_s"
  std::optional<double> (*of_inference)(const Inference&) = nullptr;
  std::optional<double> (*of_quality)(const OutputQuality&) = nullptr;
  std::optional<double> (*of_training)(const Training&) = nullptr;
  /// Nothing where the result has no such figure.
  [[nodiscard]] std::optional<double> value(const Result& result) const;
};
[[nodiscard]] std::span<const NetworkFigure> network_figures();

/// Seconds of one pass, back to back with others; nothing where they are not known.
[[nodiscard]] std::optional<double> pass_seconds(const Inference& inference);
/// Measured over predicted time of a pass; nothing where one of them is not known.
[[nodiscard]] std::optional<double> measured_to_predicted(const Inference& inference);
/// Items a second of a network that was run, or samples a second of one that was trained.
[[nodiscard]] std::optional<double> network_items_per_s(const Result& result);
/// 1234567 -> "1.235 M", 512.3 -> "512.3"; "-" where it is no positive finite number.
[[nodiscard]] std::string amount_text(std::optional<double> amount);

/// How fast each network runs: network x precision x batch, points of sweeps among them. A header and the rows; empty
/// where no network was run.
[[nodiscard]] std::vector<std::vector<std::string>> inference_table(const Report& report);
/// What each network weighs, and what its precision costs in quality: network x precision, by the run that compared the
/// most items.
[[nodiscard]] std::vector<std::vector<std::string>> quality_table(const Report& report);
/// How training went, a row for each batch size.
[[nodiscard]] std::vector<std::vector<std::string>> training_table(const Report& report);
inline constexpr std::string_view kInferenceLegend =
    "p50, p95, p99: from the call to the end of the work, pass by pass; p95 takes 20 passes, p99 takes 100. Items/s: "
    "passes "
    "back to back. Of peak: E_issue, E_spec where that is not known. Predicted: the least time by ceilings that were "
    "measured in the same run; time/pred.: measured over predicted.";
inline constexpr std::string_view kQualityLegend =
    "Outputs against the same network in FP64. Error: ||out - ref|| / ||ref||. Top-1: items with the same largest "
    "output. "
    "Accuracy and that of the FP64 outputs (ref.): against labels.";
inline constexpr std::string_view kTrainingLegend =
    "Time to target: of the steps alone, without tests; \"-\": it was not reached. Gradient: its largest "
    "relative error against central finite differences in FP64. Repeats: the same seed gave the same curve, bit for "
    "bit.";

/// What stands behind a network's row: the model, latencies, the prediction and its ceilings, layers, quality,
/// training.
[[nodiscard]] std::vector<Line> network_lines(const Result& result);

/// Loss and accuracy over the epochs, a line for each result that was trained and can be believed; a pair for each
/// network.
[[nodiscard]] std::vector<Curve> training_curves(const Report& report);

}  // namespace peakproof::reports
