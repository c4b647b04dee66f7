// Some rows of a batch on one core of the host, in FP32: scores, loss and gradients of a multilayer perceptron, with the
// products by oneDNN and everything between them in plain loops.
//
//   idea     each share has sums of its own, which are added in the order of the shares: which core works on which
//            decides nothing
//   work     flops_to_learn() an item, by the library's products
//   answer   mlp_gradients(), but for the rounding of FP32
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/network/mlp.hpp"

namespace peakproof::kernels {

class MlpShare {
 public:
  /// Of up to `rows` items. `layers` outlives the share.
  MlpShare(const MlpLayers& layers, std::int64_t rows);

  /// Gradients and loss of these items' part of a batch of `batch`. False where the library refuses.
  [[nodiscard]] bool learn(const float* parameters, const Digits& data, std::span<const int> items, std::int64_t batch);
  /// The scores alone.
  [[nodiscard]] bool score(const float* parameters, const Digits& data, std::span<const int> items);

  [[nodiscard]] const std::vector<float>& gradients() const { return gradients_; }  ///< of all parameters
  [[nodiscard]] float loss() const { return loss_; }                                ///< its part of the batch's mean
  /// Items x classes: after score() the scores, after learn() their gradients.
  [[nodiscard]] std::span<const float> scores() const { return values_.back(); }

 private:
  void softmax_gradients(const Digits& data, std::span<const int> items, std::int64_t batch);

  const MlpLayers& layers_;
  std::vector<std::vector<float>> values_;  ///< the images, and each layer's outputs
  std::vector<std::vector<float>> slopes_;  ///< of each layer's inputs, but for the first's
  std::vector<float> gradients_;
  float loss_ = 0;
};

/// v and w after one step with the sum of these gradients, added in their order, for the parameters from `begin` to
/// `end`.
void sgd_step(const Sgd& sgd, std::span<const MlpShare> shares, std::size_t begin, std::size_t end, float* velocity,
              float* parameters);

}  // namespace peakproof::kernels
