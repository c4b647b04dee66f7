// Opens the device that --device means.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "bench/harness/backend.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

/// An open device, and how the benchmarks declare their cases on it.
class OpenDevice {
 public:
  OpenDevice() = default;
  OpenDevice(const OpenDevice&) = delete;
  OpenDevice& operator=(const OpenDevice&) = delete;
  virtual ~OpenDevice() = default;
  [[nodiscard]] virtual Backend& backend() = 0;
  /// Declares the benchmark's cases; one that does not serve this device is skipped by name.
  virtual void declare(const Benchmark& benchmark, Registry& registry) = 0;
};

/// A GPU unless the options say "cpu". Throws UsageError for a device that does not exist, NoDevice where there is no
/// GPU or this build has no CUDA: never the CPU in its place.
[[nodiscard]] std::unique_ptr<OpenDevice> open_device(const Options& options);

}  // namespace peakproof::bench
