// The programs, their made-up numbers and the FP64 reference, against examples by hand and a brute force of its own.
#include "kernels/network/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <stdexcept>

namespace peakproof::kernels {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

Program one_step(const Step& step, std::int64_t rows, std::int64_t numbers) {
  return {.name = "one", .rows_per_item = rows, .numbers_per_row = numbers, .steps = {step}};
}

std::vector<double> run(const Step& step, const StepWeights& weights, const std::vector<float>& inputs,
                        std::int64_t items, std::int64_t rows = 1) {
  const auto numbers = static_cast<std::int64_t>(inputs.size()) / items / rows;
  return reference_outputs(one_step(step, rows, numbers), {weights}, inputs, items).front();
}

std::vector<Program> all_programs() {
  return {mlp(false), mlp(true), cnn(false), cnn(true), transformer(false), transformer(true)};
}

TEST(Reference, DenseByHand) {
  const Step step{.kind = StepKind::dense, .in = 3, .out = 2};
  const StepWeights weights{.weights = {1, 2, 3, -1, 0, 0.5F}, .bias = {10, 0.25F}};
  // 1 + 4 + 9 + 10, -1 + 1.5 + 0.25; 4 - 2 + 0 + 10, -4 + 0 + 0.25
  EXPECT_THAT(run(step, weights, {1, 2, 3, 4, -1, 0}, 2), ElementsAre(24, 0.75, 12, -3.75));
}

TEST(Reference, Activations) {
  Step step{.kind = StepKind::dense, .in = 1, .out = 1, .activation = Activation::relu};
  const StepWeights one{.weights = {1}, .bias = {0}};
  EXPECT_THAT(run(step, one, {-2, 0, 3}, 3), ElementsAre(0, 0, 3));
  step.activation = Activation::gelu;
  // x times the normal distribution's share below x, as tables have it.
  EXPECT_THAT(run(step, one, {-1, 0, 2}, 3),
              ElementsAre(DoubleNear(-0.15865525, 1e-8), 0, DoubleNear(2 * 0.97724987, 2e-8)));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  step.activation = Activation::relu;
  EXPECT_TRUE(std::isnan(run(step, one, {nan}, 1).front())) << "not a number must not become 0";
}

TEST(Reference, DenseTakesAnyNumberOfRows) {  // rows go through in groups
  const Step step{.kind = StepKind::dense, .in = 2, .out = 1};
  const StepWeights weights{.weights = {1, 100}, .bias = {0}};
  for (const std::int64_t rows : {1, 15, 16, 17, 40}) {
    std::vector<float> inputs;
    std::vector<double> wanted;
    for (std::int64_t r = 0; r < rows; ++r) {
      inputs.push_back(static_cast<float>(r));
      inputs.push_back(1);
      wanted.push_back(static_cast<double>(r) + 100);
    }
    EXPECT_EQ(run(step, weights, inputs, rows), wanted) << rows;
  }
}

TEST(Reference, LargeStepsAreDividedAmongTheCores) {
  const Step step{.kind = StepKind::dense, .in = 1000, .out = 1003};
  const Program program = one_step(step, 1, step.in);
  const auto weights = made_weights(program, 1);
  const auto inputs = made_inputs(program, 1, 1);
  const auto outputs = reference_outputs(program, weights, inputs, 1).front();
  ASSERT_EQ(outputs.size(), 1003U);
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    double sum = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      sum += double{weights[0].weights[o * inputs.size() + i]} * inputs[i];
    ASSERT_NEAR(outputs[o], sum + weights[0].bias[o], 1e-12) << o;
  }
}

/// The definition, one output at a time.
double convolved(const Step& s, const StepWeights& w, const std::vector<float>& x, std::int64_t item, std::int64_t row,
                 std::int64_t column, std::int64_t out) {
  double sum = w.bias[static_cast<std::size_t>(out)];
  for (std::int64_t kh = 0; kh < s.kernel; ++kh)
    for (std::int64_t kw = 0; kw < s.kernel; ++kw)
      for (std::int64_t c = 0; c < s.in; ++c) {
        const std::int64_t h = row * s.stride - s.pad + kh;
        const std::int64_t v = column * s.stride - s.pad + kw;
        if (h < 0 || v < 0 || h >= s.height || v >= s.width) continue;
        sum += double{w.weights[static_cast<std::size_t>(((out * s.kernel + kh) * s.kernel + kw) * s.in + c)]} *
               x[static_cast<std::size_t>(((item * s.height + h) * s.width + v) * s.in + c)];
      }
  return s.activation == Activation::relu ? std::max(sum, 0.0) : sum;
}

TEST(Reference, ConvolutionAgainstBruteForce) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> number(-1, 1);
  const auto numbers = [&](std::int64_t count) {
    std::vector<float> all(static_cast<std::size_t>(count));
    for (float& each : all) each = number(random);
    return all;
  };
  for (const std::int64_t kernel : {1, 2, 3, 5})
    for (const std::int64_t stride : {1, 2, 3})
      for (const std::int64_t pad : {0, 1, 2}) {
        if (pad >= kernel) continue;
        const Step step{.kind = StepKind::convolution,
                        .in = 3,
                        .out = 4,
                        .activation = pad == 1 ? Activation::relu : Activation::none,
                        .height = 7,
                        .width = 5,
                        .kernel = kernel,
                        .stride = stride,
                        .pad = pad};
        const StepWeights weights{.weights = numbers(weight_count(step)), .bias = numbers(bias_count(step))};
        constexpr std::int64_t kItems = 2;
        const auto inputs = numbers(kItems * step.height * step.width * step.in);
        std::vector<double> wanted;
        for (std::int64_t item = 0; item < kItems; ++item)
          for (std::int64_t row = 0; row < step.out_height(); ++row)
            for (std::int64_t column = 0; column < step.out_width(); ++column)
              for (std::int64_t out = 0; out < step.out; ++out)
                wanted.push_back(convolved(step, weights, inputs, item, row, column, out));
        EXPECT_THAT(run(step, weights, inputs, kItems), Pointwise(DoubleNear(1e-12), wanted))
            << kernel << " " << stride << " " << pad;
      }
}

TEST(Reference, AttentionByHand) {
  // One head of one number, two tokens: q, k, v of each.
  const Step step{.kind = StepKind::attention, .in = 1, .out = 1, .heads = 1};
  const std::vector<float> inputs = {1, 0, 10, 2, 1, 20};
  const double e = std::exp(1.0);
  // Scores of the first token 0 and 1, of the second 0 and 2.
  EXPECT_THAT(run(step, {}, inputs, 1, 2), ElementsAre(DoubleNear((10 + 20 * e) / (1 + e), 1e-12),
                                                       DoubleNear((10 + 20 * e * e) / (1 + e * e), 1e-12)));
  // Two items apart: each token alone looks at itself.
  EXPECT_THAT(run(step, {}, inputs, 2, 1), ElementsAre(10, 20));
}

TEST(Reference, HeadsLieSideBySide) {
  // Two heads of two numbers, two tokens. The first head's keys are 0: it takes the mean of its values. The second
  // one's queries meet keys so far apart that the second token alone counts.
  const Step step{.kind = StepKind::attention, .in = 4, .out = 4, .heads = 2};
  const std::vector<float> first = {1, 1, 1, 1, /**/ 0, 0, 0, 0, /**/ 2, 4, 6, 8};
  const std::vector<float> second = {1, 1, 1, 1, /**/ 0, 0, 900, 900, /**/ 4, 8, 60, 80};
  std::vector<float> inputs = first;
  inputs.insert(inputs.end(), second.begin(), second.end());
  EXPECT_THAT(run(step, {}, inputs, 1, 2), ElementsAre(3, 6, 60, 80, 3, 6, 60, 80));
}

TEST(Reference, ScoresAreDividedByTheRootOfTheHead) {
  const Step step{.kind = StepKind::attention, .in = 4, .out = 4, .heads = 1};
  // q k of the second token is 4, and sqrt(4) = 2.
  std::vector<float> inputs = {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const double wanted = std::exp(2.0) / (1 + std::exp(2.0));
  EXPECT_NEAR(run(step, {}, inputs, 1, 2).front(), wanted, 1e-12);
}

TEST(Reference, AddAndNormalizeByHand) {
  const Step step{.kind = StepKind::add_normalize, .in = 2, .out = 2, .residual = -1};
  const StepWeights weights{.weights = {2, 3}, .bias = {0.5F, -0.5F}};
  // x + x = 2, 6: mean 4, variance 4.
  const double unit = 2 / std::sqrt(4 + kNormEpsilon);
  EXPECT_THAT(run(step, weights, {1, 3}, 1),
              ElementsAre(DoubleNear(-2 * unit + 0.5, 1e-12), DoubleNear(3 * unit - 0.5, 1e-12)));
}

TEST(Reference, TheResidualIsTheStepThatIsNamed) {
  Program program{.name = "residual",
                  .numbers_per_row = 2,
                  .steps = {{.kind = StepKind::dense, .in = 2, .out = 2},
                            {.kind = StepKind::dense, .in = 2, .out = 2},
                            {.kind = StepKind::add_normalize, .in = 2, .out = 2, .residual = 0}}};
  const ProgramWeights weights = {{.weights = {1, 0, 0, 4}, .bias = {0, 0}},
                                  {.weights = {0, 1, 1, 0}, .bias = {0, 0}},
                                  {.weights = {1, 1}, .bias = {0, 0}}};
  // (1, 1) -> (1, 4) -> (4, 1); with the first (5, 5), whose variance is 0; with the input (5, 2).
  EXPECT_THAT(reference_outputs(program, weights, {1, 1}, 1).back(), ElementsAre(0, 0));
  program.steps[2].residual = -1;
  EXPECT_THAT(reference_outputs(program, weights, {1, 1}, 1).back(),
              ElementsAre(DoubleNear(1, 1e-4), DoubleNear(-1, 1e-4)));
}

TEST(Reference, AveragePoolByHand) {
  const Step step{.kind = StepKind::average_pool, .in = 2, .out = 2, .height = 1, .width = 2};
  EXPECT_THAT(run(step, {}, {1, 10, 3, 30, 5, 50, 7, 70}, 2), ElementsAre(2, 20, 6, 60));
}

TEST(Reference, RefusesWhatDoesNotFit) {
  const Program program = mlp(false);
  const auto weights = made_weights(program, 1);
  const auto inputs = made_inputs(program, 2, 1);
  EXPECT_THROW(static_cast<void>(reference_outputs(program, weights, inputs, 3)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(reference_outputs(program, {}, inputs, 2)), std::invalid_argument);
  auto short_weights = weights;
  short_weights[1].weights.pop_back();
  EXPECT_THROW(static_cast<void>(reference_outputs(program, short_weights, inputs, 2)), std::invalid_argument);
  auto short_bias = weights;
  short_bias[1].bias.pop_back();
  EXPECT_THROW(static_cast<void>(reference_outputs(program, short_bias, inputs, 2)), std::invalid_argument);
}

TEST(Reference, ItemsDoNotMeet) {
  for (const Program& program : {cnn(false), transformer(false)}) {
    const auto weights = made_weights(program, 3);
    const auto two = made_inputs(program, 2, 3);
    const auto one = made_inputs(program, 1, 3);
    const auto of_two = reference_outputs(program, weights, two, 2).back();
    const auto of_one = reference_outputs(program, weights, one, 1).back();
    ASSERT_EQ(of_two.size(), 2 * of_one.size());
    EXPECT_TRUE(std::equal(of_one.begin(), of_one.end(), of_two.begin())) << program.name;
  }
}

TEST(MadeNumbers, AreTheSameForTheSameSeed) {
  const Program program = cnn(false);
  const auto inputs = made_inputs(program, 3, 5);
  EXPECT_EQ(inputs, made_inputs(program, 3, 5));
  EXPECT_NE(inputs, made_inputs(program, 3, 6));
  const auto fewer = made_inputs(program, 2, 5);
  EXPECT_TRUE(std::equal(fewer.begin(), fewer.end(), inputs.begin()))
      << "an item must not depend on how many there are";
  const auto weights = made_weights(program, 5);
  const auto again = made_weights(program, 5);
  for (std::size_t s = 0; s < weights.size(); ++s) {
    EXPECT_EQ(weights[s].weights, again[s].weights);
    EXPECT_EQ(weights[s].bias, again[s].bias);
  }
  // 4810198 / 2^23 by an implementation of its own in Python.
  EXPECT_EQ(made_inputs(mlp(false), 1, 1).front(), 0.573420286F);
}

TEST(MadeNumbers, HaveTheirMeanAndVariance) {
  const Program program = mlp(false);
  const auto weights = made_weights(program, 1);
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    double sum = 0;
    double squares = 0;
    for (const float w : weights[s].weights) {
      sum += w;
      squares += double{w} * w;
    }
    const auto count = static_cast<double>(weights[s].weights.size());
    const double wanted = (s + 1 < program.steps.size() ? 2.0 : 1.0) / static_cast<double>(program.steps[s].in);
    EXPECT_NEAR(squares / count, wanted, 0.01 * wanted) << s;
    EXPECT_NEAR(sum / count, 0, 4 * std::sqrt(wanted / count)) << s;
  }
  const auto inputs = made_inputs(program, 2, 1);
  for (const float x : inputs) ASSERT_TRUE(x >= -1 && x < 1);
  EXPECT_GT(std::set<float>(inputs.begin(), inputs.end()).size(), inputs.size() * 9 / 10);
}

TEST(Programs, FitTogether) {
  for (const Program& program : all_programs()) {
    const auto weights = made_weights(program, 1);
    ASSERT_EQ(weights.size(), program.steps.size());
    std::int64_t numbers = program.rows_per_item * program.numbers_per_row;
    for (std::size_t s = 0; s < program.steps.size(); ++s) {
      const Step& step = program.steps[s];
      SCOPED_TRACE(program.name + " " + step.name);
      EXPECT_EQ(std::ssize(weights[s].weights), weight_count(step));
      EXPECT_EQ(std::ssize(weights[s].bias), bias_count(step));
      const std::int64_t pixels = step.height > 0 ? step.height * step.width : program.rows_per_item;
      EXPECT_EQ(numbers, pixels * step.in * (step.kind == StepKind::attention ? 3 : 1));
      numbers = output_count(step, program.rows_per_item);
      EXPECT_EQ(step.in % 16, 0) << "8-bit products take multiples of 16";
      EXPECT_EQ(step.out % 16, 0);
      EXPECT_EQ(step.in % step.heads, 0);
      EXPECT_LT(step.residual, static_cast<int>(s));
    }
  }
}

TEST(Programs, NothingGrowsOrFades) {
  for (const Program& program : {mlp(false), cnn(false), transformer(false)}) {
    const auto outputs = reference_outputs(program, made_weights(program, 1), made_inputs(program, 2, 1), 2);
    for (std::size_t s = 0; s < outputs.size(); ++s) {
      double squares = 0;
      for (const double y : outputs[s]) squares += y * y;
      const double root_mean_square = std::sqrt(squares / static_cast<double>(outputs[s].size()));
      EXPECT_GT(root_mean_square, 0.05) << program.name << " " << program.steps[s].name;
      EXPECT_LT(root_mean_square, 2) << program.name << " " << program.steps[s].name;
    }
  }
}

}  // namespace
}  // namespace peakproof::kernels
