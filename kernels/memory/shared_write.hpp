// Writing shared memory: parameters, work, launch and answer. The kernel and its data sheet are in shared_write.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/memory/mix.hpp"
#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

struct SharedWrite {
  static constexpr int threads = 256;
  static constexpr int lanes = 32;
  static constexpr int warps = threads / lanes;
  static constexpr int vectors = 8;  ///< of 16 bytes that a thread writes in a trip
  static constexpr int warp_words = lanes * vectors * 4;
  static constexpr std::uint32_t step = 0x9E3779B9U;  ///< that a word goes on by, every trip

  int blocks = 1;
  int trips = 1;

  [[nodiscard]] static std::string symbol() { return "shared_write_128"; }
  /// Bytes that one launch writes.
  [[nodiscard]] double work() const { return 16.0 * vectors * threads * trips * blocks; }
  /// The index-th word of a block's memory before the first trip.
  static constexpr std::uint32_t first_word(int index) { return mix32(static_cast<std::uint32_t>(index)); }
};

/// Blocks of this kernel that fill one SM.
[[nodiscard]] cudaError_t blocks_per_sm(const SharedWrite& kernel, int* blocks);
/// `out` has a word for every thread, `trace` one record for every block.
[[nodiscard]] cudaError_t launch(const SharedWrite& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream);
/// What the threads of a block leave, which is the same in all blocks.
[[nodiscard]] std::vector<std::uint32_t> answer(const SharedWrite& kernel);

}  // namespace peakproof::kernels
