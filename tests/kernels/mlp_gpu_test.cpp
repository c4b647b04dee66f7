// A step of training on a real device: each kernel against plain sums, at sizes that fill no block.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/network/mlp_training.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

using Floats = std::vector<float>;

constexpr std::size_t kBeyond = 8;  // numbers behind a buffer, which nothing may touch
constexpr float kNear = 1e-5F;

struct Sizes {
  int rows;
  int in;
  int out;
};
constexpr Sizes kSizes[] = {{1, 1, 1}, {5, 7, 3}, {16, 32, 16}, {17, 33, 10}, {70, 64, 40}, {33, 100, 17}};

/// In [-1, 1).
Floats made(std::size_t count, std::uint32_t seed) {
  Floats values(count);
  std::uint32_t state = seed;
  for (float& value : values) {
    state = state * 1664525 + 1013904223;
    value = static_cast<float>(static_cast<std::int32_t>(state >> 8U) - (1 << 23)) * 0x1p-23F;
  }
  return values;
}

template <class T>
Buffer<T> on_device_memory(const std::vector<T>& values) {
  Buffer<T> buffer(values.size() + kBeyond);
  check(cudaMemcpy(buffer.get(), values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
  return buffer;
}

/// The numbers of the buffer, and nothing written behind them.
Floats checked_host(const Buffer<float>& buffer) {
  synchronize();
  Floats values = buffer.host();
  for (std::size_t i = values.size() - kBeyond; i < values.size(); ++i) EXPECT_TRUE(std::isnan(values[i])) << i;
  values.resize(values.size() - kBeyond);
  return values;
}

std::size_t at(int row, int width, int column) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column);
}

/// Items for the rows, the last one first, from twice as many.
std::vector<int> items_of(int rows) {
  std::vector<int> items;
  for (int row = 0; row < rows; ++row) items.push_back(2 * (rows - row) - 1);
  return items;
}

TEST(MlpForward, IsTheProductAndWhatFollows) {
  for (const auto& [rows, in, out] : kSizes)
    for (const bool relu : {false, true})
      for (const bool gathered : {false, true}) {
        SCOPED_TRACE(testing::Message() << rows << " x " << in << " -> " << out << relu << gathered);
        const Floats x = made(at(2 * rows, in, 0), 1);
        const Floats weights = made(at(out, in, 0), 2);
        const Floats bias = made(static_cast<std::size_t>(out), 3);
        const auto items = items_of(rows);
        const auto device_x = on_device_memory(x);
        const auto device_items = on_device_memory(items);
        const auto device_weights = on_device_memory(weights);
        const auto device_bias = on_device_memory(bias);
        const Buffer<float> y(at(rows, out, 0) + kBeyond);
        check(launch(MlpForward{.x = device_x.get(),
                                .order = gathered ? device_items.get() : nullptr,
                                .weights = device_weights.get(),
                                .bias = device_bias.get(),
                                .y = y.get(),
                                .rows = rows,
                                .in = in,
                                .out = out,
                                .relu = relu},
                     nullptr));
        const Floats found = checked_host(y);
        for (int row = 0; row < rows; ++row)
          for (int o = 0; o < out; ++o) {
            double sum = bias[static_cast<std::size_t>(o)];
            const int item = gathered ? items[static_cast<std::size_t>(row)] : row;
            for (int i = 0; i < in; ++i) sum += double{x[at(item, in, i)]} * double{weights[at(o, in, i)]};
            ASSERT_NEAR(found[at(row, out, o)], relu && sum < 0 ? 0 : sum, kNear) << row << " " << o;
          }
      }
}

TEST(MlpForward, KeepsWhatIsNoNumber) {
  const auto x = on_device_memory(Floats{NAN});
  const auto one = on_device_memory(Floats{1});
  const Buffer<float> y(1 + kBeyond);
  check(launch(MlpForward{.x = x.get(),
                          .weights = one.get(),
                          .bias = one.get(),
                          .y = y.get(),
                          .rows = 1,
                          .in = 1,
                          .out = 1,
                          .relu = true},
               nullptr));
  EXPECT_TRUE(std::isnan(checked_host(y).at(0)));
}

TEST(MlpLoss, IsThatOfTheSoftmaxWithItsGradients) {
  constexpr int kClasses = 10;
  for (const int rows : {1, 7, 256, 300}) {
    SCOPED_TRACE(rows);
    const Floats scores = made(at(rows, kClasses, 0), 4);
    const auto items = items_of(rows);
    std::vector<int> labels;
    for (int item = 0; item < 2 * rows; ++item) labels.push_back(item * 7 % kClasses);
    const auto device_scores = on_device_memory(scores);
    const auto device_items = on_device_memory(items);
    const auto device_labels = on_device_memory(labels);
    const Buffer<float> loss(1 + kBeyond);
    check(launch(MlpLoss{.scores = device_scores.get(),
                         .labels = device_labels.get(),
                         .order = device_items.get(),
                         .loss = loss.get(),
                         .rows = rows,
                         .classes = kClasses},
                 nullptr));
    const Floats found = checked_host(device_scores);
    double mean = 0;
    for (int row = 0; row < rows; ++row) {
      const int label = labels[static_cast<std::size_t>(items[static_cast<std::size_t>(row)])];
      double total = 0;
      for (int c = 0; c < kClasses; ++c) total += std::exp(double{scores[at(row, kClasses, c)]});
      mean += (std::log(total) - double{scores[at(row, kClasses, label)]}) / rows;
      for (int c = 0; c < kClasses; ++c)
        ASSERT_NEAR(found[at(row, kClasses, c)],
                    (std::exp(double{scores[at(row, kClasses, c)]}) / total - (c == label ? 1 : 0)) / rows,
                    kNear / static_cast<float>(rows))
            << row << " " << c;
    }
    EXPECT_NEAR(checked_host(loss).at(0), mean, kNear);
  }
}

TEST(MlpLoss, OfLargeScoresIsANumber) {
  const auto scores = on_device_memory(Floats{500, -500});
  const auto zero = on_device_memory(std::vector<int>{0});
  const auto one = on_device_memory(std::vector<int>{1});
  const Buffer<float> loss(1 + kBeyond);
  check(launch(MlpLoss{.scores = scores.get(),
                       .labels = one.get(),
                       .order = zero.get(),
                       .loss = loss.get(),
                       .rows = 1,
                       .classes = 2},
               nullptr));
  EXPECT_FLOAT_EQ(checked_host(loss).at(0), 1000);
}

TEST(MlpBackward, IsTheProductWhereTheUnitIsOn) {
  for (const auto& [rows, in, out] : kSizes) {
    SCOPED_TRACE(testing::Message() << rows << " x " << in << " <- " << out);
    const Floats dy = made(at(rows, out, 0), 5);
    const Floats weights = made(at(out, in, 0), 6);
    Floats x = made(at(rows, in, 0), 7);
    for (std::size_t i = 0; i < x.size(); i += 3) x[i] = 0;  // off, exactly
    const auto device_dy = on_device_memory(dy);
    const auto device_weights = on_device_memory(weights);
    const auto device_x = on_device_memory(x);
    const Buffer<float> dx(x.size() + kBeyond);
    check(launch(MlpBackward{.dy = device_dy.get(),
                             .weights = device_weights.get(),
                             .x = device_x.get(),
                             .dx = dx.get(),
                             .rows = rows,
                             .in = in,
                             .out = out},
                 nullptr));
    const Floats found = checked_host(dx);
    for (int row = 0; row < rows; ++row)
      for (int i = 0; i < in; ++i) {
        double sum = 0;
        for (int o = 0; o < out; ++o) sum += double{dy[at(row, out, o)]} * double{weights[at(o, in, i)]};
        ASSERT_NEAR(found[at(row, in, i)], x[at(row, in, i)] > 0 ? sum : 0, kNear) << row << " " << i;
      }
  }
}

TEST(MlpUpdate, IsAStepOfSgdWithMomentum) {
  constexpr float kRate = 0.25F;
  constexpr float kMomentum = 0.5F;
  for (const auto& [rows, in, out] : kSizes)
    for (const bool gathered : {false, true}) {
      SCOPED_TRACE(testing::Message() << rows << " x " << in << " -> " << out << gathered);
      const Floats dy = made(at(rows, out, 0), 8);
      const Floats x = made(at(2 * rows, in, 0), 9);
      const Floats weights = made(at(out, in, 0), 10);
      const Floats velocity = made(at(out, in, 0), 11);
      const Floats bias = made(static_cast<std::size_t>(out), 12);
      const auto items = items_of(rows);
      const auto device_dy = on_device_memory(dy);
      const auto device_x = on_device_memory(x);
      const auto device_items = on_device_memory(items);
      const auto device_weights = on_device_memory(weights);
      const auto device_velocity = on_device_memory(velocity);
      const auto device_bias = on_device_memory(bias);
      const auto bias_velocity = on_device_memory(Floats(bias.size(), 1));
      check(launch(MlpUpdate{.dy = device_dy.get(),
                             .x = device_x.get(),
                             .order = gathered ? device_items.get() : nullptr,
                             .weights = device_weights.get(),
                             .bias = device_bias.get(),
                             .weights_velocity = device_velocity.get(),
                             .bias_velocity = bias_velocity.get(),
                             .rows = rows,
                             .in = in,
                             .out = out,
                             .rate = kRate,
                             .momentum = kMomentum},
                   nullptr));
      const Floats found = checked_host(device_weights);
      const Floats found_velocity = checked_host(device_velocity);
      const Floats found_bias = checked_host(device_bias);
      const Floats found_bias_velocity = checked_host(bias_velocity);
      for (int o = 0; o < out; ++o) {
        double column = kMomentum;
        for (int row = 0; row < rows; ++row) column += dy[at(row, out, o)];
        const auto own = static_cast<std::size_t>(o);
        ASSERT_NEAR(found_bias_velocity[own], column, kNear) << o;
        ASSERT_NEAR(found_bias[own], bias[own] - kRate * column, kNear) << o;
        for (int i = 0; i < in; ++i) {
          const std::size_t place = at(o, in, i);
          double sum = double{kMomentum} * double{velocity[place]};
          for (int row = 0; row < rows; ++row) {
            const int item = gathered ? items[static_cast<std::size_t>(row)] : row;
            sum += double{dy[at(row, out, o)]} * double{x[at(item, in, i)]};
          }
          ASSERT_NEAR(found_velocity[place], sum, kNear) << o << " " << i;
          ASSERT_NEAR(found[place], weights[place] - kRate * sum, kNear) << o << " " << i;
        }
      }
    }
}

TEST(MlpLaunches, RefuseWhatIsNothing) {
  const Buffer<float> some(64);
  const Buffer<int> items(64);
  MlpForward forward{.x = some.get(), .weights = some.get(), .bias = some.get(), .y = some.get(), .rows = 1, .in = 1};
  EXPECT_EQ(launch(forward, nullptr), cudaErrorInvalidValue);
  forward.out = 1;
  forward.y = nullptr;
  EXPECT_EQ(launch(forward, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch(MlpLoss{.scores = some.get(), .labels = items.get(), .rows = 1, .classes = 1}, nullptr),
            cudaErrorInvalidValue);
  EXPECT_EQ(launch(MlpBackward{.rows = 1, .in = 1, .out = 1}, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch(MlpUpdate{.rows = 1, .in = 1, .out = 1}, nullptr), cudaErrorInvalidValue);
}

}  // namespace
