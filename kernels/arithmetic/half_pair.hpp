// Packed 16-bit fused multiply-add: what FP16 and BF16 share.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/arithmetic/chain.hpp"
#include "kernels/arithmetic/half_chain.hpp"

namespace peakproof::kernels {

/// The base of an operation on pairs, which adds its name. `four` are its constants, by turns, and `first` is the seed of
/// the first chain, all of them as bits of the format.
template <half_chain::Format format, std::uint64_t four, unsigned first>
struct HalfPairFma {
  using Value = half_chain::Pair;
  using Bits = std::uint32_t;
  using Argument = std::uint64_t;
  static constexpr Argument argument = four;
  static constexpr int operations = 4;
  static constexpr int body = 512;

  /// Distinct for all lanes, chains and halves.
  static constexpr Value seed(int lane, int chain) {
    using Shape = Chain<HalfPairFma>;
    constexpr unsigned chains = Shape::lanes * Shape::most_chains;
    const auto index = static_cast<unsigned>(lane * Shape::most_chains + chain);
    return {(first + index) | (first + chains + index) << 16U, half_chain::constants(four, chain)};
  }
  /// Both halves of every lane, by `steps` steps.
  static void advance(std::array<Value, 32>& lanes, std::int64_t steps) { half_chain::advance(format, lanes, steps); }
  static Bits fold(Bits folded, Value v) { return fold_bits(folded, v.x); }
};

}  // namespace peakproof::kernels
