// The CPU's latencies as cases: a walk through each level, by one core.
#pragma once

#include <cstdint>
#include <string>

#include "bench/harness/cpu_backend.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

/// Declares the latency of every cache level and of the memory, or with --sweep the curve over the size, each in pages of
/// the base size and in huge ones. The first core walks, the others idle. Throws UsageError for a size that does not suit.
void add_cpu_chases(Registry& registry, CpuBackend& device, const std::string& name);

/// Bytes of a working set for a cache of so many bytes: half of it, but no more than 4 x the level below (0: none). A large
/// set is beyond what the address translation of small pages covers, and neighbours of a virtual machine evict it.
[[nodiscard]] std::int64_t chase_cache_bytes(std::int64_t cache_bytes, std::int64_t below_bytes);

/// Bytes of a working set that the last-level cache helps little with: 8 x the cache and at least 512 MiB, at most a
/// quarter of the available memory.
[[nodiscard]] std::int64_t chase_memory_bytes(std::int64_t last_level_cache_bytes, std::int64_t available_bytes);

}  // namespace peakproof::bench
