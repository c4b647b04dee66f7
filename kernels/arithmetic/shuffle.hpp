// Warp shuffle rate: the operation. The kernel's data sheet is in shuffle.cu.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/arithmetic/chain.hpp"

namespace peakproof::kernels {

struct Shuffle {
  static constexpr const char* name = "Shuffle";
  using Value = std::uint32_t;
  using Bits = std::uint32_t;
  using Argument = int;
  static constexpr Argument argument = 1;  ///< how far values move at a step, within their ring of lanes
  static constexpr int operations = 1;
  static constexpr int body = 512;

  /// The lanes form rings of 5, 7, 9 and 11: all values are back in place after 3465 steps, and every value has moved
  /// after any power of two of steps.
  static constexpr int source(int lane, int distance) {
    const int first = lane < 5 ? 0 : lane < 12 ? 5 : lane < 21 ? 12 : 21;
    const int length = lane < 5 ? 5 : lane < 12 ? 7 : lane < 21 ? 9 : 11;
    return first + (lane - first + distance) % length;
  }
  /// Distinct for all lanes and chains.
  static constexpr Value seed(int lane, int chain) {
    return static_cast<std::uint32_t>(lane * Chain<Shuffle>::most_chains + chain + 1) * 0x9e3779b9U;
  }
  /// The values of all lanes of a chain, by `steps` steps.
  static void advance(std::array<Value, Chain<Shuffle>::lanes>& lanes, std::int64_t steps) {
    const auto before = lanes;
    constexpr int order = 5 * 7 * 9 * 11;
    const auto distance = static_cast<int>(steps % order) * argument;
    for (int lane = 0; lane < Chain<Shuffle>::lanes; ++lane)
      lanes[static_cast<std::size_t>(lane)] = before[static_cast<std::size_t>(source(lane, distance))];
  }
  static Bits fold(Bits folded, Value x) { return fold_bits(folded, x); }
};

}  // namespace peakproof::kernels
