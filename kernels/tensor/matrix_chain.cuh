// The device side of matrix products as chains: what mma.sync and WMMA share.
#pragma once

#include <type_traits>

#include "kernels/arithmetic/chain.cuh"
#include "kernels/tensor/matrix_chain.hpp"

namespace peakproof::kernels {

#ifdef __CUDA_ARCH__
inline constexpr int kCodeArchitecture = __CUDA_ARCH__ / 10;
#else
inline constexpr int kCodeArchitecture = 80;  // the host pass compiles no kernel
#endif

/// Which two operands the next step takes, and when the sign of B turns.
class Turns {
 public:
  __device__ explicit Turns(std::uint32_t zero) : left_(kTripsPerSign + static_cast<int>(zero)) {}
  /// True where this trip is the first with the other sign.
  __device__ __forceinline__ bool begin_trip() {
    turn_ = MatrixTurns::count - 1;
    --left_;
    const bool turns = left_ < 0;
    if (turns) left_ = kTripsPerSign - 1;
    return turns;
  }
  __device__ __forceinline__ void begin_step() {
    ++turn_;
    chain_ = 0;
  }
  /// The turn of the next chain: one ahead of that of the chain before.
  __device__ __forceinline__ int next() { return (turn_ + chain_++) % MatrixTurns::count; }

 private:
  int left_;
  int turn_ = 0;  // both are known when the loop has been unrolled
  int chain_ = 0;
};

/// An operation where the architecture has no instruction for it: never launched, and a trap if it is.
template <class Op>
struct AbsentOperation : EveryTripAlike {
  using Value = std::uint32_t;
  __device__ explicit AbsentOperation(std::uint32_t /*argument*/) { __trap(); }
  __device__ static Value seed(int /*lane*/, int /*chain*/) { return 0; }
  __device__ static Value step(Value x) { return x; }
  __device__ static typename Op::Bits fold(typename Op::Bits folded, Value /*x*/) { return folded; }
};

}  // namespace peakproof::kernels
