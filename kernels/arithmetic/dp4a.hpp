// Four-way 8-bit dot product rate: the operation. The kernel's data sheet is in dp4a.cu.
#pragma once

#include <cstdint>

#include "kernels/arithmetic/chain.hpp"

namespace peakproof::kernels {

struct Dp4a {
  static constexpr const char* name = "Dp4a";
  using Value = std::uint32_t;
  using Bits = std::uint32_t;
  using Argument = std::uint32_t;
  static constexpr Argument argument = 0x9e3779b9;  ///< four bytes, none of them 0
  static constexpr int operations = 8;
  static constexpr int body = 512;

  /// Distinct for all lanes and chains.
  static constexpr Value seed(int lane, int chain) {
    return static_cast<std::uint32_t>(lane * Chain<Dp4a>::most_chains + chain + 1) * 0x9e3779b9U;
  }
  static constexpr Value step(Value x) {
    Value sum = x;
    for (unsigned shift = 0; shift < 32; shift += 8) sum += (x >> shift & 0xffU) * (argument >> shift & 0xffU);
    return sum;
  }
  static Bits fold(Bits folded, Value x) { return fold_bits(folded, x); }
};

}  // namespace peakproof::kernels
