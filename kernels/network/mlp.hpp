// A multilayer perceptron that learns to classify, in plain FP64 on the host: what every device's training is held
// against.
//
//   loss       the mean over the batch of -log softmax(scores)[label]
//   scores     y = max(0, W x + b) of a hidden layer, W x + b of the last
//   gradients  dscores = (softmax - one hot) / batch; dW = dscores^T x, db = column sums, dx = dscores W where x > 0
//   SGD        v = momentum v + gradient; w = w - rate v (Sutskever et al. 2013, as PyTorch writes it)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/network/digits.hpp"
#include "kernels/network/program.hpp"

namespace peakproof::kernels {

/// One layer's place in the row of all parameters: W, out x in and row-major, and right behind it b.
struct MlpLayer {
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::size_t weights = 0;
  std::size_t bias = 0;
};
using MlpLayers = std::vector<MlpLayer>;

/// Throws std::invalid_argument for a program of other steps than dense ones, with ReLU on all but the last.
[[nodiscard]] MlpLayers mlp_layers(const Program& program);
[[nodiscard]] std::size_t parameter_count(const MlpLayers& layers);
/// All parameters in one row, and back.
[[nodiscard]] std::vector<float> in_a_row(const ProgramWeights& weights);
[[nodiscard]] ProgramWeights by_step(const MlpLayers& layers, std::span<const float> parameters);

/// FLOP that the products of one item take in a step of training: 2 a multiply-accumulate; the scores, the gradients of
/// the weights, and those of each layer's input but the first's, which nobody needs.
[[nodiscard]] double flops_to_learn(const MlpLayers& layers);

struct Sgd {
  double rate = 0;
  double momentum = 0;
};

struct MlpGradients {
  double loss = 0;
  std::vector<double> gradients;  ///< of all parameters, in their row
};
[[nodiscard]] MlpGradients mlp_gradients(const MlpLayers& layers, std::span<const double> parameters,
                                         const Digits& data, std::span<const int> items);
[[nodiscard]] double mlp_loss(const MlpLayers& layers, std::span<const double> parameters, const Digits& data,
                              std::span<const int> items);
/// Items x classes, of all items of the data.
[[nodiscard]] std::vector<float> mlp_scores(const MlpLayers& layers, std::span<const double> parameters,
                                            const Digits& data);
/// v and w after one step.
void sgd_step(const Sgd& sgd, std::span<const double> gradients, std::span<double> velocity,
              std::span<double> parameters);

/// The share of items whose label has the one largest score; one with a score that is not a number is wrong.
[[nodiscard]] double accuracy(std::span<const float> scores, std::span<const int> labels);

/// Items whose hidden sums W x + b are all at least `margin` from 0, where ReLU has a kink and no gradient is right.
[[nodiscard]] std::vector<int> items_off_kinks(const MlpLayers& layers, std::span<const double> parameters,
                                               const Digits& data, double margin);

/// 0 to items - 1 in random order: the same for the same seed and epoch everywhere.
[[nodiscard]] std::vector<int> shuffled(std::int64_t items, std::uint64_t seed, std::int64_t epoch);

/// Gradients against central finite differences.
struct GradientCheck {
  std::int64_t checked = 0;
  double error = 0;  ///< the largest |g - f| / max(|g|, |f|, root mean square of the layer's g); NaN if any is
};
/// Of each layer's weights and biases up to `of_each` parameters, spread by chance.
[[nodiscard]] GradientCheck check_gradients(const MlpLayers& layers, std::span<const double> parameters,
                                            const Digits& data, std::span<const int> items, std::int64_t of_each,
                                            std::span<const double> gradients);

}  // namespace peakproof::kernels
