// What an NVIDIA GPU reaches at what networks are made of, measured by the libraries that networks run on.
#pragma once

#include <map>
#include <optional>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/inference.hpp"

namespace peakproof::bench {

///   matrix  a large product at this precision by cuBLASLt, the fastest of its algorithms
///   vector  the rated rate of FP32 multiply-adds: simple layers are bound by memory long before
///   bytes   a copy through as many bytes as the pass touches, so that what fits in the L2 is held against the L2
///   launch  an empty kernel in a stream of many
class NetworkCeilings {
 public:
  /// `large`: the networks are the large ones.
  NetworkCeilings(const CudaDevice& device, bool large) : device_(device), large_(large) {}
  /// Nothing for a precision that no network is measured in. Throws MeasurementError where memory is short.
  [[nodiscard]] std::optional<theory::Ceilings> measure(const CeilingsOrder& order);

 private:
  struct Rate {
    double per_second = 0;
    std::string source;
  };
  [[nodiscard]] Rate measure_product(theory::Precision precision) const;
  [[nodiscard]] Rate measure_copy(double bytes) const;
  [[nodiscard]] double measure_launch() const;

  const CudaDevice& device_;
  bool large_;
  std::map<theory::Precision, Rate> products_;
  std::optional<double> launch_s_;
};

}  // namespace peakproof::bench
