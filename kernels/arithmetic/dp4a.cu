// Four-way 8-bit dot product rate: DP4A, four products of bytes and five additions in one instruction.
//
//   idea     as int32_mad: independent chains of one instruction
//   work     8 operations a step, as is the custom: four multiplications, four additions
//   machine  one trip of the loop is 512 IDP.4A, its counter and its branch; an IDP reads two distinct registers
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step Dp4a  IDP.4A.U8=1 IDP=1 IDP.sources=2 CS2R=0
//            other<0.03
//   limit    Pipe::dp4a
//   answer   x <- x + bytes(x) . bytes(a) mod 2^32 grows and wraps (no byte of a is 0; only 0 itself would stay, and no chain
//            comes to it); the host replays it bit for bit
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/dp4a.hpp"

namespace peakproof::kernels {

template <>
struct DeviceOperation<Dp4a> : EveryTripAlike {
  using Value = std::uint32_t;
  std::uint32_t a;
  __device__ explicit DeviceOperation(std::uint32_t argument) : a(argument) {}
  __device__ static std::uint32_t seed(int lane, int chain) { return Dp4a::seed(lane, chain); }
  __device__ std::uint32_t step(std::uint32_t x) const { return __dp4a(x, a, x); }
  __device__ static std::uint32_t fold(std::uint32_t folded, std::uint32_t x) { return fold_bits(folded, x); }
};

template struct ChainFunctions<Dp4a>;

}  // namespace peakproof::kernels
