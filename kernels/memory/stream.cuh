// What kernels that stream through memory are made of: vectors of 16 bytes, and a block's sum.
#pragma once

#include <cstdint>

namespace peakproof::kernels::streaming {

/// 16 bytes, which one instruction moves.
template <class Element>
struct alignas(16) Vector {
  Element first;
  Element second;
};

/// `count` vectors, a block's whole width apart, all asked for before the first is waited for.
template <int count, class Element>
__device__ __forceinline__ void load(const Vector<Element>* memory, int apart, Vector<Element> (&vectors)[count]) {
#pragma unroll
  for (int i = 0; i < count; ++i) vectors[i] = memory[i * apart];
}

/// The sum over a block of `threads`, in thread 0; of numbers whose sum is exact, so that the order is free.
template <int threads, class Number>
__device__ __forceinline__ Number block_sum(Number mine) {
  constexpr unsigned all = 0xFFFFFFFF;
  constexpr int warps = threads / 32;
  __shared__ Number of_warp[warps];
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) mine += __shfl_down_sync(all, mine, distance);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = mine;
  __syncthreads();
  Number sum = of_warp[0];
#pragma unroll
  for (int warp = 1; warp < warps; ++warp) sum += of_warp[warp];
  return sum;
}

}  // namespace peakproof::kernels::streaming
