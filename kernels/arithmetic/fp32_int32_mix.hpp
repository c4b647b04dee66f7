// What an SM can issue, FP32 and INT32 together: the operation. The kernel's data sheet is in fp32_int32_mix.cu.
#pragma once

#include <cstdint>

#include "kernels/arithmetic/chain.hpp"
#include "kernels/arithmetic/fp32_fma.hpp"
#include "kernels/arithmetic/int32_add.hpp"

namespace peakproof::kernels {

struct Fp32Int32Mix {
  static constexpr const char* name = "Fp32Int32Mix";
  struct Value {
    Fp32Fma::Value real = 0;
    Int32Add::Value word;
  };
  using Bits = std::uint32_t;
  struct Argument {
    Fp32Fma::Argument real = 0;
    Int32Add::Argument word = 0;
  };
  static constexpr Argument argument = {Fp32Fma::argument, Int32Add::argument};
  static constexpr int operations = 2;  ///< instructions, one of each kind
  static constexpr int body = 256;

  static constexpr Value seed(int lane, int chain) { return {Fp32Fma::seed(lane, chain), Int32Add::seed(lane, chain)}; }
  static Value step(Value x) { return {Fp32Fma::step(x.real), Int32Add::step(x.word)}; }
  static Bits fold(Bits folded, Value x) { return Int32Add::fold(Fp32Fma::fold(folded, x.real), x.word); }
};

}  // namespace peakproof::kernels
