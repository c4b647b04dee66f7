// What an SM can issue: FP32 multiply-adds and 32-bit integer additions together.
//
//   idea     a scheduler issues one instruction a clock. FFMA alone fill it where an SM has 128 FP32 units, IADD3 alone
//            never do; one of each, again and again, shows whether both pipes are fed together. Each reads two
//            registers, so that the register file, which delivers about two operands per lane and cycle, is no limit
//   work     2 instructions a step, counted as they are: this is a rate of issue, not of FLOP
//   machine  one trip of the loop is 256 FFMA, 256 IADD3, the counter (an IADD3 too, up to 8.9) and the branch. On
//            sm_100a the constant of the FFMA is a uniform register with 8 chains
//   sass     sm_75,sm_80,sm_86,sm_89  step Fp32Int32Mix  FFMA=1 FFMA.sources=2 IADD3=1+1 CS2R=0 overhead<0.03
//   sass     sm_90a,sm_120a  step Fp32Int32Mix  FFMA=1 FFMA.sources=2 IADD3=1 IADD3.registers=2 CS2R=0 overhead<0.03
//   sass     sm_100a  step Fp32Int32Mix  FFMA=1 IADD3=1 IADD3.registers=2 CS2R=0 overhead<0.03
//   limit    Pipe::issue
//   answer   the chains of fp32_fma and of int32_add, each replayed on the host bit for bit
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/fp32_int32_mix.hpp"

namespace peakproof::kernels {

template <>
struct DeviceOperation<Fp32Int32Mix> : EveryTripAlike {
  using Value = Fp32Int32Mix::Value;
  float c;
  __device__ explicit DeviceOperation(Fp32Int32Mix::Argument argument) : c(argument.real) {}
  __device__ static Value seed(int lane, int chain) { return Fp32Int32Mix::seed(lane, chain); }
  __device__ Value step(Value x) const {
    return {__fmaf_rn(x.real, x.real, c), {x.word.now, add_three<Int32Add::constant>(x.word.before, x.word.now)}};
  }
  __device__ static std::uint32_t fold(std::uint32_t folded, Value x) {
    return fold_bits(fold_bits(fold_bits(folded, __float_as_uint(x.real)), x.word.before), x.word.now);
  }
};

template struct ChainFunctions<Fp32Int32Mix>;

}  // namespace peakproof::kernels
