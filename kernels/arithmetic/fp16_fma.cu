// Packed FP16 fused multiply-add rate: two FMA in one instruction.
//
//   idea     as fp32_fma, on pairs. On 8.0 and 9.0 the compiler sends every second one to another unit (HFMA2.MMA):
//            both are counted, and that ratio is part of the claim
//   work     4 FLOP a step; no load and no store in the loop
//   machine  one trip of the loop is 512 packed FMA, its counter and its branch
//   sass     sm_75,sm_86,sm_89,sm_100a,sm_120a  step Fp16x2Fma  HFMA2=1 HFMA2.MMA=0 HFMA2.sources=2 CS2R=0 other<0.03
//   sass     sm_80,sm_90a  step Fp16x2Fma  HFMA2=1 HFMA2.MMA=1/2 HFMA2.sources=2 CS2R=0 other<0.03
//   limit    Pipe::fp16x2_fma
//   answer   x <- fma(x, x, c) in each half, rounded to nearest even: the host replays it bit for bit, by powers of the
//            map of all 65536 halves onto each other. With so few numbers a chain ends in a cycle; the four constants have
//            cycles of 137, 147, 174 and 142 steps, so that all chains of a thread together come back only
//            after many thousand trips
#include "kernels/arithmetic/fp16_fma.hpp"
#include "kernels/arithmetic/half_pair.cuh"

namespace peakproof::kernels {

template <>
struct DeviceOperation<Fp16x2Fma> : DeviceHalfPair<Fp16x2Fma> {
  using DeviceHalfPair::DeviceHalfPair;
  __device__ static Value step(Value v) {
    asm("fma.rn.f16x2 %0, %0, %0, %1;" : "+r"(v.x) : "r"(v.c));
    return v;
  }
};

template struct ChainFunctions<Fp16x2Fma>;

}  // namespace peakproof::kernels
