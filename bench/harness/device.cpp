#include "bench/harness/device.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/harness/cpu_backend.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/host_info.hpp"
#include "bench/harness/open_cuda.hpp"

namespace peakproof::bench {
namespace {

class OpenCpu final : public OpenDevice {
 public:
  [[nodiscard]] Backend& backend() override { return backend_; }
  void declare(const Benchmark& benchmark, Registry& registry) override {
    if (benchmark.declare_cpu)
      benchmark.declare_cpu(registry, backend_);
    else
      registry.skip(std::string(benchmark.name), "not on a CPU: this benchmark measures NVIDIA GPUs");
  }

 private:
  CpuBackend backend_;
};

[[noreturn]] void throw_no_such_device(const std::string& selector) {
  throw UsageError(fmt::format(
      "--device {}: no such device: give cuda:N, a UUID (GPU-...), a PCI address (17:00.0) or cpu", selector));
}

}  // namespace

std::unique_ptr<OpenDevice> open_device(const Options& options) try {
  if (options.device == "cpu") return std::make_unique<OpenCpu>();
  return open_cuda(options);
} catch (const NoDevice&) {
  if (names_a_device(options.device)) throw;
  throw_no_such_device(options.device);
}

std::vector<DeviceName> devices_meant(const std::string& selector) {
  if (selector == "cpu") return {{.selector = "cpu", .label = "cpu", .uuid = "", .pci = "", .name = host_info().cpu}};
  const std::vector<std::string> parts = split(selector);
  if (parts.size() > 1)
    for (const auto& part : parts)
      if (part.empty() || part == "cpu" || part == "all")
        throw UsageError(fmt::format("--device {}: between commas stand GPUs, such as cuda:0,cuda:1", selector));
  std::vector<DeviceName> devices;
  try {
    devices = visible_cuda_devices(selector == "all" ? std::vector<std::string>{} : parts);
  } catch (const NoDevice&) {
    if (selector != "all" && !std::all_of(parts.begin(), parts.end(), names_a_device)) throw_no_such_device(selector);
    throw;
  }
  for (std::size_t i = 0; i < devices.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (devices[i].uuid == devices[j].uuid && devices[i].pci == devices[j].pci)
        throw UsageError(fmt::format("--device {}: {} is named twice: name each once", selector, devices[i].label));
  return devices;
}

}  // namespace peakproof::bench
