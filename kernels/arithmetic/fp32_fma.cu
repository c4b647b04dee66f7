// FP32 fused multiply-add rate.
//
//   idea     each thread keeps 8 independent chains, so that the latency of an FFMA (about 4 cycles) is covered by the
//            thread itself and by its neighbours; 1024 threads a block keep every scheduler supplied
//   work     2 FLOP x chains x steps x trips per thread; no load and no store in the loop
//   machine  one trip of the loop is chains x steps FFMA, its counter and its branch. An FFMA reads two distinct
//            registers, not three: the register file delivers about two operands per lane and cycle, so that three
//            distinct ones would halve the rate where the reuse cache does not help
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop  FFMA=512 FFMA.sources=2 CS2R=0 overhead<0.03
//   limit    Pipe::fp32_fma
//   answer   x <- fma(x, x, c) from exact dyadic seeds: the host replays it bit for bit with std::fma. With c = -1.9
//            every chain stays within +-2, never settles (its cycles in FP32 are 1083 and 759 steps long) and no two
//            chains of a lane ever meet, so that no trip and no chain can be left out unseen
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/fp32_fma.hpp"

namespace peakproof::kernels {
namespace {

struct Fp32FmaPipe {
  using Value = float;
  using Bits = std::uint32_t;
  float c;
  __device__ static Value seed(int lane, int chain) {
    return static_cast<float>(2 * (lane * Fp32Fma::chains + chain) + 1) * 0x1p-10F;
  }
  __device__ Value step(Value x) const { return __fmaf_rn(x, x, c); }
  __device__ static Bits bits(Value x) { return __float_as_uint(x); }
};

}  // namespace

__global__ void __launch_bounds__(Fp32Fma::threads)
    fp32_fma(float c, int trips, std::uint32_t* out, BlockTrace* trace) {
  const std::size_t thread = std::size_t{blockIdx.x} * Fp32Fma::threads + threadIdx.x;
  out[thread] = run_chains<Fp32Fma::chains, Fp32Fma::steps_per_trip>(Fp32FmaPipe{in_register(c)}, trips, trace);
}

cudaError_t blocks_per_sm(const Fp32Fma& /*kernel*/, int* blocks) {
  return chain_blocks_per_sm<Fp32Fma>(fp32_fma, blocks);
}

cudaError_t launch(const Fp32Fma& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream) {
  return launch_chain(fp32_fma, kernel, Fp32Fma::c, out, trace, stream);
}

}  // namespace peakproof::kernels
