#include "bench/harness/training_cuda.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "bench/harness/cuda.hpp"
#include "kernels/network/mlp_training.hpp"

namespace peakproof::bench {
namespace {

/// Into the stream, and waits: the host's memory may go.
template <class T>
void to_device(std::span<const T> from, const DeviceBuffer<T>& to, cudaStream_t stream) {
  wait_for(stream);
  check(cudaMemcpyAsync(to.data(), from.data(), from.size_bytes(), cudaMemcpyHostToDevice, stream));
  wait_for(stream);
}
template <class T>
DeviceBuffer<T> on_device(std::span<const T> from, cudaStream_t stream) {
  DeviceBuffer<T> to(static_cast<std::int64_t>(from.size()));
  to_device(from, to, stream);
  return to;
}

class CudaTrainer final : public Trainer {
 public:
  CudaTrainer(CudaDevice& device, TrainingOrder order)
      : device_(device),
        order_(std::move(order)),
        learn_images_(on_device(std::span(order_.data->learn.images), device.stream())),
        learn_labels_(on_device(std::span(order_.data->learn.labels), device.stream())),
        test_images_(on_device(std::span(order_.data->test.images), device.stream())),
        parameters_(static_cast<std::int64_t>(kernels::parameter_count(order_.layers))),
        velocity_(parameters_.count()),
        items_(order_.data->learn.items()),
        losses_(order_.data->learn.items()) {
    const std::int64_t rows = std::max(order_.batch, order_.data->test.items());
    for (const auto& layer : order_.layers) {
      outputs_.emplace_back(rows * layer.out);
      slopes_.emplace_back(&layer == &order_.layers.front() ? 1 : order_.batch * layer.in);
    }
  }

  void start(std::span<const float> parameters) override {
    to_device(parameters, parameters_, device_.stream());
    velocity_.fill_bytes(0, device_.stream());
  }
  void take_order(std::span<const int> items) override {
    batches_ = static_cast<std::int64_t>(items.size()) / order_.batch;
    next_ = 0;
    to_device(items, items_, device_.stream());
    losses_.fill_bytes(kNoNumber, device_.stream());
  }
  void run(std::int64_t steps) override {
    for (std::int64_t step = 0; step < steps; ++step) {
      learn(next_);
      next_ = (next_ + 1) % batches_;
    }
  }
  [[nodiscard]] double timed_run(std::int64_t steps) override {
    check(cudaEventRecord(begin_.get(), device_.stream()));
    run(steps);
    check(cudaEventRecord(end_.get(), device_.stream()));
    wait_for(end_.get());
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin_.get(), end_.get()));
    return 1e-3 * static_cast<double>(milliseconds);
  }
  [[nodiscard]] std::vector<float> losses() override {
    auto losses = losses_.to_host(device_.stream());
    losses.resize(static_cast<std::size_t>(batches_));
    return losses;
  }
  [[nodiscard]] std::vector<float> parameters() override { return parameters_.to_host(device_.stream()); }
  [[nodiscard]] std::vector<float> velocity() override { return velocity_.to_host(device_.stream()); }
  [[nodiscard]] std::vector<float> test_scores() override {
    outputs_.back().fill_bytes(kNoNumber, device_.stream());
    score(test_images_.data(), nullptr, static_cast<int>(order_.data->test.items()));
    auto scores = outputs_.back().to_host(device_.stream());
    scores.resize(static_cast<std::size_t>(order_.data->test.items() * order_.layers.back().out));
    return scores;
  }
  [[nodiscard]] std::string found() const override {
    return fmt::format("{} launches a step; the loss has no counted work, and its kernel is not audited",
                       3 * order_.layers.size());
  }

 private:
  static constexpr int kNoNumber = 0xFF;  ///< of all bytes: no number

  [[nodiscard]] float* weights(const DeviceBuffer<float>& of, std::size_t layer) const {
    return of.data() + order_.layers[layer].weights;
  }
  [[nodiscard]] float* bias(const DeviceBuffer<float>& of, std::size_t layer) const {
    return of.data() + order_.layers[layer].bias;
  }

  void score(const float* images, const int* order, int rows) {
    const auto& layers = order_.layers;
    for (std::size_t l = 0; l < layers.size(); ++l)
      check(kernels::launch(kernels::MlpForward{.x = l == 0 ? images : outputs_[l - 1].data(),
                                                .order = l == 0 ? order : nullptr,
                                                .weights = weights(parameters_, l),
                                                .bias = bias(parameters_, l),
                                                .y = outputs_[l].data(),
                                                .rows = rows,
                                                .in = static_cast<int>(layers[l].in),
                                                .out = static_cast<int>(layers[l].out),
                                                .relu = l + 1 < layers.size()},
                            device_.stream()));
  }
  /// One step on one batch of the order.
  void learn(std::int64_t slot) {
    const auto& layers = order_.layers;
    const int rows = static_cast<int>(order_.batch);
    const int* items = items_.data() + slot * order_.batch;
    cudaStream_t stream = device_.stream();
    score(learn_images_.data(), items, rows);
    float* dy = outputs_.back().data();
    check(kernels::launch(kernels::MlpLoss{.scores = dy,
                                           .labels = learn_labels_.data(),
                                           .order = items,
                                           .loss = losses_.data() + slot,
                                           .rows = rows,
                                           .classes = static_cast<int>(layers.back().out)},
                          stream));
    for (std::size_t l = layers.size(); l-- > 0;) {
      const int in = static_cast<int>(layers[l].in);
      const int out = static_cast<int>(layers[l].out);
      const float* x = l == 0 ? learn_images_.data() : outputs_[l - 1].data();
      if (l > 0)  // before SGD changes the weights that it reads
        check(kernels::launch(kernels::MlpBackward{.dy = dy,
                                                   .weights = weights(parameters_, l),
                                                   .x = x,
                                                   .dx = slopes_[l].data(),
                                                   .rows = rows,
                                                   .in = in,
                                                   .out = out},
                              stream));
      check(kernels::launch(kernels::MlpUpdate{.dy = dy,
                                               .x = x,
                                               .order = l == 0 ? items : nullptr,
                                               .weights = weights(parameters_, l),
                                               .bias = bias(parameters_, l),
                                               .weights_velocity = weights(velocity_, l),
                                               .bias_velocity = bias(velocity_, l),
                                               .rows = rows,
                                               .in = in,
                                               .out = out,
                                               .rate = static_cast<float>(order_.sgd.rate),
                                               .momentum = static_cast<float>(order_.sgd.momentum)},
                            stream));
      dy = slopes_[l].data();
    }
  }

  CudaDevice& device_;
  TrainingOrder order_;
  DeviceBuffer<float> learn_images_;
  DeviceBuffer<int> learn_labels_;
  DeviceBuffer<float> test_images_;
  DeviceBuffer<float> parameters_;
  DeviceBuffer<float> velocity_;
  DeviceBuffer<int> items_;
  DeviceBuffer<float> losses_;
  std::vector<DeviceBuffer<float>> outputs_;  ///< of each layer
  std::vector<DeviceBuffer<float>> slopes_;   ///< of each layer's inputs, but for the first's
  Event begin_ = make_event();
  Event end_ = make_event();
  std::int64_t batches_ = 1;
  std::int64_t next_ = 0;  ///< batch of the next step
};

}  // namespace

std::unique_ptr<Trainer> make_cuda_trainer(CudaDevice& device, const TrainingOrder& order) {
  return std::make_unique<CudaTrainer>(device, order);
}

}  // namespace peakproof::bench
