// Warp shuffle rate: SHFL, a word from another lane.
//
//   idea     independent chains of shuffles; the lanes pass their words on in four rings
//   work     1 operation a step and lane; no load and no store in the loop
//   machine  one trip of the loop is 512 SHFL.IDX, its counter and its branch
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step Shuffle  SHFL.IDX=1 SHFL=1 SHFL.registers=2 CS2R=0
//            other<0.03
//   limit    Pipe::shuffle
//   answer   every lane's word after all steps, bit for bit. The rings of 5, 7, 9 and 11 lanes are back in place after
//            3465 steps, so that a trip that is left out shows
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/shuffle.hpp"

namespace peakproof::kernels {

template <>
struct DeviceOperation<Shuffle> : EveryTripAlike {
  using Value = std::uint32_t;
  int source;
  __device__ explicit DeviceOperation(int argument)
      : source(Shuffle::source(static_cast<int>(threadIdx.x % 32U), argument)) {}
  __device__ static std::uint32_t seed(int lane, int chain) { return Shuffle::seed(lane, chain); }
  __device__ std::uint32_t step(std::uint32_t x) const { return __shfl_sync(0xffffffffU, x, source); }
  __device__ static std::uint32_t fold(std::uint32_t folded, std::uint32_t x) { return fold_bits(folded, x); }
};

template struct ChainFunctions<Shuffle>;

}  // namespace peakproof::kernels
