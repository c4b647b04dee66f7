// FP32 fused multiply-add rate.
//
//   idea     each thread keeps 8 independent chains, so that the latency of an FFMA (about 4 cycles) is covered by the
//            thread itself and by its neighbours; 1024 threads a block keep every scheduler supplied
//   work     2 FLOP a step; no load and no store in the loop
//   machine  one trip of the loop is 512 FFMA, its counter and its branch. An FFMA reads two distinct registers, not
//            three: the register file delivers about two operands per lane and cycle, so that three distinct ones
//            would halve the rate where the reuse cache does not help
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step Fp32Fma  FFMA=1 FFMA.sources=2 CS2R=0 overhead<0.03
//   limit    Pipe::fp32_fma
//   answer   x <- fma(x, x, c) from exact dyadic seeds: the host replays it bit for bit with std::fma. With c = -1.9
//            every chain stays within +-2, never settles (its cycles in FP32 are 1083 and 759 steps long) and no two
//            chains of a lane ever meet, so that a trip or a chain that is left out shows
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/fp32_fma.hpp"

namespace peakproof::kernels {

template <>
struct DeviceOperation<Fp32Fma> : EveryTripAlike {
  using Value = float;
  float c;
  __device__ explicit DeviceOperation(float argument) : c(argument) {}
  __device__ static float seed(int lane, int chain) { return Fp32Fma::seed(lane, chain); }
  __device__ float step(float x) const { return __fmaf_rn(x, x, c); }
  __device__ static std::uint32_t fold(std::uint32_t folded, float x) { return fold_bits(folded, __float_as_uint(x)); }
};

template struct ChainFunctions<Fp32Fma>;

}  // namespace peakproof::kernels
