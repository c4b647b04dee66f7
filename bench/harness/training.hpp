// Training on any device: the multilayer perceptron learns the handwritten digits until it tells them apart, and a step
// of it is timed.
//
//   rate     0.05 sqrt(batch / 32), momentum 0.9, of our choice; the root keeps the variance of a step as the batch grows
//            (Krizhevsky 2014, arXiv 1404.5997), and with a rate that grows with the batch itself 1024 do not converge
//   epoch    every item once, in an order shuffled anew; those left over by a whole number of batches wait for the next
//   seed     decides the first parameters and every order
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/harness/registry.hpp"
#include "kernels/network/mlp.hpp"
#include "reports/model_run.hpp"

namespace peakproof::bench {

/// A perceptron in a device's memory, with the data and SGD's velocity, all in FP32.
class Trainer {
 public:
  Trainer() = default;
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;
  virtual ~Trainer() = default;

  /// Takes these parameters, and a velocity of 0.
  virtual void start(std::span<const float> parameters) = 0;
  /// The items of the batches to come, a whole number of batches. No loss is known of them: all become not a number.
  virtual void take_order(std::span<const int> items) = 0;
  /// So many steps on one batch each, back to back, beginning behind the last one that was done; the order begins again
  /// at its end. They may still run when this returns.
  virtual void run(std::int64_t steps) = 0;
  /// The same, until all have ended: their seconds by the device's clock.
  [[nodiscard]] virtual double timed_run(std::int64_t steps) = 0;
  /// Of each batch of the order, as its latest step saw it.
  [[nodiscard]] virtual std::vector<float> losses() = 0;
  [[nodiscard]] virtual std::vector<float> parameters() = 0;
  [[nodiscard]] virtual std::vector<float> velocity() = 0;
  /// Of the test items, items x classes, by the parameters as they are.
  [[nodiscard]] virtual std::vector<float> test_scores() = 0;
  /// What computes, for the note.
  [[nodiscard]] virtual std::string found() const = 0;
};

/// What it takes to build one.
struct TrainingOrder {
  kernels::MlpLayers layers;
  std::int64_t batch = 0;
  kernels::Sgd sgd;
  const kernels::SplitDigits* data = nullptr;
};

/// What a device offers.
struct TrainingEngine {
  std::optional<std::string> lacks;  ///< why it cannot; nothing: it can
  /// Throws MeasurementError where memory is short or a library refuses.
  std::function<std::unique_ptr<Trainer>(const TrainingOrder&)> build;
  std::int64_t hidden = 128;  ///< width of the two hidden layers
  std::string kernel;         ///< audited, of the step's products; empty: none is of ours
  std::vector<std::string> other_kernels;
};

/// What is trained, and until when.
struct TrainingPlan {
  std::int64_t batch = 32;
  std::uint64_t seed = 1;
  double target_accuracy = 0.95;
  std::int64_t fewest_epochs = 10;  ///< also when the target is reached sooner, so that the curve shows what follows
  std::int64_t most_epochs = 100;
  std::int64_t hidden = 128;
};

/// The learning rate and momentum of a batch size.
[[nodiscard]] kernels::Sgd sgd_of(std::int64_t batch);

/// One perceptron, trained, checked and timed; what a case of `training` calls.
class TrainingRun {
 public:
  TrainingRun(const TrainingEngine& engine, const TrainingPlan& plan);

  void set_length(std::int64_t steps) { length_ = steps; }
  [[nodiscard]] double flops() const { return static_cast<double>(length_ * plan_.batch) * flops_per_item_; }
  /// Begins at the first parameters, with no loss known.
  void poison();
  void launch();
  /// Looks at what the timed launches left, then trains twice and checks the gradients: see the method that it names.
  [[nodiscard]] reports::Verification verify();
  /// What verify saw, and the rate of launches that take so long.
  [[nodiscard]] reports::Training training(double launch_s) const;
  [[nodiscard]] std::string found() const { return trainer_->found(); }

 private:
  struct Course {
    std::vector<reports::Epoch> curve;
    std::vector<float> losses;      ///< of every step
    std::vector<float> parameters;  ///< at the end
  };
  [[nodiscard]] Course learn();
  void check_timed_losses(reports::Verification& result);
  void check_steps(reports::Verification& result);
  void check_gradients(reports::Verification& result);
  void check_courses(reports::Verification& result);

  TrainingPlan plan_;
  kernels::MlpLayers layers_;
  kernels::Sgd sgd_;
  double flops_per_item_ = 0;
  std::int64_t steps_per_epoch_ = 0;
  std::vector<float> first_;  ///< parameters
  std::unique_ptr<Trainer> trainer_;
  std::int64_t length_ = 1;
  std::int64_t launched_ = 0;  ///< steps since poison
  reports::Training told_;
};

/// Declares the cases of bench_training: batches of 32 and 256, or with --sweep of 16 to 1024.
void add_training(Registry& registry, const TrainingEngine& engine);

}  // namespace peakproof::bench
