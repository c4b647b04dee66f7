// A step of training of a multilayer perceptron on the GPU, in FP32: the forward and backward pass of a layer, the loss,
// and SGD.
//
//   idea     the networks are so small that a step is bound by its launches: everything between two products is part of
//            one of them (the batch's items are gathered where the first layer reads them; bias and ReLU follow the sums;
//            SGD follows the gradient of the weights, which never reaches memory), so that three layers take nine
//            kernels. A block of 16 x 16 threads makes as many sums, one each, from slabs of 32 in shared memory; the next
//            slab is on its way while one is summed
//   work     flops_to_learn() an item; the loss and SGD beside it
//   machine  FFMA from shared memory, two loads each
//   limit    launches; then shared memory, which gives two numbers for each FFMA
//   answer   mlp_gradients(), but for the rounding of FP32. Every sum has one order and no atomic adds to it: the same
//            parameters, items and batch give the same bits
#pragma once

#include <cuda_runtime_api.h>

namespace peakproof::kernels {

// What a kernel works on: device memory, row-major and dense. `order`: the items that the rows of x are; null: they lie as
// they come.

/// y = x W^T + b, of a hidden layer max(0, ·). rows x in -> rows x out.
struct MlpForward {
  const float* x = nullptr;
  const int* order = nullptr;
  const float* weights = nullptr;  ///< out x in
  const float* bias = nullptr;
  float* y = nullptr;
  int rows = 0;
  int in = 0;
  int out = 0;
  bool relu = false;
};

/// The scores become the gradients of the mean loss by them, and the mean loss is written.
struct MlpLoss {
  float* scores = nullptr;      ///< rows x classes
  const int* labels = nullptr;  ///< of all items
  const int* order = nullptr;   ///< the items that the rows are
  float* loss = nullptr;
  int rows = 0;
  int classes = 0;
};

/// dx = dy W where x > 0, else 0: x is what a layer with ReLU has given to this one.
struct MlpBackward {
  const float* dy = nullptr;  ///< rows x out
  const float* weights = nullptr;
  const float* x = nullptr;  ///< rows x in
  float* dx = nullptr;
  int rows = 0;
  int in = 0;
  int out = 0;
};

/// g = dy^T x and the column sums of dy; v = momentum v + g; w = w - rate v.
struct MlpUpdate {
  const float* dy = nullptr;
  const float* x = nullptr;
  const int* order = nullptr;
  float* weights = nullptr;
  float* bias = nullptr;
  float* weights_velocity = nullptr;
  float* bias_velocity = nullptr;
  int rows = 0;
  int in = 0;
  int out = 0;
  float rate = 0;
  float momentum = 0;
};

/// One launch each. cudaErrorInvalidValue for null and for sizes below 1.
[[nodiscard]] cudaError_t launch(const MlpForward& layer, cudaStream_t stream);
[[nodiscard]] cudaError_t launch(const MlpLoss& loss, cudaStream_t stream);
[[nodiscard]] cudaError_t launch(const MlpBackward& layer, cudaStream_t stream);
[[nodiscard]] cudaError_t launch(const MlpUpdate& layer, cudaStream_t stream);

}  // namespace peakproof::kernels
