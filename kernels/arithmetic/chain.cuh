// The loop that every arithmetic pipe is measured with: independent chains of one dependent operation, fully unrolled.
//
// A pipe is one header with its operation (chain.hpp says what that is) and one .cu with
//   template <> struct DeviceOperation<Op>     made from the argument, which lies in registers
//     using Value                              what a chain holds on the device
//     Value seed(int lane, int chain) const    an exact start, the same for every warp
//     void begin_trip(), void begin_step()     where something changes from trip to trip or step to step; else inherited
//     Value step(Value x)                      the one measured operation
//     Bits fold(Bits folded, Value x)          what is kept of a chain
//   template struct ChainFunctions<Op>;        the kernels and their launch
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <type_traits>

#include "kernels/arithmetic/chain.hpp"
#include "kernels/probe/block_trace.hpp"
#include "kernels/probe/device_clock.cuh"

namespace peakproof::kernels {

template <class Op, class = void>
struct DeviceOperation;

/// What most operations need nothing of.
struct EveryTripAlike {
  __device__ static void begin_trip() {}
  __device__ static void begin_step() {}
};

/// A kernel argument in general registers of each thread, by way of shared memory. The compiler would otherwise read
/// it from the constant bank or from a uniform register, by architecture; so the measured operation has the same
/// operands everywhere. Every thread of the block calls it, once.
template <typename Value>
__device__ __forceinline__ Value in_register(Value argument) {
  __shared__ Value shared;
  if (threadIdx.x == 0) shared = argument;
  __syncthreads();
  return shared;
}

/// a ^ (b | c) in one LOP3, which the compiler does not look into.
__device__ __forceinline__ std::uint32_t xor_or(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  std::uint32_t result = 0;
  asm("lop3.b32 %0, %1, %2, %3, 0x1e;" : "=r"(result) : "r"(a), "r"(b), "r"(c));
  return result;
}

/// a + b + constant in one IADD3. The compiler takes sums of two to other pipes, and moves constants about.
template <std::uint32_t constant>
__device__ __forceinline__ std::uint32_t add_three(std::uint32_t a, std::uint32_t b) {
  std::uint32_t result = 0;
  asm("{ .reg .u32 sum; add.u32 sum, %1, %2; add.u32 %0, sum, %3; }" : "=r"(result) : "r"(a), "r"(b), "n"(constant));
  return result;
}

/// Calls `f` n times, one behind the other. Nothing is left to the compiler's unrolling, which stops at shuffles.
template <int n, typename F>
__device__ __forceinline__ void repeat(const F& f) {
  if constexpr (n == 1) {
    f();
  } else {
    repeat<n / 2>(f);
    repeat<n - n / 2>(f);
  }
}

/// `trips` x `steps` steps of each of this thread's chains, and what is folded of them. Thread 0 writes the block's
/// trace: the clock around the loop, and the SM.
template <class Op, int chains, int steps>
__global__ void __launch_bounds__(Chain<Op>::max_threads, 1)
    chain(typename Op::Argument argument, int trips, typename Op::Bits* out, BlockTrace* trace) {
  DeviceOperation<Op> operation(in_register(argument));
  const int lane = static_cast<int>(threadIdx.x % 32U);
  typename DeviceOperation<Op>::Value x[chains];
#pragma unroll
  for (int chain = 0; chain < chains; ++chain) x[chain] = operation.seed(lane, chain);

  const std::int64_t begin = clock64();
  __syncthreads();  // the trace is the block's, not that of the one warp which writes it
#pragma unroll 1    // the loop stays a loop: its body is the unit that the audit counts
  for (int trip = 0; trip < trips; ++trip) {
    operation.begin_trip();
    repeat<steps>([&] {
      operation.begin_step();
#pragma unroll
      for (int chain = 0; chain < chains; ++chain) x[chain] = operation.step(x[chain]);
    });
  }
  __syncthreads();
  const std::int64_t end = clock64();

  typename Op::Bits folded = 0;
#pragma unroll
  for (int chain = 0; chain < chains; ++chain) folded = operation.fold(folded, x[chain]);
  out[std::size_t{blockIdx.x} * blockDim.x + threadIdx.x] = folded;
  if (threadIdx.x == 0) trace[blockIdx.x] = BlockTrace{begin, end, sm_id()};
}

namespace detail {

/// Whether the answer is had from the device itself, one step a trip (Op::replayed_on_device).
template <class Op, class = void>
struct ReplayedOnDevice : std::false_type {};
template <class Op>
struct ReplayedOnDevice<Op, std::void_t<decltype(Op::replayed_on_device)>> : std::true_type {};

template <class Op>
using ChainKernel = void (*)(typename Op::Argument, int, typename Op::Bits*, BlockTrace*);

/// The kernel of that shape, or null.
template <class Op>
ChainKernel<Op> find_chain(int chains, int steps) {
  constexpr int body = Op::body;
  if (chains == 8 && steps == body / 8) return chain<Op, 8, body / 8>;
  if (chains == 4 && steps == body / 4) return chain<Op, 4, body / 4>;
  if (chains == 2 && steps == body / 2) return chain<Op, 2, body / 2>;
  if (chains == 1 && steps == body) return chain<Op, 1, body>;
  if constexpr (HasLatency<Op>::value) {
    if (chains == 1 && steps == body / 2) return chain<Op, 1, body / 2>;
  }
  if constexpr (ReplayedOnDevice<Op>::value) {
    if (chains == 1 && steps == 1) return chain<Op, 1, 1>;
  }
  return nullptr;
}

}  // namespace detail

template <class Op>
cudaError_t ChainFunctions<Op>::blocks_per_sm(const Chain<Op>& chain, int* blocks) {
  const auto function = detail::find_chain<Op>(chain.chains, chain.steps);
  if (function == nullptr) return cudaErrorInvalidValue;
  const cudaError_t status = cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, chain.threads, 0);
  if (status == cudaSuccess && *blocks < 1) return cudaErrorLaunchOutOfResources;
  return status;
}

template <class Op>
cudaError_t ChainFunctions<Op>::launch(const Chain<Op>& chain, typename Op::Bits* out, BlockTrace* trace,
                                       cudaStream_t stream) {
  const auto function = detail::find_chain<Op>(chain.chains, chain.steps);
  if (function == nullptr || chain.blocks < 1 || chain.trips < 1) return cudaErrorInvalidValue;
  function<<<static_cast<unsigned>(chain.blocks), static_cast<unsigned>(chain.threads), 0, stream>>>(
      Op::argument, chain.trips, out, trace);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
