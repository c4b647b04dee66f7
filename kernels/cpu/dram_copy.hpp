// Memory copy bandwidth of the CPU: one thread's part. The kernel and its data sheet are in dram_copy.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace peakproof::kernels::cpu {

struct DramCopy {
  static constexpr const char* symbol = "cpu_dram_copy";
  static constexpr std::int64_t block_bytes = 4096;  ///< what a thread's part is a multiple of
  static constexpr std::size_t alignment = 256;      ///< of both buffers: the longest vector there is

  std::int64_t bytes = 0;  ///< of one buffer; a multiple of block_bytes

  /// Bytes moved by one copy of the whole buffer: read and written both counted.
  [[nodiscard]] double bytes_moved() const { return 2.0 * static_cast<double>(bytes); }
  /// Copies on the calling thread. Both spans are of one size, a multiple of block_bytes, and aligned; throws
  /// std::invalid_argument otherwise.
  static void copy(std::span<const std::uint64_t> source, std::span<std::uint64_t> destination);
  /// Highway's name of the target that is used.
  [[nodiscard]] static std::string target();
  /// Bytes of one buffer for a bandwidth test: four times the last-level cache, at least 512 MiB (1 GiB in both
  /// buffers), at most a quarter of the available memory; a multiple of block_bytes. 0 where the last two contradict a
  /// working set beyond the cache.
  [[nodiscard]] static std::int64_t plan_bytes(std::int64_t last_level_cache_bytes, std::int64_t available_bytes);
};

}  // namespace peakproof::kernels::cpu
