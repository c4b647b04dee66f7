// What every chain kernel is to the host: independent chains of one dependent operation, its size and its work. The
// device side is chain.cuh, the answer chain_answer.hpp.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <string>
#include <type_traits>

#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

namespace detail {

template <class Op, class = void>
struct MaxThreads : std::integral_constant<int, 1024> {};
template <class Op>
struct MaxThreads<Op, std::void_t<decltype(Op::max_threads)>> : std::integral_constant<int, Op::max_threads> {};

template <class Op, class = void>
struct HasLatency : std::true_type {};
template <class Op>
struct HasLatency<Op, std::void_t<decltype(Op::has_latency)>> : std::bool_constant<Op::has_latency> {};

}  // namespace detail

/// Chain kernels of operation Op. An operation is a plain struct (fp32_fma.hpp is the shortest) with
///   name         as in C++: the kernel is chain<name, chains, steps>
///   Value        what a chain holds
///   Bits         an unsigned integer that the chains of a thread are folded into
///   Argument     what the kernel is given; `argument` is its value
///   operations   of one step of one thread: an FMA counts 2
///   body         steps of one trip of the loop, all chains together
///   seed(lane, chain), step(value), fold(bits, value)   the same arithmetic on the host
/// and a DeviceOperation<Op> in its .cu (chain.cuh). Where the steps of a trip depend on a number that changes from trip
/// to trip, `vary(number)` gives the next one, the first after 0, and step takes it as its second argument. A step is
/// exact on every machine, so that the host's replay is the answer; what is not, is compared by `matches` (sfu.hpp).
/// An operation that needs many registers says its max_threads; one that has no latency case says has_latency = false.
template <class Op>
struct Chain {
  using Bits = typename Op::Bits;
  static constexpr int lanes = 32;                                   ///< a seed depends on the lane and the chain only
  static constexpr int max_threads = detail::MaxThreads<Op>::value;  ///< of a block
  /// The numbers of chains a thread may have (ILP). Each kernel has the same body: chains x steps = Op::body.
  static constexpr std::array ilps = {1, 2, 4, 8};
  static constexpr int most_chains = ilps.back();

  int blocks = 1;
  int threads = max_threads;           ///< of a block, a multiple of 32
  int chains = most_chains;            ///< independent accumulators per thread
  int steps = Op::body / most_chains;  ///< unrolled: one trip of the loop is chains x steps
  int trips = 1;

  /// With `ilp` chains per thread and the whole body.
  [[nodiscard]] static Chain with_ilp(int ilp) {
    Chain chain;
    chain.chains = ilp;
    chain.steps = Op::body / ilp;
    return chain;
  }
  /// One chain in one warp, with a body that is a `part` of the whole (1 or 2): their difference in time is half a body,
  /// without the loop.
  [[nodiscard]] static Chain dependent(int part) {
    Chain chain = with_ilp(1);
    chain.threads = lanes;
    chain.steps = Op::body / part;
    return chain;
  }
  /// The same steps as `chain` of one chain, but one step a trip: another machine code for the same answer.
  [[nodiscard]] static Chain one_step_a_trip(const Chain& chain) {
    Chain single = chain;
    single.steps = 1;
    single.trips = chain.trips * chain.steps;
    return single;
  }

  /// Of one launch.
  [[nodiscard]] double operations() const { return double{Op::operations} * chains * steps * trips * threads * blocks; }
  /// The kernel that is launched, as a profiler names it (without its namespaces).
  [[nodiscard]] std::string symbol() const {
    return std::string("chain<") + Op::name + ", " + std::to_string(chains) + ", " + std::to_string(steps) + ">";
  }
};

/// What nvcc makes of the operation; its .cu instantiates it.
template <class Op>
struct ChainFunctions {
  static cudaError_t blocks_per_sm(const Chain<Op>& chain, int* blocks);
  static cudaError_t launch(const Chain<Op>& chain, typename Op::Bits* out, BlockTrace* trace, cudaStream_t stream);
};

/// The blocks that fill one SM; cudaErrorLaunchOutOfResources and the like where none fits.
template <class Op>
[[nodiscard]] cudaError_t blocks_per_sm(const Chain<Op>& chain, int* blocks) {
  return ChainFunctions<Op>::blocks_per_sm(chain, blocks);
}

/// `out` has blocks x threads values, `trace` one record per block. cudaErrorInvalidValue for a shape that no kernel has.
template <class Op>
[[nodiscard]] cudaError_t launch(const Chain<Op>& chain, typename Op::Bits* out, BlockTrace* trace,
                                 cudaStream_t stream) {
  return ChainFunctions<Op>::launch(chain, out, trace, stream);
}

/// Rotates by one bit and adds the next chain's bits, so that neither equal chains nor their order cancel out.
template <typename Bits>
[[nodiscard]] constexpr Bits fold_bits(Bits folded, Bits bits) {
  constexpr int width = 8 * static_cast<int>(sizeof(Bits));
  return static_cast<Bits>((folded << 1U) | (folded >> static_cast<unsigned>(width - 1))) ^ bits;
}

}  // namespace peakproof::kernels
