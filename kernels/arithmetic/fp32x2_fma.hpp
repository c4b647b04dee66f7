// Packed FP32 fused multiply-add rate: the operation. The kernel's data sheet is in fp32x2_fma.cu.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/arithmetic/chain.hpp"

namespace peakproof::kernels {

/// Two FP32 values in one 64-bit register pair.
struct Fp32Pair {
  float low = 0;
  float high = 0;
};

struct Fp32x2Fma {
  static constexpr const char* name = "Fp32x2Fma";
  using Value = Fp32Pair;
  using Bits = std::uint64_t;
  using Argument = Fp32Pair;
  static constexpr Argument argument = {-1.9F, -1.9F};
  static constexpr int operations = 4;
  static constexpr int body = 512;

  /// Distinct for all lanes, chains and halves: odd multiples of 2^-10.
  static constexpr Value seed(int lane, int chain) {
    constexpr int chains = Chain<Fp32x2Fma>::lanes * Chain<Fp32x2Fma>::most_chains;
    const int index = lane * Chain<Fp32x2Fma>::most_chains + chain;
    return {static_cast<float>(2 * index + 1) * 0x1p-10F, static_cast<float>(2 * (index + chains) + 1) * 0x1p-10F};
  }
  static Value step(Value x) { return {std::fma(x.low, x.low, argument.low), std::fma(x.high, x.high, argument.high)}; }
  static Bits fold(Bits folded, Value x) {
    Bits bits = 0;
    std::memcpy(&bits, &x, sizeof bits);
    return fold_bits(folded, bits);
  }
};

}  // namespace peakproof::kernels
