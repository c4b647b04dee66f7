// 32-bit logic rate: LOP3, any function of three words.
//
//   idea     as int32_mad. Two steps of a logic function on fixed operands are one function of them, which the compiler
//            folds, or they repeat after a few steps; so a step takes the last two words and one that changes every
//            trip
//   work     1 operation a step; no load and no store in the loop
//   machine  one trip of the loop is 512 LOP3, the next number (an IMAD), the counter and the branch
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step Int32Logic  LOP3=1 LOP3.sources=3 CS2R=0 other<0.03
//   limit    Pipe::int32_logic
//   answer   z(t+1) = z(t-1) ^ (z(t) | n), n from a full-period generator, one number a trip. z(t-1) can be had back
//            from z(t+1) and z(t), so that nothing settles and chains never meet; the host replays it bit for bit
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/int32_logic.hpp"

namespace peakproof::kernels {

template <>
struct DeviceOperation<Int32Logic> : EveryTripAlike {
  using Value = Int32Logic::Value;
  std::uint32_t a;
  std::uint32_t number = 0;
  __device__ explicit DeviceOperation(std::uint32_t argument) : a(argument) {}
  __device__ static Value seed(int lane, int chain) { return Int32Logic::seed(lane, chain); }
  __device__ void begin_trip() { number = number * a + a; }
  __device__ Value step(Value x) const { return {x.now, xor_or(x.before, x.now, number)}; }
  __device__ static std::uint32_t fold(std::uint32_t folded, Value x) {
    return fold_bits(fold_bits(folded, x.before), x.now);
  }
};

template struct ChainFunctions<Int32Logic>;

}  // namespace peakproof::kernels
