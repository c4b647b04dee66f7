// FP32 fused multiply-add rate: the operation. The kernel's data sheet is in fp32_fma.cu.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/arithmetic/chain.hpp"

namespace peakproof::kernels {

struct Fp32Fma {
  static constexpr const char* name = "Fp32Fma";
  using Value = float;
  using Bits = std::uint32_t;
  using Argument = float;
  static constexpr Argument argument = -1.9F;  ///< x <- x * x + c stays within +-2 and is chaotic
  static constexpr int operations = 2;
  static constexpr int body = 512;

  /// Distinct for all lanes and chains: odd multiples of 2^-10.
  static constexpr Value seed(int lane, int chain) {
    return static_cast<float>(2 * (lane * Chain<Fp32Fma>::most_chains + chain) + 1) * 0x1p-10F;
  }
  static Value step(Value x) { return std::fma(x, x, argument); }
  static Bits fold(Bits folded, Value x) {
    Bits bits = 0;
    std::memcpy(&bits, &x, sizeof bits);
    return fold_bits(folded, bits);
  }
};

}  // namespace peakproof::kernels
