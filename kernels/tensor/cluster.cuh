// CTAs of one cluster, and one thread of a warp. From compute capability 9.0 on.
#pragma once

#include <cstdint>

namespace peakproof::kernels::cluster {

/// Of this CTA in its cluster.
__device__ __forceinline__ std::uint32_t rank() {
  std::uint32_t rank = 0;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}

/// Waits for all threads of all CTAs of the cluster; what they wrote before is visible after. Every warp comes whole.
__device__ __forceinline__ void synchronize() {
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

/// True in one thread of the warp, always the same; every thread of the warp asks.
__device__ __forceinline__ bool elected() {
  std::uint32_t is_leader = 0;
  asm volatile(
      "{.reg .pred p;\n"
      "elect.sync _|p, 0xffffffff;\n"
      "selp.u32 %0, 1, 0, p;}"
      : "=r"(is_leader));
  return is_leader != 0;
}

/// Gives up or takes registers: from here on each thread of the warpgroup has `count` (24 to 256, a multiple of 8).
template <int count>
__device__ __forceinline__ void shrink_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(count));
}
template <int count>
__device__ __forceinline__ void grow_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(count));
}

}  // namespace peakproof::kernels::cluster
