// Operands of a matrix product, and its check against FP64 on the device.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/tensor/gemm.hpp"

namespace peakproof::kernels {

/// What the operands hold, in any format:
///   random          in [-1, 1) with all bits of the significand at random; integers over their whole range
///   zero, ones      0, and 1
///   small_integers  -2 to 2; of b1 0 and 1. All sums are exact in FP32 and INT32 while k is at most 2^22
///   tiny_integers   -1 and 1 with a chance of 1/8 each, else 0; of b1 1 with 1/4. A sum of k products lies within
///                   sqrt(k) / 4 of 0 (one sigma), so that up to k = 2^20 all lie below 2048 (8 sigma), where FP16 is
///                   exact
enum class MatrixData : int { random = 0, zero = 1, ones = 2, small_integers = 3, tiny_integers = 4 };

/// Integers whose product comes out exact with these types: tiny ones where sums are FP16, or are kept in fewer bits
/// than FP32 has (about 14 of FP8 operands on 8.9 and 9.0: DeepSeek-V3 technical report, arXiv 2412.19437, 3.3.2).
[[nodiscard]] constexpr MatrixData exact_data(const GemmTypes& types) {
  const bool narrow =
      types.accumulate == Element::f16 || types.operand == Element::e4m3 || types.operand == Element::e5m2;
  return narrow ? MatrixData::tiny_integers : MatrixData::small_integers;
}
/// Largest k for which exact_data() is exact.
inline constexpr std::int64_t kLargestExactK = std::int64_t{1} << 20;

/// Fills `elements` elements; the same seed gives the same ones. cudaErrorInvalidValue for null, for none, for s32
/// (which is no operand), and where the elements do not end with a byte.
[[nodiscard]] cudaError_t fill_matrix(MatrixData data, Element element, std::uint64_t seed, void* matrix,
                                      std::int64_t elements, cudaStream_t stream);

/// Sums over every element of C; the reference is an FP64 product of the same operands, not rounded.
struct GemmErrors {
  double sum_difference2 = 0;         ///< sum of (out - ref)^2
  double sum_reference2 = 0;          ///< sum of ref^2
  double sum_difference = 0;          ///< sum of |out - ref|
  double max_difference = 0;          ///< NaN if any is
  unsigned long long mismatches = 0;  ///< elements that are not ref, rounded once to their type; NaN included
  unsigned long long compared = 0;
  unsigned long long not_numbers = 0;  ///< of the mismatches: NaN or infinite
  unsigned long long not_first = 0;    ///< the complement of the first mismatch's index in C: a maximum, like the next
  unsigned long long end = 0;          ///< behind the last one's
};
/// Adds to *errors (device memory, zeroed by the caller). cudaErrorInvalidValue for a shape that is no matrix, for rows
/// of A that do not end with a byte, and for types that are none of an operand or of a result. Of a larger product these
/// may be the rows from `first_row` on.
[[nodiscard]] cudaError_t check_gemm(const GemmShape& shape, const GemmTypes& types, const void* a, const void* b,
                                     const void* c, GemmErrors* errors, cudaStream_t stream,
                                     std::int64_t first_row = 0);

}  // namespace peakproof::kernels
