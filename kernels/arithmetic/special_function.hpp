// The six functions of the special function unit: which they are, what is exact about them, and how far they may be off.
#pragma once

#include <cstdint>

namespace peakproof::kernels {

enum class SpecialFunction { ex2, lg2, rcp, rsqrt, sin, tanh };

/// The function in double precision, on the operand that a chain gives it (see sfu.cu).
[[nodiscard]] double exact_value(SpecialFunction function, double x);
/// The operand of the function for a chain's value x: itself, or moved to where the function has no zero, so that its
/// documented error is a number of units in the last place. Exactly as the kernel rounds it.
[[nodiscard]] float operand(SpecialFunction function, float x);
/// How far a result may lie from the correctly rounded one, in units of the last place that is compared (see shift).
/// From the errors in NVIDIA's PTX ISA 9.1, section 9.7.3: ex2 2 ulp; lg2 2^-22 relative, of a result in [2, 3); rcp 1 ulp;
/// rsqrt 2^-22.9 relative; sin 2^-20.5 absolute, of a result in [0.58, 1]; tanh 2^-11 relative.
[[nodiscard]] int tolerance_ulp(SpecialFunction function);
/// The low bits of a result that are left out of the comparison: 12 for tanh, else none.
[[nodiscard]] int shift(SpecialFunction function);
/// The bits of the correctly rounded result for a chain's value x, without those that are left out.
[[nodiscard]] std::uint32_t expected_bits(SpecialFunction function, float x);

}  // namespace peakproof::kernels
