// What a running thread can read about time and place.
#pragma once

#include <cstdint>

namespace peakproof::kernels {

/// %globaltimer: nanoseconds, one timer for the whole device; it advances in ticks of 32 ns to about 1 us.
__device__ inline std::int64_t global_ns() {
  std::uint64_t ns = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(ns));
  return static_cast<std::int64_t>(ns);
}

/// %smid: the SM that this thread runs on.
__device__ inline std::int64_t sm_id() {
  std::uint32_t id = 0;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(id));
  return id;
}

}  // namespace peakproof::kernels
