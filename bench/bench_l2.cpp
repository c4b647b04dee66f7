// How fast do all SMs together read from the L2?
#include <fmt/format.h>

#include <algorithm>

#include "bench/harness/cuda_cache.hpp"

namespace peakproof::bench {
namespace {

using kernels::CacheRead;

void add(Registry& registry, CudaDevice& device, const std::string& partition, std::int64_t bytes,
         const std::string& remark) {
  const std::int64_t whole = std::max(bytes / CacheRead::chunk_bytes, std::int64_t{1}) * CacheRead::chunk_bytes;
  const std::int64_t l2 = device.spec().l2_bytes;
  CacheCase what{
      .name = "l2", .params = {{"bytes", std::to_string(whole)}}, .pipe = theory::Pipe::l2, .remark = remark};
  if (!partition.empty()) what.params["partition"] = partition;
  if (bytes < CacheRead::chunk_bytes || bytes > l2)
    what.misuse = fmt::format(
        "--size {} does not suit l2, whose set is read from the L2: give {} to {} bytes, or name "
        "the benchmarks that it is meant for",
        bytes, CacheRead::chunk_bytes, l2);
  if (const auto options = options_that_do_not_apply(registry.options(), false); !options.empty())
    what.remark += "; " + options;
  add_cache_read(registry, device, what, {.cache = kernels::Cache::l2, .bytes = whole});
}

}  // namespace

void declare_l2_cuda(Registry& registry, CudaDevice& device) {
  const std::int64_t l2 = device.spec().l2_bytes;
  if (l2 <= 0) return registry.skip("l2", "the driver does not say how large the L2 is");
  const auto share = [&](std::int64_t eighths) { return l2 / 8 * eighths; };
  const auto of = [&](const std::string& part) {
    return fmt::format("{} of an L2 of {} bytes, read past the L1", part, l2);
  };
  if (const auto asked = registry.options().size_bytes)
    return add(registry, device, "", *asked, of("a set of that size"));
  if (!two_partitions(device.spec().compute_capability)) return add(registry, device, "one", share(4), of("1/2"));
  add(registry, device, "near", share(3), of("3/8") + ": each partition can hold all of it");
  add(registry, device, "any", share(6),
      of("3/4") + ": more than a partition holds, so half of it comes from the other");
}

}  // namespace peakproof::bench
