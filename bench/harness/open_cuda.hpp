// The door between code that knows no CUDA and code that does; a build without CUDA has open_cuda_absent.cpp behind it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/harness/device.hpp"

namespace peakproof::bench {

/// The GPU that the options mean. Throws as open_device.
[[nodiscard]] std::unique_ptr<OpenDevice> open_cuda(const Options& options);

/// The visible GPUs that these mean, each as --device takes it; all of them where none is named. Throws as open_device.
[[nodiscard]] std::vector<DeviceName> visible_cuda_devices(const std::vector<std::string>& selectors);

/// What `doctor` and the report say of CUDA in this build and on this machine: toolkit, runtime, embedded machine code.
[[nodiscard]] reports::Texts cuda_build_facts();

}  // namespace peakproof::bench
