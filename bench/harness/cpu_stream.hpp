// The CPU's bandwidths as cases: STREAM in main memory, reads of each cache, and the curve through all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/cpu_backend.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

/// Declares every STREAM pattern in main memory on all cores, or with --sweep the curve over the size. Reported without
/// theory: nothing tells a program how many memory channels there are. Throws UsageError for a size that does not suit.
void add_cpu_memory(Registry& registry, CpuBackend& device, const std::string& name);

/// Declares reads of the data caches of a level, by all cores at once: half of what of the level falls to each.
void add_cpu_cache(Registry& registry, CpuBackend& device, int level, std::optional<theory::Pipe> pipe);

/// Bytes of one array for a test of the memory: what the options say, else Stream::plan_bytes. Throws UsageError where
/// that is too small for the caches, too large for the memory or no multiple of a block.
[[nodiscard]] std::int64_t memory_array_bytes(std::optional<std::int64_t> asked, std::int64_t last_level_cache_bytes,
                                              std::int64_t available_bytes);

/// What is wrong with half of `share` bytes of a cache as the working set of a core, whose next lower cache has `below`
/// bytes (0: none); nothing if it measures that level.
[[nodiscard]] std::optional<std::string> cache_is_no_level(int level, std::int64_t share, std::int64_t below);

/// The sizes of a curve, two an octave: 1, 2, 3, 4, 6, 8, 12 … times `first`, up to the first that reaches `enough`, none
/// of them above `most`.
[[nodiscard]] std::vector<std::int64_t> curve_sizes(std::int64_t first, std::int64_t enough, std::int64_t most);

}  // namespace peakproof::bench
