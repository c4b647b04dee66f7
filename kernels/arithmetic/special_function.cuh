// The instructions of the special function unit.
#pragma once

#include "kernels/arithmetic/special_function.hpp"

namespace peakproof::kernels {

/// One MUFU (sin: behind a multiplication by 1 / 2 pi).
template <SpecialFunction function>
__device__ __forceinline__ float mufu(float x) {
  float y = 0;
  if constexpr (function == SpecialFunction::ex2) asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  if constexpr (function == SpecialFunction::lg2) asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  if constexpr (function == SpecialFunction::rcp) asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  if constexpr (function == SpecialFunction::rsqrt) asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  if constexpr (function == SpecialFunction::sin) asm("sin.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  if constexpr (function == SpecialFunction::tanh) asm("tanh.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

/// The operand for a chain's value x, as operand() of the host.
template <SpecialFunction function>
__device__ __forceinline__ float mufu_operand(float x) {
  if constexpr (function == SpecialFunction::lg2) return __fadd_rn(x, 6.0F);
  if constexpr (function == SpecialFunction::rsqrt) return fabsf(x);
  if constexpr (function == SpecialFunction::sin) return __fmaf_rn(x, 0.5F, 1.57079637F);
  return x;
}

}  // namespace peakproof::kernels
