// What the benchmarks of caches share: every SM reads a set round and round, which the cache holds.
#pragma once

#include <optional>
#include <string>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"
#include "kernels/memory/cache_read.hpp"
#include "kernels/memory/texture_read.hpp"

namespace peakproof::bench {

/// What a benchmark says of a case.
struct CacheCase {
  std::string name;
  reports::Texts params;
  std::optional<theory::Pipe> pipe;
  std::optional<reports::Floor> floor;
  std::string remark;
  std::optional<std::string> misuse;
};

/// Reads of kernel.bytes from kernel.cache by as many blocks as fit; those from the L2 with the hit rate in the note.
void add_cache_read(Registry& registry, CudaDevice& device, const CacheCase& what, const kernels::CacheRead& kernel);

/// Fetches through the texture units by as many blocks as fit.
void add_texture_read(Registry& registry, CudaDevice& device, const CacheCase& what,
                      const kernels::TextureRead& kernel);

/// Whether the L2 lies in two partitions, each of which caches for the SMs that are connected to it: A100 (NVIDIA A100
/// whitepaper, A100 L2 cache: a crossbar of two partitions), H100 and H200 (a second plateau of the latency at half the
/// L2, RRZE-HPC/gpu-benches, gpu-latency/gh200.txt), and B200, which is two dies.
[[nodiscard]] bool two_partitions(theory::ComputeCapability cc);

/// What is to be said of --data and --size where they do not apply.
[[nodiscard]] std::string options_that_do_not_apply(const Options& options, bool size);

}  // namespace peakproof::bench
