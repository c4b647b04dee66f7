// Inference on any device: which networks, precisions and batch sizes are measured, and what is told of each.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/registry.hpp"
#include "kernels/network/program.hpp"
#include "theory/network.hpp"
#include "theory/network_time.hpp"
#include "theory/precision.hpp"

namespace peakproof::bench {

/// A network in a device's memory at one precision and batch size, ready to run.
class RunningNetwork {
 public:
  RunningNetwork() = default;
  RunningNetwork(const RunningNetwork&) = delete;
  RunningNetwork& operator=(const RunningNetwork&) = delete;
  virtual ~RunningNetwork() = default;

  /// One pass over the batch; a GPU's may still run when this returns.
  virtual void launch() = 0;
  /// One step of it alone, on what the last pass left in its input.
  virtual void launch_step(int step) = 0;
  /// Until everything that was launched has ended.
  virtual void wait() = 0;
  /// So many passes, back to back. A device that must be woken for each launch overrides it.
  virtual void launch_passes(std::int64_t passes);
  /// Seconds of one pass, or of one step so many times, as a caller sees them: from the call to the end of the work. A
  /// device with a better clock than the caller's overrides them.
  [[nodiscard]] virtual double seconds_of_pass();
  [[nodiscard]] virtual double seconds_of_step(int step, std::int64_t times);
  /// Sets the outputs to what no pass gives.
  virtual void poison() = 0;
  /// Of the last pass, as FP32: batch x rows_per_item x outputs.
  [[nodiscard]] virtual std::vector<float> outputs() = 0;
  [[nodiscard]] virtual double weight_bytes() const = 0;
  /// Libraries, versions and algorithms that were chosen, for the note.
  [[nodiscard]] virtual std::string found() const = 0;
};

/// What it takes to build one.
struct NetworkOrder {
  const kernels::Program* program = nullptr;
  const kernels::ProgramWeights* weights = nullptr;
  const std::vector<float>* inputs = nullptr;  ///< of the whole batch
  std::int64_t batch = 0;
  theory::Precision precision = theory::Precision::fp32;
  /// The largest |output| of each step (and, first, |input|) in FP64: what 8-bit formats are scaled by. steps + 1 of
  /// them.
  std::vector<double> largest;
};

/// What ceilings are asked for.
struct CeilingsOrder {
  theory::Precision precision = theory::Precision::fp32;
  std::int64_t batch = 1;  ///< a CPU works on the items of a batch in parallel: with one core where there is one
  double bytes = 0;        ///< that a pass touches, weights and activations: they may stay in a cache
};

/// What a device offers.
struct InferenceEngine {
  /// Why this network cannot run at this precision here; nothing: it can.
  std::function<std::optional<std::string>(const kernels::Program&, theory::Precision)> lacks;
  /// Throws MeasurementError where memory is short or a library refuses.
  std::function<std::unique_ptr<RunningNetwork>(const NetworkOrder&)> build;
  /// What the device reaches, measured now by the same libraries: a large product at this precision, FP32 operations of
  /// simple layers, a copy through memory, a launch of nothing. Nothing where it cannot be measured. Called once for
  /// each order of a run, after its pass was timed.
  std::function<std::optional<theory::Ceilings>(const CeilingsOrder&)> ceilings;
  bool large = false;  ///< takes the large networks
  /// Whether matrices are multiplied beside other arithmetic, as on tensor cores, or in turn with it, as on a CPU.
  bool overlaps = true;
  /// What a step of this kind computes in where the network's precision is the second: attention of an 8-bit network
  /// may stay in a wider format. Empty: all steps in the network's.
  std::function<theory::Precision(kernels::StepKind, theory::Precision)> step_precision = {};
};

/// The program's steps as a network of `batch` items, for cost() and least_time().
[[nodiscard]] theory::Network network_of(const kernels::Program& program, std::int64_t batch);

/// Declares every case of bench_inference: digits, mlp, cnn and transformer x precision x batch size.
void add_inference(Registry& registry, const InferenceEngine& engine);

}  // namespace peakproof::bench
