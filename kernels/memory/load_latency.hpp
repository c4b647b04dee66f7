// How long single loads past the L1 take: which of them hit in the L2. The kernel is in load_latency.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/memory/pointer_chase.hpp"

namespace peakproof::kernels {

struct LoadLatency {
  static constexpr const char* symbol = "load_latency";

  std::int64_t bytes = Ring::line_bytes;  ///< of the memory whose lines are sampled; a multiple of a line
  std::int64_t samples = 1;               ///< at most one for each line, no line twice
  std::uint64_t seed = 1;
};

/// SM cycles of each sampled line's load into `first`, and of the same load right after it, which hits, into `again`.
[[nodiscard]] cudaError_t launch(const LoadLatency& probe, const void* memory, std::uint32_t* first,
                                 std::uint32_t* again, cudaStream_t stream);

}  // namespace peakproof::kernels
