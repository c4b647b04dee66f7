// 32-bit integer multiply-add rate: the operation. The kernel's data sheet is in int32_mad.cu.
#pragma once

#include <cstdint>

#include "kernels/arithmetic/chain.hpp"

namespace peakproof::kernels {

struct Int32Mad {
  static constexpr const char* name = "Int32Mad";
  using Value = std::uint32_t;
  using Bits = std::uint32_t;
  using Argument = std::uint32_t;
  static constexpr Argument argument = 1664525;  ///< x <- x * a + a has the full period of 2^32: a % 4 is 1, a is odd
  static constexpr int operations = 2;
  static constexpr int body = 256;  ///< ptxas takes time with the square of it for 12.0

  /// Distinct for all lanes and chains.
  static constexpr Value seed(int lane, int chain) {
    return static_cast<std::uint32_t>(lane * Chain<Int32Mad>::most_chains + chain + 1) * 0x9e3779b9U;
  }
  static constexpr Value step(Value x) { return x * argument + argument; }
  static Bits fold(Bits folded, Value x) { return fold_bits(folded, x); }
};

}  // namespace peakproof::kernels
