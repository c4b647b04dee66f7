// The least time of a pass by ceilings that were measured in the same run.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "bench/harness/inference_parts.hpp"

namespace peakproof::bench {
namespace {

using theory::Precision;

std::string with_unit(double per_second, const char* unit) {
  constexpr double kGiga = 1e9;
  return fmt::format("{:.4g} G{}", per_second / kGiga, unit);
}

/// Of weights, inputs and outputs of all layers.
double bytes_of_pass(const theory::Network& network, const theory::NetworkCost& cost, Precision precision) {
  double numbers = static_cast<double>(cost.parameters) + cost.activation_numbers;
  for (const std::size_t input : network.inputs) numbers += static_cast<double>(network.tensors[input].elements());
  return numbers * theory::bytes_per_number(precision);
}

/// As precise as a working set can matter: to a power of two.
double rounded(double bytes) { return std::exp2(std::round(std::log2(std::max(bytes, 1.0)))); }

/// Of a layer with those that became part of it, where one unit does all the arithmetic.
double in_turn_s(const theory::LayerTime& time, const theory::NetworkCost& cost, const theory::Ceilings& ceilings) {
  double matrix = 2 * cost.layers[time.layer].macs;
  for (const std::size_t layer : time.fused) matrix += 2 * cost.layers[layer].macs;
  double seconds = matrix > 0 ? matrix / ceilings.matrix_per_second : 0;
  if (ceilings.vector_per_second > 0) seconds += (time.flops - matrix) / ceilings.vector_per_second;
  return seconds;
}

/// Precisions of the steps of a network whose own is `precision`.
class StepPrecisions {
 public:
  StepPrecisions(const kernels::Program& program, const InferenceEngine& engine, Precision precision)
      : program_(program), engine_(engine), precision_(precision) {}
  [[nodiscard]] Precision of(std::size_t step) const {
    return engine_.step_precision ? engine_.step_precision(program_.steps[step].kind, precision_) : precision_;
  }
  [[nodiscard]] std::vector<Precision> used() const {
    std::vector<Precision> all;
    for (std::size_t step = 0; step < program_.steps.size(); ++step)
      if (std::find(all.begin(), all.end(), of(step)) == all.end()) all.push_back(of(step));
    return all;
  }
  /// Bytes that are read and written because the step reads fewer bits than it is given: products write what the next
  /// step reads, other steps do not.
  [[nodiscard]] double conversion_bytes(std::size_t step, std::int64_t batch) const {
    const double own = theory::bytes_per_number(of(step));
    const double given = theory::bytes_per_number(step > 0 ? of(step - 1) : of_input());
    if (given <= own) return 0;
    const std::int64_t each = step > 0 ? kernels::output_count(program_.steps[step - 1], program_.rows_per_item)
                                       : program_.rows_per_item * program_.numbers_per_row;
    return static_cast<double>(batch * each) * (given + own);
  }

 private:
  /// As wide as those want it that add it to something.
  [[nodiscard]] Precision of_input() const {
    for (std::size_t step = 0; step < program_.steps.size(); ++step)
      if (program_.steps[step].kind == kernels::StepKind::add_normalize && program_.steps[step].residual < 0)
        return of(step);
    return precision_;
  }

  const kernels::Program& program_;
  const InferenceEngine& engine_;
  Precision precision_;
};

/// What the layers of a step take, and what bounds the longest one.
struct StepTime {
  double seconds = 0;
  double longest_s = 0;
  theory::Bound bound = theory::Bound::none;
  void add(double more, theory::Bound by) {
    seconds += more;
    if (more <= longest_s) return;
    longest_s = more;
    bound = by;
  }
};

void tell(reports::Inference& inference, const theory::Ceilings& ceilings, const std::string& suffix) {
  auto& texts = inference.ceilings;
  const auto one = [&](const char* name, double value, const char* unit, const std::string& source) {
    if (value > 0) texts[name + suffix] = fmt::format("{}, {}", with_unit(value, unit), source);
  };
  one("matrix", ceilings.matrix_per_second, inference.precision == "int8" && suffix.empty() ? "OP/s" : "FLOP/s",
      ceilings.matrix_source);
  one("vector", ceilings.vector_per_second, "FLOP/s", ceilings.vector_source);
  one("bytes", ceilings.bytes_per_second, "B/s", ceilings.bytes_source);
  constexpr double kMicro = 1e6;
  if (ceilings.launch_s > 0) texts["launch" + suffix] = fmt::format("{:.3g} us a step", ceilings.launch_s * kMicro);
}

}  // namespace

const std::optional<theory::Ceilings>& MeasuredOnce::ceilings(const CeilingsOrder& order) {
  const std::string key = fmt::format("{}/{}/{}", theory::name(order.precision), order.batch, order.bytes);
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  return known_[key] = engine_.ceilings ? engine_.ceilings(order) : std::nullopt;
}

void add_prediction(reports::Inference& inference, const kernels::Program& program, const InferenceEngine& engine,
                    MeasuredOnce& measured, Precision precision) try {
  const StepNetwork steps = step_network(program, inference.batch);
  const theory::NetworkCost cost = theory::cost(steps.network);
  const StepPrecisions precisions(program, engine, precision);
  std::vector<StepTime> times(program.steps.size());
  for (const Precision one : precisions.used()) {
    const auto& ceilings = measured.ceilings(
        {.precision = one, .batch = inference.batch, .bytes = rounded(bytes_of_pass(steps.network, cost, one))});
    if (!ceilings) {
      inference.ceilings["missing"] = fmt::format("no ceilings of {} could be measured", theory::name(one));
      return;
    }
    tell(inference, *ceilings, one == precision ? "" : fmt::format(" of {}", theory::name(one)));
    if (one == precision)
      inference.measured_ceilings = reports::MeasuredCeilings{.matrix_per_second = ceilings->matrix_per_second,
                                                              .vector_per_second = ceilings->vector_per_second,
                                                              .bytes_per_second = ceilings->bytes_per_second,
                                                              .launch_s = ceilings->launch_s};
    const theory::NetworkTime time = theory::least_time(steps.network, cost, *ceilings, {.precision = one});
    if (!time.missing.empty()) throw std::invalid_argument("no rule for " + time.missing.front());
    for (const theory::LayerTime& each : time.layers) {
      const std::size_t step = steps.step[cost.layers[each.layer].layer];
      if (precisions.of(step) != one) continue;
      const double in_turn = engine.overlaps ? 0 : in_turn_s(each, cost, *ceilings);
      times[step].add(std::max(each.seconds, in_turn), in_turn > each.seconds ? theory::Bound::compute : each.bound);
    }
    for (std::size_t step = 0; step < times.size(); ++step)
      if (precisions.of(step) == one)
        times[step].add(precisions.conversion_bytes(step, inference.batch) / ceilings->bytes_per_second,
                        theory::Bound::memory);
  }
  double total = 0;
  for (std::size_t step = 0; step < times.size(); ++step) {
    total += times[step].seconds;
    if (step >= inference.layers.size()) continue;  // the steps were not timed
    inference.layers[step].predicted_s = times[step].seconds;
    inference.layers[step].bound = theory::name(times[step].bound);
  }
  inference.predicted_s = total;
} catch (const std::invalid_argument& error) {
  inference.ceilings["missing"] = fmt::format("no prediction: {}", error.what());
}

}  // namespace peakproof::bench
