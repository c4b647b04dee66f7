// The host's perceptron against finite differences and hand-worked figures, and a core's share of it against the host.
#include "kernels/network/mlp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/network/mlp_share.hpp"
#include "kernels/network/sgemm.hpp"

namespace peakproof::kernels {
namespace {

using Doubles = std::vector<double>;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Small {
  Program program = digits_mlp(8);
  MlpLayers layers = mlp_layers(program);
  std::vector<float> floats = in_a_row(made_weights(program, 1));
  Doubles parameters{floats.begin(), floats.end()};
  const Digits& data = digits().learn;
  std::vector<int> items = [this] {
    auto good = items_off_kinks(layers, parameters, data, 1e-3);
    good.resize(20);
    return good;
  }();
};

TEST(Mlp, LayersLieBehindEachOther) {
  const Small small;
  ASSERT_EQ(small.layers.size(), 3U);
  EXPECT_EQ(small.layers[0].bias, 64U * 8);
  EXPECT_EQ(small.layers[1].weights, 64U * 8 + 8);
  EXPECT_EQ(parameter_count(small.layers), 64U * 8 + 8 + 64 + 8 + 80 + 10);
  EXPECT_EQ(in_a_row(by_step(small.layers, small.floats)), small.floats);
  EXPECT_EQ(by_step(small.layers, small.floats)[2].bias.size(), 10U);
}

TEST(Mlp, CountsTheProductsOfAStep) {
  // Scores and gradients of the weights: 2 x 2 FLOP for each weight; the inputs of the second and third layer: 2 more.
  EXPECT_EQ(flops_to_learn(mlp_layers(digits_mlp(8))), 4.0 * (512 + 64 + 80) + 2.0 * (64 + 80));
}

TEST(Mlp, RefusesWhatIsNone) {
  Program other = digits_mlp(8);
  other.steps[1].activation = Activation::gelu;
  EXPECT_THROW(static_cast<void>(mlp_layers(other)), std::invalid_argument);
  other = digits_mlp(8);
  other.steps[2].activation = Activation::relu;
  EXPECT_THROW(static_cast<void>(mlp_layers(other)), std::invalid_argument);
  other = digits_mlp(8);
  other.steps[1].in = 9;
  EXPECT_THROW(static_cast<void>(mlp_layers(other)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(mlp_layers({.name = "none"})), std::invalid_argument);
  const Small small;
  EXPECT_THROW(static_cast<void>(mlp_gradients(small.layers, small.parameters, small.data, {})), std::invalid_argument);
}

TEST(Mlp, ScoresAreThoseOfTheProgram) {
  const Small small;
  const auto scores = mlp_scores(small.layers, small.parameters, digits().test);
  const auto right =
      reference_outputs(small.program, made_weights(small.program, 1), digits().test.images, digits().test.items());
  ASSERT_EQ(scores.size(), right.back().size());
  for (std::size_t i = 0; i < scores.size(); ++i) EXPECT_NEAR(scores[i], right.back()[i], 1e-6) << i;
}

TEST(Mlp, EqualScoresLoseTheLogarithmOfTheClasses) {
  const Small small;
  const Doubles nothing(small.parameters.size());
  EXPECT_NEAR(mlp_loss(small.layers, nothing, small.data, small.items), std::log(10.0), 1e-14);
  const auto step = mlp_gradients(small.layers, nothing, small.data, small.items);
  // The last bias: 1/10 less the share of the class.
  const auto zeros = std::count_if(small.items.begin(), small.items.end(),
                                   [&](int item) { return small.data.labels[static_cast<std::size_t>(item)] == 0; });
  EXPECT_NEAR(step.gradients[small.layers[2].bias], 0.1 - static_cast<double>(zeros) / 20, 1e-14);
}

TEST(Mlp, GradientsAreThoseOfFiniteDifferencesForEveryParameter) {
  const Small small;
  const auto step = mlp_gradients(small.layers, small.parameters, small.data, small.items);
  const auto check = check_gradients(small.layers, small.parameters, small.data, small.items, 1 << 20, step.gradients);
  EXPECT_EQ(check.checked, static_cast<std::int64_t>(small.parameters.size()));
  EXPECT_LT(check.error, 1e-6);
  EXPECT_DOUBLE_EQ(step.loss, mlp_loss(small.layers, small.parameters, small.data, small.items));
}

TEST(Mlp, AWrongGradientShows) {
  const Small small;
  const auto step = mlp_gradients(small.layers, small.parameters, small.data, small.items);
  const auto error_of = [&](const Doubles& gradients) {
    return check_gradients(small.layers, small.parameters, small.data, small.items, 1 << 20, gradients).error;
  };
  for (const std::size_t place : {small.layers[0].weights + 70, small.layers[1].bias + 1, small.layers[2].weights}) {
    Doubles wrong = step.gradients;
    wrong[place] += 0.01;
    EXPECT_GT(error_of(wrong), 1e-3) << place;
    wrong[place] = kNaN;
    EXPECT_TRUE(std::isnan(error_of(wrong))) << place;
  }
}

TEST(Mlp, SgdHasMomentum) {
  const Doubles gradients = {1, -2};
  Doubles velocity = {0, 0};
  Doubles parameters = {10, 10};
  sgd_step({.rate = 0.5, .momentum = 0.9}, gradients, velocity, parameters);
  EXPECT_THAT(parameters, testing::ElementsAre(9.5, 11));
  sgd_step({.rate = 0.5, .momentum = 0.9}, gradients, velocity, parameters);
  EXPECT_THAT(velocity, testing::ElementsAre(1.9, -3.8));
  EXPECT_THAT(parameters, testing::ElementsAre(8.55, 12.9));
}

TEST(Mlp, AccuracyCountsOnlyTheOneLargestScore) {
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  const std::vector<int> labels = {0, 1};
  const auto of = [&](std::vector<float> scores) { return accuracy(scores, labels); };
  EXPECT_EQ(of({2, 1, 1, 2}), 1);
  EXPECT_EQ(of({2, 1, 2, 1}), 0.5);
  EXPECT_EQ(of({1, 1, 0, 0}), 0);  // ties
  EXPECT_EQ(of({kNone, 1, 1, kNone}), 0);
  EXPECT_EQ(of({1, kNone, kNone, 1}), 0);
  EXPECT_EQ(accuracy(std::vector<float>{kNone}, std::vector<int>{0}), 0);
  EXPECT_THROW(static_cast<void>(accuracy({}, {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(of({1, 2, 3})), std::invalid_argument);
}

TEST(Mlp, ShufflesAreTheSameEverywhere) {
  EXPECT_THAT(shuffled(8, 1, 0), testing::ElementsAre(6, 4, 2, 1, 0, 5, 7, 3));
  auto sorted = shuffled(100, 7, 3);
  EXPECT_NE(sorted, shuffled(100, 7, 4));
  EXPECT_NE(sorted, shuffled(100, 8, 3));
  std::sort(sorted.begin(), sorted.end());
  std::vector<int> all(100);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(sorted, all);
}

TEST(Mlp, ItemsNearAKinkAreLeftOut) {
  const Small small;
  const auto all = items_off_kinks(small.layers, small.parameters, small.data, 0);
  const auto some = items_off_kinks(small.layers, small.parameters, small.data, 0.01);
  EXPECT_EQ(static_cast<std::int64_t>(all.size()), small.data.items());
  EXPECT_LT(some.size(), all.size());
  EXPECT_GT(some.size(), 100U);
  Doubles off = small.parameters;  // a unit that is at its kink for every item
  std::fill_n(off.begin(), 64, 0.0);
  off[small.layers[0].bias] = 0;
  EXPECT_TRUE(items_off_kinks(small.layers, off, small.data, 1e-9).empty());
}

TEST(MlpShare, IsTheHostsMlp) {
  if (const auto why = sgemm_lacks()) GTEST_SKIP() << *why;
  const Small small;
  const auto right = mlp_gradients(small.layers, small.parameters, small.data, small.items);
  // Two shares of one batch, of 12 and 8 items.
  const std::span items(small.items);
  std::vector<MlpShare> shares;
  for (int i = 0; i < 2; ++i) shares.emplace_back(small.layers, 12);
  ASSERT_TRUE(shares[0].learn(small.floats.data(), small.data, items.first(12), 20));
  ASSERT_TRUE(shares[1].learn(small.floats.data(), small.data, items.subspan(12), 20));
  EXPECT_NEAR(shares[0].loss() + shares[1].loss(), right.loss, 1e-6);
  std::vector<float> velocity(small.floats.size());
  std::vector<float> parameters = small.floats;
  const Sgd sgd{.rate = 0.1, .momentum = 0.9};
  sgd_step(sgd, shares, 0, 300, velocity.data(), parameters.data());
  sgd_step(sgd, shares, 300, velocity.size(), velocity.data(), parameters.data());
  for (std::size_t i = 0; i < velocity.size(); ++i) {
    EXPECT_NEAR(velocity[i], right.gradients[i], 1e-6) << i;
    EXPECT_NEAR(parameters[i], small.parameters[i] - 0.1 * right.gradients[i], 1e-6) << i;
  }
}

}  // namespace
}  // namespace peakproof::kernels
