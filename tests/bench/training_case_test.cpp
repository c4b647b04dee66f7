// A training as it is told, on devices that are made up: a right one, and one for each way of being wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "bench/harness/errors.hpp"
#include "bench/harness/training.hpp"
#include "tests/bench/fakes.hpp"

namespace peakproof::bench {
namespace {

enum class Fault {
  none,
  no_work,       ///< a run does nothing
  gradient,      ///< one parameter's gradient is 1 % too large
  not_a_number,  ///< one parameter's gradient
  rate,          ///< ten per cent too large
  no_momentum,
  skipped_step,  ///< a run of several steps does one less
  other_items,   ///< a run's second step works on the first batch again
  chance,        ///< no two steps round alike
  late_chance,   ///< the same, while it is timed
  lost_loss,     ///< the last batch's loss is never written
  loss,          ///< one per cent too large
};

/// FP32 numbers, and the arithmetic of the host.
class FakeTrainer final : public Trainer {
 public:
  FakeTrainer(TrainingOrder order, Fault fault) : order_(std::move(order)), fault_(fault) {}
  void start(std::span<const float> parameters) override {
    parameters_.assign(parameters.begin(), parameters.end());
    velocity_.assign(parameters.size(), 0);
  }
  void take_order(std::span<const int> items) override {
    items_.assign(items.begin(), items.end());
    losses_.assign(items.size() / batch(), std::numeric_limits<float>::quiet_NaN());
    next_ = 0;
  }
  void run(std::int64_t steps) override {
    if (fault_ == Fault::no_work) return;
    if (fault_ == Fault::skipped_step && steps > 1) --steps;
    for (std::int64_t i = 0; i < steps; ++i)
      step(fault_ == Fault::other_items && i == 1 ? 0 : next_++ % losses_.size());
  }
  [[nodiscard]] double timed_run(std::int64_t steps) override {
    timed_ = true;
    run(steps);
    timed_ = false;
    return 0.25;
  }
  [[nodiscard]] std::vector<float> losses() override { return losses_; }
  [[nodiscard]] std::vector<float> parameters() override { return parameters_; }
  [[nodiscard]] std::vector<float> velocity() override { return velocity_; }
  [[nodiscard]] std::vector<float> test_scores() override {
    const std::vector<double> present(parameters_.begin(), parameters_.end());
    return kernels::mlp_scores(order_.layers, present, order_.data->test);
  }
  [[nodiscard]] std::string found() const override { return "made up"; }

 private:
  [[nodiscard]] std::size_t batch() const { return static_cast<std::size_t>(order_.batch); }
  void step(std::size_t slot) {
    const std::vector<double> present(parameters_.begin(), parameters_.end());
    auto [loss, gradients] = kernels::mlp_gradients(order_.layers, present, order_.data->learn,
                                                    std::span(items_).subspan(slot * batch(), batch()));
    const std::size_t one = order_.layers[1].bias + 3;
    if (fault_ == Fault::gradient) gradients[one] *= 1.01;
    if (fault_ == Fault::not_a_number) gradients[one] = std::numeric_limits<double>::quiet_NaN();
    if (fault_ == Fault::chance || (fault_ == Fault::late_chance && timed_)) gradients[one] *= 1 + 1e-7 * ++chance_;
    const auto momentum = static_cast<float>(fault_ == Fault::no_momentum ? 0 : order_.sgd.momentum);
    const auto rate = static_cast<float>(fault_ == Fault::rate ? 1.1 * order_.sgd.rate : order_.sgd.rate);
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      velocity_[i] = momentum * velocity_[i] + static_cast<float>(gradients[i]);
      parameters_[i] -= rate * velocity_[i];
    }
    if (fault_ == Fault::loss) loss *= 1.01;
    const bool lost = fault_ == Fault::lost_loss && slot > 0 && slot + 1 == losses_.size();
    if (!lost) losses_[slot] = static_cast<float>(loss);
  }

  TrainingOrder order_;
  Fault fault_;
  std::vector<float> parameters_, velocity_, losses_;
  std::vector<int> items_;
  std::size_t next_ = 0;
  bool timed_ = false;
  int chance_ = 0;
};

TrainingEngine engine(Fault fault = Fault::none) {
  return {.build = [fault](const TrainingOrder& order) { return std::make_unique<FakeTrainer>(order, fault); },
          .hidden = 16};
}
constexpr TrainingPlan kPlan = {.batch = 64, .fewest_epochs = 3, .most_epochs = 30, .hidden = 16};

/// What is found on a device after launches of so many steps.
reports::Verification checked(Fault fault, std::int64_t steps = 30) {
  TrainingPlan plan = kPlan;
  plan.most_epochs = 3;
  TrainingRun run(engine(fault), plan);
  run.poison();
  run.set_length(steps);
  run.launch();
  return run.verify();
}

TEST(Training, IsToldAsItWent) {
  constexpr std::int64_t kFewest = 20;
  TrainingPlan plan = kPlan;
  plan.fewest_epochs = kFewest;
  TrainingRun run(engine(), plan);
  run.poison();
  run.set_length(5);
  run.launch();
  EXPECT_EQ(run.flops(), 5 * 64 * kernels::flops_to_learn(kernels::mlp_layers(kernels::digits_mlp(16))));
  const auto verification = run.verify();
  EXPECT_TRUE(verification.passed()) << verification.mismatches << " of " << verification.items;
  EXPECT_LT(*verification.relative_error, *verification.tolerance);
  const auto told = run.training(0.5);
  EXPECT_EQ(told.network, "mlp");
  EXPECT_EQ(told.batch, 64);
  EXPECT_EQ(told.samples_per_s, 5 * 64 / 0.5);
  EXPECT_TRUE(told.repeats);
  EXPECT_EQ(told.gradients_checked, 3 * 50 + 16 + 16 + 10);
  EXPECT_LT(told.gradient_error, 1e-6);
  // Until the target, epoch by epoch.
  ASSERT_TRUE(told.epochs_to_target);
  const auto epochs = static_cast<std::size_t>(*told.epochs_to_target);
  ASSERT_LT(epochs, kFewest);
  ASSERT_EQ(told.curve.size(), kFewest);
  for (std::size_t i = 0; i + 1 < epochs; ++i) EXPECT_LT(told.curve[i].accuracy, 0.95);
  EXPECT_GE(told.curve[epochs - 1].accuracy, 0.95);
  EXPECT_EQ(*told.iterations_to_target, *told.epochs_to_target * (1437 / 64));
  EXPECT_EQ(*told.time_to_target_s, 0.25 * static_cast<double>(epochs));
  EXPECT_GE(told.best_accuracy, told.curve[epochs - 1].accuracy);
  EXPECT_GT(told.curve.front().loss, told.curve.back().loss);
}

TEST(Training, ATargetThatIsNotReachedHasNoTime) {
  TrainingPlan plan = kPlan;
  plan.target_accuracy = 1;
  plan.most_epochs = 4;
  TrainingRun run(engine(), plan);
  run.launch();
  EXPECT_TRUE(run.verify().passed());  // slow to learn is not wrong
  const auto told = run.training(1);
  EXPECT_EQ(told.curve.size(), 4U);
  EXPECT_FALSE(told.time_to_target_s || told.epochs_to_target || told.iterations_to_target);
  EXPECT_GT(told.best_accuracy, 0.5);
}

TEST(Training, AnotherSeedIsAnotherCurve) {
  const auto losses = [](std::uint64_t seed) {
    TrainingPlan plan = kPlan;
    plan.seed = seed;
    plan.most_epochs = 1;
    TrainingRun run(engine(), plan);
    run.launch();
    static_cast<void>(run.verify());
    return run.training(1).curve.front().loss;
  };
  EXPECT_EQ(losses(1), losses(1));
  EXPECT_NE(losses(1), losses(2));
}

TEST(Training, ARightDevicePasses) {
  EXPECT_TRUE(checked(Fault::none).passed());
  EXPECT_TRUE(checked(Fault::none, 1).passed());
}

TEST(Training, EveryFaultShows) {
  for (const Fault fault :
       {Fault::no_work, Fault::gradient, Fault::not_a_number, Fault::rate, Fault::no_momentum, Fault::skipped_step,
        Fault::other_items, Fault::chance, Fault::late_chance, Fault::lost_loss, Fault::loss})
    EXPECT_FALSE(checked(fault).passed()) << static_cast<int>(fault);
}

TEST(Training, WithoutALaunchNothingIsProved) {
  TrainingRun run(engine(), kPlan);
  EXPECT_FALSE(run.verify().passed());
}

TEST(Training, WhatIsNoNumberIsCounted) {
  EXPECT_GT(checked(Fault::not_a_number).not_numbers, 0);
  EXPECT_GT(checked(Fault::lost_loss).not_numbers, 0);
}

TEST(Training, ACurveThatDoesNotRepeatIsSaid) {
  TrainingRun run(engine(Fault::late_chance), {.batch = 256, .most_epochs = 2, .hidden = 16});
  run.launch();
  EXPECT_FALSE(run.verify().passed());
  EXPECT_FALSE(run.training(1).repeats);
}

TEST(Training, ABatchIsOneToAllItems) {
  for (const std::int64_t batch : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1438}})
    EXPECT_THROW(TrainingRun(engine(), {.batch = batch}), MeasurementError) << batch;
}

TEST(Training, TheRateGrowsWithTheRootOfTheBatch) {
  EXPECT_DOUBLE_EQ(sgd_of(32).rate, 0.05);
  EXPECT_DOUBLE_EQ(sgd_of(128).rate, 0.1);
  EXPECT_EQ(sgd_of(128).momentum, 0.9);
}

std::vector<std::string> batches(const Options& options) {
  const theory::DeviceSpec device;
  Registry registry(options, device);
  add_training(registry, engine());
  std::vector<std::string> found;
  for (const Case& one : registry.cases()) {
    EXPECT_EQ(one.name, "training");
    EXPECT_EQ(one.params.at("network"), "mlp");
    EXPECT_EQ(one.params.at("precision"), "fp32");
    EXPECT_EQ(one.params.count("sweep"), options.sweep ? 1U : 0U);
    found.push_back(one.params.at("batch"));
  }
  return found;
}

TEST(Training, HasTwoBatchesAndASweep) {
  Options options;
  EXPECT_THAT(batches(options), testing::ElementsAre("32", "256"));
  options.sweep = true;
  EXPECT_THAT(batches(options), testing::ElementsAre("16", "32", "64", "128", "256", "512", "1024"));
  options.sweep_over = "batch";
  EXPECT_EQ(batches(options).size(), 7U);
  options.sweep_over = "size";
  EXPECT_TRUE(batches(options).empty());
}

reports::Result measured(const TrainingEngine& engine) {
  fakes::Device device;
  const Options options;
  Registry registry(options, device.what.spec);
  add_training(registry, engine);
  return measure(registry.cases().back(), device, fakes::policy(device.made_up));
}

TEST(Training, AWrongDeviceIsIncorrect) {
  const auto right = measured(engine());
  EXPECT_EQ(right.verdict, reports::Verdict::no_theory) << right.note;  // no floor: reported, not judged
  ASSERT_TRUE(right.training);
  EXPECT_EQ(right.training->samples_per_s, right.achieved_per_s / right.work_per_launch * 256);
  EXPECT_TRUE(right.efficiency.spec);
  EXPECT_EQ(measured(engine(Fault::gradient)).verdict, reports::Verdict::incorrect);
}

TEST(Training, WhatADeviceLacksIsSkippedWithTheReason) {
  const auto result = measured({.lacks = "no library", .hidden = 16});
  EXPECT_EQ(result.verdict, reports::Verdict::skipped);
  EXPECT_EQ(result.note, "no library");
}

}  // namespace
}  // namespace peakproof::bench
