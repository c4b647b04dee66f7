// Special function rate: the six operations. The kernels' data sheet is in sfu.cu.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "kernels/arithmetic/fp32_fma.hpp"
#include "kernels/arithmetic/int32_add.hpp"
#include "kernels/arithmetic/special_function.hpp"

namespace peakproof::kernels {

/// The base of the operations.
struct Sfu {
  struct Value {
    float x = 0;            ///< a chain of fp32_fma: the operands
    std::uint32_t sum = 0;  ///< of the bits of the results, each with added(function), mod 2^32
  };
  using Bits = std::uint64_t;  ///< the upper half folded from x, bit for bit; the lower half the sums of all chains
  using Argument = Fp32Fma::Argument;
  static constexpr Argument argument = Fp32Fma::argument;
  static constexpr int operations = 1;
  static constexpr int body = 128;

  static constexpr Value seed(int lane, int chain) { return {Fp32Fma::seed(lane, chain), 0}; }
  /// What goes into the sum beside a result: makes three addends of two, where nothing else does.
  static std::uint32_t added(SpecialFunction function) { return shift(function) == 0 ? Int32Add::constant : 0; }
  static Value step(SpecialFunction function, Value v) {
    return {Fp32Fma::step(v.x), v.sum + expected_bits(function, v.x) + added(function)};
  }
  /// Takes every lane `steps` steps further. Operands repeat after a thousand steps or so: from there on, their sum does.
  static void advance(SpecialFunction function, std::array<Value, Chain<Sfu>::lanes>& lanes, std::int64_t steps);
  static Bits fold(Bits folded, Value v) {
    const std::uint32_t x = Fp32Fma::fold(static_cast<std::uint32_t>(folded >> 32U), v.x);
    return Bits{x} << 32U | (static_cast<std::uint32_t>(folded) + v.sum);
  }
  /// The operands must be exact, and the results of `steps` steps off by what is documented at the most. One that is left
  /// out or spoilt in a high bit is farther off, and mod 2^32 lands within the tolerance by chance only.
  static bool matches(SpecialFunction function, Bits out, Bits answer, std::int64_t steps) {
    const auto difference =
        std::int64_t{static_cast<std::int32_t>(static_cast<std::uint32_t>(out) - static_cast<std::uint32_t>(answer))};
    const std::int64_t tolerance = steps * tolerance_ulp(function);
    constexpr std::int64_t meaningful = std::int64_t{1} << 30U;  // beyond, every sum would do
    return out >> 32U == answer >> 32U && tolerance < meaningful && std::abs(difference) <= tolerance;
  }
};

/// The same of one function.
template <SpecialFunction of>
struct SfuFunction : Sfu {
  static constexpr SpecialFunction function = of;
  static void advance(std::array<Value, Chain<Sfu>::lanes>& lanes, std::int64_t steps) {
    Sfu::advance(function, lanes, steps);
  }
  static bool matches(Bits out, Bits answer, std::int64_t steps) { return Sfu::matches(function, out, answer, steps); }
};

struct SfuEx2 : SfuFunction<SpecialFunction::ex2> {
  static constexpr const char* name = "SfuEx2";
};
struct SfuLg2 : SfuFunction<SpecialFunction::lg2> {
  static constexpr const char* name = "SfuLg2";
};
struct SfuRcp : SfuFunction<SpecialFunction::rcp> {
  static constexpr const char* name = "SfuRcp";
};
struct SfuRsqrt : SfuFunction<SpecialFunction::rsqrt> {
  static constexpr const char* name = "SfuRsqrt";
};
struct SfuSin : SfuFunction<SpecialFunction::sin> {
  static constexpr const char* name = "SfuSin";
};
struct SfuTanh : SfuFunction<SpecialFunction::tanh> {
  static constexpr const char* name = "SfuTanh";
};

}  // namespace peakproof::kernels
