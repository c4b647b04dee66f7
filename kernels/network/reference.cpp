// The plain host version of a program, in FP64: what every device's outputs are held against.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <stdexcept>
#include <thread>

#include "kernels/network/program.hpp"

namespace peakproof::kernels {
namespace {

using Numbers = std::vector<double>;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// `work(begin, end)` over parts of 0 to count, on all cores where it is worth it. The parts share no output, so that
/// their number changes no bit.
template <class Work>
void in_parts(std::int64_t count, double operations, const Work& work) {
  constexpr double kWorthAThread = 2e7;
  const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  const std::int64_t parts = operations < kWorthAThread ? 1 : std::clamp<std::int64_t>(cores, 1, count);
  std::vector<std::jthread> threads;
  for (std::int64_t part = 1; part < parts; ++part)
    threads.emplace_back(work, count * part / parts, count * (part + 1) / parts);
  work(std::int64_t{0}, count / parts);
}

double activated(double x, Activation activation) {
  if (activation == Activation::relu) return x > 0 ? x : 0 * x;  // not a number stays one
  return activation == Activation::gelu ? x / 2 * (1 + std::erf(x / std::numbers::sqrt2)) : x;
}

/// y = act(x W^T + b), each sum in the order of the inputs. Rows go through side by side.
Numbers dense(const Step& step, const StepWeights& parameters, const Numbers& x, std::int64_t in) {
  constexpr std::int64_t kTogether = 16;
  const std::int64_t rows = static_cast<std::int64_t>(x.size()) / in;
  Numbers y(at(rows * step.out));
  Numbers columns(at(in * kTogether));
  for (std::int64_t first = 0; first < rows; first += kTogether) {
    const std::int64_t present = std::min(kTogether, rows - first);
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t r = 0; r < kTogether; ++r)
        columns[at(i * kTogether + r)] = r < present ? x[at((first + r) * in + i)] : 0.0;
    in_parts(step.out, 2.0 * static_cast<double>(in * step.out * kTogether), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t o = begin; o < end; ++o) {
        double sums[kTogether] = {};
        const float* weights = &parameters.weights[at(o * in)];
        const double* column = columns.data();
        for (std::int64_t i = 0; i < in; ++i, column += kTogether) {
          const double weight = weights[i];
          for (std::int64_t r = 0; r < kTogether; ++r) sums[r] += weight * column[r];
        }
        for (std::int64_t r = 0; r < present; ++r)
          y[at((first + r) * step.out + o)] = activated(sums[r] + parameters.bias[at(o)], step.activation);
      }
    });
  }
  return y;
}

/// The patch under each output pixel as a row (height, width, channel), so that a convolution is a dense layer.
Numbers patches(const Step& step, const Numbers& x, std::int64_t items) {
  const std::int64_t patch = step.kernel * step.kernel * step.in;
  Numbers rows(at(items * step.out_height() * step.out_width() * patch));
  double* out = rows.data();
  for (std::int64_t item = 0; item < items; ++item) {
    for (std::int64_t row = 0; row < step.out_height(); ++row) {
      for (std::int64_t column = 0; column < step.out_width(); ++column) {
        for (std::int64_t tap = 0; tap < step.kernel * step.kernel; ++tap, out += step.in) {
          const std::int64_t h = row * step.stride + tap / step.kernel - step.pad;
          const std::int64_t w = column * step.stride + tap % step.kernel - step.pad;
          if (h < 0 || h >= step.height || w < 0 || w >= step.width) continue;  // zero padding
          std::copy_n(&x[at(((item * step.height + h) * step.width + w) * step.in)], step.in, out);
        }
      }
    }
  }
  return rows;
}

/// softmax(Q K^T / sqrt(d / heads)) V of each item and head.
Numbers attention(const Step& step, const Numbers& x, std::int64_t items, std::int64_t tokens) {
  const std::int64_t width = step.in;
  const std::int64_t head = width / step.heads;
  const double scale = 1 / std::sqrt(static_cast<double>(head));
  Numbers y(at(items * tokens * width));
  Numbers scores(at(tokens));
  for (std::int64_t unit = 0; unit < items * step.heads * tokens; ++unit) {
    const std::int64_t row = unit % tokens;
    const std::int64_t item = unit / tokens / step.heads;
    const std::int64_t offset = unit / tokens % step.heads * head;
    const double* token = &x[at(item * tokens * 3 * width + offset)];
    const auto part = [&](std::int64_t which, std::int64_t what) { return token + (which * 3 + what) * width; };
    for (std::int64_t other = 0; other < tokens; ++other) {
      double sum = 0;
      for (std::int64_t i = 0; i < head; ++i) sum += part(row, 0)[i] * part(other, 1)[i];
      scores[at(other)] = sum * scale;
    }
    const double largest = *std::max_element(scores.begin(), scores.end());
    double total = 0;
    for (double& score : scores) total += score = std::exp(score - largest);
    double* out = &y[at((item * tokens + row) * width + offset)];
    for (std::int64_t other = 0; other < tokens; ++other)
      for (std::int64_t i = 0; i < head; ++i) out[i] += scores[at(other)] / total * part(other, 2)[i];
  }
  return y;
}

Numbers add_normalize(const Step& step, const StepWeights& parameters, const Numbers& x, const Numbers& residual) {
  const std::int64_t width = step.in;
  const auto count = static_cast<double>(width);
  Numbers y(x.size());
  for (std::size_t first = 0; first < x.size(); first += at(width)) {
    const std::span row(&y[first], at(width));
    double mean = 0;
    for (std::size_t i = 0; i < row.size(); ++i) mean += (row[i] = x[first + i] + residual[first + i]) / count;
    double variance = 0;
    for (const double value : row) variance += (value - mean) * (value - mean) / count;
    for (std::size_t i = 0; i < row.size(); ++i)
      row[i] = (row[i] - mean) / std::sqrt(variance + kNormEpsilon) * parameters.weights[i] + parameters.bias[i];
  }
  return y;
}

Numbers average_pool(const Step& step, const Numbers& x, std::int64_t items) {
  const std::int64_t pixels = step.height * step.width;
  Numbers y(at(items * step.in));
  for (std::int64_t item = 0; item < items; ++item)
    for (std::int64_t i = 0; i < pixels * step.in; ++i)
      y[at(item * step.in + i % step.in)] += x[at(item * pixels * step.in + i)] / static_cast<double>(pixels);
  return y;
}

void require(std::size_t have, std::int64_t need, const Program& program, const std::string& what) {
  if (need < 0 || have != at(need))
    throw std::invalid_argument(program.name + ": " + what + " holds " + std::to_string(have) + " numbers and needs " +
                                std::to_string(need));
}

}  // namespace

std::vector<std::vector<double>> reference_outputs(const Program& program, const ProgramWeights& weights,
                                                   const std::vector<float>& inputs, std::int64_t items) {
  require(inputs.size(), items * program.rows_per_item * program.numbers_per_row, program, "the input");
  require(weights.size(), static_cast<std::int64_t>(program.steps.size()), program, "the list of weights");
  const Numbers input(inputs.begin(), inputs.end());
  std::vector<Numbers> outputs;
  outputs.reserve(program.steps.size());
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    const Step& step = program.steps[s];
    require(weights[s].weights.size(), weight_count(step), program, step.name + "'s weights");
    require(weights[s].bias.size(), bias_count(step), program, step.name + "'s bias");
    const Numbers& x = outputs.empty() ? input : outputs.back();
    switch (step.kind) {
      case StepKind::dense:
        outputs.push_back(dense(step, weights[s], x, step.in));
        break;
      case StepKind::convolution:
        outputs.push_back(dense(step, weights[s], patches(step, x, items), step.kernel * step.kernel * step.in));
        break;
      case StepKind::attention:
        outputs.push_back(attention(step, x, items, program.rows_per_item));
        break;
      case StepKind::add_normalize:
        outputs.push_back(add_normalize(step, weights[s], x, step.residual < 0 ? input : outputs[at(step.residual)]));
        break;
      case StepKind::average_pool:
        outputs.push_back(average_pool(step, x, items));
        break;
    }
    require(outputs.back().size(), items * output_count(step, program.rows_per_item), program, step.name + "'s output");
  }
  return outputs;
}

}  // namespace peakproof::kernels
