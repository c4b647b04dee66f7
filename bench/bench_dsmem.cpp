// How fast do the blocks of a cluster read each other's shared memory, and how long does one read take?
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bench/harness/cuda_matrix_chain.hpp"
#include "bench/harness/cuda_on_chip.hpp"
#include "kernels/memory/dsmem.hpp"

namespace peakproof::bench {
namespace {

using kernels::DsmemChase;
using kernels::DsmemRead;

constexpr theory::ComputeCapability kFirst{9, 0};

/// Why the device or this build has no clusters.
std::optional<std::string> why_no_clusters(const CudaDevice& device) {
  if (device.spec().compute_capability < kFirst) return "distributed shared memory needs compute capability 9.0";
  if (code_architecture(device.audit(DsmemRead{}.symbol()).arch) < kFirst)
    return "this build has no machine code with clusters for this device";
  return std::nullopt;
}

/// How many of the kernel's clusters the device runs at once; why none, where that is so.
struct Clusters {
  int count = 0;
  std::optional<std::string> why_none;
};
Clusters find_clusters(const CudaDevice& device, const DsmemRead& kernel) {
  Clusters found{.why_none = why_no_clusters(device)};
  if (found.why_none) return found;
  check(clusters_at_once(kernel, &found.count));
  if (found.count < 1)
    found.why_none = fmt::format("the device runs no cluster of {} blocks on as many SMs", kernel.cluster);
  return found;
}

void add_read(Registry& registry, CudaDevice& device, DsmemRead kernel) {
  const Clusters clusters = find_clusters(device, kernel);
  Case read{.name = "dsmem",
            .params = {{"access", "read_128"}, {"cluster", std::to_string(kernel.cluster)}},
            .unit = "B/s",
            .skip = clusters.why_none};
  if (read.skip) return registry.add(std::move(read));
  kernel.blocks = clusters.count * kernel.cluster;
  read.remark = fmt::format("clusters at once: {}, a block on each of {} of {} SMs", clusters.count, kernel.blocks,
                            device.spec().sm_count);
  add_on_chip(registry, device, std::move(read), kernel);
}

/// The chase by both its kernels.
struct Chase {
  struct Part {
    DsmemChase kernel;
    DeviceBuffer<std::uint32_t> out = DeviceBuffer<std::uint32_t>(1);
    DeviceBuffer<kernels::BlockTrace> trace = DeviceBuffer<kernels::BlockTrace>(DsmemChase::cluster);
    explicit Part(int steps) : kernel{.steps = steps} { check(prepare(kernel)); }
    [[nodiscard]] std::vector<kernels::BlockTrace> blocks(const CudaDevice& device) const {
      return trace.to_host(device.stream());
    }
  };
  Part whole{DsmemChase::body};
  Part half{DsmemChase::body / 2};

  [[nodiscard]] double cycles_per_step(const CudaDevice& device) const {
    const auto cycles = [&](const Part& part) {
      const auto block = part.blocks(device).front();
      return static_cast<double>(block.end_clk - block.begin_clk);
    };
    return (cycles(whole) - cycles(half)) / (whole.kernel.work() - half.kernel.work());
  }
};

std::string published(theory::ComputeCapability cc) {
  return cc == kFirst ? "published: 180 cycles on H800 (arXiv 2402.13499)" : "";
}

void add_latency(Registry& registry, CudaDevice& device) {
  const auto chase = std::make_shared<std::unique_ptr<Chase>>();
  const auto both = [chase](const auto& f) {
    f((*chase)->whole);
    f((*chase)->half);
  };
  registry.add({
      .name = "dsmem",
      .params = {{"access", "latency"}, {"cluster", std::to_string(DsmemChase::cluster)}},
      .unit = "OP/s",
      .kernel = DsmemChase{}.symbol(),
      .other_kernels = {DsmemChase{.steps = DsmemChase::body / 2}.symbol()},
      .remark = with_data_remark(published(device.spec().compute_capability), registry.options()),
      .skip = find_clusters(device, {.cluster = DsmemChase::cluster}).why_none,
      .prepare = [chase] { *chase = std::make_unique<Chase>(); },
      .release = [chase] { chase->reset(); },
      .set_length =
          [both](std::int64_t trips) { both([&](auto& part) { part.kernel.trips = static_cast<int>(trips); }); },
      .work = [chase] { return (*chase)->whole.kernel.work() + (*chase)->half.kernel.work(); },
      .poison = [both, &device] { both([&](auto& part) { part.out.fill_bytes(kPoison, device.stream()); }); },
      .launch =
          [both, &device] {
            both([&](auto& part) { check(launch(part.kernel, part.out.data(), part.trace.data(), device.stream())); });
          },
      .latency_cycles = [chase, &device] { return (*chase)->cycles_per_step(device); },
      .verify =
          [both, &device] {
            reports::Verification result{.method = "where the chase ends, and that it went to another SM"};
            both([&](auto& part) {
              const auto blocks = part.blocks(device);
              result.items += 2;
              if (part.out.to_host(device.stream()).front() != answer(part.kernel)) ++result.mismatches;
              if (blocks[0].smid == blocks[1].smid) ++result.mismatches;
            });
            return result;
          },
  });
}

}  // namespace

void declare_dsmem_cuda(Registry& registry, CudaDevice& device) {
  for (const int cluster : DsmemRead::all_clusters) add_read(registry, device, {.cluster = cluster});
  add_latency(registry, device);
}

}  // namespace peakproof::bench
