#include "bench/harness/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <map>
#include <numeric>
#include <utility>

#include "bench/harness/errors.hpp"
#include "theory/pipe.hpp"

namespace peakproof::bench {
namespace {

using kernels::MlpLayers;
using Doubles = std::vector<double>;

constexpr double kUnitRoundoff = 0x1p-24;  // of FP32

/// Sums of n terms in FP32 are wrong by n u at most, relative to the sum of the magnitudes (Higham, Accuracy and
/// Stability of Numerical Algorithms, section 3.1): n of all sums that a gradient passes through, one behind the other.
double tolerance_of(const MlpLayers& layers, std::int64_t batch) {
  std::int64_t terms = batch;
  for (const auto& layer : layers) terms += layer.in + layer.out;
  return kUnitRoundoff * static_cast<double>(terms);
}

/// Sums of differences between two rows of numbers.
struct Differences {
  double difference2 = 0;
  double reference2 = 0;
  double difference1 = 0;
  double largest = 0;

  void add(double out, double reference) {
    const double difference = std::abs(out - reference);
    difference2 += difference * difference;
    reference2 += reference * reference;
    difference1 += difference;
    if (!std::isnan(largest) && !(difference <= largest)) largest = difference;
  }
  [[nodiscard]] double relative() const { return std::sqrt(difference2 / reference2); }
};

/// A batch of items that no hidden unit is near its kink for, round and round: where rounding decides whether a unit is
/// on, the gradient is not FP32's to know.
std::vector<int> checkable_batch(const MlpLayers& layers, const Doubles& parameters, const kernels::Digits& data,
                                 std::int64_t batch) {
  constexpr double kMargin = 1e-3;
  const auto good = kernels::items_off_kinks(layers, parameters, data, kMargin);
  if (good.empty())
    throw MeasurementError("training: every item is at a kink of the network, so no gradient can be checked");
  std::vector<int> items(static_cast<std::size_t>(batch));
  for (std::size_t i = 0; i < items.size(); ++i) items[i] = good[i % good.size()];
  return items;
}

/// The host's own gradients against finite differences: of one network always the same, so it is done once.
const kernels::GradientCheck& host_gradient_check(const MlpLayers& layers, std::span<const float> first,
                                                  std::uint64_t seed) {
  constexpr std::int64_t kItems = 32;
  constexpr std::int64_t kOfEach = 50;
  static std::map<std::pair<std::size_t, std::uint64_t>, kernels::GradientCheck> done;
  const auto [place, is_new] = done.try_emplace({first.size(), seed});
  if (is_new) {
    const auto& data = kernels::digits().learn;
    const Doubles parameters(first.begin(), first.end());
    const auto items = checkable_batch(layers, parameters, data, kItems);
    const auto step = kernels::mlp_gradients(layers, parameters, data, items);
    place->second = kernels::check_gradients(layers, parameters, data, items, kOfEach, step.gradients);
  }
  return place->second;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

void count(reports::Verification& result, bool right) {
  ++result.items;
  if (!right) ++result.mismatches;
}

}  // namespace

kernels::Sgd sgd_of(std::int64_t batch) {
  constexpr double kRate = 0.05;
  constexpr double kOfBatch = 32;
  return {.rate = kRate * std::sqrt(static_cast<double>(batch) / kOfBatch), .momentum = 0.9};
}

TrainingRun::TrainingRun(const TrainingEngine& engine, const TrainingPlan& plan)
    : plan_(plan), layers_(kernels::mlp_layers(kernels::digits_mlp(plan.hidden))), sgd_(sgd_of(plan.batch)) {
  const auto& data = kernels::digits();
  steps_per_epoch_ = plan_.batch > 0 ? data.learn.items() / plan_.batch : 0;
  if (steps_per_epoch_ < 1)
    throw MeasurementError(
        fmt::format("training: a batch of {} is not 1 to {} items", plan_.batch, data.learn.items()));
  flops_per_item_ = kernels::flops_to_learn(layers_);
  first_ = kernels::in_a_row(kernels::made_weights(kernels::digits_mlp(plan_.hidden), plan_.seed));
  trainer_ = engine.build({.layers = layers_, .batch = plan_.batch, .sgd = sgd_, .data = &data});
  told_ = {.network = "mlp",
           .data = fmt::format("UCI optical recognition of handwritten digits, {} to learn, {} to test",
                               data.learn.items(), data.test.items()),
           .seed = plan_.seed,
           .batch = plan_.batch,
           .learning_rate = sgd_.rate,
           .momentum = sgd_.momentum,
           .target_accuracy = plan_.target_accuracy};
  poison();
}

void TrainingRun::poison() {
  auto order = kernels::shuffled(kernels::digits().learn.items(), plan_.seed, 0);
  order.resize(static_cast<std::size_t>(steps_per_epoch_ * plan_.batch));
  trainer_->start(first_);
  trainer_->take_order(order);
  launched_ = 0;
}

void TrainingRun::launch() {
  trainer_->run(length_);
  launched_ += length_;
}

TrainingRun::Course TrainingRun::learn() {
  const auto& data = kernels::digits();
  Course course;
  trainer_->start(first_);
  double seconds = 0;
  bool reached = false;
  for (std::int64_t epoch = 0; epoch < plan_.most_epochs && !(reached && epoch >= plan_.fewest_epochs); ++epoch) {
    auto order = kernels::shuffled(data.learn.items(), plan_.seed, epoch);
    order.resize(static_cast<std::size_t>(steps_per_epoch_ * plan_.batch));
    trainer_->take_order(order);
    seconds += trainer_->timed_run(steps_per_epoch_);
    const auto losses = trainer_->losses();
    course.losses.insert(course.losses.end(), losses.begin(), losses.end());
    const double sum = std::accumulate(losses.begin(), losses.end(), 0.0);
    course.curve.push_back({.loss = sum / static_cast<double>(losses.size()),
                            .accuracy = kernels::accuracy(trainer_->test_scores(), data.test.labels),
                            .seconds = seconds});
    reached = reached || course.curve.back().accuracy >= plan_.target_accuracy;
  }
  course.parameters = trainer_->parameters();
  return course;
}

/// The timed steps have left a loss behind each of the batches that they came to, and parameters that are numbers.
void TrainingRun::check_timed_losses(reports::Verification& result) {
  const auto losses = trainer_->losses();
  const auto expected = static_cast<std::size_t>(std::min(launched_, steps_per_epoch_));
  count(result, losses.size() == static_cast<std::size_t>(steps_per_epoch_) && expected > 0);
  for (std::size_t i = 0; i < std::min(losses.size(), expected); ++i) {
    const bool number = std::isfinite(losses[i]) && losses[i] >= 0;
    count(result, number);
    if (!number) ++result.not_numbers;
  }
  const auto left = trainer_->parameters();
  count(result, left.size() == first_.size() &&
                    std::all_of(left.begin(), left.end(), [](float value) { return std::isfinite(value); }));
}

/// Several steps at once are as many alone: one that is left out, or done on another batch, shows.
void TrainingRun::check_steps(reports::Verification& result) {
  const std::int64_t steps = steps_per_epoch_ + 2;  // so that the order begins again
  poison();
  trainer_->run(steps);
  const auto together = trainer_->parameters();
  poison();
  for (std::int64_t i = 0; i < steps; ++i) trainer_->run(1);
  count(result, same_bits(together, trainer_->parameters()));
}

/// From a velocity of 0 the first step's velocity is the gradient. A second step on the same batch shows momentum and
/// rate.
void TrainingRun::check_gradients(reports::Verification& result) {
  constexpr double kOfTwoSteps = 1e-3;  // a unit may have come to its kink; another rate or momentum shows far more
  const auto& data = kernels::digits().learn;
  Doubles parameters(first_.begin(), first_.end());
  const auto items = checkable_batch(layers_, parameters, data, plan_.batch);
  const auto right = kernels::mlp_gradients(layers_, parameters, data, items);

  trainer_->start(first_);
  trainer_->take_order(items);
  trainer_->run(1);
  const auto gradients = trainer_->velocity();
  const auto losses = trainer_->losses();
  trainer_->run(1);
  const auto moved = trainer_->parameters();

  result.tolerance = tolerance_of(layers_, plan_.batch);
  count(result, losses.size() == 1 && std::abs(double{losses.front()} - right.loss) <= *result.tolerance * right.loss);
  count(result, gradients.size() == right.gradients.size() && moved.size() == first_.size());
  if (gradients.size() != right.gradients.size() || moved.size() != first_.size()) return;

  // Each layer by itself: a small one's errors must not hide behind a large one's gradients.
  Differences all;
  double worst = 0;
  for (const auto& layer : layers_) {
    const auto end = layer.bias + static_cast<std::size_t>(layer.out);
    for (const auto& [begin, behind] : {std::pair(layer.weights, layer.bias), std::pair(layer.bias, end)}) {
      Differences mine;
      double largest = 0;
      for (std::size_t i = begin; i < behind; ++i) largest = std::max(largest, std::abs(right.gradients[i]));
      for (std::size_t i = begin; i < behind; ++i) {
        const double out = gradients[i];
        for (auto* sums : {&mine, &all}) sums->add(out, right.gradients[i]);
        count(result, std::abs(out - right.gradients[i]) <= *result.tolerance * largest);
        if (!std::isfinite(out)) ++result.not_numbers;
      }
      if (!std::isnan(worst) && !(mine.relative() <= worst)) worst = mine.relative();
    }
  }
  const auto elements = static_cast<double>(gradients.size());
  result.relative_error = worst;
  result.rmse = std::sqrt(all.difference2 / elements);
  result.mae = all.difference1 / elements;
  result.max_error = all.largest;

  Doubles velocity(parameters.size());
  for (int step = 0; step < 2; ++step)
    kernels::sgd_step(sgd_, kernels::mlp_gradients(layers_, parameters, data, items).gradients, velocity, parameters);
  Differences change;
  for (std::size_t i = 0; i < moved.size(); ++i)
    change.add(double{moved[i]} - double{first_[i]}, parameters[i] - double{first_[i]});
  count(result, change.relative() <= kOfTwoSteps);
}

void TrainingRun::check_courses(reports::Verification& result) {
  const Course course = learn();
  const Course again = learn();
  told_.curve = course.curve;
  told_.best_accuracy = 0;
  told_.epochs_to_target.reset();
  told_.repeats = same_bits(course.losses, again.losses) && same_bits(course.parameters, again.parameters) &&
                  std::equal(course.curve.begin(), course.curve.end(), again.curve.begin(), again.curve.end(),
                             [](const auto& a, const auto& b) { return a.accuracy == b.accuracy; });
  count(result, told_.repeats);
  for (std::size_t epoch = 0; epoch < told_.curve.size(); ++epoch) {
    const auto& point = told_.curve[epoch];
    count(result, std::isfinite(point.loss));
    told_.best_accuracy = std::max(told_.best_accuracy, point.accuracy);
    if (told_.epochs_to_target || !(point.accuracy >= plan_.target_accuracy)) continue;
    told_.epochs_to_target = static_cast<std::int64_t>(epoch) + 1;
    told_.iterations_to_target = *told_.epochs_to_target * steps_per_epoch_;
    told_.time_to_target_s = point.seconds;
  }
}

reports::Verification TrainingRun::verify() {
  constexpr double kOfDifferences = 1e-6;  // of FP64: see check_gradients of kernels/network/mlp
  reports::Verification result{
      .method =
          "every timed batch has a loss; the gradients of one batch, parameter by parameter, against FP64 on the host "
          "(relative error by layer), and the host's against central finite differences; two steps of SGD against the "
          "host's; many steps at once are as many alone, and a second training gives the same curve, bit for bit"};
  check_timed_losses(result);
  check_steps(result);
  check_gradients(result);
  check_courses(result);
  const auto& host = host_gradient_check(layers_, first_, plan_.seed);
  told_.gradients_checked = host.checked;
  told_.gradient_error = host.error;
  count(result, host.checked > 0 && host.error <= kOfDifferences);
  return result;
}

reports::Training TrainingRun::training(double launch_s) const {
  reports::Training told = told_;
  told.samples_per_s = static_cast<double>(length_ * plan_.batch) / launch_s;
  return told;
}

void add_training(Registry& registry, const TrainingEngine& engine) {
  constexpr std::array<std::int64_t, 7> kSweep = {16, 32, 64, 128, 256, 512, 1024};
  constexpr std::array<std::int64_t, 2> kOrdinary = {32, 256};
  const bool sweep = registry.options().sweep;
  if (sweep && !registry.options().sweeps("batch")) return;
  for (const std::int64_t batch : sweep ? std::span<const std::int64_t>(kSweep) : kOrdinary) {
    const auto run = std::make_shared<std::unique_ptr<TrainingRun>>();
    Case one{
        .name = "training",
        .params = {{"network", "mlp"}, {"batch", fmt::format("{}", batch)}, {"precision", "fp32"}},
        .pipe = theory::Pipe::fp32_fma,
        .unit = "FLOP/s",
        .kernel = engine.kernel,
        .other_kernels = engine.other_kernels,
        .remark =
            "the products of a step are counted, 2 FLOP a multiply-accumulate; bias, ReLU, softmax and SGD are not",
        .skip = engine.lacks,
        .prepare =
            [run, engine, batch] {
              *run = std::make_unique<TrainingRun>(engine, TrainingPlan{.batch = batch, .hidden = engine.hidden});
            },
        .release = [run] { run->reset(); },
        .found = [run] { return (*run)->found(); },
        .set_length = [run](std::int64_t steps) { (*run)->set_length(steps); },
        .work = [run] { return (*run)->flops(); },
        .poison = [run] { (*run)->poison(); },
        .launch = [run] { (*run)->launch(); },
        .verify = [run] { return (*run)->verify(); },
        .training = [run](double launch_s) { return (*run)->training(launch_s); },
    };
    if (sweep) one.params["sweep"] = "batch";
    registry.add(std::move(one));
  }
}

}  // namespace peakproof::bench
