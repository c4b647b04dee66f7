// Copies of contiguous bytes between global and shared memory by the TMA engine: one thread asks, the engine does it.
// No tensor map is needed. From compute capability 9.0 on; PTX ISA 9.0, "Data Movement and Conversion Instructions:
// cp.async.bulk". Addresses and sizes are multiples of 16 bytes.
#pragma once

#include <cstdint>

#include "kernels/tensor/mbarrier.cuh"

namespace peakproof::kernels::bulk {

// The shared memory of this block by its own name where PTX has it (ISA 8.6: CUDA 12.7); by the cluster's, compute
// capability 12.x would call a function that looks whose it is.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1000
#define PEAKPROOF_BULK_LOAD "cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes"
#else
#define PEAKPROOF_BULK_LOAD "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes"
#endif

/// Starts copying into shared memory. The bytes count at the barrier, where they are announced too; when its phase has
/// ended, all who waited see them.
__device__ __forceinline__ void load(std::uint32_t shared, const void* global, int bytes, mbarrier::Address barrier) {
  mbarrier::arrive_expecting(barrier, bytes);
  asm volatile(PEAKPROOF_BULK_LOAD " [%0], [%1], %2, [%3];" ::"r"(shared), "l"(global), "r"(bytes), "r"(barrier)
               : "memory");
}
#undef PEAKPROOF_BULK_LOAD

/// Orders this thread's own reads and writes of shared memory before what the engine does behind a barrier of the
/// block: it sees what was written, and overwrites nothing that is still read. What the engine itself has brought needs
/// none.
__device__ __forceinline__ void order_before_engine() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

/// Starts copying out of shared memory, as a group of its own.
__device__ __forceinline__ void store(void* global, std::uint32_t shared, int bytes) {
  asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(global), "r"(shared), "r"(bytes)
               : "memory");
  asm volatile("cp.async.bulk.commit_group;" ::: "memory");
}
/// Until all of this thread's stores but the last `count` have read their shared memory, which may then be written
/// again.
template <int count>
__device__ __forceinline__ void wait_until_read_but() {
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(count) : "memory");
}
/// Until this thread's stores are complete.
__device__ __forceinline__ void wait_for_stores() { asm volatile("cp.async.bulk.wait_group 0;" ::: "memory"); }

}  // namespace peakproof::kernels::bulk
