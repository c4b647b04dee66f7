// 32-bit integer multiply-add rate.
//
//   idea     as fp32_fma, with integers; a scheduler takes an IMAD in 2 cycles
//   work     2 operations a step; no load and no store in the loop
//   machine  one trip of the loop is 256 IMAD, its counter and its branch; an IMAD reads two distinct registers
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step Int32Mad  IMAD=1 IMAD.sources=2 CS2R=0 other<0.03
//   limit    Pipe::int32_mad
//   answer   x <- x a + a mod 2^32 runs through all 2^32 numbers (Hull and Dobell), so that chains never meet and every
//            trip shows; the host replays it bit for bit
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/int32_mad.hpp"

namespace peakproof::kernels {

template <>
struct DeviceOperation<Int32Mad> : EveryTripAlike {
  using Value = std::uint32_t;
  std::uint32_t a;
  __device__ explicit DeviceOperation(std::uint32_t argument) : a(argument) {}
  __device__ static std::uint32_t seed(int lane, int chain) { return Int32Mad::seed(lane, chain); }
  __device__ std::uint32_t step(std::uint32_t x) const { return x * a + a; }
  __device__ static std::uint32_t fold(std::uint32_t folded, std::uint32_t x) { return fold_bits(folded, x); }
};

template struct ChainFunctions<Int32Mad>;

}  // namespace peakproof::kernels
