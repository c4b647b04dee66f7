// Packed BF16 fused multiply-add rate: the operation. The kernel's data sheet is in bf16_fma.cu.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/arithmetic/chain.hpp"
#include "kernels/arithmetic/half_chain.hpp"

namespace peakproof::kernels {

struct Bf16x2Fma {
  static constexpr const char* name = "Bf16x2Fma";
  using Value = half_chain::Pair;
  using Bits = std::uint32_t;
  using Argument = std::uint64_t;
  /// x <- x * x + c stays within +-2 for each of -1.9765625, -1.921875, -1.84375, -1.6640625: four numbers, by turns.
  static constexpr Argument argument = 0xbfd5bfecbff6bffd;
  static constexpr int operations = 4;
  static constexpr int body = 512;

  /// Distinct for all lanes, chains and halves, as bits: positive and below 0.5.
  static constexpr Value seed(int lane, int chain) {
    constexpr unsigned chains = Chain<Bf16x2Fma>::lanes * Chain<Bf16x2Fma>::most_chains;
    const auto index = static_cast<unsigned>(lane * Chain<Bf16x2Fma>::most_chains + chain);
    return {(0x3d00U + index) | (0x3d00U + chains + index) << 16U, half_chain::constants(argument, chain)};
  }
  /// Both halves of every lane, by `steps` steps.
  static void advance(std::array<Value, Chain<Bf16x2Fma>::lanes>& lanes, std::int64_t steps) {
    half_chain::advance(half_chain::Format::bf16, lanes, steps);
  }
  static Bits fold(Bits folded, Value v) { return fold_bits(folded, v.x); }
};

}  // namespace peakproof::kernels
