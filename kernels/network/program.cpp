#include "kernels/network/program.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

namespace peakproof::kernels {
namespace {

/// SplitMix64's output function (Steele, Lea, Flood 2014): every number is a function of its place alone.
std::uint64_t mixed(std::uint64_t state) {
  state += 0x9e3779b97f4a7c15;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
  return state ^ (state >> 31);
}

/// In [-1, 1), with 24 bits, so that FP32 holds it exactly.
float made_number(std::uint64_t stream, std::uint64_t index) {
  constexpr int kBits = 24;
  const auto whole = static_cast<std::int32_t>(mixed(stream + index) >> (64 - kBits));
  return static_cast<float>(whole - (1 << (kBits - 1))) * 0x1p-23F;
}

std::uint64_t stream_of(std::uint64_t seed, std::uint64_t part, std::uint64_t which) {
  return mixed(mixed(mixed(seed) + part) + which);
}

std::vector<float> made_row(std::uint64_t stream, std::int64_t count, float middle, float reach) {
  std::vector<float> row(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = middle + reach * made_number(stream, i);
  return row;
}

/// Numbers that one output is summed from.
std::int64_t inputs_of(const Step& step) {
  return step.kind == StepKind::convolution ? step.kernel * step.kernel * step.in : step.in;
}

bool has_matrix(const Step& step) { return step.kind == StepKind::dense || step.kind == StepKind::convolution; }

Step dense(std::string name, std::int64_t in, std::int64_t out, Activation activation = Activation::none) {
  return {.kind = StepKind::dense, .name = std::move(name), .in = in, .out = out, .activation = activation};
}

Step add_normalize(std::string name, std::int64_t numbers, int residual) {
  return {
      .kind = StepKind::add_normalize, .name = std::move(name), .in = numbers, .out = numbers, .residual = residual};
}

/// Layers one after the other on an image that shrinks: "same" padding, ReLU.
class Image {
 public:
  Image(std::int64_t side, std::int64_t channels) : side_(side), channels_(channels) {}
  Image& convolve(std::string name, std::int64_t kernel, std::int64_t stride, std::int64_t out) {
    steps_.push_back({.kind = StepKind::convolution,
                      .name = std::move(name),
                      .in = channels_,
                      .out = out,
                      .activation = Activation::relu,
                      .height = side_,
                      .width = side_,
                      .kernel = kernel,
                      .stride = stride,
                      .pad = kernel / 2});
    side_ = steps_.back().out_height();
    channels_ = out;
    return *this;
  }
  std::vector<Step> classify(std::int64_t classes) {
    steps_.push_back({.kind = StepKind::average_pool,
                      .name = "pool",
                      .in = channels_,
                      .out = channels_,
                      .height = side_,
                      .width = side_});
    steps_.push_back(dense("classify", channels_, classes));
    return std::move(steps_);
  }

 private:
  std::int64_t side_;
  std::int64_t channels_;
  std::vector<Step> steps_;
};

}  // namespace

std::int64_t weight_count(const Step& step) {
  if (has_matrix(step)) return inputs_of(step) * step.out;
  return step.kind == StepKind::add_normalize ? step.out : 0;
}

std::int64_t bias_count(const Step& step) {
  return has_matrix(step) || step.kind == StepKind::add_normalize ? step.out : 0;
}

std::int64_t output_count(const Step& step, std::int64_t rows) {
  if (step.kind == StepKind::convolution) return step.out_height() * step.out_width() * step.out;
  return step.kind == StepKind::average_pool ? step.out : rows * step.out;
}

ProgramWeights made_weights(const Program& program, std::uint64_t seed) {
  constexpr float kSmall = 0.1F;
  ProgramWeights all;
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    const Step& step = program.steps[s];
    const auto stream = [&](std::uint64_t which) { return stream_of(seed, s, which); };
    // Uniform in +-a has the variance a^2 / 3; with that of the neurons' inputs kept (He et al. 2015) no layer's outputs
    // grow or fade.
    const double variance = (step.activation == Activation::relu ? 2.0 : 1.0) / static_cast<double>(inputs_of(step));
    const bool scale = !has_matrix(step);
    all.push_back({.weights = made_row(stream(0), weight_count(step), scale ? 1.0F : 0.0F,
                                       scale ? kSmall : static_cast<float>(std::sqrt(3 * variance))),
                   .bias = made_row(stream(1), bias_count(step), 0.0F, kSmall)});
  }
  return all;
}

std::vector<float> made_inputs(const Program& program, std::int64_t items, std::uint64_t seed) {
  const std::uint64_t inputs = stream_of(seed, ~std::uint64_t{0}, 0);
  return made_row(inputs, items * program.rows_per_item * program.numbers_per_row, 0.0F, 1.0F);
}

Program mlp(bool large) {
  const std::int64_t in = large ? 4096 : 1024;
  const std::int64_t hidden = large ? 8192 : 1536;
  const std::int64_t classes = large ? 1024 : 256;
  return {.name = "mlp",
          .numbers_per_row = in,
          .steps = {dense("hidden1", in, hidden, Activation::relu), dense("hidden2", hidden, hidden, Activation::relu),
                    dense("classify", hidden, classes)},
          .classes = true};
}

Program cnn(bool large) {
  constexpr std::int64_t kChannels = 16;  // of the input: 8-bit products take no fewer
  const std::int64_t side = large ? 64 : 32;
  const std::int64_t width = large ? 64 : 32;
  return {.name = "cnn",
          .numbers_per_row = side * side * kChannels,
          .steps = Image(side, kChannels)
                       .convolve("conv1", 3, large ? 2 : 1, width)
                       .convolve("conv2", 3, large ? 1 : 2, 2 * width)
                       .convolve("conv3", 1, 1, 2 * width)
                       .convolve("conv4", 3, 2, 4 * width)
                       .convolve("conv5", 1, 1, 4 * width)
                       .convolve("conv6", 3, large ? 2 : 1, large ? 8 * width : 4 * width)
                       .classify(large ? 1024 : 16),
          .classes = true};
}

Program transformer(bool large) {
  const std::int64_t width = large ? 1024 : 256;
  return {
      .name = "transformer",
      .rows_per_item = large ? 128 : 32,
      .numbers_per_row = width,
      .steps = {dense("qkv", width, 3 * width),
                {.kind = StepKind::attention, .name = "attention", .in = width, .out = width, .heads = large ? 16 : 4},
                dense("project", width, width),
                add_normalize("normalize1", width, -1),
                dense("expand", width, 4 * width, Activation::gelu),
                dense("contract", 4 * width, width),
                add_normalize("normalize2", width, 3)}};
}

}  // namespace peakproof::kernels
