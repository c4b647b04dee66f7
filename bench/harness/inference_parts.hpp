// The parts of an inference case that need no device: the program as a network, quantiles, answers against FP64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/inference.hpp"
#include "reports/model_run.hpp"
#include "reports/result.hpp"
#include "theory/network.hpp"
#include "theory/network_cost.hpp"

namespace peakproof::bench {

/// A program as a network, and the step that each of its layers belongs to.
struct StepNetwork {
  theory::Network network;
  std::vector<std::size_t> step;
};
[[nodiscard]] StepNetwork step_network(const kernels::Program& program, std::int64_t batch);

/// What a network must give: the FP64 outputs of some items, one after the other.
struct KnownAnswer {
  std::vector<double> outputs;
  std::int64_t items = 0;
  bool classes = false;     ///< outputs are scores
  std::vector<int> labels;  ///< one for each item; empty: there are none
};

/// The largest ||out - ref|| / ||ref|| that rounding explains: see its .cpp for where it comes from.
[[nodiscard]] double output_tolerance(const kernels::Program& program, theory::Precision precision);

/// Item i of the outputs was given the input of the answer's item i modulo answer.items: all are compared.
[[nodiscard]] reports::Verification verify_outputs(const std::vector<float>& outputs, const KnownAnswer& answer,
                                                   double tolerance);
/// Of the first answer.items items. Nothing where there are fewer outputs, or one is no number: the answer is wrong then,
/// and its quality none.
[[nodiscard]] std::optional<reports::OutputQuality> quality_of(const std::vector<float>& outputs,
                                                               const KnownAnswer& answer);

/// Passes and the quantiles that so many of them give.
void add_latencies(reports::Inference& inference, const std::vector<double>& seconds);

/// The ceilings of one run: each order is measured once.
class MeasuredOnce {
 public:
  explicit MeasuredOnce(const InferenceEngine& engine) : engine_(engine) {}
  [[nodiscard]] const std::optional<theory::Ceilings>& ceilings(const CeilingsOrder& order);

 private:
  const InferenceEngine& engine_;
  std::map<std::string, std::optional<theory::Ceilings>> known_;
};

/// Adds ceilings, predicted_s and each layer's predicted_s and bound. `layers` are the program's steps. Where it cannot
/// be predicted, nothing but the reason, among the texts of the ceilings.
void add_prediction(reports::Inference& inference, const kernels::Program& program, const InferenceEngine& engine,
                    MeasuredOnce& measured, theory::Precision precision);

}  // namespace peakproof::bench
