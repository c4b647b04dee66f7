// The cases of bench_inference on a made-up engine: what is declared, what is told of a pass, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "bench/harness/inference_parts.hpp"
#include "kernels/network/digits.hpp"
#include "tests/bench/fakes.hpp"

namespace peakproof::bench {
namespace {

using kernels::Program;
using reports::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using theory::Precision;

/// How a made-up network answers, and what was asked of it.
struct Script {
  std::function<void(std::vector<float>&)> spoil = [](auto&) {};  ///< the outputs of a pass
  std::vector<std::int64_t> built;                                ///< batch sizes
  int poisoned = 0;
  int launches = 0;
  std::vector<CeilingsOrder> ceilings;
};

/// Answers as FP64 does. Items that come again are taken from their first time, which is much faster.
class MadeUpNetwork final : public RunningNetwork {
 public:
  MadeUpNetwork(const NetworkOrder& order, Script& script) : script_(script) {
    const auto each = static_cast<std::size_t>(order.program->rows_per_item * order.program->numbers_per_row);
    const std::vector<float>& inputs = *order.inputs;
    EXPECT_EQ(inputs.size(), each * static_cast<std::size_t>(order.batch));
    EXPECT_EQ(order.largest.size(), order.program->steps.size() + 1);
    std::size_t items = 1;
    const auto again = [&](std::size_t item) {
      return std::equal(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(each),
                        inputs.begin() + static_cast<std::ptrdiff_t>(item * each));
    };
    while (items < static_cast<std::size_t>(order.batch) && !again(items)) ++items;
    const std::vector<float> known(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(items * each));
    static std::map<std::string, std::vector<double>> outputs_of;  // of all networks of this test: they are the same
    std::vector<double>& outputs = outputs_of[order.program->name + " " + std::to_string(items)];
    if (outputs.empty())
      outputs =
          kernels::reference_outputs(*order.program, *order.weights, known, static_cast<std::int64_t>(items)).back();
    right_.assign(outputs.begin(), outputs.end());
    const std::size_t once = right_.size();
    right_.resize(once / items * static_cast<std::size_t>(order.batch));
    for (std::size_t i = once; i < right_.size(); ++i) right_[i] = right_[i - once];
  }
  void launch() override {
    ++script_.launches;
    outputs_ = right_;
    script_.spoil(outputs_);
  }
  void launch_step(int) override {}
  void wait() override {}
  void poison() override {
    ++script_.poisoned;
    outputs_.clear();
  }
  [[nodiscard]] std::vector<float> outputs() override { return outputs_; }
  [[nodiscard]] double weight_bytes() const override { return 123; }
  [[nodiscard]] std::string found() const override { return "made-up library 1.0"; }

 private:
  Script& script_;
  std::vector<float> right_;
  std::vector<float> outputs_;
};

/// One that has a single network.
InferenceEngine engine_of(const std::string& network, Script& script, bool ceilings = true) {
  return {.lacks = [network](const Program& program, Precision) -> std::optional<std::string> {
            return program.name == network ? std::nullopt : std::optional<std::string>("not in this test");
          },
          .build = [&script](const NetworkOrder& order) -> std::unique_ptr<RunningNetwork> {
            script.built.push_back(order.batch);
            return std::make_unique<MadeUpNetwork>(order, script);
          },
          .ceilings = [&script, ceilings](const CeilingsOrder& order) -> std::optional<theory::Ceilings> {
            script.ceilings.push_back(order);
            if (!ceilings) return std::nullopt;
            return theory::Ceilings{.matrix_per_second = 1e12,
                                    .vector_per_second = 1e11,
                                    .bytes_per_second = 1e11,
                                    .launch_s = 1e-6,
                                    .matrix_source = "made up"};
          }};
}

std::vector<Case> cases_of(const InferenceEngine& engine, const Options& options = {.quick = true}) {
  static const fakes::Device kDevice;
  Registry registry(options, kDevice.what.spec);
  add_inference(registry, engine);
  return registry.cases();
}

const Case& find(const std::vector<Case>& cases, const std::string& precision, const std::string& batch) {
  const auto found = std::find_if(cases.begin(), cases.end(), [&](const Case& each) {
    return !each.skip && each.params.at("precision") == precision && each.params.at("batch") == batch;
  });
  if (found == cases.end()) throw std::runtime_error("no case of " + precision + " and batch " + batch);
  return *found;
}

reports::Result measured(const Case& benchmark_case) {
  fakes::Device device;
  return measure(benchmark_case, device, fakes::policy(device.made_up));
}

TEST(Inference, TellsWhatAPassTakesAndGives) {
  Script script;
  const auto cases = cases_of(engine_of("mlp", script));
  const auto result = measured(find(cases, "fp32", "256"));
  EXPECT_EQ(result.verdict, Verdict::no_theory) << result.note;
  EXPECT_TRUE(result.verification.passed());
  EXPECT_EQ(result.verification.items, 256 * 256) << "every output of every item";
  EXPECT_THAT(result.note, HasSubstr("made-up library 1.0"));
  EXPECT_EQ(result.pipe, theory::Pipe::fp32_fma);
  EXPECT_TRUE(result.efficiency.spec) << "the utilisation";
  EXPECT_EQ(script.poisoned, 1);

  ASSERT_TRUE(result.inference);
  const reports::Inference& told = *result.inference;
  EXPECT_EQ(told.network, "mlp");
  EXPECT_EQ(told.precision, "fp32");
  EXPECT_EQ(told.batch, 256);
  // 1024 x 1536 + 1536 x 1536 + 1536 x 256, and biases.
  EXPECT_EQ(told.macs_per_item, 4325376);
  EXPECT_EQ(told.parameters, 4325376 + 1536 + 1536 + 256);
  EXPECT_GE(told.flops_per_item, 2 * told.macs_per_item);
  EXPECT_LT(told.flops_per_item, 2.01 * told.macs_per_item);
  EXPECT_EQ(told.weight_bytes, 123);
  EXPECT_NEAR(told.items_per_s * told.flops_per_item, result.achieved_per_s, 1e-9 * result.achieved_per_s);
  EXPECT_GE(told.passes, 5);
  ASSERT_TRUE(told.p50_s);
  EXPECT_GT(*told.p50_s, 0);

  ASSERT_TRUE(told.predicted_s);
  ASSERT_EQ(told.layers.size(), 3U);
  EXPECT_EQ(told.layers[0].name, "hidden1");
  EXPECT_EQ(told.layers[0].bound, "compute");
  double predicted = 0;
  double flops = 0;
  for (const auto& layer : told.layers) {
    predicted += layer.predicted_s;
    flops += layer.flops;
    EXPECT_GT(layer.measured_s, 0);
  }
  EXPECT_NEAR(predicted, *told.predicted_s, 1e-12);
  EXPECT_NEAR(flops, 256 * told.flops_per_item, 1);
  EXPECT_NEAR(*told.predicted_s, 256 * 2 * told.macs_per_item / 1e12, 1e-5) << "bound by the products";
  EXPECT_THAT(told.ceilings.at("matrix"), HasSubstr("made up"));
  ASSERT_TRUE(told.measured_ceilings);
  EXPECT_EQ(told.measured_ceilings->matrix_per_second, 1e12);

  ASSERT_TRUE(told.quality);
  EXPECT_EQ(told.quality->items, 64);
  EXPECT_LT(told.quality->relative_error, 1e-7);
  EXPECT_EQ(told.quality->top1_agreement, 1);
  EXPECT_FALSE(told.quality->accuracy);
}

TEST(Inference, LabelledItemsAreAllTold) {
  Script script;
  const auto cases = cases_of(engine_of("digits", script));
  const auto result = measured(find(cases, "fp16", "1"));
  EXPECT_EQ(result.verdict, Verdict::no_theory) << result.note;
  EXPECT_THAT(script.built, ElementsAre(1, 384)) << "the whole test set, in a network of its own";
  ASSERT_TRUE(result.inference && result.inference->quality);
  const auto& quality = *result.inference->quality;
  EXPECT_EQ(quality.items, kernels::digits().test.items());
  ASSERT_TRUE(quality.accuracy);
  EXPECT_GT(*quality.accuracy, 0.9);
  EXPECT_EQ(quality.accuracy, quality.reference_accuracy);
  EXPECT_EQ(quality.top1_agreement, 1);
}

TEST(Inference, OneWrongOutputIsFound) {
  Script script;
  const auto cases = cases_of(engine_of("mlp", script));
  for (const char* precision : {"fp32", "bf16", "int8", "fp8"}) {
    script.spoil = [](std::vector<float>& outputs) {
      outputs[outputs.size() - 7] += 4;
    };  // about 8 times the usual one
    const auto result = measured(find(cases, precision, "256"));
    EXPECT_EQ(result.verdict, Verdict::incorrect) << precision;
    EXPECT_EQ(result.verification.mismatches, 1) << precision;
    EXPECT_EQ(result.verification.not_numbers, 0);
  }
}

TEST(Inference, ErrorsThatThePrecisionDoesNotExplainAreFound) {
  Script script;
  const auto cases = cases_of(engine_of("mlp", script));
  script.spoil = [](std::vector<float>& outputs) {
    for (float& y : outputs) y *= 1.004F;  // as BF16's rounding
  };
  EXPECT_EQ(measured(find(cases, "bf16", "256")).verdict, Verdict::no_theory);
  EXPECT_EQ(measured(find(cases, "fp16", "256")).verdict, Verdict::incorrect);
}

TEST(Inference, WhatIsNoNumberIsFound) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Script script;
    script.spoil = [bad](std::vector<float>& outputs) { outputs[3] = bad; };
    const auto cases = cases_of(engine_of("mlp", script));
    const Case& one = find(cases, "fp8", "1");
    one.prepare();
    one.launch();
    const auto check = one.verify();
    EXPECT_FALSE(check.passed());
    EXPECT_EQ(check.not_numbers, 1);
    EXPECT_EQ(check.mismatches, 1);
    one.release();
    const auto result = measured(one);
    EXPECT_EQ(result.verdict, Verdict::incorrect) << result.note;
    EXPECT_FALSE(result.inference);  // of a wrong answer nothing more is told
  }
}

TEST(Inference, OutputsThatAreMissingAreFound) {
  Script script;
  const auto cases = cases_of(engine_of("mlp", script));
  for (const std::size_t left : {std::size_t{0}, std::size_t{1}, std::size_t{255}}) {
    script.spoil = [left](std::vector<float>& outputs) { outputs.resize(left); };
    EXPECT_EQ(measured(find(cases, "fp32", "1")).verdict, Verdict::incorrect) << left;
  }
}

TEST(Inference, APassThatNeverRanIsFound) {  // poisoned outputs are none
  Script script;
  const auto cases = cases_of(engine_of("mlp", script));
  const Case& one = find(cases, "fp32", "1");
  one.prepare();
  one.launch();
  one.poison();
  EXPECT_FALSE(one.verify().passed());
}

TEST(Inference, ALaunchIsAsManyPassesAsItsLength) {
  Script script;
  const auto cases = cases_of(engine_of("mlp", script));
  const Case& one = find(cases, "fp32", "1");
  one.prepare();
  one.set_length(1);
  const double work = one.work();
  one.set_length(7);
  EXPECT_EQ(one.work(), 7 * work);
  script.launches = 0;
  one.launch();
  EXPECT_EQ(script.launches, 7);
  EXPECT_NEAR(one.inference(0.7).items_per_s, 10, 1e-9) << "seven items in 0.7 s";
}

TEST(Inference, WithoutCeilingsThereIsNoPrediction) {
  Script script;
  const auto cases = cases_of(engine_of("mlp", script, false));
  const auto result = measured(find(cases, "fp32", "1"));
  ASSERT_TRUE(result.inference);
  EXPECT_FALSE(result.inference->predicted_s);
  EXPECT_THAT(result.inference->ceilings.at("missing"), HasSubstr("fp32"));
  for (const auto& layer : result.inference->layers) EXPECT_EQ(layer.predicted_s, 0);
}

TEST(Inference, CeilingsAreMeasuredOncePerOrder) {
  Script script;
  const auto cases = cases_of(engine_of("mlp", script));
  for (int i = 0; i < 2; ++i) static_cast<void>(measured(find(cases, "fp32", "1")));
  ASSERT_EQ(script.ceilings.size(), 1U);
  EXPECT_EQ(script.ceilings[0].precision, Precision::fp32);
  EXPECT_EQ(script.ceilings[0].batch, 1);
  EXPECT_EQ(script.ceilings[0].bytes, 0x1p24) << "17 MB of weights, to a power of two";
  static_cast<void>(measured(find(cases, "fp16", "1")));
  EXPECT_EQ(script.ceilings.size(), 2U);
}

TEST(Inference, OfADeviceThatMultipliesInTurnTheTimesAdd) {
  Script script;
  InferenceEngine engine = engine_of("transformer", script);
  const auto predicted = [&] {
    MeasuredOnce measured(engine);
    reports::Inference told{.precision = "fp16", .batch = 256};
    add_prediction(told, kernels::transformer(false), engine, measured, Precision::fp16);
    return told.predicted_s.value();
  };
  const double beside = predicted();
  engine.overlaps = false;
  const double in_turn = predicted();
  // GELU of 256 x 32 x 1024 numbers, 5 operations each, and the biases.
  EXPECT_GT(in_turn, beside + 256 * 32 * 1024 * 5 / 1e11);
  engine.step_precision = [](kernels::StepKind, Precision precision) { return precision; };
  EXPECT_EQ(predicted(), in_turn);
  engine.step_precision = [](kernels::StepKind kind, Precision precision) {
    return kind == kernels::StepKind::attention ? Precision::fp32 : precision;
  };
  EXPECT_GT(predicted(), in_turn) << "attention moves more bytes";
  EXPECT_EQ(script.ceilings.back().precision, Precision::fp32);
}

TEST(Inference, WhatAStepMustNarrowIsReadAndWritten) {
  Script script;
  InferenceEngine engine = engine_of("transformer", script);
  const auto layers = [&] {
    MeasuredOnce measured(engine);
    reports::Inference told{.precision = "int8", .batch = 256};
    for (const auto& step : kernels::transformer(false).steps) told.layers.push_back({.name = step.name});
    add_prediction(told, kernels::transformer(false), engine, measured, Precision::int8);
    return told.layers;
  };
  const auto narrow = layers();
  engine.step_precision = [](kernels::StepKind kind, Precision precision) {
    return kind == kernels::StepKind::dense ? precision : Precision::fp32;
  };
  const auto mixed = layers();
  // 256 x 32 x 256 numbers of four bytes become one byte each, at 10^11 bytes per second.
  const double conversion = 256.0 * 32 * 256 * 5 / 1e11;
  for (const std::size_t step : {0U, 2U, 4U})  // what the input, attention and normalisation feed
    EXPECT_NEAR(mixed[step].predicted_s - narrow[step].predicted_s, conversion, 1e-9) << mixed[step].name;
  EXPECT_EQ(mixed[5].predicted_s, narrow[5].predicted_s) << "a product writes what the next one reads";
}

TEST(Inference, BatchesAreTwoOrASweep) {
  Script script;
  const auto batches = [&](const Options& options) {
    std::vector<std::string> found;
    for (const Case& each : cases_of(engine_of("mlp", script), options))
      if (!each.skip && each.params.at("precision") == "fp32") {
        found.push_back(each.params.at("batch"));
        EXPECT_EQ(each.params.count("sweep"), options.sweep ? 1U : 0U);
      }
    return found;
  };
  EXPECT_THAT(batches({}), ElementsAre("1", "256"));
  EXPECT_THAT(batches({.sweep = true}), ElementsAre("1", "2", "4", "8", "16", "32", "64", "128", "256", "512", "1024"));
  EXPECT_EQ(batches({.sweep = true, .sweep_over = "batch"}).size(), 11U);
  EXPECT_TRUE(batches({.sweep = true, .sweep_over = "shapes"}).empty());
  EXPECT_TRUE(script.built.empty()) << "declaring builds nothing";
}

TEST(Inference, WhatIsLackingIsSaidOnce) {
  Script script;
  InferenceEngine engine = engine_of("mlp", script);
  engine.lacks = [](const Program& program, Precision precision) -> std::optional<std::string> {
    if (precision == Precision::fp8) return "no FP8 here";
    if (precision == Precision::int8 && program.name == "cnn") return "no INT8 convolution";
    return std::nullopt;
  };
  std::map<std::string, int> skipped;
  int measured_int8 = 0;
  for (const Case& each : cases_of(engine)) {
    const std::string& precision = each.params.at("precision");
    if (!each.skip) {
      EXPECT_NE(precision, "fp8");
      measured_int8 += precision == "int8" ? 1 : 0;
      continue;
    }
    ++skipped[*each.skip];
    EXPECT_EQ(each.params.count("network"), precision == "fp8" ? 0U : 1U);
    if (precision == "int8") {
      EXPECT_EQ(each.params.at("network"), "cnn");
    }
  }
  EXPECT_EQ(skipped, (std::map<std::string, int>{{"no FP8 here", 1}, {"no INT8 convolution", 1}}));
  EXPECT_EQ(measured_int8, 3 * 2);
}

TEST(Latencies, QuantilesNeedEnoughPasses) {
  const auto told = [](int passes) {
    std::vector<double> seconds;
    for (int i = 1; i <= passes; ++i) seconds.push_back(i);
    reports::Inference inference;
    add_latencies(inference, seconds);
    EXPECT_EQ(inference.passes, passes);
    return inference;
  };
  EXPECT_FALSE(told(0).p50_s);
  EXPECT_FALSE(told(19).p95_s);
  EXPECT_EQ(told(19).p50_s, 10);
  EXPECT_TRUE(told(20).p95_s);
  EXPECT_FALSE(told(99).p99_s);
  const auto all = told(101);
  EXPECT_EQ(all.p50_s, 51);
  EXPECT_EQ(all.p95_s, 96);
  EXPECT_EQ(all.p99_s, 100);
}

TEST(Answers, NoneIsNoneThatPasses) {
  EXPECT_FALSE(verify_outputs({}, {}, 1).passed());
  EXPECT_FALSE(verify_outputs({1}, {}, 1).passed());
  EXPECT_FALSE(verify_outputs({}, {.outputs = {1}, .items = 1}, 1).passed());
  EXPECT_FALSE(verify_outputs({1, 1, 1}, {.outputs = {1, 1}, .items = 1}, 1).passed());
  EXPECT_TRUE(verify_outputs({1, 1, 1, 1}, {.outputs = {1, 1}, .items = 1}, 1).passed());
  EXPECT_FALSE(verify_outputs({0, 0}, {.outputs = {0, 0}, .items = 1}, 1).passed()) << "all zero proves nothing";
  EXPECT_FALSE(quality_of({1}, {.outputs = {1, 1}, .items = 2}));
  EXPECT_FALSE(quality_of({std::numeric_limits<float>::quiet_NaN()}, {.outputs = {1}, .items = 1}));
}

TEST(Answers, QualityByHand) {
  const KnownAnswer answer{.outputs = {1, 0, 0, 1, 3, 4}, .items = 3, .classes = true, .labels = {0, 1, 0}};
  // The second item's largest output is another; the third one's is right by FP64, and its label is not.
  const auto quality = quality_of({1, 0, 1, 0.5F, 3, 4}, answer).value();
  EXPECT_EQ(quality.items, 3);
  EXPECT_DOUBLE_EQ(quality.relative_error, std::sqrt(1.25 / 27));
  EXPECT_DOUBLE_EQ(quality.rmse, std::sqrt(1.25 / 6));
  EXPECT_DOUBLE_EQ(quality.mae, 1.5 / 6);
  EXPECT_EQ(quality.max_error, 1);
  EXPECT_DOUBLE_EQ(*quality.top1_agreement, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*quality.accuracy, 1.0 / 3);
  EXPECT_DOUBLE_EQ(*quality.reference_accuracy, 2.0 / 3);
}

TEST(Answers, ToleranceGrowsAsThePrecisionFalls) {
  for (const Program& program : {kernels::mlp(true), kernels::cnn(true), kernels::transformer(true)}) {
    double last = 0;
    for (const auto precision : {Precision::fp64, Precision::fp32, Precision::tf32, Precision::bf16, Precision::fp8}) {
      const double tolerance = output_tolerance(program, precision);
      EXPECT_GT(tolerance, last);
      last = tolerance;
    }
    EXPECT_LT(output_tolerance(program, Precision::fp32), 1e-4);
    EXPECT_LT(last, 0.5) << "of FP8: an answer that is half wrong must not pass";
    EXPECT_EQ(output_tolerance(program, Precision::fp16), output_tolerance(program, Precision::tf32));
  }
}

TEST(Networks, CountWhatTheProgramsHold) {
  for (const bool large : {false, true})
    for (const Program& program : {kernels::mlp(large), kernels::cnn(large), kernels::transformer(large)}) {
      const StepNetwork steps = step_network(program, 3);
      ASSERT_EQ(steps.step.size(), steps.network.layers.size());
      EXPECT_TRUE(std::is_sorted(steps.step.begin(), steps.step.end()));
      EXPECT_EQ(steps.step.back(), program.steps.size() - 1);
      const auto cost = theory::cost(steps.network);
      EXPECT_TRUE(cost.unknown.empty());
      std::int64_t parameters = 0;
      for (const auto& step : program.steps) parameters += kernels::weight_count(step) + kernels::bias_count(step);
      EXPECT_EQ(cost.parameters, parameters) << program.name;
      EXPECT_NEAR(cost.flops, 3 * theory::cost(network_of(program, 1)).flops, 1e-6 * cost.flops);
    }
}

TEST(Networks, MultiplyAccumulatesByHand) {
  // A convolution: output pixels x output channels x taps x input channels; 1 x 1 ones and the classes last.
  const double convolutions = 1024.0 * 32 * 9 * 16 + 256.0 * 64 * 9 * 32 + 256.0 * 64 * 64 + 64.0 * 128 * 9 * 64 +
                              64.0 * 128 * 128 + 64.0 * 128 * 9 * 128;
  EXPECT_EQ(theory::cost(network_of(kernels::cnn(false), 1)).macs, convolutions + 128 * 16);
  // A block: 3 + 1 + 4 + 4 times width x width for each token, and twice tokens x tokens x width.
  EXPECT_EQ(theory::cost(network_of(kernels::transformer(false), 1)).macs, 12.0 * 256 * 256 * 32 + 2.0 * 32 * 32 * 256);
}

}  // namespace
}  // namespace peakproof::bench
