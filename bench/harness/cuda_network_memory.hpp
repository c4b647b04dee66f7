// Number formats of a network on a GPU, and its numbers in the GPU's memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/cuda_device.hpp"
#include "kernels/network/layers.hpp"
#include "kernels/tensor/gemm.hpp"
#include "theory/precision.hpp"

namespace peakproof::bench {

struct NetworkFormats {
  kernels::GemmTypes product;                     ///< of dense layers, before bias and activation
  kernels::Element wide = kernels::Element::f16;  ///< of activations, and of attention's products
  /// Whether the operands of products have 8 bits, beside the wide activations.
  [[nodiscard]] bool narrow() const { return kernels::bits_of(product.operand) == 8; }
  /// Attention's products.
  [[nodiscard]] kernels::GemmTypes attention() const {
    return narrow() ? kernels::GemmTypes{wide, kernels::Element::f32, wide}
                    : kernels::GemmTypes{product.operand, kernels::Element::f32, wide};
  }
};
/// Nothing for a precision that no network is measured in on a GPU.
[[nodiscard]] std::optional<NetworkFormats> network_formats(theory::Precision precision);

/// The largest number of an 8-bit format: 448 of e4m3, 127 of s8.
[[nodiscard]] float largest_of(kernels::Element narrow);

/// What a step leaves for others: as it is, as 8 bits, or both.
struct Activations {
  DeviceBuffer<std::byte> wide;
  DeviceBuffer<std::byte> narrow;
  float scale = 1;  ///< a number is its 8 bits x scale

  [[nodiscard]] kernels::LayerOut out(const NetworkFormats& formats) const {
    return {.wide = wide.data(),
            .wide_format = formats.wide,
            .narrow = narrow.data(),
            .narrow_format = formats.product.operand,
            .narrow_factor = 1 / scale};
  }
  /// What a product reads.
  [[nodiscard]] const void* operand(const NetworkFormats& formats) const {
    return formats.narrow() ? narrow.data() : wide.data();
  }
};

/// Takes a network's memory, and counts what its parameters take.
class NetworkMemory {
 public:
  explicit NetworkMemory(const CudaDevice& device) : device_(device) {}
  [[nodiscard]] const CudaDevice& device() const { return device_; }
  [[nodiscard]] cudaStream_t stream() const { return device_.stream(); }

  /// Throws MeasurementError where the device has not so much.
  [[nodiscard]] DeviceBuffer<std::byte> take(std::int64_t bytes) const;
  /// Numbers in one format, rounded by the device. Of 8-bit formats they must be scaled already.
  [[nodiscard]] DeviceBuffer<std::byte> upload(const std::vector<float>& numbers, kernels::Element format) const;
  /// The same, counted as parameters.
  [[nodiscard]] DeviceBuffer<std::byte> upload_parameters(const std::vector<float>& numbers, kernels::Element format);
  void count_parameters(const DeviceBuffer<std::byte>& parameters) {
    parameter_bytes_ += static_cast<double>(parameters.bytes());
  }
  /// FP32 on the host, of numbers in a wide format.
  [[nodiscard]] std::vector<float> download(const DeviceBuffer<std::byte>& numbers, kernels::Element format,
                                            std::int64_t count) const;
  [[nodiscard]] double parameter_bytes() const { return parameter_bytes_; }

 private:
  const CudaDevice& device_;
  double parameter_bytes_ = 0;
};

/// 8-bit products take rows in multiples of 16; all others any number.
[[nodiscard]] constexpr std::int64_t padded(std::int64_t count, bool narrow) {
  constexpr std::int64_t kMultiple = 16;
  return narrow ? (count + kMultiple - 1) / kMultiple * kMultiple : count;
}

}  // namespace peakproof::bench
