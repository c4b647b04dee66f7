#include "bench/harness/inference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

#include "bench/harness/errors.hpp"
#include "bench/harness/inference_parts.hpp"
#include "kernels/network/digits.hpp"
#include "reports/sample.hpp"

namespace peakproof::bench {
namespace {

using theory::Precision;

constexpr std::array kMeasured = {Precision::fp32, Precision::tf32, Precision::fp16,
                                  Precision::bf16, Precision::fp8,  Precision::int8};
constexpr std::array<std::int64_t, 2> kBatches = {1, 256};
constexpr std::int64_t kLargestBatch = 1024;  // of the sweep
constexpr std::uint64_t kSeed = 8;

/// How much is told of a pass beside its rate.
struct Effort {
  std::size_t passes = 100;  ///< timed one by one, as many as fit into …
  double passes_s = 1;       ///< … this time, but …
  std::size_t fewest = 20;
  int series = 5;  ///< of each step alone; 0: no steps
  double series_s = 0.002;
};

Effort effort_of(const Options& options) {
  if (options.sweep) return {.passes = 100, .passes_s = 0.1, .fewest = 5, .series = 0};
  return options.quick ? Effort{.passes = 20, .passes_s = 0.3, .fewest = 5, .series = 3} : Effort{};
}

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// A program with its weights, some items and what FP64 gives for them: made when the first case needs it.
class Subject {
 public:
  Subject(kernels::Program program, bool trained) : program_(std::move(program)), trained_(trained) {}

  [[nodiscard]] const kernels::Program& program() const { return program_; }
  [[nodiscard]] const kernels::ProgramWeights& weights() {
    make();
    return trained_ ? kernels::trained_digits_mlp() : weights_;
  }
  [[nodiscard]] const KnownAnswer& answer() {
    make();
    return answer_;
  }
  [[nodiscard]] const std::vector<double>& largest() {
    make();
    return largest_;
  }
  /// The items with a known answer over and over.
  [[nodiscard]] std::vector<float> inputs(std::int64_t batch) {
    make();
    std::vector<float> all;
    const auto each = static_cast<std::size_t>(program_.rows_per_item * program_.numbers_per_row);
    all.reserve(static_cast<std::size_t>(batch) * each);
    for (std::int64_t item = 0; item < batch; ++item) {
      const auto from = static_cast<std::size_t>(item % answer_.items) * each;
      all.insert(all.end(), items_.begin() + static_cast<std::ptrdiff_t>(from),
                 items_.begin() + static_cast<std::ptrdiff_t>(from + each));
    }
    return all;
  }
  /// Of one item, counted by theory's rules.
  [[nodiscard]] const theory::NetworkCost& cost() {
    if (cost_.layers.empty()) cost_ = theory::cost(network_of(program_, 1));
    return cost_;
  }

 private:
  void make() {
    if (answer_.items > 0) return;
    KnownAnswer answer{.classes = program_.classes};
    if (trained_) {
      items_ = kernels::digits().test.images;
      answer.labels = kernels::digits().test.labels;
      answer.items = kernels::digits().test.items();
    } else {
      constexpr double kOperations = 2e9;  // a fraction of a second in FP64 on a few cores
      constexpr double kMostItems = 64;
      answer.items = static_cast<std::int64_t>(std::clamp(kOperations / cost().flops, 2.0, kMostItems));
      items_ = kernels::made_inputs(program_, answer.items, kSeed);
      weights_ = kernels::made_weights(program_, kSeed);
    }
    const auto& weights = trained_ ? kernels::trained_digits_mlp() : weights_;
    const auto outputs = kernels::reference_outputs(program_, weights, items_, answer.items);
    const auto largest = [](const auto& numbers) {
      double most = 0;
      for (const auto number : numbers) most = std::max(most, std::abs(static_cast<double>(number)));
      return most;
    };
    largest_ = {largest(items_)};
    for (const auto& step : outputs) largest_.push_back(largest(step));
    answer.outputs = outputs.back();
    answer_ = std::move(answer);
  }

  kernels::Program program_;
  bool trained_;
  kernels::ProgramWeights weights_;
  std::vector<float> items_;
  KnownAnswer answer_;
  std::vector<double> largest_;
  theory::NetworkCost cost_;
};

/// What all cases of a run share.
struct Shared {
  explicit Shared(InferenceEngine of) : engine(std::move(of)), measured(engine) {}
  InferenceEngine engine;
  MeasuredOnce measured;
};

/// One case.
struct Pass {
  std::shared_ptr<Shared> shared;
  std::shared_ptr<Subject> subject;
  Precision precision = Precision::fp32;
  std::int64_t batch = 1;
  Effort effort;

  std::unique_ptr<RunningNetwork> network;
  std::int64_t passes = 1;  ///< of one launch

  [[nodiscard]] std::unique_ptr<RunningNetwork> build(std::int64_t items) const {
    const std::vector<float> inputs = subject->inputs(items);
    return shared->engine.build({.program = &subject->program(),
                                 .weights = &subject->weights(),
                                 .inputs = &inputs,
                                 .batch = items,
                                 .precision = precision,
                                 .largest = subject->largest()});
  }
  [[nodiscard]] double flops() const { return subject->cost().flops * static_cast<double>(batch); }
};

std::vector<double> pass_latencies(RunningNetwork& network, const Effort& effort) {
  std::vector<double> seconds;
  double spent = 0;
  while (seconds.size() < effort.passes && (spent < effort.passes_s || seconds.size() < effort.fewest)) {
    seconds.push_back(network.seconds_of_pass());
    spent += seconds.back();
  }
  return seconds;
}

/// The median of a few series of the step alone, each long enough to be timed.
double seconds_of_step(RunningNetwork& network, int step, const Effort& effort) {
  constexpr double kMostTimes = 100'000;
  static_cast<void>(network.seconds_of_step(step, 1));  // the first one finds its operands in no cache
  const double once = network.seconds_of_step(step, 1);
  const auto times =
      static_cast<std::int64_t>(once > 0 ? std::clamp(std::ceil(effort.series_s / once), 1.0, kMostTimes) : kMostTimes);
  std::vector<double> seconds(static_cast<std::size_t>(effort.series));
  for (double& each : seconds) each = network.seconds_of_step(step, times) / static_cast<double>(times);
  return reports::quantile(seconds, 0.5);
}

std::vector<reports::LayerRun> layer_runs(Pass& pass) {
  const kernels::Program& program = pass.subject->program();
  const StepNetwork steps = step_network(program, pass.batch);
  std::vector<reports::LayerRun> layers;
  if (pass.effort.series == 0) return layers;
  for (const kernels::Step& step : program.steps) layers.push_back({.name = step.name});
  for (const theory::LayerCost& each : theory::cost(steps.network).layers)
    layers[steps.step[each.layer]].flops += each.flops;
  pass.network->launch();  // what the steps read
  pass.network->wait();
  for (std::size_t step = 0; step < layers.size(); ++step)
    layers[step].measured_s = seconds_of_step(*pass.network, static_cast<int>(step), pass.effort);
  return layers;
}

/// Of the batch; of labelled items all of them, by a network of its own where the batch does not hold them.
std::optional<reports::OutputQuality> quality(Pass& pass) {
  const KnownAnswer& answer = pass.subject->answer();
  if (pass.batch >= answer.items) return quality_of(pass.network->outputs(), answer);
  constexpr std::int64_t kMultiple = 128;  // what matrix libraries like
  const auto network = pass.build((answer.items + kMultiple - 1) / kMultiple * kMultiple);
  network->launch();
  network->wait();
  return quality_of(network->outputs(), answer);
}

reports::Inference inference(Pass& pass, double launch_s) {
  const theory::NetworkCost& cost = pass.subject->cost();
  reports::Inference result{.network = pass.subject->program().name,
                            .precision = std::string(theory::name(pass.precision)),
                            .batch = pass.batch,
                            .parameters = cost.parameters,
                            .macs_per_item = cost.macs,
                            .flops_per_item = cost.flops,
                            .weight_bytes = pass.network->weight_bytes(),
                            .items_per_s = static_cast<double>(pass.batch * pass.passes) / launch_s};
  result.quality = quality(pass);
  if (!result.quality)  // of a batch of its own: that of the samples was right
    throw MeasurementError("outputs of the pass that tells the quality are no numbers: the samples cannot be believed");
  add_latencies(result, pass_latencies(*pass.network, pass.effort));
  result.layers = layer_runs(pass);
  add_prediction(result, pass.subject->program(), pass.shared->engine, pass.shared->measured, pass.precision);
  return result;
}

Case inference_case(const Registry& registry, std::shared_ptr<Pass> pass) {
  const auto& options = registry.options();
  const theory::DeviceKind kind = registry.device().kind;
  reports::Texts params = {{"network", pass->subject->program().name},
                           {"precision", std::string(theory::name(pass->precision))},
                           {"batch", std::to_string(pass->batch)}};
  if (options.sweep) params["sweep"] = "batch";
  std::string remark = "the rate counts all operations of the network's layers, those of no matrix too";
  if (options.data != DataChoice::random) remark += "; --data does not apply";
  return {
      .name = "inference",
      .params = std::move(params),
      .pipe = theory::matrix_pipe(pass->precision, kind),
      .unit = pass->precision == Precision::int8 ? "OP/s" : "FLOP/s",
      .remark = std::move(remark),
      .prepare = [pass] { pass->network = pass->build(pass->batch); },
      .release = [pass] { pass->network.reset(); },
      .found = [pass] { return pass->network->found(); },
      .set_length = [pass](std::int64_t passes) { pass->passes = passes; },
      .work = [pass] { return pass->flops() * static_cast<double>(pass->passes); },
      .poison = [pass] { pass->network->poison(); },
      .launch = [pass] { pass->network->launch_passes(pass->passes); },
      .verify =
          [pass] {
            return verify_outputs(pass->network->outputs(), pass->subject->answer(),
                                  output_tolerance(pass->subject->program(), pass->precision));
          },
      .inference = [pass](double launch_s) { return inference(*pass, launch_s); },
  };
}

std::vector<std::int64_t> batches(const Options& options) {
  if (!options.sweep) return {kBatches.begin(), kBatches.end()};
  std::vector<std::int64_t> sizes;
  for (std::int64_t batch = 1; batch <= kLargestBatch; batch *= 2) sizes.push_back(batch);
  return sizes;
}

/// One row where no network has this precision, for one reason; else one for each network that lacks it.
void add_skips(Registry& registry, Precision precision, const std::vector<std::pair<std::string, std::string>>& lacking,
               std::size_t networks) {
  const auto skip = [&](reports::Texts params, const std::string& why) {
    params["precision"] = std::string(theory::name(precision));
    registry.add({.name = "inference", .params = std::move(params), .skip = why});
  };
  const bool all = lacking.size() == networks && std::all_of(lacking.begin(), lacking.end(), [&](const auto& each) {
                     return each.second == lacking.front().second;
                   });
  if (all) return skip({}, lacking.front().second);
  for (const auto& [network, why] : lacking) skip({{"network", network}}, why);
}

}  // namespace

void RunningNetwork::launch_passes(std::int64_t passes) {
  for (std::int64_t i = 0; i < passes; ++i) launch();
}

double RunningNetwork::seconds_of_pass() {
  return seconds_of([this] {
    launch();
    wait();
  });
}

double RunningNetwork::seconds_of_step(int step, std::int64_t times) {
  return seconds_of([&] {
    for (std::int64_t i = 0; i < times; ++i) launch_step(step);
    wait();
  });
}

void add_inference(Registry& registry, const InferenceEngine& engine) {
  const Options& options = registry.options();
  if (!options.sweep_over.empty() && !options.sweeps("batch")) return;
  const auto shared = std::make_shared<Shared>(engine);
  std::vector<std::shared_ptr<Subject>> subjects;
  subjects.push_back(std::make_shared<Subject>(kernels::digits_mlp(), true));
  for (const auto& program :
       {kernels::mlp(engine.large), kernels::cnn(engine.large), kernels::transformer(engine.large)})
    subjects.push_back(std::make_shared<Subject>(program, false));

  for (const Precision precision : kMeasured) {
    std::vector<std::pair<std::string, std::string>> lacking;
    for (const auto& subject : subjects) {
      if (const auto why = engine.lacks(subject->program(), precision)) {
        lacking.emplace_back(subject->program().name, *why);
        continue;
      }
      for (const std::int64_t batch : batches(options))
        registry.add(inference_case(registry, std::make_shared<Pass>(Pass{.shared = shared,
                                                                          .subject = subject,
                                                                          .precision = precision,
                                                                          .batch = batch,
                                                                          .effort = effort_of(options)})));
    }
    if (!lacking.empty()) add_skips(registry, precision, lacking, subjects.size());
  }
}

}  // namespace peakproof::bench
