// Special function rate: the six operations. The kernels' data sheet is in sfu.cu.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/arithmetic/fp32_fma.hpp"
#include "kernels/arithmetic/special_function.hpp"

namespace peakproof::kernels {

/// The base of the operations, which add their name and their function.
struct Sfu {
  struct Value {
    float x = 0;            ///< a chain of fp32_fma: the operands
    std::uint32_t sum = 0;  ///< of the bits of the results, mod 2^32
  };
  using Bits = std::uint64_t;  ///< the upper half folded from x, bit for bit; the lower half the sums of all chains
  struct Argument {
    float c = 0;
    std::uint32_t one = 0;
  };
  static constexpr Argument argument = {Fp32Fma::argument, 1};
  static constexpr int operations = 1;
  static constexpr int body = 128;

  static constexpr Value seed(int lane, int chain) { return {Fp32Fma::seed(lane, chain), 0}; }
  static Value step(SpecialFunction function, Value v) {
    return {Fp32Fma::step(v.x), v.sum + expected_bits(function, v.x)};
  }
  static Bits fold(Bits folded, Value v) {
    const std::uint32_t x = Fp32Fma::fold(static_cast<std::uint32_t>(folded >> 32U), v.x);
    return Bits{x} << 32U | (static_cast<std::uint32_t>(folded) + v.sum);
  }
  /// The operands must be exact, and the results of `steps` steps off by what is documented at the most. One that is left
  /// out or spoilt in a high bit is farther off, and mod 2^32 lands within the tolerance by chance only.
  static bool matches(SpecialFunction function, Bits out, Bits answer, std::int64_t steps) {
    const auto difference =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(out) - static_cast<std::uint32_t>(answer));
    return out >> 32U == answer >> 32U && std::abs(std::int64_t{difference}) <= steps * tolerance_ulp(function);
  }
};

struct SfuEx2 : Sfu {
  static constexpr const char* name = "SfuEx2";
  static constexpr SpecialFunction function = SpecialFunction::ex2;
  static Value step(Value v) { return Sfu::step(function, v); }
  static bool matches(Bits out, Bits answer, std::int64_t steps) { return Sfu::matches(function, out, answer, steps); }
};

struct SfuLg2 : Sfu {
  static constexpr const char* name = "SfuLg2";
  static constexpr SpecialFunction function = SpecialFunction::lg2;
  static Value step(Value v) { return Sfu::step(function, v); }
  static bool matches(Bits out, Bits answer, std::int64_t steps) { return Sfu::matches(function, out, answer, steps); }
};

struct SfuRcp : Sfu {
  static constexpr const char* name = "SfuRcp";
  static constexpr SpecialFunction function = SpecialFunction::rcp;
  static Value step(Value v) { return Sfu::step(function, v); }
  static bool matches(Bits out, Bits answer, std::int64_t steps) { return Sfu::matches(function, out, answer, steps); }
};

struct SfuRsqrt : Sfu {
  static constexpr const char* name = "SfuRsqrt";
  static constexpr SpecialFunction function = SpecialFunction::rsqrt;
  static Value step(Value v) { return Sfu::step(function, v); }
  static bool matches(Bits out, Bits answer, std::int64_t steps) { return Sfu::matches(function, out, answer, steps); }
};

struct SfuSin : Sfu {
  static constexpr const char* name = "SfuSin";
  static constexpr SpecialFunction function = SpecialFunction::sin;
  static Value step(Value v) { return Sfu::step(function, v); }
  static bool matches(Bits out, Bits answer, std::int64_t steps) { return Sfu::matches(function, out, answer, steps); }
};

struct SfuTanh : Sfu {
  static constexpr const char* name = "SfuTanh";
  static constexpr SpecialFunction function = SpecialFunction::tanh;
  static Value step(Value v) { return Sfu::step(function, v); }
  static bool matches(Bits out, Bits answer, std::int64_t steps) { return Sfu::matches(function, out, answer, steps); }
};

}  // namespace peakproof::kernels
