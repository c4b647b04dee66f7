// How long does a load take, from each level of the memory hierarchy?
#include <fmt/format.h>

#include <algorithm>

#include "bench/harness/cuda_cache.hpp"
#include "bench/harness/cuda_chase.hpp"
#include "bench/harness/errors.hpp"

namespace peakproof::bench {
namespace {

using kernels::ChasePath;
using kernels::PointerChase;
using kernels::Ring;

constexpr std::int64_t kKibi = 1024;
constexpr std::int64_t kMebi = kKibi * kKibi;
constexpr std::int64_t kPage = 2 * kMebi;       // of the GPU's virtual memory, as cudaMalloc maps it
constexpr std::int64_t kSmallSet = 16 * kKibi;  // which every L1 holds
constexpr double kShareOfFreeMemory = 0.8;

std::int64_t room(const CudaDevice& device) {
  return static_cast<std::int64_t>(kShareOfFreeMemory * static_cast<double>(device.free_bytes()));
}

/// A point of a curve over the size of the working set. Nodes at a stride of a line go through all levels. At that of a
/// page there are as many lines as pages, which the L2 holds, and they are read from there: what grows is the cost of
/// translating addresses.
void add_point(Registry& registry, CudaDevice& device, std::int64_t bytes, std::int64_t stride) {
  add_cuda_chase(
      registry, device,
      {.params = {{"sweep", "size"}, {"bytes", std::to_string(bytes)}, {"stride_bytes", std::to_string(stride)}},
       .path = stride == Ring::line_bytes ? ChasePath::all_levels : ChasePath::second_level,
       .ring = {.nodes = bytes / stride, .stride_bytes = stride}});
}

void declare_sweep(Registry& registry, CudaDevice& device) {
  if (!registry.options().sweeps("size")) return;  // no other curve: the runner says so
  for (const auto bytes : swept_sizes(kKibi, room(device))) add_point(registry, device, bytes, Ring::line_bytes);
  for (const auto bytes : swept_sizes(2 * kPage, room(device))) add_point(registry, device, bytes, kPage);
}

void declare_size(Registry& registry, CudaDevice& device, std::int64_t bytes) {
  if (bytes < Ring::line_bytes || bytes % Ring::line_bytes != 0)
    throw UsageError(fmt::format("--size {}: a chase visits lines of {} bytes, so give a multiple of that", bytes,
                                 Ring::line_bytes));
  if (bytes > room(device))
    throw UsageError(
        fmt::format("--size {} is too large: {} bytes of the memory are free for it", bytes, room(device)));
  add_cuda_chase(registry, device,
                 {.params = {{"level", "size"}, {"bytes", std::to_string(bytes)}},
                  .ring = ring_of_lines(bytes),
                  .remark = "a set of the size that was asked for, through all levels"});
}

void skip(Registry& registry, const std::string& level, const std::string& why) {
  registry.add({.name = "latency_memory", .params = {{"level", level}}, .skip = why});
}

void declare_l2(Registry& registry, CudaDevice& device) {
  const std::int64_t l2 = device.spec().l2_bytes;
  if (l2 <= 0) {
    for (const auto* level : {"l2", "l2_by_sm", "dram"})
      skip(registry, level, "the driver does not say how large the L2 is");
    return;
  }
  const Ring ring = ring_of_lines(l2 / 4);
  add_cuda_chase(registry, device,
                 {.params = {{"level", "l2"}, {"bytes", std::to_string(ring.bytes())}},
                  .path = ChasePath::second_level,
                  .ring = ring,
                  .published_as = "load_l2",
                  .remark = "1/4 of the L2, read past the L1"});
  if (two_partitions(device.spec().compute_capability)) {
    const Ring both = ring_of_lines(l2 / 4 * 3);
    add_cuda_chase(
        registry, device,
        {.params = {{"level", "l2_far"}, {"bytes", std::to_string(both.bytes())}},
         .path = ChasePath::second_level,
         .ring = both,
         .published_as = "load_l2_far",
         .remark = "3/4 of the L2, read past the L1: more than the near partition holds, so that a walk round "
                   "and round finds little in it"});
  }
  add_cuda_chase_by_sm(registry, device);
}

void declare_dram(Registry& registry, CudaDevice& device) {
  constexpr std::int64_t times_l2 = 8;
  const std::int64_t enough = times_l2 * device.spec().l2_bytes;
  if (enough <= 0) return;  // skipped with the L2
  if (enough > room(device))
    return registry.add(
        {.name = "latency_memory",
         .params = {{"level", "dram"}},
         .unit = "OP/s",
         .prepare = [enough, free = room(device)] {
           throw MeasurementError(fmt::format(
               "too little memory: 8 x L2 are {} bytes, and {} are free: end what else uses the GPU", enough, free));
         }});
  const Ring ring = ring_of_lines(std::max(enough, std::min(kKibi * kMebi, room(device))));
  add_cuda_chase(registry, device,
                 {.params = {{"level", "dram"}, {"bytes", std::to_string(ring.bytes())}},
                  .ring = ring,
                  .published_as = "load_dram",
                  .remark = "8 x L2 or more, each line once a round in an order that looks random"});
}

}  // namespace

void declare_latency_memory_cuda(Registry& registry, CudaDevice& device) {
  if (registry.options().sweep) return declare_sweep(registry, device);
  if (const auto bytes = registry.options().size_bytes) return declare_size(registry, device, *bytes);
  const auto bytes = [](const Ring& ring) { return std::to_string(ring.bytes()); };
  add_cuda_chase(registry, device,
                 {.params = {{"level", "shared"}, {"bytes", bytes(PointerChase::shared_ring)}},
                  .path = ChasePath::shared,
                  .published_as = "load_shared"});
  add_cuda_chase(registry, device,
                 {.params = {{"level", "constant"}, {"bytes", bytes(PointerChase::constant_ring)}},
                  .path = ChasePath::constant,
                  .remark = "indexed loads (LDC) of what the first constant cache holds"});
  const Ring small = ring_of_lines(kSmallSet);
  add_cuda_chase(registry, device,
                 {.params = {{"level", "l1"}, {"bytes", bytes(small)}}, .ring = small, .published_as = "load_l1"});
  add_cuda_chase(registry, device,
                 {.params = {{"level", "texture"}, {"bytes", bytes(small)}},
                  .path = ChasePath::texture,
                  .ring = small,
                  .remark = "tex1Dfetch of texels that the L1 holds"});
  declare_l2(registry, device);
  declare_dram(registry, device);
}

}  // namespace peakproof::bench
