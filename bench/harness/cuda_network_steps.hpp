// The steps of a network on a GPU, each built once and launched many times.
#pragma once

#include <memory>
#include <string>

#include "bench/harness/cublas_product.hpp"
#include "bench/harness/cuda_network_memory.hpp"
#include "kernels/network/program.hpp"

namespace peakproof::bench {

class NetworkStep {
 public:
  NetworkStep() = default;
  NetworkStep(const NetworkStep&) = delete;
  NetworkStep& operator=(const NetworkStep&) = delete;
  virtual ~NetworkStep() = default;
  virtual void launch() = 0;
  /// What was chosen for it; empty: there was nothing to choose.
  [[nodiscard]] virtual std::string found() const { return {}; }
  /// Sets what it leaves between its own kernels to what no pass gives.
  virtual void poison() {}
};

/// What a step is built from. All of it outlives the step but `step` and `parameters`.
struct StepOrder {
  const kernels::Step* step = nullptr;
  const kernels::StepWeights* parameters = nullptr;
  const Activations* in = nullptr;
  const Activations* residual = nullptr;  ///< of add_normalize
  const Activations* out = nullptr;
  std::int64_t batch = 0;
  std::int64_t rows_per_item = 1;
  bool feeds_attention = false;  ///< a dense layer that leaves queries, keys and values head by head
  std::int64_t heads = 1;        ///< of that attention
  NetworkFormats formats;
  NetworkMemory* memory = nullptr;
  CublasWorkspace workspace;
};
/// Throws MeasurementError where memory is short or a library refuses.
[[nodiscard]] std::unique_ptr<NetworkStep> make_step(const StepOrder& order);

}  // namespace peakproof::bench
