// cuBLAS: handles, and the one product that the program asks for (FP16 operands, FP32 result, column-major as BLAS is).
#include <cublas_v2.h>

#include <cstdio>
#include <set>

#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/gemm.hpp"
#include "tests/stand_in/state.hpp"

namespace peakproof::stand_in {
namespace {

/// One call of cublasGemmEx: C = alpha op(A) op(B) + beta C.
struct GemmCall {
  Extents extents;
  HalfMatrix a;
  HalfMatrix b;
  float* c = nullptr;
  std::int64_t ldc = 0;
  float alpha = 1;
  float beta = 0;
};

Cost cost(const Launch& launch) {
  const auto& e = launch.argument<const GemmCall*>(0)->extents;
  const double fmas = static_cast<double>(e.m * e.n) * static_cast<double>(e.k);
  return {.sm_cycles = fmas / settings().sms / architecture().gemm_fp16};
}

cudaError_t answer(const Launch& launch) {
  const auto* call = launch.argument<const GemmCall*>(0);
  const Extents& e = call->extents;
  static Repetition repetition;
  const auto compute = [&] {
    const auto values = product<float>(e, call->a, call->b, launch.flaw);
    for (std::int64_t j = 0; j < e.n; ++j)
      for (std::int64_t i = 0; i < e.m; ++i) {
        float& c = call->c[i + j * call->ldc];
        const float old = call->beta == 0 ? 0 : call->beta * c;  // beta 0: C is not read, NaN or not
        c = call->alpha * values[static_cast<std::size_t>(i * e.n + j)] + old;
      }
  };
  if (call->beta != 0) {  // each call changes the result of the one before
    compute();
    written(call->c);
    return cudaSuccess;
  }
  repetition.unless_done({static_cast<std::uint64_t>(e.m), static_cast<std::uint64_t>(e.n),
                          static_cast<std::uint64_t>(e.k), static_cast<std::uint64_t>(call->ldc)},
                         {call->a.data, call->b.data}, call->c, compute);
  return cudaSuccess;
}

const KernelModel kGemm = {.name = "cublasGemmEx", .role = Role::measured, .cost = cost, .answer = answer};

/// op(matrix) of a column-major matrix with this leading dimension; data is null where it does not fit its allocation.
HalfMatrix operand(cublasOperation_t op, const void* data, std::int64_t leading, std::int64_t rows,
                   std::int64_t columns) {
  const bool plain = op == CUBLAS_OP_N;
  const std::int64_t stored_rows = plain ? rows : columns;
  const std::int64_t stored_columns = plain ? columns : rows;
  const auto* first = static_cast<const std::uint16_t*>(data);
  return {.data = elements(first, (stored_columns - 1) * leading + stored_rows),
          .row_stride = plain ? 1 : leading,
          .column_stride = plain ? leading : 1};
}

std::set<void*>& handles() {
  static std::set<void*> handles;
  return handles;
}

cublasStatus_t status_of(cudaError_t error) {
  return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

}  // namespace
}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are cuBLAS's
namespace self = peakproof::stand_in;
extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  if (self::health() != cudaSuccess) return CUBLAS_STATUS_NOT_INITIALIZED;
  void* made = new int();
  self::handles().insert(made);
  *handle = static_cast<cublasHandle_t>(made);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  if (self::handles().erase(handle) == 0) return CUBLAS_STATUS_NOT_INITIALIZED;
  self::wait_for_device();
  delete static_cast<int*>(static_cast<void*>(handle));
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t /*stream*/) {
  return self::handles().count(handle) == 0 ? CUBLAS_STATUS_NOT_INITIALIZED : CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, size_t bytes) {
  if (self::handles().count(handle) == 0) return CUBLAS_STATUS_NOT_INITIALIZED;
  return bytes == 0 || self::is_device_memory(workspace, static_cast<std::int64_t>(bytes))
             ? CUBLAS_STATUS_SUCCESS
             : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k,
                            const void* alpha, const void* a, cudaDataType type_a, int lda, const void* b,
                            cudaDataType type_b, int ldb, const void* beta, void* c, cudaDataType type_c, int ldc,
                            cublasComputeType_t compute, cublasGemmAlgo_t /*algorithm*/) {
  if (self::handles().count(handle) == 0) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::status_of(self::remember(sick));
  if (type_a != CUDA_R_16F || type_b != CUDA_R_16F || type_c != CUDA_R_32F || compute != CUBLAS_COMPUTE_32F) {
    std::fputs("stand-in: cublasGemmEx is played for FP16 operands and FP32 results alone\n", stderr);
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  if (m < 1 || n < 1 || k < 1 || ldc < m) return CUBLAS_STATUS_INVALID_VALUE;
  const self::GemmCall call = {
      .extents = {m, n, k},
      .a = self::operand(op_a, a, lda, m, k),
      .b = self::operand(op_b, b, ldb, k, n),
      .c = self::elements(static_cast<float*>(c), std::int64_t{n - 1} * ldc + m),
      .ldc = ldc,
      .alpha = *static_cast<const float*>(alpha),
      .beta = *static_cast<const float*>(beta),
  };
  if (!call.a.data || !call.b.data || !call.c) {
    self::lose_device(cudaErrorIllegalAddress);
    return CUBLAS_STATUS_EXECUTION_FAILED;
  }
  const self::GemmCall* pointer = &call;
  void* arguments[] = {&pointer};
  return self::status_of(self::remember(self::play(self::kGemm, {.arguments = arguments})));
}

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
    default:
      return "CUBLAS_STATUS_INTERNAL_ERROR";
  }
}
}
// NOLINTEND(readability-identifier-naming)
