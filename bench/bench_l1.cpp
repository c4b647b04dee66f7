// How fast does every SM read from its L1?
#include <fmt/format.h>

#include "bench/harness/cuda_cache.hpp"

namespace peakproof::bench {
namespace {

/// What reads of the L1 reach of its data path, where that is confirmed by measurements.
std::optional<reports::Floor> read_floor(theory::ComputeCapability cc) {
  constexpr theory::ComputeCapability kA100{8, 0};
  constexpr theory::ComputeCapability kH100{9, 0};
  if (cc != kA100 && cc != kH100) return std::nullopt;
  return reports::Floor{0.95, "published reads of the L1 reach 98.2 to 98.7 % of 128 B/clk/SM (A100, H100)"};
}

}  // namespace

void declare_l1_cuda(Registry& registry, CudaDevice& device) {
  constexpr std::int64_t bytes = 2 * kernels::CacheRead::chunk_bytes;  // 16 KiB, which every L1 holds
  add_cache_read(registry, device,
                 {.name = "l1",
                  .params = {{"bytes", std::to_string(bytes)}},
                  .pipe = theory::Pipe::l1,
                  .floor = read_floor(device.spec().compute_capability),
                  .remark = options_that_do_not_apply(registry.options(), true)},
                 {.cache = kernels::Cache::l1, .bytes = bytes});
}

}  // namespace peakproof::bench
