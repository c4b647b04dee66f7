// Packed FP32 fused multiply-add rate: two FMA in one instruction.
//
//   idea     as fp32_fma, on pairs: compute capability 10.x has FFMA2, which needs half of the issue slots. On 12.0 the
//            compiler (13.0) makes two FFMA of each, and before 10.0 there is no such instruction: neither is measured
//   work     4 FLOP a step; no load and no store in the loop
//   machine  one trip of the loop is 512 FFMA2, its counter and its branch
//   sass     sm_100a  step Fp32x2Fma  FFMA2=1 FFMA2.sources=2 FFMA=0 CS2R=0 other<0.03
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_120a  absent Fp32x2Fma
//   limit    Pipe::fp32x2_fma
//   answer   each half as in fp32_fma, replayed on the host bit for bit
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/fp32x2_fma.hpp"

namespace peakproof::kernels {

template <>
struct DeviceOperation<Fp32x2Fma> : EveryTripAlike {
  using Value = std::uint64_t;
  std::uint64_t c;
  __device__ explicit DeviceOperation(Fp32Pair argument) : c(packed(argument)) {}
  __device__ static std::uint64_t packed(Fp32Pair pair) {
    return std::uint64_t{__float_as_uint(pair.high)} << 32U | __float_as_uint(pair.low);
  }
  __device__ static std::uint64_t seed(int lane, int chain) { return packed(Fp32x2Fma::seed(lane, chain)); }
  __device__ std::uint64_t step(std::uint64_t x) const {
#if __CUDA_ARCH__ >= 1000 && __CUDA_ARCH__ < 1200
    asm("fma.rn.f32x2 %0, %0, %0, %1;" : "+l"(x) : "l"(c));
#else
    __trap();
#endif
    return x;
  }
  __device__ static std::uint64_t fold(std::uint64_t folded, std::uint64_t x) { return fold_bits(folded, x); }
};

template struct ChainFunctions<Fp32x2Fma>;

}  // namespace peakproof::kernels
