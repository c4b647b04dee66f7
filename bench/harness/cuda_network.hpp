// Networks on an NVIDIA GPU: products by cuBLASLt, convolutions by cuDNN, the layers between them by kernels of our own.
#pragma once

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/inference.hpp"

namespace peakproof::bench {

/// FP32, TF32, FP16, BF16, FP8 (e4m3) and INT8. Of the 8-bit formats it is the operands of dense layers and convolutions
/// that have 8 bits; attention, normalisation and what only they read are FP16, as inference runtimes have it. The device
/// outlives the engine.
[[nodiscard]] InferenceEngine cuda_inference(CudaDevice& device);

}  // namespace peakproof::bench
