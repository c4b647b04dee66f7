// FP64 fused multiply-add rate.
//
//   idea     as fp32_fma: 8 independent chains a thread. A DFMA takes about 8 cycles, and a scheduler of an SM with 64
//            FP64 units takes one in 2 cycles; one with 2 units (7.5, 8.6, 8.9, 12.0) one in 64
//   work     2 FLOP a step; no load and no store in the loop
//   machine  one trip of the loop is 512 DFMA, its counter and its branch. On sm_120a the compiler pads with NOP, which
//            cost nothing at that rate
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  step Fp64Fma  DFMA=1 DFMA.sources=2 CS2R=0 other<0.03
//   sass     sm_120a  step Fp64Fma  DFMA=1 DFMA.sources=2 CS2R=0 other<0.9
//   limit    Pipe::fp64_fma
//   answer   x <- fma(x, x, -1.9), replayed on the host bit for bit: bounded and chaotic as in FP32, with cycles too
//            long to be seen
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/fp64_fma.hpp"

namespace peakproof::kernels {

template <>
struct DeviceOperation<Fp64Fma> : EveryTripAlike {
  using Value = double;
  double c;
  __device__ explicit DeviceOperation(double argument) : c(argument) {}
  __device__ static double seed(int lane, int chain) { return Fp64Fma::seed(lane, chain); }
  __device__ double step(double x) const { return __fma_rn(x, x, c); }
  __device__ static std::uint64_t fold(std::uint64_t folded, double x) {
    return fold_bits(folded, static_cast<std::uint64_t>(__double_as_longlong(x)));
  }
};

template struct ChainFunctions<Fp64Fma>;

}  // namespace peakproof::kernels
