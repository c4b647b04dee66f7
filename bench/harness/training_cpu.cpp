#include "bench/harness/training_cpu.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <numeric>

#include "bench/harness/errors.hpp"
#include "kernels/network/mlp_share.hpp"
#include "kernels/network/sgemm.hpp"

namespace peakproof::bench {
namespace {

using kernels::MlpShare;

/// Where all workers wait for the last one, spinning: there are a dozen thousand such places a second. Where something
/// else holds a core, the others yield theirs after a while.
class Meeting {
 public:
  explicit Meeting(int workers) : workers_(workers) {}
  void wait() {
    constexpr int kPatience = 10'000;
    const int round = round_.load();
    if (arrived_.fetch_add(1) + 1 == workers_) {
      arrived_.store(0);
      round_.fetch_add(1);
      return;
    }
    for (int spins = 0; round_.load() == round; ++spins)
      if (spins > kPatience) sched_yield();
  }

 private:
  int workers_;
  std::atomic<int> arrived_{0};
  std::atomic<int> round_{0};
};

class CpuTrainer final : public Trainer {
 public:
  CpuTrainer(WorkerPool& pool, TrainingOrder order)
      : pool_(pool),
        order_(std::move(order)),
        rows_(rows_of_share(order_.batch)),
        parameters_(kernels::parameter_count(order_.layers)),
        velocity_(parameters_.size()),
        tested_(order_.layers, order_.data->test.items()) {
    const std::int64_t count = (order_.batch + rows_ - 1) / rows_;
    shares_.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) shares_.emplace_back(order_.layers, rows_);
    workers_ = static_cast<int>(std::min<std::int64_t>(pool.size(), count));
  }

  void start(std::span<const float> parameters) override {
    std::copy(parameters.begin(), parameters.end(), parameters_.begin());
    std::fill(velocity_.begin(), velocity_.end(), 0.0F);
  }
  void take_order(std::span<const int> items) override {
    items_.assign(items.begin(), items.end());
    losses_.assign(items.size() / static_cast<std::size_t>(order_.batch), std::numeric_limits<float>::quiet_NaN());
    next_ = 0;
  }
  void run(std::int64_t steps) override {
    Meeting meeting(workers_);
    std::atomic<bool> refused{false};
    pool_.run([&](int worker) { work(worker, steps, meeting, refused); }, workers_);
    next_ = (next_ + static_cast<std::size_t>(steps)) % losses_.size();
    if (refused) throw MeasurementError("oneDNN refused a matrix product");
  }
  [[nodiscard]] double timed_run(std::int64_t steps) override {
    run(steps);
    return pool_.last().seconds;
  }
  [[nodiscard]] std::vector<float> losses() override { return losses_; }
  [[nodiscard]] std::vector<float> parameters() override { return parameters_; }
  [[nodiscard]] std::vector<float> velocity() override { return velocity_; }
  [[nodiscard]] std::vector<float> test_scores() override {
    std::vector<int> all(order_.data->test.labels.size());
    std::iota(all.begin(), all.end(), 0);
    bool done = false;
    pool_.run([&](int /*worker*/) { done = tested_.score(parameters_.data(), order_.data->test, all); }, 1);
    if (!done) throw MeasurementError("oneDNN refused a matrix product");
    const auto scores = tested_.scores();
    return {scores.begin(), scores.end()};
  }
  [[nodiscard]] std::string found() const override {
    return fmt::format(
        "products by {}; {} rows of the batch are one share, which one core computes: {} of {} cores work",
        kernels::sgemm_found(), rows_, workers_, pool_.size());
  }

 private:
  /// One core's part of all steps: its shares of the batch, then its stretch of the parameters.
  void work(int worker, std::int64_t steps, Meeting& meeting, std::atomic<bool>& refused) {
    const auto batch = static_cast<std::size_t>(order_.batch);
    const auto rows = static_cast<std::size_t>(rows_);
    const auto mine = static_cast<std::size_t>(worker);
    const auto workers = static_cast<std::size_t>(workers_);
    const std::size_t begin = parameters_.size() * mine / workers;
    const std::size_t end = parameters_.size() * (mine + 1) / workers;
    for (std::size_t step = 0; step < static_cast<std::size_t>(steps); ++step) {
      const std::size_t slot = (next_ + step) % losses_.size();
      const auto items = std::span<const int>(items_).subspan(slot * batch, batch);
      for (std::size_t share = mine; share < shares_.size(); share += workers) {
        const auto some = items.subspan(share * rows, std::min(rows, batch - share * rows));
        if (!learned(shares_[share], some)) refused = true;  // the others wait at the meeting: no way out here
      }
      meeting.wait();
      kernels::sgd_step(order_.sgd, shares_, begin, end, velocity_.data(), parameters_.data());
      if (worker == 0)
        losses_[slot] = std::accumulate(shares_.begin(), shares_.end(), 0.0F,
                                        [](float sum, const MlpShare& share) { return sum + share.loss(); });
      meeting.wait();
    }
  }
  [[nodiscard]] bool learned(MlpShare& share, std::span<const int> items) noexcept try {
    return share.learn(parameters_.data(), order_.data->learn, items, order_.batch);
  } catch (...) {
    return false;
  }

  WorkerPool& pool_;
  TrainingOrder order_;
  std::int64_t rows_;
  int workers_ = 1;
  std::vector<float> parameters_;
  std::vector<float> velocity_;
  std::vector<MlpShare> shares_;
  MlpShare tested_;
  std::vector<int> items_;
  std::vector<float> losses_;
  std::size_t next_ = 0;  ///< batch of the next step
};

}  // namespace

std::int64_t rows_of_share(std::int64_t batch) {
  constexpr std::int64_t kFewest = 32;  // fewer, and the products are too small for a core
  constexpr std::int64_t kShares = 16;  // more, and adding their gradients takes longer than making them
  return std::max(kFewest, (batch + kShares - 1) / kShares);
}

std::unique_ptr<Trainer> make_cpu_trainer(WorkerPool& pool, const TrainingOrder& order) {
  return std::make_unique<CpuTrainer>(pool, order);
}

}  // namespace peakproof::bench
