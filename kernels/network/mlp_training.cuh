// The device code of a step of training, apart from its launches, so that a test runs it on the host too.
#pragma once

#include <cmath>

#include "kernels/network/mlp_training.hpp"

namespace peakproof::kernels {
namespace {

constexpr int kSide = 16;  // sums of a block in each direction, one a thread
constexpr int kThreads = kSide * kSide;
constexpr int kSlab = 32;                         // of the sums' terms, at a time
constexpr int kLoads = kSide * kSlab / kThreads;  // of each operand, by each thread

/// Where the terms of a sum lie: beside each other, or a row apart, so that the other index does.
enum class Order { along, across };

/// A slab of one operand: 16 rows of 32 terms, padded so that 16 rows lie in 16 banks.
using Slab = float[kSide][kSlab + 1];

/// Neighbouring threads load neighbouring numbers. `at(row, term)` is 0 beyond the operand's end.
template <Order order, class At>
__device__ void fetch(float (&numbers)[kLoads], int first_term, const At& at) {
#pragma unroll
  for (int i = 0; i < kLoads; ++i) {
    const int place = static_cast<int>(threadIdx.x) + i * kThreads;
    numbers[i] = order == Order::along ? at(place / kSlab, first_term + place % kSlab)
                                       : at(place % kSide, first_term + place / kSide);
  }
}
template <Order order>
__device__ void store(Slab& slab, const float (&numbers)[kLoads]) {
#pragma unroll
  for (int i = 0; i < kLoads; ++i) {
    const int place = static_cast<int>(threadIdx.x) + i * kThreads;
    if (order == Order::along)
      slab[place / kSlab][place % kSlab] = numbers[i];
    else
      slab[place % kSide][place / kSide] = numbers[i];
  }
}

/// Of one thread: the sum over all terms of a(row, term) b(column, term), and that of a alone.
struct Sums {
  float product = 0;
  float alone = 0;
};
template <Order order_a, Order order_b, class A, class B>
__device__ Sums sums_of(int terms, const A& a, const B& b) {
  __shared__ Slab slab_a;
  __shared__ Slab slab_b;
  const int row = static_cast<int>(threadIdx.x) / kSide;
  const int column = static_cast<int>(threadIdx.x) % kSide;
  float next_a[kLoads];
  float next_b[kLoads];
  fetch<order_a>(next_a, 0, a);
  fetch<order_b>(next_b, 0, b);
  Sums sums;
  for (int term = 0; term < terms; term += kSlab) {
    store<order_a>(slab_a, next_a);
    store<order_b>(slab_b, next_b);
    __syncthreads();
    fetch<order_a>(next_a, term + kSlab, a);
    fetch<order_b>(next_b, term + kSlab, b);
#pragma unroll
    for (int i = 0; i < kSlab; ++i) {
      sums.product = fmaf(slab_a[row][i], slab_b[column][i], sums.product);
      sums.alone += slab_a[row][i];
    }
    __syncthreads();
  }
  return sums;
}

__device__ int first_row() { return static_cast<int>(blockIdx.y) * kSide; }
__device__ int first_column() { return static_cast<int>(blockIdx.x) * kSide; }
__device__ int my_row() { return first_row() + static_cast<int>(threadIdx.x) / kSide; }
__device__ int my_column() { return first_column() + static_cast<int>(threadIdx.x) % kSide; }

__device__ long long place(int row, int width, int column) { return static_cast<long long>(row) * width + column; }
__device__ int item_of(const int* order, int row) { return order == nullptr ? row : order[row]; }

__device__ void descend(float gradient, float momentum, float rate, float& velocity, float& parameter) {
  velocity = fmaf(momentum, velocity, gradient);
  parameter = fmaf(-rate, velocity, parameter);
}

}  // namespace

__global__ void __launch_bounds__(kThreads) mlp_forward(MlpForward layer) {
  const auto x = [&](int row, int i) {
    const int mine = first_row() + row;
    return mine < layer.rows && i < layer.in ? layer.x[place(item_of(layer.order, mine), layer.in, i)] : 0.0F;
  };
  const auto weights = [&](int column, int i) {
    const int mine = first_column() + column;
    return mine < layer.out && i < layer.in ? layer.weights[place(mine, layer.in, i)] : 0.0F;
  };
  const float product = sums_of<Order::along, Order::along>(layer.in, x, weights).product;
  if (my_row() >= layer.rows || my_column() >= layer.out) return;
  const float sum = product + layer.bias[my_column()];
  layer.y[place(my_row(), layer.out, my_column())] = layer.relu && sum < 0.0F ? 0.0F : sum;  // not a number stays one
}

__global__ void __launch_bounds__(kThreads) mlp_backward(MlpBackward layer) {
  const auto dy = [&](int row, int o) {
    const int mine = first_row() + row;
    return mine < layer.rows && o < layer.out ? layer.dy[place(mine, layer.out, o)] : 0.0F;
  };
  const auto weights = [&](int column, int o) {
    const int mine = first_column() + column;
    return mine < layer.in && o < layer.out ? layer.weights[place(o, layer.in, mine)] : 0.0F;
  };
  const float product = sums_of<Order::along, Order::across>(layer.out, dy, weights).product;
  if (my_row() >= layer.rows || my_column() >= layer.in) return;
  const long long mine = place(my_row(), layer.in, my_column());
  layer.dx[mine] = layer.x[mine] > 0.0F ? product : 0.0F;
}

__global__ void __launch_bounds__(kThreads) mlp_update(MlpUpdate layer) {
  const auto dy = [&](int row, int r) {
    const int mine = first_row() + row;
    return mine < layer.out && r < layer.rows ? layer.dy[place(r, layer.out, mine)] : 0.0F;
  };
  const auto x = [&](int column, int r) {
    const int mine = first_column() + column;
    return mine < layer.in && r < layer.rows ? layer.x[place(item_of(layer.order, r), layer.in, mine)] : 0.0F;
  };
  const Sums sums = sums_of<Order::across, Order::across>(layer.rows, dy, x);
  if (my_row() >= layer.out) return;
  if (my_column() == 0)
    descend(sums.alone, layer.momentum, layer.rate, layer.bias_velocity[my_row()], layer.bias[my_row()]);
  if (my_column() >= layer.in) return;
  const long long mine = place(my_row(), layer.in, my_column());
  descend(sums.product, layer.momentum, layer.rate, layer.weights_velocity[mine], layer.weights[mine]);
}

}  // namespace peakproof::kernels
