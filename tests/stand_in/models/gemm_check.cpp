// Operands of matrix products, and the comparison of a product with one in FP64.
#include "kernels/tensor/gemm_check.hpp"

#include <cmath>
#include <limits>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/gemm.hpp"
#include "tests/stand_in/models/numbers.hpp"

namespace peakproof::stand_in {
namespace {

/// small integers: -2..2; random: 25 bits of SplitMix64, in [-1, 1) and cut to a half towards zero.
std::uint16_t operand(kernels::MatrixData data, std::uint64_t seed, std::int64_t index) {
  if (data == kernels::MatrixData::zero) return half_towards_zero(0.0F);
  if (data == kernels::MatrixData::ones) return half_towards_zero(1.0F);
  const std::uint64_t word = splitmix64(seed, static_cast<std::uint64_t>(index));
  if (data == kernels::MatrixData::small_integers) return half_towards_zero(static_cast<float>(word % 5) - 2.0F);
  constexpr float middle = 16777216.0F;  // 2^24
  return half_towards_zero((static_cast<float>(word >> 39U) - middle) / middle);
}

Cost fill_cost(const Launch& launch) {
  return {.dram_bytes = 2.0 * static_cast<double>(launch.argument<std::int64_t>(3))};
}
cudaError_t fill(const Launch& launch) {
  const auto count = launch.argument<std::int64_t>(3);
  auto* matrix = elements(launch.argument<std::uint16_t*>(2), count);
  if (!matrix) return cudaErrorIllegalAddress;
  for (std::int64_t i = 0; i < count; ++i)
    matrix[i] = operand(launch.argument<kernels::MatrixData>(0), launch.argument<std::uint64_t>(1), i);
  written(matrix);
  return cudaSuccess;
}

Cost check_cost(const Launch& launch) {
  constexpr double fp64_fma_per_clock = 32;
  const auto shape = launch.argument<kernels::GemmShape>(0);
  return {.sm_cycles = static_cast<double>(shape.m * shape.n) * static_cast<double>(shape.k) / fp64_fma_per_clock /
                       settings().sms};
}
cudaError_t check(const Launch& launch) {
  const auto shape = launch.argument<kernels::GemmShape>(0);
  const auto* a = elements(launch.argument<const std::uint16_t*>(1), shape.m * shape.k);
  const auto* b = elements(launch.argument<const std::uint16_t*>(2), shape.k * shape.n);
  const auto* c = elements(launch.argument<const float*>(3), shape.m * shape.n);
  auto* errors = elements(launch.argument<kernels::GemmErrors*>(4), 1);
  if (!a || !b || !c || !errors) return cudaErrorIllegalAddress;
  const auto reference = product<double>({shape.m, shape.n, shape.k}, {a, shape.k, 1}, {b, shape.n, 1});
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double difference = static_cast<double>(c[i]) - reference[i];
    errors->sum_difference2 += difference * difference;
    errors->sum_reference2 += reference[i] * reference[i];
    errors->max_difference = std::isnan(difference) || std::isnan(errors->max_difference)
                                 ? std::numeric_limits<double>::quiet_NaN()
                                 : std::fmax(errors->max_difference, std::fabs(difference));
    if (difference != 0) ++errors->mismatches;  // true for NaN
    ++errors->compared;
  }
  written(errors);
  return cudaSuccess;
}

const Model kFill({.name = "fill_matrix_kernel", .cost = fill_cost, .answer = fill});
const Model kCheck({.name = "gemm_errors", .cost = check_cost, .answer = check});

}  // namespace
}  // namespace peakproof::stand_in
