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

using kernels::Element;
using kernels::MatrixData;

bool has_no_point(Element element) {
  return element == Element::s32 || element == Element::s8 || element == Element::s4 || element == Element::b1;
}

/// Random: as many bits of a word as an integer has, its highest; else 25 of them (of FP64 54) as a number of [-1, 1),
/// cut to the format towards zero. Small integers: -2..2 (one bit: 0, 1). Tiny ones: -1, 1 by a chance of 1 to 8, else
/// 0.
std::uint64_t operand(MatrixData data, Element element, std::uint64_t seed, std::int64_t index) {
  if (data == MatrixData::zero) return 0;
  if (data == MatrixData::ones) return bits_of_value(element, 1);
  const std::uint64_t word = splitmix64(seed, static_cast<std::uint64_t>(index));
  if (data == MatrixData::small_integers) {
    const auto one_in_ten = static_cast<double>(word % 10);
    if (element == Element::b1) return static_cast<std::uint64_t>(std::fmod(one_in_ten, 2));
    return bits_of_value(element, std::fmod(one_in_ten, 5) - 2);
  }
  if (data == MatrixData::tiny_integers) {
    const std::uint64_t one_in_eight = word >> 61U;
    if (one_in_eight > 1) return 0;
    return bits_of_value(element, one_in_eight == 1 || element == Element::b1 ? 1 : -1);
  }
  if (has_no_point(element)) return word >> unsigned(64 - width_of(element));
  const int bits = element == Element::f64 ? 54 : 25;
  const std::int64_t half = std::int64_t{1} << unsigned(bits - 1);
  const std::int64_t numerator = static_cast<std::int64_t>(word >> unsigned(64 - bits)) - half;
  return bits_of_value(element, static_cast<double>(numerator) / static_cast<double>(half), Rounding::towards_zero);
}

Cost fill_cost(const Launch& launch) {
  return {.dram_bytes = static_cast<double>(width_of(launch.argument<Element>(1))) / 8 *
                        static_cast<double>(launch.argument<std::int64_t>(4))};
}
cudaError_t fill(const Launch& launch) {
  const auto element = launch.argument<Element>(1);
  const auto count = launch.argument<std::int64_t>(4);
  auto* matrix = matrix_at(launch.argument<void*>(3), element, count);
  if (!matrix) return cudaErrorIllegalAddress;
  for (std::int64_t i = 0; i < count; ++i)
    write_bits(element, matrix, i,
               operand(launch.argument<MatrixData>(0), element, launch.argument<std::uint64_t>(2), i));
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
  const auto types = launch.argument<kernels::GemmTypes>(1);
  const auto* a = matrix_at(launch.argument<const void*>(2), types.operand, shape.m * shape.k);
  const auto* b = matrix_at(launch.argument<const void*>(3), types.operand, shape.k * shape.n);
  const auto* c = matrix_at(launch.argument<const void*>(4), types.out, shape.m * shape.n);
  auto* errors = elements(launch.argument<kernels::GemmErrors*>(5), 1);
  if (!a || !b || !c || !errors) return cudaErrorIllegalAddress;
  const auto reference =
      product<double>({shape.m, shape.n, shape.k}, {types.operand, a, shape.k, 1}, {types.operand, b, 1, shape.k});
  for (std::int64_t i = 0; i < shape.m * shape.n; ++i) {
    const double right = reference[static_cast<std::size_t>(i)];
    const double out = value_of(types.out, read_bits(types.out, c, i));
    const double difference = out - right;
    errors->sum_difference2 += difference * difference;
    errors->sum_reference2 += right * right;
    errors->sum_difference += std::fabs(difference);
    errors->max_difference = std::isnan(difference) || std::isnan(errors->max_difference)
                                 ? std::numeric_limits<double>::quiet_NaN()
                                 : std::fmax(errors->max_difference, std::fabs(difference));
    ++errors->compared;
    if (out == right || out == value_of(types.out, bits_of_value(types.out, right))) continue;
    const std::int64_t index = launch.argument<std::int64_t>(6) * shape.n + i;
    const auto place = static_cast<unsigned long long>(index);
    ++errors->mismatches;
    if (!std::isfinite(out)) ++errors->not_numbers;
    errors->not_first = std::max(errors->not_first, ~place);
    errors->end = std::max(errors->end, place + 1);
  }
  written(errors);
  return cudaSuccess;
}

const Model kFill({.name = "fill_matrix_kernel", .cost = fill_cost, .answer = fill});
const Model kCheck({.name = "gemm_errors", .cost = check_cost, .answer = check});

}  // namespace
}  // namespace peakproof::stand_in
