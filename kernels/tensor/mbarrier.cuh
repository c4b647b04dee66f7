// Barriers in shared memory that count arrivals and bytes (mbarrier), for one CTA or a cluster of them. From compute
// capability 9.0 on; PTX ISA 9.0, "Parallel Synchronization and Communication Instructions: mbarrier".
//
// A barrier's phase ends when all arrivals have come and all announced bytes are there; the next one then begins by
// itself. The phases are told apart by their parity: the first is 0, and the one before it, 1, counts as ended.
#pragma once

#include <cstdint>

namespace peakproof::kernels::mbarrier {

/// Where a barrier lies in this CTA's shared memory (8 bytes, aligned to 8).
using Address = std::uint32_t;
inline constexpr int bytes = 8;

/// One thread does this before anybody else uses the barrier; publish_init and a barrier of the cluster come after it.
__device__ __forceinline__ void init(Address barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}
/// Makes this thread's init visible to the cluster and to what copies asynchronously.
__device__ __forceinline__ void publish_init() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }

/// Arrives, and announces bytes that an asynchronous copy brings.
__device__ __forceinline__ void arrive_expecting(Address barrier, int bytes_to_come) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes_to_come) : "memory");
}

/// The same place in the shared memory of another CTA (or this one) of the cluster.
__device__ __forceinline__ std::uint32_t address_in(std::uint32_t rank, Address here) {
  std::uint32_t there = 0;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(there) : "r"(here), "r"(rank));
  return there;
}
/// Arrives at a barrier of the cluster (address_in). It hands on what has been read or written asynchronously and is
/// complete, not this thread's ordinary writes to global memory: .release.cluster, which does, costs a MEMBAR.GPU.
__device__ __forceinline__ void arrive_in_cluster(std::uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared::cluster.b64 _, [%0];" ::"r"(barrier) : "memory");
}

/// Waits until the phase of this parity has ended; the bytes that it announced are then visible. (.acquire.cluster
/// would also throw L1 away, each time.)
__device__ __forceinline__ void wait(Address barrier, std::uint32_t parity) {
  std::uint32_t ended = 0;
  do {
    asm volatile(
        "{.reg .pred p;\n"
        "mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\n"
        "selp.u32 %0, 1, 0, p;}"
        : "=r"(ended)
        : "r"(barrier), "r"(parity)
        : "memory");
  } while (ended == 0);
}

}  // namespace peakproof::kernels::mbarrier
