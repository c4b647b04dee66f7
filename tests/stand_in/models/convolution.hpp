// What the played cuDNN asks the played runtime to do: one convolution. The two are libraries of their own.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/tensor/gemm.hpp"

namespace peakproof::stand_in {

/// NHWC times KRSC, zero padding, a cross-correlation.
struct ConvolutionCall {
  kernels::Element operand = kernels::Element::f32;
  kernels::Element out = kernels::Element::f32;
  bool tensor_float = false;  ///< FP32 operands on the tensor cores
  int items = 0, channels = 0, height = 0, width = 0;
  int outputs = 0, kernel_height = 0, kernel_width = 0;
  int pad_height = 0, pad_width = 0, stride_down = 1, stride_across = 1;
  int out_height = 0, out_width = 0;
  double speed = 1;  ///< of the algorithm, relative to the tensor cores' rate
  const void* x = nullptr;
  const void* w = nullptr;
  void* y = nullptr;
  const void* workspace = nullptr;
  std::int64_t workspace_bytes = 0;
  cudaStream_t stream = nullptr;
};

}  // namespace peakproof::stand_in

extern "C" {
/// Plays it as a launch of a measured kernel, "cudnnConvolutionForward".
cudaError_t peakproof_stand_in_convolve(const peakproof::stand_in::ConvolutionCall* call);
/// What cudnnCreate asks: the device's health, or why it gives no context.
cudaError_t peakproof_stand_in_device_health();
/// What waits for the device does not return where it hangs.
void peakproof_stand_in_wait_for_device();
/// Compute capability, 90 for 9.0.
int peakproof_stand_in_architecture();
}
