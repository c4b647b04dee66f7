// 32-bit integer addition rate: the operations. The kernel's data sheet is in int32_add.cu.
#pragma once

#include <cstdint>

#include "kernels/arithmetic/chain.hpp"

namespace peakproof::kernels {

struct Int32Add {
  static constexpr const char* name = "Int32Add";
  /// The last two numbers of a chain.
  struct Value {
    std::uint32_t before = 0;
    std::uint32_t now = 0;
  };
  using Bits = std::uint32_t;
  using Argument = std::uint32_t;
  static constexpr Argument argument = 0x85ebca6b;  ///< part of the seeds
  static constexpr int operations = 1;
  static constexpr int body = 512;
  static constexpr std::uint32_t constant = 0x9e3779b9;  ///< makes three addends of two: only IADD3 can do that

  /// Distinct for all lanes and chains.
  static constexpr Value seed(int lane, int chain) {
    const auto index = static_cast<std::uint32_t>(lane * Chain<Int32Add>::most_chains + chain + 1);
    return {index * argument, index * constant};
  }
  static constexpr Value step(Value x) { return {x.now, x.before + x.now + constant}; }
  static Bits fold(Bits folded, Value x) { return fold_bits(fold_bits(folded, x.before), x.now); }
};

/// The same without the constant: on 12.x two addends run at twice the rate of three.
struct Int32AddTwo {
  static constexpr const char* name = "Int32AddTwo";
  using Value = Int32Add::Value;
  using Bits = Int32Add::Bits;
  using Argument = Int32Add::Argument;
  static constexpr Argument argument = Int32Add::argument;
  static constexpr int operations = 1;
  static constexpr int body = 512;

  static constexpr Value seed(int lane, int chain) { return Int32Add::seed(lane, chain); }
  static constexpr Value step(Value x) { return {x.now, x.before + x.now}; }
  static Bits fold(Bits folded, Value x) { return Int32Add::fold(folded, x); }
};

}  // namespace peakproof::kernels
