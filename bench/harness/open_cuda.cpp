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
  explicit OpenGpu(const Options& options) : device_(find_gpu(options.device), options.launch_timeout_s) {}
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
