// Operands of a matrix product, and its check against FP64 on the device.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/tensor/wmma_gemm.hpp"

namespace peakproof::kernels {

/// small_integers: -2..2, so that every sum is exact in FP32 up to k = 2^22; random: uniform in [-1, 1) by a hash.
enum class MatrixData : int { random = 0, zero = 1, ones = 2, small_integers = 3 };

[[nodiscard]] cudaError_t fill_matrix(MatrixData data, std::uint64_t seed, __half* matrix, std::int64_t elements,
                                      cudaStream_t stream);

/// Sums over every element of C; the reference is an FP64 product of the same operands.
struct GemmErrors {
  double sum_difference2 = 0;  ///< sum of (out - ref)^2
  double sum_reference2 = 0;   ///< sum of ref^2
  double max_difference = 0;
  unsigned long long mismatches = 0;  ///< elements with out != ref, NaN included
  unsigned long long compared = 0;
};
/// Adds to *errors (device memory, zeroed by the caller).
[[nodiscard]] cudaError_t check_gemm(const GemmShape& shape, const __half* a, const __half* b, const float* c,
                                     GemmErrors* errors, cudaStream_t stream);

}  // namespace peakproof::kernels
