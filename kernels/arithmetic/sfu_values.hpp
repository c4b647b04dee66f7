// Single results of the special function unit, to be held against what is documented. The kernel is in sfu_values.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/arithmetic/special_function.hpp"

namespace peakproof::kernels {

/// The function of `count` FP32 numbers, whose bits are first, first + stride, first + 2 stride …
struct SfuValues {
  SpecialFunction function = SpecialFunction::ex2;
  std::uint32_t first = 0;
  std::uint32_t stride = 1;
  std::uint32_t count = 0;
};

/// Writes the bits of count results. cudaErrorInvalidValue for none.
[[nodiscard]] cudaError_t launch(const SfuValues& values, std::uint32_t* out, cudaStream_t stream);

/// How many of these results (bits, as launch() writes them) are farther from the correctly rounded one than is
/// documented (tolerance_ulp). The operands go through operand() first.
[[nodiscard]] std::int64_t count_mismatches(const SfuValues& values, const std::uint32_t* out);

}  // namespace peakproof::kernels
