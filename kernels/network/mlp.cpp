#include "kernels/network/mlp.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace peakproof::kernels {
namespace {

using Numbers = std::vector<double>;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// The index-th output of SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t random_word(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t state = seed + (index + 1) * 0x9e3779b97f4a7c15;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
  return state ^ (state >> 31);
}

/// In several sums side by side, which is one order of addition on every machine, and one that vectorises.
double dot(const double* a, const double* b, std::int64_t count) {
  constexpr std::int64_t kSums = 8;
  double sums[kSums] = {};
  std::int64_t i = 0;
  for (; i + kSums <= count; i += kSums)
    for (std::int64_t j = 0; j < kSums; ++j) sums[j] += a[i + j] * b[i + j];
  double sum = 0;
  for (; i < count; ++i) sum += a[i] * b[i];
  for (const double part : sums) sum += part;
  return sum;
}

void add_scaled(double* sums, double factor, const double* row, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) sums[i] += factor * row[i];
}

/// What each layer reads and, last, the scores: rows of the batch.
struct Pass {
  std::vector<Numbers> inputs;
  double nearest_kink = std::numeric_limits<double>::infinity();  ///< the smallest |W x + b| of a hidden layer
};

Pass forward(const MlpLayers& layers, std::span<const double> parameters, const Digits& data,
             std::span<const int> items) {
  const auto batch = static_cast<std::int64_t>(items.size());
  Pass pass;
  Numbers& images = pass.inputs.emplace_back();
  images.reserve(items.size() * Digits::pixels);
  for (const int item : items) {
    const float* image = &data.images.at(at(std::int64_t{item} * Digits::pixels));
    images.insert(images.end(), image, image + Digits::pixels);
  }
  for (const MlpLayer& layer : layers) {
    const bool last = &layer == &layers.back();
    Numbers y(at(batch * layer.out));
    const Numbers& x = pass.inputs.back();
    for (std::int64_t row = 0; row < batch; ++row) {
      for (std::int64_t o = 0; o < layer.out; ++o) {
        const double sum = dot(&parameters[layer.weights + at(o * layer.in)], &x[at(row * layer.in)], layer.in) +
                           parameters[layer.bias + at(o)];
        if (!last) pass.nearest_kink = std::min(pass.nearest_kink, std::abs(sum));
        y[at(row * layer.out + o)] = last || sum > 0 ? sum : 0 * sum;  // not a number stays one
      }
    }
    pass.inputs.push_back(std::move(y));
  }
  return pass;
}

/// Scores become their gradients; returns the mean loss.
double softmax_gradients(Numbers& scores, const Digits& data, std::span<const int> items) {
  const auto batch = static_cast<double>(items.size());
  const std::size_t classes = scores.size() / items.size();
  double loss = 0;
  for (std::size_t row = 0; row < items.size(); ++row) {
    const std::span mine(&scores[row * classes], classes);
    const double largest = *std::max_element(mine.begin(), mine.end());
    double total = 0;
    for (const double score : mine) total += std::exp(score - largest);
    const auto label = static_cast<std::size_t>(data.labels.at(static_cast<std::size_t>(items[row])));
    loss += (std::log(total) - (mine[label] - largest)) / batch;
    for (std::size_t c = 0; c < classes; ++c)
      mine[c] = (std::exp(mine[c] - largest) / total - (c == label ? 1 : 0)) / batch;
  }
  return loss;
}

/// One stretch of parameters that belong together.
struct Stretch {
  std::size_t first = 0;
  std::size_t count = 0;
};
std::vector<Stretch> stretches(const MlpLayers& layers) {
  std::vector<Stretch> all;
  for (const MlpLayer& layer : layers) {
    all.push_back({layer.weights, at(layer.in * layer.out)});
    all.push_back({layer.bias, at(layer.out)});
  }
  return all;
}

}  // namespace

MlpLayers mlp_layers(const Program& program) {
  MlpLayers layers;
  std::size_t next = 0;
  std::int64_t in = program.numbers_per_row;
  for (const Step& step : program.steps) {
    const bool last = &step == &program.steps.back();
    if (step.kind != StepKind::dense || step.in != in || step.out < 1 || program.rows_per_item != 1 ||
        step.activation != (last ? Activation::none : Activation::relu))
      throw std::invalid_argument(program.name + ": " + step.name +
                                  " is no layer of a multilayer perceptron with ReLU");
    layers.push_back({.in = step.in, .out = step.out, .weights = next, .bias = next + at(step.in * step.out)});
    next = layers.back().bias + at(step.out);
    in = step.out;
  }
  if (layers.empty()) throw std::invalid_argument(program.name + ": a program without steps");
  return layers;
}

std::size_t parameter_count(const MlpLayers& layers) { return layers.back().bias + at(layers.back().out); }

std::vector<float> in_a_row(const ProgramWeights& weights) {
  std::vector<float> row;
  for (const StepWeights& step : weights) {
    row.insert(row.end(), step.weights.begin(), step.weights.end());
    row.insert(row.end(), step.bias.begin(), step.bias.end());
  }
  return row;
}

ProgramWeights by_step(const MlpLayers& layers, std::span<const float> parameters) {
  ProgramWeights weights;
  const auto part = [&](std::size_t first, std::int64_t count) {
    const auto some = parameters.subspan(first, at(count));
    return std::vector<float>(some.begin(), some.end());
  };
  for (const MlpLayer& layer : layers)
    weights.push_back({.weights = part(layer.weights, layer.in * layer.out), .bias = part(layer.bias, layer.out)});
  return weights;
}

double flops_to_learn(const MlpLayers& layers) {
  double macs = 0;
  for (const MlpLayer& layer : layers) {
    const int products = &layer == &layers.front() ? 2 : 3;
    macs += products * static_cast<double>(layer.in * layer.out);
  }
  return 2 * macs;
}

MlpGradients mlp_gradients(const MlpLayers& layers, std::span<const double> parameters, const Digits& data,
                           std::span<const int> items) {
  if (items.empty()) throw std::invalid_argument("a gradient needs at least one item");
  const auto batch = static_cast<std::int64_t>(items.size());
  Pass pass = forward(layers, parameters, data, items);
  Numbers dy = std::move(pass.inputs.back());
  MlpGradients result{.loss = softmax_gradients(dy, data, items), .gradients = Numbers(parameter_count(layers))};
  for (std::size_t l = layers.size(); l-- > 0;) {
    const MlpLayer& layer = layers[l];
    const Numbers& x = pass.inputs[l];
    Numbers dx(l > 0 ? x.size() : 0);
    for (std::int64_t row = 0; row < batch; ++row) {
      for (std::int64_t o = 0; o < layer.out; ++o) {
        const double slope = dy[at(row * layer.out + o)];
        result.gradients[layer.bias + at(o)] += slope;
        add_scaled(&result.gradients[layer.weights + at(o * layer.in)], slope, &x[at(row * layer.in)], layer.in);
        if (l > 0) add_scaled(&dx[at(row * layer.in)], slope, &parameters[layer.weights + at(o * layer.in)], layer.in);
      }
    }
    for (std::size_t i = 0; i < dx.size(); ++i)
      if (!(x[i] > 0)) dx[i] = 0;
    dy = std::move(dx);
  }
  return result;
}

double mlp_loss(const MlpLayers& layers, std::span<const double> parameters, const Digits& data,
                std::span<const int> items) {
  Pass pass = forward(layers, parameters, data, items);
  return softmax_gradients(pass.inputs.back(), data, items);
}

std::vector<float> mlp_scores(const MlpLayers& layers, std::span<const double> parameters, const Digits& data) {
  std::vector<int> all(data.labels.size());
  std::iota(all.begin(), all.end(), 0);
  const Numbers scores = forward(layers, parameters, data, all).inputs.back();
  return {scores.begin(), scores.end()};
}

void sgd_step(const Sgd& sgd, std::span<const double> gradients, std::span<double> velocity,
              std::span<double> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    velocity[i] = sgd.momentum * velocity[i] + gradients[i];
    parameters[i] -= sgd.rate * velocity[i];
  }
}

double accuracy(std::span<const float> scores, std::span<const int> labels) {
  if (labels.empty() || scores.size() % labels.size() != 0)
    throw std::invalid_argument("accuracy: the scores are not those of the labelled items");
  const std::size_t classes = scores.size() / labels.size();
  std::int64_t right = 0;
  for (std::size_t item = 0; item < labels.size(); ++item) {
    const auto mine = scores.subspan(item * classes, classes);
    const auto label = static_cast<std::size_t>(labels[item]);
    bool best = label < classes;
    for (std::size_t c = 0; c < classes && best; ++c) best = c == label ? !std::isnan(mine[c]) : mine[c] < mine[label];
    right += best ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

std::vector<int> items_off_kinks(const MlpLayers& layers, std::span<const double> parameters, const Digits& data,
                                 double margin) {
  std::vector<int> items;
  for (int item = 0; item < static_cast<int>(data.items()); ++item)
    if (forward(layers, parameters, data, std::span(&item, 1)).nearest_kink >= margin) items.push_back(item);
  return items;
}

std::vector<int> shuffled(std::int64_t items, std::uint64_t seed, std::int64_t epoch) {
  std::vector<int> order(at(items));
  std::iota(order.begin(), order.end(), 0);
  const std::uint64_t stream = random_word(seed, static_cast<std::uint64_t>(epoch));
  for (std::size_t left = order.size(); left > 1; --left)  // Fisher and Yates
    std::swap(order[left - 1], order[random_word(stream, left) % left]);
  return order;
}

GradientCheck check_gradients(const MlpLayers& layers, std::span<const double> parameters, const Digits& data,
                              std::span<const int> items, std::int64_t of_each, std::span<const double> gradients) {
  // The step's error and that of rounding, h^2 and 1e-16 / h of the loss, are then both near 1e-11.
  constexpr double kStep = 1e-5;
  GradientCheck check;
  Numbers moved(parameters.begin(), parameters.end());
  for (const Stretch& stretch : stretches(layers)) {
    const auto mine = gradients.subspan(stretch.first, stretch.count);
    const double scale =
        std::sqrt(std::inner_product(mine.begin(), mine.end(), mine.begin(), 0.0) / static_cast<double>(mine.size()));
    const auto count = std::min(stretch.count, at(of_each));
    for (std::size_t i = 0; i < count; ++i) {
      const bool every = count == stretch.count;
      const std::size_t index = stretch.first + (every ? i : random_word(stretch.first, i) % stretch.count);
      moved[index] = parameters[index] + kStep;
      const double above = mlp_loss(layers, moved, data, items);
      moved[index] = parameters[index] - kStep;
      const double below = mlp_loss(layers, moved, data, items);
      moved[index] = parameters[index];
      const double difference = (above - below) / (2 * kStep);
      const double gradient = gradients[index];
      const double error =
          std::abs(gradient - difference) / std::max({std::abs(gradient), std::abs(difference), scale});
      if (!std::isnan(check.error) && !(error <= check.error)) check.error = error;
      ++check.checked;
    }
  }
  return check;
}

}  // namespace peakproof::kernels
