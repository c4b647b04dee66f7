// A small network as a list of steps: what every device runs, and the host computes again in FP64.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace peakproof::kernels {

enum class StepKind : int {
  dense,        ///< y = act(x W^T + b): rows x in -> rows x out; W is out x in, row-major
  convolution,  ///< NHWC, W is out x kernel x kernel x in (KRSC), zero padding: y = act(conv(x) + b)
  /// rows x 3 d (queries, keys, values; heads side by side in each) -> rows x d: softmax(Q K^T / sqrt(d / heads)) V of
  /// each item
  attention,
  /// y = layer normalisation over the last dimension of x + the output of step `residual`; scale and shift are
  /// parameters
  add_normalize,
  average_pool,  ///< NHWC -> the mean over height and width
};
enum class Activation : int { none, relu, gelu };  ///< gelu: x / 2 (1 + erf(x / sqrt(2)))

struct Step {
  StepKind kind = StepKind::dense;
  std::string name;
  std::int64_t in = 0;   ///< numbers a row (dense, attention: d, add_normalize) or channels (convolution, average_pool)
  std::int64_t out = 0;  ///< the same of the output
  Activation activation = Activation::none;
  std::int64_t height = 0;  ///< of the input image
  std::int64_t width = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t pad = 0;
  std::int64_t heads = 1;
  int residual = -1;  ///< add_normalize: the step whose output is added; -1: the program's input
  [[nodiscard]] std::int64_t out_height() const { return (height + 2 * pad - kernel) / stride + 1; }
  [[nodiscard]] std::int64_t out_width() const { return (width + 2 * pad - kernel) / stride + 1; }
};

/// The layer normalisation's epsilon, of every device.
inline constexpr double kNormEpsilon = 1e-5;

struct Program {
  std::string name;                  ///< "mlp", "cnn", "transformer", "digits"
  std::int64_t rows_per_item = 1;    ///< tokens of a sequence; 1 else
  std::int64_t numbers_per_row = 0;  ///< of the input: features, or height x width x channels
  std::vector<Step> steps;           ///< each reads the output of the one before
  bool classes = false;              ///< the outputs are scores of classes
};

/// Parameters of one step, FP32, as they were learned or made.
struct StepWeights {
  std::vector<float> weights;  ///< dense, convolution; of add_normalize the scale
  std::vector<float> bias;     ///< of add_normalize the shift
};
using ProgramWeights = std::vector<StepWeights>;

/// Numbers of weights and of biases that a step has.
[[nodiscard]] std::int64_t weight_count(const Step& step);
[[nodiscard]] std::int64_t bias_count(const Step& step);
/// Numbers that one item's output of a step holds; `rows` is Program::rows_per_item.
[[nodiscard]] std::int64_t output_count(const Step& step, std::int64_t rows);

/// Weights of mean 0 and variance 2 / inputs (1 / inputs where no ReLU follows), small biases, scales near 1: the same
/// for the same seed everywhere.
[[nodiscard]] ProgramWeights made_weights(const Program& program, std::uint64_t seed);
/// Inputs in [-1, 1), items x rows_per_item x numbers_per_row: the same for the same seed everywhere, and an item's do
/// not depend on how many there are.
[[nodiscard]] std::vector<float> made_inputs(const Program& program, std::int64_t items, std::uint64_t seed);

/// What the program gives in FP64: for each step the outputs of all items. The independent answer for every device.
[[nodiscard]] std::vector<std::vector<double>> reference_outputs(const Program& program, const ProgramWeights& weights,
                                                                 const std::vector<float>& inputs, std::int64_t items);

/// The networks that are measured, for a small machine (a few cores) or a large one (a GPU).
[[nodiscard]] Program mlp(bool large);
[[nodiscard]] Program cnn(bool large);
[[nodiscard]] Program transformer(bool large);

}  // namespace peakproof::kernels
