// Packed BF16 fused multiply-add rate: the operation. The kernel's data sheet is in bf16_fma.cu.
#pragma once

#include <cstdint>

#include "kernels/arithmetic/chain.hpp"
#include "kernels/arithmetic/half_chain.hpp"

namespace peakproof::kernels {

struct Bf16x2Fma {
  static constexpr const char* name = "Bf16x2Fma";
  using Value = std::uint32_t;  ///< two halves
  using Bits = std::uint32_t;
  using Argument = std::uint32_t;
  static constexpr Argument argument = 0xbfd8bfd8;  ///< -1.6875 twice: x <- x * x + c stays within +-2
  static constexpr int operations = 4;
  static constexpr int body = 512;

  /// Distinct for all lanes, chains and halves, as bits: positive and below 0.5.
  static constexpr Value seed(int lane, int chain) {
    constexpr unsigned chains = Chain<Bf16x2Fma>::lanes * Chain<Bf16x2Fma>::most_chains;
    const auto index = static_cast<unsigned>(lane * Chain<Bf16x2Fma>::most_chains + chain);
    return (0x3d00U + index) | (0x3d00U + chains + index) << 16U;
  }
  /// Both halves of every lane, by `steps` steps.
  static void advance(half_chain::Lanes lanes, std::int64_t steps) {
    half_chain::advance(half_chain::Format::bf16, argument & 0xffffU, lanes, steps);
  }
  static Bits fold(Bits folded, Value x) { return fold_bits(folded, x); }
};

}  // namespace peakproof::kernels
