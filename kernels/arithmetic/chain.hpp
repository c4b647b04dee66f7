// What every chain kernel is to the host: its size and its work. Its device side is chain.cuh, its answer
// chain_answer.hpp.
#pragma once

namespace peakproof::kernels {

/// The base of a chain kernel K, which adds
///   symbol               the name of its __global__ function
///   Bits                 an unsigned integer as wide as a value of the chain
///   chains               independent accumulators per thread (ILP)
///   steps_per_trip       unrolled: one trip of the loop is chains x steps_per_trip instructions
///   operations_per_step  an FMA counts 2
///   threads              of a block
///   answer()             per lane the bits of its chains, xor-folded, replayed on the host
/// and the free functions blocks_per_sm(K, int*) and launch(K, Bits* out, BlockTrace* trace, stream).
template <class K>
struct Chain {
  static constexpr int lanes = 32;  ///< a seed depends on the lane and the chain only

  int blocks = 1;
  int trips = 1;

  /// Of one launch.
  [[nodiscard]] double operations() const {
    return double{K::operations_per_step} * K::chains * K::steps_per_trip * trips * K::threads * blocks;
  }
};

}  // namespace peakproof::kernels
