#include "kernels/network/mlp_share.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "kernels/network/sgemm.hpp"

namespace peakproof::kernels {
namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// y + b, of a hidden layer with ReLU.
void finish(float* y, const float* bias, std::int64_t rows, std::int64_t width, bool relu) {
  for (std::int64_t row = 0; row < rows; ++row, y += width) {
    if (relu)
      for (std::int64_t i = 0; i < width; ++i) {
        const float sum = y[i] + bias[i];
        y[i] = sum < 0.0F ? 0.0F : sum;  // not a number stays one
      }
    else
      for (std::int64_t i = 0; i < width; ++i) y[i] += bias[i];
  }
}

void sum_columns(const float* rows, std::int64_t count, std::int64_t width, float* sums) {
  std::fill_n(sums, width, 0.0F);
  for (std::int64_t row = 0; row < count; ++row, rows += width)
    for (std::int64_t i = 0; i < width; ++i) sums[i] += rows[i];
}

}  // namespace

MlpShare::MlpShare(const MlpLayers& layers, std::int64_t rows) : layers_(layers), gradients_(parameter_count(layers)) {
  values_.emplace_back(at(rows * layers.front().in));
  for (const MlpLayer& layer : layers) {
    values_.emplace_back(at(rows * layer.out));
    slopes_.emplace_back(at(&layer == &layers.front() ? 0 : rows * layer.in));
  }
}

bool MlpShare::score(const float* parameters, const Digits& data, std::span<const int> items) {
  const auto rows = static_cast<std::int64_t>(items.size());
  for (std::int64_t row = 0; row < rows; ++row)
    std::copy_n(&data.images[at(std::int64_t{items[at(row)]} * Digits::pixels)], Digits::pixels,
                &values_.front()[at(row * Digits::pixels)]);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const MlpLayer& layer = layers_[l];
    float* y = values_[l + 1].data();
    if (!sgemm(rows, layer.out, layer.in, {.data = values_[l].data()},
               {.data = parameters + layer.weights, .transposed = true}, y))
      return false;
    finish(y, parameters + layer.bias, rows, layer.out, l + 1 < layers_.size());
  }
  return true;
}

void MlpShare::softmax_gradients(const Digits& data, std::span<const int> items, std::int64_t batch) {
  const float share = 1.0F / static_cast<float>(batch);
  loss_ = 0;
  float* scores = values_.back().data();
  for (const int item : items) {
    std::array<float, Digits::classes> powers{};
    const float largest = *std::max_element(scores, scores + Digits::classes);
    float total = 0;
    for (std::size_t c = 0; c < powers.size(); ++c) total += powers[c] = std::exp(scores[c] - largest);
    const auto label = static_cast<std::size_t>(data.labels[static_cast<std::size_t>(item)]);
    loss_ += (std::log(total) - (scores[label] - largest)) * share;
    for (std::size_t c = 0; c < powers.size(); ++c)
      scores[c] = (powers[c] / total - (c == label ? 1.0F : 0.0F)) * share;
    scores += Digits::classes;
  }
}

bool MlpShare::learn(const float* parameters, const Digits& data, std::span<const int> items, std::int64_t batch) {
  if (!score(parameters, data, items)) return false;
  softmax_gradients(data, items, batch);
  const auto rows = static_cast<std::int64_t>(items.size());
  const float* dy = values_.back().data();
  for (std::size_t l = layers_.size(); l-- > 0;) {
    const MlpLayer& layer = layers_[l];
    const float* x = values_[l].data();
    sum_columns(dy, rows, layer.out, &gradients_[layer.bias]);
    if (!sgemm(layer.out, layer.in, rows, {.data = dy, .transposed = true}, {.data = x}, &gradients_[layer.weights]))
      return false;
    if (l == 0) break;
    float* dx = slopes_[l].data();
    if (!sgemm(rows, layer.in, layer.out, {.data = dy}, {.data = parameters + layer.weights}, dx)) return false;
    for (std::int64_t i = 0; i < rows * layer.in; ++i) dx[i] = x[i] > 0.0F ? dx[i] : 0.0F;
    dy = dx;
  }
  return true;
}

void sgd_step(const Sgd& sgd, std::span<const MlpShare> shares, std::size_t begin, std::size_t end, float* velocity,
              float* parameters) {
  constexpr std::size_t kTogether = 256;  // sums that stay in the first cache while the shares are added
  const auto momentum = static_cast<float>(sgd.momentum);
  const auto rate = static_cast<float>(sgd.rate);
  std::array<float, kTogether> sums;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled from the first share
  for (std::size_t first = begin; first < end; first += kTogether) {
    const std::size_t count = std::min(kTogether, end - first);
    std::copy_n(&shares.front().gradients()[first], count, sums.data());
    for (const MlpShare& share : shares.subspan(1)) {
      const float* gradients = &share.gradients()[first];
      for (std::size_t i = 0; i < count; ++i) sums[i] += gradients[i];
    }
    for (std::size_t i = 0; i < count; ++i) {
      float& v = velocity[first + i];
      v = momentum * v + sums[i];
      parameters[first + i] -= rate * v;
    }
  }
}

}  // namespace peakproof::kernels
