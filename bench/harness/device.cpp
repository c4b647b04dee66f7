#include "bench/harness/device.hpp"

#include <fmt/format.h>

#include "bench/harness/cpu_backend.hpp"
#include "bench/harness/errors.hpp"
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

}  // namespace

std::unique_ptr<OpenDevice> open_device(const Options& options) try {
  if (options.device == "cpu") return std::make_unique<OpenCpu>();
  return open_cuda(options);
} catch (const NoDevice&) {
  if (names_a_device(options.device)) throw;
  throw UsageError(fmt::format(
      "--device {}: no such device: give cuda:N, a UUID (GPU-...), a PCI address (17:00.0) or cpu", options.device));
}

}  // namespace peakproof::bench
