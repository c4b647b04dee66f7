// The loop that every arithmetic pipe is measured with: independent chains of one dependent operation, fully unrolled.
//
// A pipe is a plain struct with
//   using Value                             what a chain holds
//   using Bits                              an unsigned integer of the same width
//   Value seed(int lane, int chain) const   an exact start, the same for every warp
//   Value step(Value x) const               the one measured operation
//   Bits bits(Value x) const                what is folded into the answer
// Its __global__ kernel is one call of run_chains(), its launch one of launch_chain(); chain_answer.hpp replays it on the
// host.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/probe/block_trace.hpp"
#include "kernels/probe/device_clock.cuh"

namespace peakproof::kernels {

/// A kernel argument in a general register of each thread, by way of shared memory. The compiler would otherwise read
/// it from the constant bank or from a uniform register, by architecture; so the measured operation has the same
/// operands everywhere. Every thread of the block calls it, once.
template <typename Value>
__device__ __forceinline__ Value in_register(Value argument) {
  __shared__ Value shared;
  if (threadIdx.x == 0) shared = argument;
  __syncthreads();
  return shared;
}

/// Runs this thread's chains for `trips` x `steps` steps and returns their bits, xor-folded. Thread 0 writes the
/// block's trace: the clock around the loop, and the SM.
template <int chains, int steps, typename Pipe>
__device__ __forceinline__ typename Pipe::Bits run_chains(const Pipe& pipe, int trips, BlockTrace* trace) {
  using Value = typename Pipe::Value;
  const int lane = static_cast<int>(threadIdx.x % 32U);
  Value x[chains];
#pragma unroll
  for (int chain = 0; chain < chains; ++chain) x[chain] = pipe.seed(lane, chain);

  const std::int64_t begin = clock64();
  __syncthreads();  // the trace is the block's, not that of the one warp which writes it
#pragma unroll 1    // the loop stays a loop: its body is the unit that the audit counts
  for (int trip = 0; trip < trips; ++trip) {
#pragma unroll
    for (int step = 0; step < steps; ++step) {
#pragma unroll
      for (int chain = 0; chain < chains; ++chain) x[chain] = pipe.step(x[chain]);
    }
  }
  __syncthreads();
  const std::int64_t end = clock64();

  typename Pipe::Bits fold = 0;
#pragma unroll
  for (int chain = 0; chain < chains; ++chain) fold ^= pipe.bits(x[chain]);
  if (threadIdx.x == 0) trace[blockIdx.x] = BlockTrace{begin, end, sm_id()};
  return fold;
}

/// The blocks of chain kernel K that fill one SM.
template <typename K, typename... Arguments>
cudaError_t chain_blocks_per_sm(void (*function)(Arguments...), int* blocks) {
  const cudaError_t status = cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, K::threads, 0);
  if (status == cudaSuccess && *blocks < 1) return cudaErrorLaunchOutOfResources;
  return status;
}

/// Launches chain kernel K with its argument.
template <typename K, typename Value>
cudaError_t launch_chain(void (*function)(Value, int, typename K::Bits*, BlockTrace*), const K& kernel, Value argument,
                         typename K::Bits* out, BlockTrace* trace, cudaStream_t stream) {
  if (kernel.blocks < 1 || kernel.trips < 1) return cudaErrorInvalidValue;
  function<<<static_cast<unsigned>(kernel.blocks), K::threads, 0, stream>>>(argument, kernel.trips, out, trace);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
