// What device memory does beside the STREAM patterns.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"
#include "kernels/probe/block_trace.hpp"

namespace peakproof::bench {

/// Declares TMA bulk copies (read, write, copy) and accesses far apart (strided, random); with --sweep the curves over
/// the share of writes (mix), the bytes in flight (in_flight) and the stride (stride), as far as they are wanted.
void add_cuda_traffic(Registry& registry, CudaDevice& device);

/// The blocks that began on an SM before the one before them there had ended, or that left no trace. Pure.
[[nodiscard]] std::int64_t blocks_not_alone(std::vector<kernels::BlockTrace> traces);

}  // namespace peakproof::bench
