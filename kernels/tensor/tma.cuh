// Copies of boxes of a tensor by the tensor memory accelerator (TMA): one thread asks, an engine does it. The tensor
// and the box are described by a tensor map (tensor_map.hpp) that the kernel gets as a __grid_constant__ argument. From
// compute capability 9.0 on; PTX ISA 9.0, "Data Movement and Conversion Instructions: Tensor copy".
#pragma once

#include <cuda.h>

#include <cstdint>

#include "kernels/tensor/mbarrier.cuh"

namespace peakproof::kernels::tma {

/// Brings the map to where the engine reads it, ahead of its first use.
__device__ __forceinline__ void prefetch(const CUtensorMap& map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
}

/// Starts copying the box whose first element is (x, y), x running fastest, into shared memory; its bytes count at the
/// barrier.
__device__ __forceinline__ void load(std::uint32_t shared, const CUtensorMap& map, int x, int y,
                                     mbarrier::Address barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], [%2];" ::
          "r"(shared),
      "l"(&map), "r"(barrier), "r"(x), "r"(y)
      : "memory");
}
/// The same into the same place of every CTA of the cluster whose bit is set, where it counts at the same barrier.
__device__ __forceinline__ void load_for(std::uint16_t ranks, std::uint32_t shared, const CUtensorMap& map, int x,
                                         int y, mbarrier::Address barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes.multicast::cluster"
      " [%0], [%1, {%3, %4}], [%2], %5;" ::"r"(shared),
      "l"(&map), "r"(barrier), "r"(x), "r"(y), "h"(ranks)
      : "memory");
}

/// Makes this thread's ordinary writes to shared memory visible to the engine. A barrier comes between it and the
/// store, unless the same thread asks for it.
__device__ __forceinline__ void publish_shared() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
/// Starts copying the box at (x, y) out of shared memory.
__device__ __forceinline__ void store(const CUtensorMap& map, int x, int y, std::uint32_t shared) {
  asm volatile("cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group [%0, {%2, %3}], [%1];" ::"l"(&map),
               "r"(shared), "r"(x), "r"(y)
               : "memory");
}
/// Closes the group of this thread's stores since the last commit.
__device__ __forceinline__ void commit_stores() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
/// Until this thread's stores have read their shared memory, which may then be written again.
__device__ __forceinline__ void wait_until_stores_have_read() {
  asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory");
}
/// Until this thread's stores are complete.
__device__ __forceinline__ void wait_for_stores() { asm volatile("cp.async.bulk.wait_group 0;" ::: "memory"); }

}  // namespace peakproof::kernels::tma
