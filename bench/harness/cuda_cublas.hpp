// cuBLASLt as a benchmark uses it: every algorithm that the library offers for the very operands is timed, and the
// fastest is launched.
#pragma once

#include <optional>
#include <string>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/cuda_gemm.hpp"
#include "kernels/tensor/cublas_gemm.hpp"

namespace peakproof::bench {

/// Why cuBLASLt has no such product on this device, as far as it is known before anything is allocated.
[[nodiscard]] std::optional<std::string> cublas_lacks(const theory::DeviceSpec& device,
                                                      const kernels::GemmTypes& types);

/// Products by cuBLASLt, as a case or for a hand-written one to be held against. prepare takes the workspace and
/// chooses: it throws MeasurementError where the library offers nothing, with its status, and where memory is short.
/// found says what was chosen, of what.
[[nodiscard]] GemmReference cublas_reference(CudaDevice& device, const kernels::GemmTypes& types,
                                             const kernels::CublasChoices& choices = {});

}  // namespace peakproof::bench
