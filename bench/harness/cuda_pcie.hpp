// Copies between host and GPU as cases: which way, from what memory, how much at a time.
#pragma once

#include <cstdint>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

enum class Direction { to_device, to_host, both };
enum class HostMemory { pinned, pageable };

/// Bytes of a buffer for the ordinary cases: --size, or 128 MiB, or what memory there is.
[[nodiscard]] std::int64_t pcie_buffer_bytes(const Registry& registry, const CudaDevice& device);
/// The most that a buffer may have, so that a case's buffers fit into the free memory of host and GPU; a multiple of 8.
[[nodiscard]] std::int64_t pcie_room(const CudaDevice& device);

/// Copies of `bytes`, one after the other; `sweep`: as a point of the curve over the size.
void add_pcie_copy(Registry& registry, CudaDevice& device, Direction direction, HostMemory memory, std::int64_t bytes,
                   bool sweep = false);
/// A copy of one word, waited for: what the smallest copy costs.
void add_pcie_latency(Registry& registry, CudaDevice& device, Direction direction);

}  // namespace peakproof::bench
