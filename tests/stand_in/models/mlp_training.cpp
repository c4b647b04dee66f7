// A step of training of a multilayer perceptron: every product in plain loops, from the data sheet alone.
#include "kernels/network/mlp_training.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"

namespace peakproof::stand_in {
namespace {

using kernels::MlpBackward;
using kernels::MlpForward;
using kernels::MlpLoss;
using kernels::MlpUpdate;
using Floats = std::vector<float>;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

constexpr std::int64_t kSlab = 32;  // of a sum: what a kernel that ends too early leaves out

/// The terms of a sum that this launch adds: all of them, or what a flaw leaves.
struct Terms {
  std::int64_t first = 0;
  std::int64_t end = 0;
};
Terms terms_of(Flaw flaw, std::int64_t count) {
  return {flaw == Flaw::dropped ? 1 : 0, flaw == Flaw::shorter ? std::max<std::int64_t>(count - kSlab, 0) : count};
}

/// Numbers at a distance from row to row and from term to term.
struct Factors {
  const float* first = nullptr;
  std::int64_t row = 0;
  std::int64_t term = 0;
};
/// C (m x n) += A x B (its terms x n), row-major and dense: rows of B are added up, which vectorises.
void add_product(std::int64_t m, std::int64_t n, const Terms& terms, const Factors& a, const float* b, float* c) {
  for (std::int64_t i = 0; i < m; ++i) {
    float* sums = c + i * n;
    for (std::int64_t k = terms.first; k < terms.end; ++k) {
      const float factor = a.first[i * a.row + k * a.term];
      const float* row = b + k * n;
      for (std::int64_t j = 0; j < n; ++j) sums[j] += factor * row[j];
    }
  }
}

Floats transposed(const float* matrix, std::int64_t rows, std::int64_t columns) {
  Floats out(at(rows * columns));
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) out[at(j * rows + i)] = matrix[i * columns + j];
  return out;
}

void spoil(Flaw flaw, Floats& values) {
  float& one = values[values.size() / 2];
  if (flaw == Flaw::wrong) one += 1;
  if (flaw == Flaw::nan) one = std::numeric_limits<float>::quiet_NaN();
}

/// The rows of x: gathered, or as they lie. Empty where any lies outside of its allocation.
Floats rows_of(const float* x, const int* order, std::int64_t rows, std::int64_t width) {
  if (order != nullptr && !elements(order, rows)) return {};
  Floats out;
  out.reserve(at(rows * width));
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* mine = elements(x + (order == nullptr ? row : order[row]) * width, width);
    if (!mine) return {};
    out.insert(out.end(), mine, mine + width);
  }
  return out;
}

/// A block of 16 x 16 threads adds a slab of 32 in as many clocks as shared memory needs to give two numbers each.
Cost cost_of(std::int64_t rows, std::int64_t columns, std::int64_t terms) {
  constexpr double kLatency = 1500;  // of the first slab, and of what is written
  constexpr double kClocksOfTerm = 16;
  const std::int64_t blocks = (rows + 15) / 16 * ((columns + 15) / 16);
  const std::int64_t of_busiest = (blocks + settings().sms - 1) / settings().sms;
  return {.sm_cycles = static_cast<double>(of_busiest) * kClocksOfTerm * static_cast<double>(terms),
          .latency_cycles = kLatency};
}

Cost forward_cost(const Launch& launch) {
  const auto layer = launch.argument<MlpForward>(0);
  return cost_of(layer.rows, layer.out, layer.in);
}
cudaError_t forward(const Launch& launch) {
  const auto layer = launch.argument<MlpForward>(0);
  const auto x = rows_of(layer.x, layer.order, layer.rows, layer.in);
  const float* weights = elements(layer.weights, std::int64_t{layer.out} * layer.in);
  const float* bias = elements(layer.bias, layer.out);
  float* y = elements(layer.y, std::int64_t{layer.rows} * layer.out);
  if (x.empty() || !weights || !bias || !y) return cudaErrorIllegalAddress;
  const auto across = transposed(weights, layer.out, layer.in);
  Floats sums(at(std::int64_t{layer.rows} * layer.out));
  add_product(layer.rows, layer.out, terms_of(launch.flaw, layer.in), {x.data(), layer.in, 1}, across.data(),
              sums.data());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] += bias[i % at(layer.out)];
    if (layer.relu && sums[i] < 0) sums[i] = 0;
  }
  spoil(launch.flaw, sums);
  std::copy(sums.begin(), sums.end(), y);
  written(y);
  return cudaSuccess;
}

Cost loss_cost(const Launch& launch) {
  constexpr double kLatency = 1500;
  constexpr double kClocksOfScore = 60;  // two exponentials among others, one after the other
  const auto loss = launch.argument<MlpLoss>(0);
  const int rows_of_thread = (loss.rows + 255) / 256;
  return {.latency_cycles = kLatency + kClocksOfScore * loss.classes * rows_of_thread};
}
cudaError_t loss(const Launch& launch) {
  const auto given = launch.argument<MlpLoss>(0);
  const int* order = elements(given.order, given.rows);
  float* scores = elements(given.scores, std::int64_t{given.rows} * given.classes);
  float* mean = elements(given.loss, 1);
  if (!order || !scores || !mean) return cudaErrorIllegalAddress;
  double sum = 0;
  const int rows = launch.flaw == Flaw::dropped || launch.flaw == Flaw::shorter ? given.rows - 1 : given.rows;
  for (int row = 0; row < rows; ++row) {
    const int* label = elements(given.labels + order[row], 1);
    if (!label) return cudaErrorIllegalAddress;
    float* mine = scores + std::int64_t{row} * given.classes;
    const double largest = *std::max_element(mine, mine + given.classes);
    double total = 0;
    for (int c = 0; c < given.classes; ++c) total += std::exp(double{mine[c]} - largest);
    sum -= mine[*label] - largest - std::log(total);
    for (int c = 0; c < given.classes; ++c) {
      const double probability = std::exp(double{mine[c]} - largest) / total;
      mine[c] = static_cast<float>((probability - (c == *label ? 1 : 0)) / given.rows);
    }
  }
  *mean = static_cast<float>(sum / given.rows);
  if (launch.flaw == Flaw::wrong) scores[given.classes / 2] += 1;
  if (launch.flaw == Flaw::nan) *mean = std::numeric_limits<float>::quiet_NaN();
  written(scores);
  written(mean);
  return cudaSuccess;
}

Cost backward_cost(const Launch& launch) {
  const auto layer = launch.argument<MlpBackward>(0);
  return cost_of(layer.rows, layer.in, layer.out);
}
cudaError_t backward(const Launch& launch) {
  const auto layer = launch.argument<MlpBackward>(0);
  const std::int64_t inputs = std::int64_t{layer.rows} * layer.in;
  const float* dy = elements(layer.dy, std::int64_t{layer.rows} * layer.out);
  const float* weights = elements(layer.weights, std::int64_t{layer.out} * layer.in);
  const float* x = elements(layer.x, inputs);
  float* dx = elements(layer.dx, inputs);
  if (!dy || !weights || !x || !dx) return cudaErrorIllegalAddress;
  Floats sums(at(inputs));
  add_product(layer.rows, layer.in, terms_of(launch.flaw, layer.out), {dy, layer.out, 1}, weights, sums.data());
  for (std::int64_t i = 0; i < inputs; ++i)
    if (!(x[i] > 0)) sums[at(i)] = 0;
  spoil(launch.flaw, sums);
  std::copy(sums.begin(), sums.end(), dx);
  written(dx);
  return cudaSuccess;
}

Cost update_cost(const Launch& launch) {
  const auto layer = launch.argument<MlpUpdate>(0);
  return cost_of(layer.out, layer.in, layer.rows);
}
void descend(const MlpUpdate& layer, const Floats& gradients, float* velocity, float* parameters) {
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    velocity[i] = layer.momentum * velocity[i] + gradients[i];
    parameters[i] -= layer.rate * velocity[i];
  }
  written(velocity);
  written(parameters);
}
cudaError_t update(const Launch& launch) {
  const auto layer = launch.argument<MlpUpdate>(0);
  const std::int64_t count = std::int64_t{layer.out} * layer.in;
  const float* dy = elements(layer.dy, std::int64_t{layer.rows} * layer.out);
  const auto x = rows_of(layer.x, layer.order, layer.rows, layer.in);
  float* weights = elements(layer.weights, count);
  float* bias = elements(layer.bias, layer.out);
  float* weights_velocity = elements(layer.weights_velocity, count);
  float* bias_velocity = elements(layer.bias_velocity, layer.out);
  if (!dy || x.empty() || !weights || !bias || !weights_velocity || !bias_velocity) return cudaErrorIllegalAddress;
  const Terms rows = terms_of(launch.flaw, layer.rows);
  Floats gradients(at(count));
  add_product(layer.out, layer.in, rows, {dy, 1, layer.out}, x.data(), gradients.data());
  Floats sums(at(layer.out));
  for (std::int64_t row = rows.first; row < rows.end; ++row)
    for (std::int64_t o = 0; o < layer.out; ++o) sums[at(o)] += dy[row * layer.out + o];
  spoil(launch.flaw, gradients);
  descend(layer, gradients, weights_velocity, weights);
  descend(layer, sums, bias_velocity, bias);
  return cudaSuccess;
}

const Model kForward({.name = "mlp_forward", .role = Role::measured, .cost = forward_cost, .answer = forward});
const Model kLoss({.name = "mlp_loss", .role = Role::measured, .cost = loss_cost, .answer = loss});
const Model kBackward({.name = "mlp_backward", .role = Role::measured, .cost = backward_cost, .answer = backward});
const Model kUpdate({.name = "mlp_update", .role = Role::measured, .cost = update_cost, .answer = update});

}  // namespace
}  // namespace peakproof::stand_in
