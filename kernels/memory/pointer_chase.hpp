// Latency of a memory level: parameters, launch and answer. The kernels and their data sheets are in pointer_chase.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/memory/permutation.hpp"

namespace peakproof::kernels {

/// Nodes at a stride, each of which holds the place of the next: one cycle through all, in an order that looks random.
struct Ring {
  static constexpr std::int64_t line_bytes = 128;

  std::int64_t nodes = 1;
  std::int64_t stride_bytes = line_bytes;
  std::uint64_t seed = 1;

  [[nodiscard]] constexpr std::int64_t bytes() const { return nodes * stride_bytes; }
  /// Bytes from the begin of the memory to the node that the walk is at after `step` steps. Where nodes are more than a
  /// line apart, each lies in another line of its stride: at the same place in every page they would share the sets of
  /// a cache.
  [[nodiscard]] constexpr std::int64_t place(std::int64_t step) const {
    const Permutation order{static_cast<std::uint64_t>(nodes), seed};
    const std::uint64_t node = order(static_cast<std::uint64_t>(step % nodes));
    const auto lines = static_cast<std::uint64_t>(stride_bytes / line_bytes);
    constexpr std::uint64_t apart = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio
    const std::uint64_t line = lines > 1 ? (node * apart >> 32U) % lines : 0;
    return static_cast<std::int64_t>(node) * stride_bytes + static_cast<std::int64_t>(line) * line_bytes;
  }
};

/// By which way the chase goes.
enum class ChasePath : int {
  all_levels,    ///< plain loads from global memory
  second_level,  ///< loads with .cg, past the L1
  shared,        ///< loads from shared memory: the ring is the kernel's own
  constant,      ///< indexed loads from constant memory: the ring is the kernel's own
  texture,       ///< fetches through the texture units from linear memory
};

/// What one walk leaves behind.
struct ChaseOutcome {
  std::uint64_t last = 0;   ///< where it ended: an address; an offset into the kernel's own ring; an element
  std::int64_t cycles = 0;  ///< clock64 around the timed trips
  std::int64_t smid = -1;   ///< %smid; -1: never written
};

struct PointerChase {
  /// Of one trip of the loop: a prime number, so that a walk that is some trips short ends elsewhere in any ring.
  static constexpr int steps = 61;
  /// The rings that kernels hold themselves: words of 4 bytes, next to each other.
  static constexpr Ring shared_ring{.nodes = 2048, .stride_bytes = 4};
  static constexpr Ring constant_ring{.nodes = 256, .stride_bytes = 4};

  ChasePath path = ChasePath::all_levels;
  int warm_trips = 0;  ///< before the clock is read: the L1 is empty when a kernel begins
  int trips = 1;

  [[nodiscard]] const char* symbol() const;
};

/// Fills memory of ring.bytes() with the ring's nodes: addresses (8 bytes), or, for textures, numbers of 4-byte
/// elements.
[[nodiscard]] cudaError_t fill(const Ring& ring, void* memory, bool elements, cudaStream_t stream);

/// One thread walks from `first`, which is what ChaseOutcome::last would be of a walk that ends there. `texture` is
/// used by ChasePath::texture only.
[[nodiscard]] cudaError_t launch(const PointerChase& chase, std::uint64_t first, cudaTextureObject_t texture,
                                 ChaseOutcome* out, cudaStream_t stream);

/// The same walk past the L1 from every SM in turn.
struct ChaseBySm {
  static constexpr const char* symbol = "chase_by_sm";
  static constexpr int steps = PointerChase::steps;
  static constexpr int most_sms = 1024;
  int sm_count = 1;
  int trips = 1;
};
/// A lock, and a flag for each SM: that many words, all 0 before a launch.
inline constexpr int kTurnWords = 1 + ChaseBySm::most_sms;
/// `out` has an element for each possible SM, and is written by %smid.
[[nodiscard]] cudaError_t launch(const ChaseBySm& chase, std::uint64_t first, std::uint32_t* turn, ChaseOutcome* out,
                                 cudaStream_t stream);

}  // namespace peakproof::kernels
