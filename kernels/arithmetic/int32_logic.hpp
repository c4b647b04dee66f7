// 32-bit logic rate: the operation. The kernel's data sheet is in int32_logic.cu.
#pragma once

#include <cstdint>

#include "kernels/arithmetic/chain.hpp"

namespace peakproof::kernels {

struct Int32Logic {
  static constexpr const char* name = "Int32Logic";
  /// The last two words of a chain.
  struct Value {
    std::uint32_t before = 0;
    std::uint32_t now = 0;
  };
  using Bits = std::uint32_t;
  using Argument = std::uint32_t;
  static constexpr Argument argument = 1664525;  ///< of the number that changes from trip to trip
  static constexpr int operations = 1;
  static constexpr int body = 512;

  /// Distinct for all lanes and chains.
  static constexpr Value seed(int lane, int chain) {
    const auto index = static_cast<std::uint32_t>(lane * Chain<Int32Logic>::most_chains + chain + 1);
    return {index * 0x85ebca6bU, index * 0x9e3779b9U};
  }
  static constexpr std::uint32_t vary(std::uint32_t number) { return number * argument + argument; }
  static constexpr Value step(Value x, std::uint32_t number) { return {x.now, x.before ^ (x.now | number)}; }
  static Bits fold(Bits folded, Value x) { return fold_bits(fold_bits(folded, x.before), x.now); }
};

}  // namespace peakproof::kernels
