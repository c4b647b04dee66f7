// Copies from one GPU to another as cases.
#pragma once

#include <optional>
#include <string>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"
#include "theory/link.hpp"

namespace peakproof::bench {

/// The NVLinks that lead from one GPU to the other: those that end there, or those to switches that both have. Nothing
/// where there is none. `to_address`: PCI, as CUDA gives it. Pure.
[[nodiscard]] std::optional<theory::NvLinks> nvlinks_between(const NvmlDevice& from, const NvmlDevice& to,
                                                             const std::string& to_address);

/// Copies from `from` to `to`, or both ways at once. `device` is the one whose stream times them.
void add_p2p_copy(Registry& registry, CudaDevice& device, const GpuName& from, const GpuName& to, bool both_ways);

}  // namespace peakproof::bench
