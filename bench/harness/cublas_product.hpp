// One product by cuBLASLt, ready to be launched: every algorithm that the library offers for the very operands was timed,
// and the fastest is taken.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "bench/harness/cublas_choice.hpp"
#include "bench/harness/cuda_device.hpp"
#include "bench/harness/cuda_gemm.hpp"
#include "kernels/tensor/cublas_gemm.hpp"

namespace peakproof::bench {

using CublasWorkspace = std::shared_ptr<const DeviceBuffer<std::byte>>;
/// What products of one stream may share. Throws MeasurementError where memory is short; `advice` ends what it says.
[[nodiscard]] CublasWorkspace cublas_workspace(const CudaDevice& device, const std::string& advice);

class CublasProduct {
 public:
  /// Takes the operand sets in turn. Throws MeasurementError where the library offers nothing, with its status.
  CublasProduct(const CudaDevice& device, CublasWorkspace workspace, const kernels::GemmTypes& types,
                const kernels::CublasChoices& choices, const kernels::GemmShape& shape,
                std::span<const GemmOperands> sets);

  /// Throws MeasurementError where the library refuses after all.
  void launch(const GemmOperands& operands, cudaStream_t stream) const { launch(choice_.best, operands, stream); }
  /// "candidate 3 of 8: 781 TFLOP/s (in the library's order …)"
  [[nodiscard]] std::string found() const { return describe(choice_, operations_, unit_); }
  /// "781 TFLOP/s (candidate 3 of 8)"
  [[nodiscard]] std::string brief() const;
  /// Of a launch, as the choice timed it.
  [[nodiscard]] double seconds() const;

 private:
  void choose_fastest(std::span<const GemmOperands> sets, cudaStream_t stream);
  void launch(int candidate, const GemmOperands& operands, cudaStream_t stream) const;

  /// The library may wait for the device when it goes, after a fault for ever.
  struct KeepAfterFault {
    void operator()(const kernels::CublasGemm* gemm) const noexcept {
      if (!DeviceFault::happened) delete gemm;
    }
  };
  CublasWorkspace workspace_;
  std::unique_ptr<kernels::CublasGemm, KeepAfterFault> gemm_{new kernels::CublasGemm};
  double operations_;
  std::string unit_;
  CublasChoice choice_;
};

/// "cuBLASLt 13.1.0".
[[nodiscard]] std::string cublas_name();
/// "; NVIDIA_TF32_OVERRIDE=0 is set, which may change what cuBLASLt computes with"; empty where nothing is.
[[nodiscard]] std::string cublas_warning();

/// Seconds of `launches` calls by the device's clock, one behind the other in the stream.
template <class Launch>
[[nodiscard]] double timed_launches(cudaStream_t stream, std::int64_t launches, const Launch& launch) {
  const Event begin = make_event();
  const Event end = make_event();
  check(cudaEventRecord(begin.get(), stream));
  for (std::int64_t i = 0; i < launches; ++i) launch();
  check(cudaEventRecord(end.get(), stream));
  wait_for(end.get());
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, begin.get(), end.get()));
  return 1e-3 * static_cast<double>(milliseconds);
}

}  // namespace peakproof::bench
