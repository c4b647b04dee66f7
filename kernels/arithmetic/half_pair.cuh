// Packed 16-bit fused multiply-add: what FP16 and BF16 share on the device.
#pragma once

#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/half_pair.hpp"

namespace peakproof::kernels {

/// The base of a DeviceOperation, which adds its step. The constants come from the argument, in registers.
template <class Op>
struct DeviceHalfPair : EveryTripAlike {
  using Value = half_chain::Pair;
  std::uint64_t numbers;
  __device__ explicit DeviceHalfPair(std::uint64_t argument) : numbers(argument) {}
  __device__ Value seed(int lane, int chain) const {
    return {Op::seed(lane, chain).x, half_chain::constants(numbers, chain)};
  }
  __device__ static std::uint32_t fold(std::uint32_t folded, Value v) { return fold_bits(folded, v.x); }
};

}  // namespace peakproof::kernels
