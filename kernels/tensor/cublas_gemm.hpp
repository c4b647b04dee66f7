// The same matrix product by cuBLAS: the reference that a hand-written one is held against.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "kernels/tensor/wmma_gemm.hpp"

struct cublasContext;

namespace peakproof::kernels {

struct CublasDeleter {
  void operator()(cublasContext* handle) const noexcept;
};
using CublasHandle = std::unique_ptr<cublasContext, CublasDeleter>;

/// A handle with a workspace of its own on the current device, or null. `status` gets cuBLAS's code.
[[nodiscard]] CublasHandle make_cublas(int* status);
/// Same operands and result as launch(WmmaGemm): FP16 in, FP32 accumulate and out, row-major. Returns cuBLAS's status.
[[nodiscard]] int launch_cublas(cublasContext* handle, const GemmShape& shape, const __half* a, const __half* b,
                                float* c, cudaStream_t stream);
/// cuBLAS's name of a status.
[[nodiscard]] const char* cublas_status_name(int status);

}  // namespace peakproof::kernels
