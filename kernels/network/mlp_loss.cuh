// The device code of the loss, apart from its launch: see mlp_loss.cu.
#pragma once

#include <cmath>

#include "kernels/network/mlp_training.hpp"

namespace peakproof::kernels {
namespace {

constexpr int kLossThreads = 256;

}  // namespace

__global__ void __launch_bounds__(kLossThreads) mlp_loss(MlpLoss loss) {
  __shared__ float sums[kLossThreads];
  const float share = 1.0F / static_cast<float>(loss.rows);
  const int thread = static_cast<int>(threadIdx.x);
  float mine = 0;
  for (int row = thread; row < loss.rows; row += kLossThreads) {
    float* scores = loss.scores + static_cast<long long>(row) * loss.classes;
    const int label = loss.labels[loss.order[row]];
    float largest = scores[0];
    for (int c = 1; c < loss.classes; ++c) largest = fmaxf(largest, scores[c]);
    float total = 0;
    for (int c = 0; c < loss.classes; ++c) total += expf(scores[c] - largest);
    mine += logf(total) - (scores[label] - largest);
    for (int c = 0; c < loss.classes; ++c)
      scores[c] = (expf(scores[c] - largest) / total - (c == label ? 1.0F : 0.0F)) * share;
  }
  sums[thread] = mine;
  for (int half = kLossThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) sums[thread] += sums[thread + half];
  }
  if (thread == 0) *loss.loss = sums[0] * share;
}

}  // namespace peakproof::kernels
