// Special function rate: 2^x, log2, 1/x, 1/sqrt, sine and hyperbolic tangent in hardware.
//
//   idea     the unit (MUFU) takes 4 lanes a clock in each quarter of an SM, so that the other pipes have time to make a
//            new operand and to use every result: what multiplies is on one of them, what adds on another. A chain of
//            MUFU alone would settle, or be folded (1/(1/x)). The MUFU are in no chain: what a sweep varies is how many
//            chains make their operands
//   work     1 operation a step, the MUFU; what makes operands and uses results is not counted
//   machine  one trip of the loop is 128 MUFU, as many FFMA (the next operand) and IADD3 (the sum of the results; of
//            tanh, without low bits, LEA.HI), for some functions what moves the operand, the counter (an IADD3 too, up to 8.9) and the branch
//   sass     sm_75,sm_80,sm_86,sm_89  step SfuEx2  MUFU.EX2=1 MUFU=1 FFMA=1 FFMA.sources=2
//            IADD3=1+1 other<0.03
//   sass     sm_90a,sm_100a,sm_120a  step SfuEx2  MUFU.EX2=1 MUFU=1 FFMA=1 FFMA.sources=2
//            IADD3=1 IADD3.registers=2 other<0.03
//   sass     sm_75,sm_80,sm_86,sm_89  step SfuLg2  MUFU.LG2=1 MUFU=1 FFMA=1 FFMA.sources=2 FADD=1
//            IADD3=1+1 other<0.03
//   sass     sm_90a,sm_100a,sm_120a  step SfuLg2  MUFU.LG2=1 MUFU=1 FFMA=1 FFMA.sources=2 FADD=1
//            IADD3=1 IADD3.registers=2 other<0.03
//   sass     sm_75,sm_80,sm_86,sm_89  step SfuRcp  MUFU.RCP=1 MUFU=1 FFMA=1 FFMA.sources=2
//            IADD3=1+1 other<0.03
//   sass     sm_90a,sm_100a,sm_120a  step SfuRcp  MUFU.RCP=1 MUFU=1 FFMA=1 FFMA.sources=2
//            IADD3=1 IADD3.registers=2 other<0.03
//   sass     sm_75,sm_80,sm_86,sm_89  step SfuRsqrt  MUFU.RSQ=1 MUFU=1 FFMA=1 FFMA.sources=2
//            IADD3=1+1 other<0.03
//   sass     sm_90a,sm_100a,sm_120a  step SfuRsqrt  MUFU.RSQ=1 MUFU=1 FFMA=1 FFMA.sources=2
//            IADD3=1 IADD3.registers=2 other<0.03
//   sass     sm_75,sm_80,sm_86,sm_89  step SfuSin  MUFU.SIN=1 MUFU=1 FFMA=2 FFMA.registers=2 FMUL=1
//            IADD3=1+1 other<0.03
//   sass     sm_90a,sm_100a,sm_120a  step SfuSin  MUFU.SIN=1 MUFU=1 FFMA=2 FFMA.registers=2 FMUL=1
//            IADD3=1 IADD3.registers=2 other<0.03
//   sass     sm_75,sm_80,sm_86,sm_89  step SfuTanh  MUFU.TANH=1 MUFU=1 FFMA=1 FFMA.sources=2
//            LEA.HI=1 other<0.03
//   sass     sm_90a,sm_100a,sm_120a  step SfuTanh  MUFU.TANH=1 MUFU=1 FFMA=1 FFMA.sources=2
//            LEA.HI=1 LEA.registers=2 other<0.03
//   limit    Pipe::sfu
//   answer   the operands are the chains of fp32_fma, replayed on the host bit for bit, so that a trip that is left out
//            shows. The results are summed up as integers: the sum of all lies within what PTX ISA documents for each
//            (special_function.hpp), and all threads of a lane agree bit for bit. Single results: sfu_values.cu
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/sfu.hpp"
#include "kernels/arithmetic/special_function.cuh"

namespace peakproof::kernels {

template <class Op>
struct DeviceSfu : EveryTripAlike {
  using Value = Sfu::Value;
  float c;
  __device__ explicit DeviceSfu(float argument) : c(argument) {}
  __device__ static Value seed(int lane, int chain) { return Sfu::seed(lane, chain); }
  __device__ Value step(Value v) const {
    const std::uint32_t bits = __float_as_uint(mufu<Op::function>(mufu_operand<Op::function>(v.x)));
    const float next = __fmaf_rn(v.x, v.x, c);
    if constexpr (Op::function == SpecialFunction::tanh) return {next, v.sum + (bits >> 12U)};  // one LEA.HI
    return {next, add_three<Int32Add::constant>(v.sum, bits)};
  }
  __device__ static std::uint64_t fold(std::uint64_t folded, Value v) {
    const std::uint32_t x = fold_bits(static_cast<std::uint32_t>(folded >> 32U), __float_as_uint(v.x));
    return std::uint64_t{x} << 32U | (static_cast<std::uint32_t>(folded) + v.sum);
  }
};

template <>
struct DeviceOperation<SfuEx2> : DeviceSfu<SfuEx2> {
  using DeviceSfu::DeviceSfu;
};
template <>
struct DeviceOperation<SfuLg2> : DeviceSfu<SfuLg2> {
  using DeviceSfu::DeviceSfu;
};
template <>
struct DeviceOperation<SfuRcp> : DeviceSfu<SfuRcp> {
  using DeviceSfu::DeviceSfu;
};
template <>
struct DeviceOperation<SfuRsqrt> : DeviceSfu<SfuRsqrt> {
  using DeviceSfu::DeviceSfu;
};
template <>
struct DeviceOperation<SfuSin> : DeviceSfu<SfuSin> {
  using DeviceSfu::DeviceSfu;
};
template <>
struct DeviceOperation<SfuTanh> : DeviceSfu<SfuTanh> {
  using DeviceSfu::DeviceSfu;
};

template struct ChainFunctions<SfuEx2>;
template struct ChainFunctions<SfuLg2>;
template struct ChainFunctions<SfuRcp>;
template struct ChainFunctions<SfuRsqrt>;
template struct ChainFunctions<SfuSin>;
template struct ChainFunctions<SfuTanh>;

}  // namespace peakproof::kernels
