// Reading shared memory: parameters, work, launch and answer. The kernels and their data sheet are in shared_read.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/memory/shared_tile.hpp"
#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

struct SharedRead {
  static constexpr int threads = 256;
  static constexpr std::array all_ways = {1, 2, 4, 8, 16, 32};

  int ways = 0;  ///< 0: 16 bytes a lane; 1 to 32: 4 bytes a lane, so many words in each bank that the warp meets
  int blocks = 1;
  int trips = 1;

  [[nodiscard]] std::string symbol() const {
    return ways == 0 ? "shared_read_128" : "shared_read_32<" + std::to_string(ways) + ">";
  }
  /// Bytes that one launch delivers to registers.
  [[nodiscard]] double work() const { return 4.0 * SharedTile::lane_words * threads * trips * blocks; }
};

/// Blocks of this kernel that fill one SM.
[[nodiscard]] cudaError_t blocks_per_sm(const SharedRead& kernel, int* blocks);
/// `out` has a word for every thread, `trace` one record for every block. cudaErrorInvalidValue for other `ways`.
[[nodiscard]] cudaError_t launch(const SharedRead& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream);
/// What the first threads leave; thread i the same as thread i % size.
[[nodiscard]] std::vector<std::uint32_t> answer(const SharedRead& kernel);

}  // namespace peakproof::kernels
