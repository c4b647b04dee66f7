// Opens the device that --device means.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/harness/backend.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

/// A device that can be chosen.
struct DeviceName {
  std::string selector;  ///< what --device takes: the UUID of a GPU, "cpu"
  std::string label;     ///< "cuda:0", "cpu": short, for people
  std::string uuid;      ///< empty: the host CPU
  std::string pci;
  std::string name;
};
/// The devices that this --device means, without opening them: what open_device takes, "all" for every visible GPU, or
/// several with commas between them. Throws as open_device does, and UsageError for a device that is named twice.
[[nodiscard]] std::vector<DeviceName> devices_meant(const std::string& selector);

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
