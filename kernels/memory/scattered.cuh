// Which vectors a thread of scattered.cu reads; its check goes through the same.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/memory/scattered.hpp"
#include "kernels/memory/stream.cuh"

namespace peakproof::kernels::scattering {

/// Byte offsets of this thread's vectors. `lanes` neighbours read a piece, and a block's pieces are those of
/// consecutive numbers.
template <int lanes, class Order>
__device__ __forceinline__ void find_places(const Order& order, std::uint64_t (&places)[Scattered::loads]) {
  constexpr int pieces = Scattered::threads / lanes;  // of a block, in one load of all its threads
  const std::uint32_t first = blockIdx.x * (pieces * Scattered::loads) + threadIdx.x / lanes;
  const std::uint32_t within = threadIdx.x % lanes * Scattered::vector_bytes;
#pragma unroll
  for (int i = 0; i < Scattered::loads; ++i) places[i] = order.offset(first + i * pieces) + within;
}

/// Calls start(order, lanes): lanes as a type whose value is the number of threads that read a piece.
template <class Start>
cudaError_t with_order(const Scattered& kernel, const Start& start) {
  if (!kernel.valid()) return cudaErrorInvalidValue;
  constexpr int sector = Scattered::sector_bytes / Scattered::vector_bytes;
  constexpr int line = Scattered::line_bytes / Scattered::vector_bytes;
  if (!kernel.random()) return start(kernel.strided_order(), std::integral_constant<int, sector>());
  if (kernel.piece_bytes == Scattered::sector_bytes)
    return start(kernel.random_order(), std::integral_constant<int, sector>());
  return start(kernel.random_order(), std::integral_constant<int, line>());
}

}  // namespace peakproof::kernels::scattering
