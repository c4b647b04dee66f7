// Conversion rates, as the throughput table of the CUDA guide groups them.
//
//   idea     chains of a conversion and of what makes its result the next operand: an IMAD, for floating-point operands
//            also a LOP3 that puts a fixed exponent over it. Both run on other pipes. Where the conversion is one at half
//            rate, it and its companion fill all issue slots
//   work     1 operation a step, the conversion (pack: 2, as two numbers are converted)
//   machine  one trip of the loop is 256 conversions with as many IMAD and LOP3, the counter and the branch. Integer to
//            FP32 is an instruction of the special function unit up to 8.0 (I2F), and another since 8.6 (I2FP); 7.5
//            packs by two conversions and a permutation, and is not measured. On sm_120a the compiler pads FP64 with
//            NOP
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step ConvertF32ToS32  F2I=1 IMAD=1 IMAD.sources=3 LOP3=1
//            other<0.03
//   sass     sm_75,sm_80  step ConvertS32ToF32  I2F=1 IMAD=1 IMAD.sources=3 other<0.03
//   sass     sm_86,sm_89,sm_90a,sm_100a,sm_120a  step ConvertS32ToF32  I2FP.F32.S32=1 IMAD=1 IMAD.sources=3 overhead<0.03
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step ConvertF32ToF16  F2F.F16.F32=1 IMAD=1 IMAD.sources=3
//            LOP3=1 other<0.03
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step ConvertS16ToS32  PRMT=1 IMAD=1 IMAD.sources=3
//            overhead<0.03
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  step ConvertF64ToF32  F2F.F32.F64=1 IMAD=1 IMAD.sources=3 LOP3=1
//            other<0.05
//   sass     sm_120a  step ConvertF64ToF32  F2F.F32.F64=1 IMAD=1 IMAD.sources=3 LOP3=1 other<0.9
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  step ConvertF32ToF64  F2F.F64.F32=1 IMAD=1 IMAD.sources=3 LOP3=2
//            other<0.05
//   sass     sm_120a  step ConvertF32ToF64  F2F.F64.F32=1 IMAD=1 IMAD.sources=3 LOP3=2 other<0.9
//   sass     sm_75  absent ConvertPack
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step ConvertPack  F2FP.PACK_AB=1 FFMA=1 FFMA.sources=3
//            F2FP.registers=1 overhead<0.03
//   limit    Pipe::convert, convert_small_int (S16ToS32), convert_64bit, convert_int_to_float (I2FP), convert_pack
//   answer   conversions are exactly defined: the host replays every chain bit for bit. The walks add a number at every
//            step and do not settle
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/convert.hpp"

namespace peakproof::kernels {
namespace {

/// (u & mask) | base in one LOP3.
__device__ __forceinline__ std::uint32_t under(std::uint32_t base, std::uint32_t u, std::uint32_t mask) {
  std::uint32_t result = 0;
  asm("lop3.b32 %0, %1, %2, %3, 0xea;" : "=r"(result) : "r"(u), "r"(mask), "r"(base));
  return result;
}

__device__ __forceinline__ std::uint32_t multiply_add(std::uint32_t x, std::uint32_t a, std::uint32_t addend) {
  std::uint32_t result = 0;
  asm("mad.lo.u32 %0, %1, %2, %3;" : "=r"(result) : "r"(x), "r"(a), "r"(addend));
  return result;
}

struct DeviceWalk : EveryTripAlike {
  using Value = std::uint32_t;
  std::uint32_t a;
  std::uint32_t base;
  __device__ explicit DeviceWalk(ConvertWalk::Argument argument) : a(argument.a), base(argument.base) {}
  __device__ static std::uint32_t seed(int lane, int chain) { return ConvertWalk::seed(lane, chain); }
  __device__ float operand(std::uint32_t u) const { return __uint_as_float(under(base, u, 0x7fffffU)); }
  __device__ static std::uint32_t fold(std::uint32_t folded, std::uint32_t u) { return fold_bits(folded, u); }
};

}  // namespace

template <>
struct DeviceOperation<ConvertF32ToS32> : DeviceWalk {
  using DeviceWalk::DeviceWalk;
  __device__ std::uint32_t step(std::uint32_t u) const {
    return multiply_add(static_cast<std::uint32_t>(__float2int_rz(operand(u))), a, u);
  }
};

template <>
struct DeviceOperation<ConvertS32ToF32> : DeviceWalk {
  using DeviceWalk::DeviceWalk;
  __device__ std::uint32_t step(std::uint32_t u) const {
    return multiply_add(__float_as_uint(__int2float_rn(static_cast<int>(u))), a, u);
  }
};

template <>
struct DeviceOperation<ConvertF32ToF16> : DeviceWalk {
  using DeviceWalk::DeviceWalk;
  __device__ std::uint32_t step(std::uint32_t u) const {
    std::uint16_t half = 0;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(operand(u)));
    return multiply_add(half, a, u);
  }
};

template <>
struct DeviceOperation<ConvertS16ToS32> : DeviceWalk {
  using DeviceWalk::DeviceWalk;
  __device__ std::uint32_t step(std::uint32_t u) const {
    std::uint32_t wide = 0;
    asm("prmt.b32 %0, %1, 0, 0x9910;"
        : "=r"(wide)
        : "r"(u));  // what cvt.s32.s16 becomes: both bytes, then its sign twice
    return multiply_add(wide, a, u);
  }
};

template <>
struct DeviceOperation<ConvertF64ToF32> : DeviceWalk {
  using DeviceWalk::DeviceWalk;
  __device__ std::uint32_t step(std::uint32_t u) const {
    const double x = __hiloint2double(static_cast<int>(under(base, u, 0xfffffU)), static_cast<int>(u));
    return multiply_add(__float_as_uint(__double2float_rn(x)), a, u);
  }
};

template <>
struct DeviceOperation<ConvertF32ToF64> : DeviceWalk {
  using DeviceWalk::DeviceWalk;
  __device__ std::uint32_t step(std::uint32_t u) const {
    const auto y = static_cast<double>(operand(u));
    return multiply_add(static_cast<std::uint32_t>(__double2hiint(y)), a, u) ^
           static_cast<std::uint32_t>(__double2loint(y));
  }
};

template <>
struct DeviceOperation<ConvertPack> : EveryTripAlike {
  using Value = ConvertPack::Value;
  float factor;
  __device__ explicit DeviceOperation(float argument) : factor(argument) {}
  __device__ static Value seed(int lane, int chain) { return ConvertPack::seed(lane, chain); }
  __device__ Value step(Value x) const {
    std::uint32_t pair = 0;
#if __CUDA_ARCH__ >= 800
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(x.now), "f"(x.now));
#else
    __trap();
#endif
    const float v = __uint_as_float(pair);
    return {x.now, __fmaf_rn(v, factor, -x.before)};
  }
  __device__ static std::uint32_t fold(std::uint32_t folded, Value x) {
    return fold_bits(fold_bits(folded, __float_as_uint(x.before)), __float_as_uint(x.now));
  }
};

template struct ChainFunctions<ConvertF32ToS32>;
template struct ChainFunctions<ConvertS32ToF32>;
template struct ChainFunctions<ConvertF32ToF16>;
template struct ChainFunctions<ConvertS16ToS32>;
template struct ChainFunctions<ConvertF64ToF32>;
template struct ChainFunctions<ConvertF32ToF64>;
template struct ChainFunctions<ConvertPack>;

}  // namespace peakproof::kernels
