// The special function unit: results that are as good as NVIDIA's PTX ISA promises, and no better.
#pragma once

#include <cstdint>

namespace peakproof::stand_in {

enum class SpecialFunction : int { ex2, lg2, rcp, rsqrt, sin, tanh };

/// One of the two FP32 numbers around the exact result, mostly but not always the nearer one (PTX ISA allows more);
/// tanh with 12 significant bits, which is within 2^-11. Subnormal operands and results are zero, but of tanh.
/// Depends on nothing but its arguments.
[[nodiscard]] float special_function(SpecialFunction function, float x);

}  // namespace peakproof::stand_in
