#include "bench/harness/open_cuda.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bench/harness/audit.hpp"
#include "bench/harness/cuda_device.hpp"

namespace peakproof::bench {
namespace {

class OpenGpu final : public OpenDevice {
 public:
  explicit OpenGpu(const Options& options)
      : device_(find_gpu(options.device, options.epoch_s), options.launch_timeout_s) {}
  [[nodiscard]] Backend& backend() override { return device_; }
  void declare(const Benchmark& benchmark, Registry& registry) override {
    if (benchmark.declare_cuda)
      benchmark.declare_cuda(registry, device_);
    else
      registry.skip(std::string(benchmark.name), "not on a GPU: this benchmark measures CPUs");
  }

 private:
  CudaDevice device_;
};

}  // namespace

std::unique_ptr<OpenDevice> open_cuda(const Options& options) { return std::make_unique<OpenGpu>(options); }

std::vector<DeviceName> visible_cuda_devices(const std::vector<std::string>& selectors) {
  const std::vector<GpuName> gpus = visible_gpus();
  std::vector<GpuName> meant;
  meant.reserve(selectors.size());
  for (const auto& selector : selectors) meant.push_back(select_gpu(gpus, selector));
  std::vector<DeviceName> out;
  for (const auto& gpu : selectors.empty() ? gpus : meant)
    out.push_back({.selector = gpu.uuid,
                   .label = fmt::format("cuda:{}", gpu.index),
                   .uuid = gpu.uuid,
                   .pci = gpu.pci_bus_id,
                   .name = gpu.name});
  return out;
}

reports::Texts cuda_build_facts() {
  std::set<std::string> archs;
  for (const auto& image : embedded_images()) archs.insert(image.arch);
  const auto& table = audit_table();
  const auto count = [&](const char* status) {
    return std::count_if(table.begin(), table.end(), [&](const AuditRow& row) { return row.status == status; });
  };
  return {{"cuda_toolkit", fmt::format("{}.{}", CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10)},
          {"machine_code", fmt::format("{}", fmt::join(archs, " "))},
          {"audit", table.empty() ? "none: built without a disassembler"
                                  : fmt::format("{} kernels x architectures, {} failed, {} never measured",
                                                table.size(), count("failed"), count("absent") + count("unused"))}};
}

}  // namespace peakproof::bench
