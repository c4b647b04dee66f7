// Reading from a cache: parameters, work, launch and answer. The kernel and its data sheet are in cache_read.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <vector>

#include "kernels/memory/pattern.hpp"
#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

enum class Cache : int {
  l1,  ///< loads that every level caches: the set must fit in the L1
  l2,  ///< loads that pass by the L1
};

struct CacheRead {
  static constexpr int threads = 128;
  static constexpr int loads = 4;  ///< independent 16-byte loads in flight per thread
  static constexpr std::int64_t vector_bytes = 16;
  static constexpr std::int64_t chunk_bytes = vector_bytes * threads * loads;  ///< of one trip of one block

  Cache cache = Cache::l1;
  std::int64_t bytes = chunk_bytes;  ///< of the set that every block reads round and round; a multiple of chunk_bytes
  int blocks = 1;
  int trips = 1;

  [[nodiscard]] const char* symbol() const {
    return cache == Cache::l1 ? "cache_read<AllLevels>" : "cache_read<SecondLevel>";
  }
  /// Bytes read by one launch.
  [[nodiscard]] double bytes_read() const { return static_cast<double>(chunk_bytes) * trips * blocks; }
  [[nodiscard]] std::int64_t chunks() const { return bytes / chunk_bytes; }
  /// Where a block begins: neighbours lie far apart.
  [[nodiscard]] static constexpr std::uint32_t first_chunk(std::uint32_t block, std::uint32_t chunks) {
    constexpr std::uint32_t apart = 40503;  // 2^16 x the golden ratio, and odd
    return block * apart % chunks;
  }
};

/// Blocks that an SM holds.
[[nodiscard]] cudaError_t blocks_per_sm(const CacheRead& kernel, int* blocks);
/// `data` holds the set; `out` has one word for each thread, `trace` one entry for each block.
[[nodiscard]] cudaError_t launch(const CacheRead& kernel, const void* data, std::uint32_t* out, BlockTrace* trace,
                                 cudaStream_t stream);
/// What every thread of a launch leaves in `out`, where the set was filled with this pattern.
[[nodiscard]] std::vector<std::uint32_t> answer(const CacheRead& kernel, const Pattern& pattern);

}  // namespace peakproof::kernels
