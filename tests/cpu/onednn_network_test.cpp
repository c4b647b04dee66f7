// Programs by oneDNN against the FP64 reference, step by step as the library needs them: shapes, shares, formats.
#include "kernels/network/onednn_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace peakproof::kernels {
namespace {

constexpr std::array kAll = {HostPrecision::fp32, HostPrecision::bf16, HostPrecision::int8};

/// What rounding may make of these small programs.
double tolerance(HostPrecision precision) {
  if (precision == HostPrecision::fp32) return 1e-5;
  return precision == HostPrecision::bf16 ? 0.015 : 0.04;
}

struct Known {
  explicit Known(Program of, std::int64_t count)
      : program(std::move(of)),
        items(count),
        weights(made_weights(program, 3)),
        inputs(made_inputs(program, items, 4)),
        outputs(reference_outputs(program, weights, inputs, items)) {
    const auto largest_of = [](const auto& numbers) {
      double most = 0;
      for (const auto number : numbers) most = std::max(most, std::abs(static_cast<double>(number)));
      return most;
    };
    largest = {largest_of(inputs)};
    for (const auto& step : outputs) largest.push_back(largest_of(step));
  }
  Program program;
  std::int64_t items;
  ProgramWeights weights;
  std::vector<float> inputs;
  std::vector<std::vector<double>> outputs;
  std::vector<double> largest;
};

double relative_error(const std::vector<float>& out, const std::vector<double>& wanted) {
  if (out.size() != wanted.size()) return INFINITY;
  double difference = 0;
  double reference = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    difference += (out[i] - wanted[i]) * (out[i] - wanted[i]);
    reference += wanted[i] * wanted[i];
  }
  return std::sqrt(difference / reference);
}

/// Of each precision that this machine has; none of them is no failure.
template <class Check>
void for_each_precision(const Check& check) {
  for (const HostPrecision precision : kAll) {
    if (const auto why = onednn_lacks(precision)) {
      EXPECT_FALSE(why->empty());
      continue;
    }
    SCOPED_TRACE(static_cast<int>(precision));
    check(precision);
  }
}

void expect_right(const Program& program, std::int64_t items) {
  const Known known(program, items);
  for_each_precision([&](HostPrecision precision) {
    OneDnnProgram shared(known.program, known.weights, precision, known.largest);
    OneDnnShare share(shared, known.inputs, items);
    share.poison();
    share.run();
    EXPECT_LT(relative_error(share.outputs(), known.outputs.back()), tolerance(precision))
        << program.name << ": " << shared.implementations();
  });
}

Step convolution(std::int64_t in, std::int64_t out, std::int64_t side, std::int64_t kernel, std::int64_t stride,
                 std::int64_t pad) {
  return {.kind = StepKind::convolution,
          .name = "convolution",
          .in = in,
          .out = out,
          .activation = Activation::relu,
          .height = side,
          .width = side + 2,
          .kernel = kernel,
          .stride = stride,
          .pad = pad};
}

TEST(OneDnn, ThePrograms) {
  expect_right(cnn(false), 3);
  expect_right(transformer(false), 5);
  expect_right(transformer(false), 1);
}

TEST(OneDnn, DenseOfAnyShapeAndActivation) {
  for (const std::int64_t rows : {1, 2, 7})
    for (const auto activation : {Activation::none, Activation::relu, Activation::gelu})
      expect_right({.name = "dense",
                    .rows_per_item = rows,
                    .numbers_per_row = 24,
                    .steps = {{.kind = StepKind::dense, .name = "a", .in = 24, .out = 40, .activation = activation},
                              {.kind = StepKind::dense, .name = "b", .in = 40, .out = 10}}},
                   3);
}

TEST(OneDnn, ConvolutionsOfAnyShape) {
  for (const auto& [kernel, stride, pad] : {std::tuple{1, 1, 0}, {3, 1, 1}, {3, 2, 1}, {3, 2, 0}, {5, 3, 2}})
    expect_right({.name = "convolution",
                  .numbers_per_row = std::int64_t{9} * 11 * 16,
                  .steps = {convolution(16, 32, 9, kernel, stride, pad)}},
                 2);
}

TEST(OneDnn, TheResidualIsTheStepThatIsNamed) {
  for (const int residual : {-1, 0}) {
    const Program program{
        .name = "residual",
        .numbers_per_row = 32,
        .steps = {{.kind = StepKind::dense, .name = "a", .in = 32, .out = 32, .activation = Activation::relu},
                  {.kind = StepKind::dense, .name = "b", .in = 32, .out = 32},
                  {.kind = StepKind::add_normalize, .name = "n", .in = 32, .out = 32, .residual = residual}}};
    expect_right(program, 4);
  }
}

TEST(OneDnn, SharesReadTheSameWeights) {
  const Known known(mlp(false), 4);
  for_each_precision([&](HostPrecision precision) {
    OneDnnProgram shared(known.program, known.weights, precision, known.largest);
    const std::span<const float> inputs(known.inputs);
    const std::size_t half = inputs.size() / 2;
    OneDnnShare first(shared, inputs.first(half), 2);
    const double bytes = shared.weight_bytes();
    OneDnnShare second(shared, inputs.last(half), 2);
    EXPECT_EQ(shared.weight_bytes(), bytes) << "packed once";
    const double each = precision == HostPrecision::fp32 ? 4 : precision == HostPrecision::bf16 ? 2 : 1;
    EXPECT_NEAR(bytes, each * 4325376, 0.01 * each * 4325376) << "and biases, and what int8 adds";
    first.run();
    second.run();
    std::vector<float> all = first.outputs();
    const std::vector<float> rest = second.outputs();
    all.insert(all.end(), rest.begin(), rest.end());
    EXPECT_LT(relative_error(all, known.outputs.back()), tolerance(precision));
  });
}

TEST(OneDnn, PoisonIsNoAnswerAndAStepAloneGivesItsOwn) {
  const Known known(transformer(false), 2);
  for_each_precision([&](HostPrecision precision) {
    OneDnnProgram shared(known.program, known.weights, precision, known.largest);
    OneDnnShare share(shared, known.inputs, 2);
    share.run();
    const std::vector<float> right = share.outputs();
    share.poison();
    for (const float y : share.outputs()) ASSERT_TRUE(std::isnan(y));
    share.run_step(static_cast<int>(known.program.steps.size()) - 1);
    EXPECT_EQ(share.outputs(), right) << "from what the last run left";
  });
}

TEST(OneDnn, RefusesWhatDoesNotFit) {
  const Known known(mlp(false), 2);
  if (onednn_lacks(HostPrecision::fp32)) GTEST_SKIP() << *onednn_lacks(HostPrecision::fp32);
  const auto make = [&](const std::vector<double>& largest) {
    return OneDnnProgram(known.program, known.weights, HostPrecision::fp32, largest);
  };
  EXPECT_THROW(static_cast<void>(make({1, 2})), std::invalid_argument);
  OneDnnProgram shared(known.program, known.weights, HostPrecision::fp32, known.largest);
  EXPECT_THROW(OneDnnShare(shared, known.inputs, 3), std::invalid_argument);
  EXPECT_THROW(OneDnnShare(shared, {}, 0), std::invalid_argument);
}

}  // namespace
}  // namespace peakproof::kernels
