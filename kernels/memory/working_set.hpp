// Reading or copying one working set over and over: parameters, work and launch. The kernel and its data sheet are in
// working_set.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>

namespace peakproof::kernels {

enum class WorkingSetPattern : int { read, copy };

struct WorkingSet {
  static constexpr int threads = 128;
  static constexpr int vectors_per_thread = 4;
  static constexpr std::int64_t tile_bytes = 16LL * threads * vectors_per_thread;  ///< that a block reads at a time

  WorkingSetPattern pattern = WorkingSetPattern::read;
  std::int64_t bytes = 0;   ///< of all buffers together; each is a multiple of tile_bytes
  std::int64_t passes = 1;  ///< over all of it
  int blocks = 0;           ///< that stay on the SMs; best those of coprime_blocks()

  [[nodiscard]] std::string symbol() const;  ///< "working_set<Read>"
  [[nodiscard]] int buffers() const { return pattern == WorkingSetPattern::copy ? 2 : 1; }
  [[nodiscard]] std::int64_t buffer_bytes() const { return bytes / buffers(); }
  [[nodiscard]] std::int64_t tiles() const { return buffer_bytes() / tile_bytes; }
  [[nodiscard]] double bytes_moved() const { return static_cast<double>(bytes) * static_cast<double>(passes); }
};
/// Blocks of the kernel that an SM holds at once.
[[nodiscard]] cudaError_t blocks_per_sm(const WorkingSet& kernel, int* blocks);
/// The largest number up to `most` that shares no factor with the number of tiles, so that every block comes by every tile.
[[nodiscard]] int coprime_blocks(const WorkingSet& kernel, int most);
/// read: `out` gets one 64-bit word a block, the sum of all words that it read, modulo 2^64; all of them together are
/// `passes` times the sum of the buffer. copy: `out` becomes a copy of `source`.
[[nodiscard]] cudaError_t launch(const WorkingSet& kernel, const void* source, void* out, cudaStream_t stream);

}  // namespace peakproof::kernels
