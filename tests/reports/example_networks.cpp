// Made-up networks behind the golden files: run in full, run too briefly for a p99, a sweep, not run, and trained.
#include "example_networks.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "reports/efficiency.hpp"

namespace peakproof::reports {
namespace {

constexpr double kFlopsPerItem = 2.0e8;

Result measured(std::string name, Texts params, theory::Pipe pipe, double peak, double work, double seconds) {
  Result r;
  r.name = std::move(name);
  r.params = std::move(params);
  r.pipe = pipe;
  r.unit = theory::unit(pipe);
  r.work_per_launch = work;
  for (int i = 0; i < 12; ++i) r.samples.push_back({seconds * (1 + 0.0004 * ((i * 7) % 5 - 2)), 1.8e9, false});
  r.summary = summarize(r.samples, StopReason::converged);
  r.achieved_per_s = work / r.summary.median_s;
  r.peak = theory::Peak{pipe, peak, 1.8e9, "a made-up formula", "a made-up table"};
  r.peak_measured = r.peak;
  r.efficiency = efficiency(r.achieved_per_s, r.peak, r.peak_measured);
  r.audit.status = "not_applicable";
  r.verdict = Verdict::no_theory;
  return r;
}

Texts params_of(const std::string& network, const std::string& precision, std::int64_t batch) {
  return {{"batch", std::to_string(batch)}, {"network", network}, {"precision", precision}};
}

Result run(const std::string& precision, theory::Pipe pipe, double peak, std::int64_t batch, double seconds,
           std::int64_t passes) {
  const double work = kFlopsPerItem * static_cast<double>(batch);
  Result r = measured("inference", params_of("mlp", precision, batch), pipe, peak, work, seconds);
  r.verification = {.method = "8 items against FP64", .items = 8, .relative_error = 4.1e-4, .tolerance = 2e-3};
  Inference i{
      .network = "mlp",
      .precision = precision,
      .batch = batch,
      .parameters = 100'000'000,
      .macs_per_item = 1e8,
      .flops_per_item = kFlopsPerItem,
      .weight_bytes = precision == "int8" ? 1e8 : 2e8,
      .passes = passes,
      .p50_s = 1.02 * seconds,
      .items_per_s = static_cast<double>(batch) / r.summary.median_s,
      .predicted_s = 0.92 * seconds,
      .ceilings = {{"matrix", "520 TFLOP/s: a product of 8192 x 8192 x 8192"}, {"memory", "3600 GB/s: a copy of 1 GB"}},
      .measured_ceilings = MeasuredCeilings{5.2e14, 4.0e13, 3.6e12, 2e-6},
      .layers = {{"hidden1", 0.4 * work, 0.4 * seconds, 0.35 * seconds, "compute"},
                 {"hidden2", 0.55 * work, 0.55 * seconds, 0.5 * seconds, "memory"},
                 {"classify | <b>", 0.05 * work, 0.05 * seconds, 0, ""}}};
  if (passes >= 20) i.p95_s = 1.1 * seconds;
  if (passes >= 100) i.p99_s = 1.3 * seconds;
  i.quality = OutputQuality{
      .items = 8, .relative_error = 4.1e-4, .rmse = 1.5e-4, .mae = 1.1e-4, .max_error = 7.3e-4, .top1_agreement = 1.0};
  r.inference = std::move(i);
  return r;
}

Result labelled() {
  Result r = run("int8", theory::Pipe::tensor_int8, 1.44e15, 1, 4e-5, 20);
  r.inference->quality->items = 360;
  r.inference->quality->relative_error = 0.0127;
  r.inference->quality->top1_agreement = 0.9972;
  r.inference->quality->accuracy = 0.9694;
  r.inference->quality->reference_accuracy = 0.9722;
  r.verification.relative_error = 0.0127;
  r.verification.tolerance = 0.05;
  r.inference->measured_ceilings.reset();
  r.inference->ceilings.clear();
  r.inference->predicted_s.reset();
  for (LayerRun& layer : r.inference->layers) layer = {layer.name, layer.flops, layer.measured_s, 0, ""};
  return r;
}

Result not_run() {
  Result r;
  r.name = "inference";
  r.params = params_of("mlp", "fp8", 256);
  r.unit = "FLOP/s";
  r.summary = summarize({});
  r.achieved_per_s = std::numeric_limits<double>::quiet_NaN();
  r.verdict = Verdict::skipped;
  r.note = "the library has no FP8 product for this device";
  return r;
}

Result trained(std::int64_t batch, double seconds, int epochs_needed) {
  const double work = 1e5 * static_cast<double>(batch);
  Result r = measured("training", params_of("mlp", "fp32", batch), theory::Pipe::fp32_fma, 5.12e13, work, seconds);
  r.verification = {.method = "gradients against FP64", .items = 26122, .relative_error = 2e-7, .tolerance = 1e-5};
  Training t{.network = "mlp",
             .data = "made-up digits, 1437 to learn, 360 to test",
             .seed = 1,
             .batch = batch,
             .learning_rate = 0.05,
             .momentum = 0.9,
             .target_accuracy = 0.95,
             .samples_per_s = static_cast<double>(batch) / r.summary.median_s};
  const std::int64_t steps = 1437 / batch + 1;
  for (int epoch = 1; epoch <= 14; ++epoch) {
    const double left = std::pow(0.05 / 0.6, static_cast<double>(epoch) / epochs_needed);
    t.curve.push_back(
        {.loss = 2.0 * left, .accuracy = 1 - 0.59 * left, .seconds = seconds * static_cast<double>(steps * epoch)});
  }
  t.best_accuracy = t.curve.back().accuracy;
  if (epochs_needed <= 14) {
    t.epochs_to_target = epochs_needed;
    t.iterations_to_target = steps * epochs_needed;
    t.time_to_target_s = t.curve[static_cast<std::size_t>(epochs_needed - 1)].seconds;
  }
  t.gradients_checked = 400;
  t.gradient_error = 3.2e-8;
  t.repeats = epochs_needed <= 14;
  r.training = std::move(t);
  return r;
}

}  // namespace

std::vector<Result> example_networks() {
  std::vector<Result> results = {run("fp16", theory::Pipe::tensor_fp16, 7.2e14, 256, 1e-4, 400), labelled(), not_run(),
                                 trained(32, 2e-5, 6), trained(256, 6e-5, 20)};
  for (const std::int64_t batch : {1, 32, 1024}) {
    Result point = run("fp16", theory::Pipe::tensor_fp16, 7.2e14, batch, 4e-5 + 3e-7 * static_cast<double>(batch), 100);
    point.params["sweep"] = "batch";
    point.note = "a point of a sweep: reported, not judged";
    results.push_back(std::move(point));
  }
  results.back().verification.relative_error = 0.3;
  results.back().verdict = Verdict::incorrect;
  results.back().note.clear();
  return results;
}

}  // namespace peakproof::reports
