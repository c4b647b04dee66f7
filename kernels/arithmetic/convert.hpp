// Conversion rates: the operations. The kernels' data sheet is in convert.cu.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/arithmetic/chain.hpp"
#include "kernels/arithmetic/half_chain.hpp"

namespace peakproof::kernels {

/// The base of the operations, which add their name and what they convert: a walk u <- u + a * bits of the result, whose
/// numbers are made operands by putting the exponent of `base` over their upper bits.
struct ConvertWalk {
  using Value = std::uint32_t;
  using Bits = std::uint32_t;
  struct Argument {
    std::uint32_t a = 0;
    std::uint32_t base = 0;
  };
  static constexpr std::uint32_t a = 0x9e3779bc;  ///< 4 mod 8: 1 + a times an odd number never settles
  static constexpr int operations = 1;
  static constexpr int body = 256;

  /// Distinct for all lanes and chains, and odd.
  static constexpr Value seed(int lane, int chain) {
    return static_cast<std::uint32_t>(lane * Chain<ConvertWalk>::most_chains + chain + 1) * 0x85ebca6bU | 1U;
  }
  static Bits fold(Bits folded, Value u) { return fold_bits(folded, u); }

  template <typename To, typename From>
  static To bits_as(From from) {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    std::memcpy(&to, &from, sizeof to);
    return to;
  }
  /// The number of [1, 2) times the power of two in base.
  static float operand(Value u, std::uint32_t base) { return bits_as<float>((u & 0x7fffffU) | base); }
};

/// FP32 of [2^20, 2^21) to a 32-bit integer, towards zero.
struct ConvertF32ToS32 : ConvertWalk {
  static constexpr const char* name = "ConvertF32ToS32";
  static constexpr Argument argument = {a, 0x49800000};
  static Value step(Value u) { return u + a * static_cast<std::uint32_t>(operand(u, argument.base)); }
};

/// A signed 32-bit integer to FP32.
struct ConvertS32ToF32 : ConvertWalk {
  static constexpr const char* name = "ConvertS32ToF32";
  static constexpr Argument argument = {a, 0};
  static Value step(Value u) {
    return u + a * bits_as<std::uint32_t>(static_cast<float>(static_cast<std::int32_t>(u)));
  }
};

/// FP32 of [1, 2) to FP16.
struct ConvertF32ToF16 : ConvertWalk {
  static constexpr const char* name = "ConvertF32ToF16";
  static constexpr Argument argument = {a, 0x3f800000};
  static Value step(Value u) {
    return u + a * half_chain::nearest(half_chain::Format::fp16, static_cast<double>(operand(u, argument.base)));
  }
};

/// A signed 16-bit integer to a 32-bit one.
struct ConvertS16ToS32 : ConvertWalk {
  static constexpr const char* name = "ConvertS16ToS32";
  static constexpr Argument argument = {a, 0};
  static Value step(Value u) { return u + a * static_cast<std::uint32_t>(static_cast<std::int16_t>(u & 0xffffU)); }
};

/// FP64 of [1, 2) to FP32.
struct ConvertF64ToF32 : ConvertWalk {
  static constexpr const char* name = "ConvertF64ToF32";
  static constexpr Argument argument = {a, 0x3ff00000};
  static Value step(Value u) {
    const auto x = bits_as<double>(std::uint64_t{(u & 0xfffffU) | argument.base} << 32U | u);
    return u + a * bits_as<std::uint32_t>(static_cast<float>(x));
  }
};

/// FP32 of [1, 2) to FP64. The lower word of the result goes in by an exclusive or.
struct ConvertF32ToF64 : ConvertWalk {
  static constexpr const char* name = "ConvertF32ToF64";
  static constexpr Argument argument = {a, 0x3f800000};
  static Value step(Value u) {
    const auto y = bits_as<std::uint64_t>(static_cast<double>(operand(u, argument.base)));
    return (u + a * static_cast<std::uint32_t>(y >> 32U)) ^ static_cast<std::uint32_t>(y);
  }
};

/// Two FP32 to a pair of FP16 in one instruction, here twice the same. The pair, read as an FP32 v, makes the next number:
/// z(t+1) = 4 v(z(t)) - z(t-1), which preserves area and so has nothing to settle on, whatever v is.
struct ConvertPack {
  static constexpr const char* name = "ConvertPack";
  /// The last two numbers of a chain.
  struct Value {
    float before = 0;
    float now = 0;
  };
  using Bits = std::uint32_t;
  using Argument = float;
  static constexpr Argument argument = 4.0F;
  static constexpr int operations = 2;
  static constexpr int body = 256;

  /// Distinct for all lanes and chains, within [0.5, 1].
  static constexpr Value seed(int lane, int chain) {
    const int index = lane * Chain<ConvertPack>::most_chains + chain;
    return {static_cast<float>(2 * index + 513) * 0x1p-10F, static_cast<float>(2 * index + 511) * 0x1p-10F};
  }
  static Value step(Value x) {
    const std::uint32_t half = half_chain::nearest(half_chain::Format::fp16, static_cast<double>(x.now));
    const auto v = ConvertWalk::bits_as<float>(half << 16U | half);
    return {x.now, std::fma(v, argument, -x.before)};
  }
  static Bits fold(Bits folded, Value x) {
    return fold_bits(fold_bits(folded, ConvertWalk::bits_as<Bits>(x.before)), ConvertWalk::bits_as<Bits>(x.now));
  }
};

}  // namespace peakproof::kernels
