// cuBLAS behind the interface of a kernel.
#include "kernels/tensor/cublas_gemm.hpp"

#include <cublas_v2.h>

namespace peakproof::kernels {

void CublasDeleter::operator()(cublasContext* handle) const noexcept { static_cast<void>(cublasDestroy(handle)); }

CublasHandle make_cublas(int* status) {
  cublasHandle_t handle = nullptr;
  *status = cublasCreate(&handle);
  return CublasHandle{*status == CUBLAS_STATUS_SUCCESS ? handle : nullptr};
}

int launch_cublas(cublasContext* handle, const GemmShape& shape, const __half* a, const __half* b, float* c,
                  cudaStream_t stream) {
  constexpr std::int64_t limit = 0x7FFFFFFF;
  const auto good = [](std::int64_t extent) { return extent > 0 && extent <= limit; };
  if (!good(shape.m) || !good(shape.n) || !good(shape.k)) return CUBLAS_STATUS_INVALID_VALUE;
  const int m = static_cast<int>(shape.m);
  const int n = static_cast<int>(shape.n);
  const int k = static_cast<int>(shape.k);
  const float one = 1.0F;
  const float zero = 0.0F;
  if (const cublasStatus_t status = cublasSetStream(handle, stream); status != CUBLAS_STATUS_SUCCESS) return status;
  // cuBLAS is column-major: what it reads as B is our B transposed, and C^T = B^T A^T.
  return cublasGemmEx(handle, CUBLAS_OP_N, CUBLAS_OP_N, n, m, k, &one, b, CUDA_R_16F, n, a, CUDA_R_16F, k, &zero, c,
                      CUDA_R_32F, n, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
}

const char* cublas_status_name(int status) { return cublasGetStatusName(static_cast<cublasStatus_t>(status)); }

}  // namespace peakproof::kernels
