// Outputs against FP64: is the answer right, and what did the precision cost?
#include <algorithm>
#include <cmath>

#include "bench/harness/errors.hpp"
#include "bench/harness/inference_parts.hpp"
#include "reports/sample.hpp"

namespace peakproof::bench {
namespace {

/// Relative error of one rounding: half a unit in the last place of the significand (IEEE 754 for FP32 and FP16, PTX
/// ISA for TF32, BF16 and E4M3). INT8 has equal steps instead, of 1/127 of the largest value; that is taken as four
/// root mean squares, as of a normal distribution, so that half a step is 2^-6 and its own root mean square, 1/sqrt(3)
/// of it, nearly 2^-7.
double rounding(theory::Precision precision) {
  switch (precision) {
    case theory::Precision::fp64:
      return 0x1p-53;
    case theory::Precision::fp32:
      return 0x1p-24;
    case theory::Precision::tf32:
    case theory::Precision::fp16:
      return 0x1p-11;
    case theory::Precision::bf16:
      return 0x1p-8;
    case theory::Precision::int8:
      return 0x1p-7;
    case theory::Precision::fp8:
      return 0x1p-4;
    case theory::Precision::int4:
      break;
  }
  throw MeasurementError("no tolerance is known for this precision");
}

/// Sums of the differences over some items.
struct Differences {
  double square = 0;
  double reference = 0;
  double absolute = 0;
  double largest = 0;
  std::int64_t count = 0;
  std::int64_t not_numbers = 0;

  void add(double out, double wanted) {
    ++count;
    reference += wanted * wanted;
    if (!std::isfinite(out)) {
      ++not_numbers;
      return;
    }
    const double difference = std::abs(out - wanted);
    square += difference * difference;
    absolute += difference;
    largest = std::max(largest, difference);
  }
  [[nodiscard]] double relative() const { return std::sqrt(square) / std::sqrt(reference); }
  [[nodiscard]] double root_mean_square() const { return std::sqrt(square / static_cast<double>(count)); }
  [[nodiscard]] double mean() const { return absolute / static_cast<double>(count); }
};

/// Outputs of one item; 0: the answer is none.
std::size_t outputs_of_item(const KnownAnswer& answer) {
  return answer.items > 0 ? answer.outputs.size() / static_cast<std::size_t>(answer.items) : 0;
}

/// The place of the largest score; nothing where one is no number.
template <class Number>
std::optional<std::ptrdiff_t> top(const Number* scores, std::size_t count) {
  if (std::any_of(scores, scores + count, [](Number x) { return !std::isfinite(x); })) return std::nullopt;
  return std::max_element(scores, scores + count) - scores;
}

double share(std::int64_t part, std::int64_t all) { return static_cast<double>(part) / static_cast<double>(all); }

}  // namespace

// A step rounds its inputs, its weights and its outputs. The errors are independent and of either sign, so that squares
// add: the sum of many rounded products has the same relative error as one of them (about u sqrt(2 / 3) at most for two
// factors), and L steps sqrt(L) times that. Sums of k terms in FP32 add 2^-24 sqrt(k). Twice the whole is accepted.
double output_tolerance(const kernels::Program& program, theory::Precision precision) {
  constexpr double kSumRounding = 0x1p-24;
  double squares = 0;
  for (const kernels::Step& step : program.steps) {
    const auto terms = static_cast<double>(step.kernel * step.kernel * step.in);
    const double sums = precision == theory::Precision::fp64 ? rounding(precision) : kSumRounding;
    squares += rounding(precision) * rounding(precision) + sums * sums * terms;
  }
  return 2 * std::sqrt(squares);
}

reports::Verification verify_outputs(const std::vector<float>& outputs, const KnownAnswer& answer, double tolerance) {
  reports::Verification result{
      .method = "||out - ref|| / ||ref|| and the worst output of every item against FP64 on the host",
      .tolerance = tolerance};
  const std::size_t each = outputs_of_item(answer);
  if (each == 0 || outputs.empty() || outputs.size() % each != 0) {
    result.items = 1;
    result.mismatches = 1;
    result.relative_error = 0;
    return result;
  }
  Differences all;
  for (std::size_t i = 0; i < outputs.size(); ++i) all.add(outputs[i], answer.outputs[i % answer.outputs.size()]);
  result.items = all.count;
  result.not_numbers = all.not_numbers;
  result.relative_error = all.relative();
  result.rmse = all.root_mean_square();
  result.mae = all.mean();
  result.max_error = all.largest;
  // Errors are sums of many roundings, and so nearly normal: with a root mean square of half the tolerance at most,
  // none is eight times as large (one in 10^15).
  constexpr double kFarthest = 4;
  const double worst = kFarthest * tolerance * std::sqrt(all.reference / static_cast<double>(all.count));
  for (std::size_t i = 0; i < outputs.size(); ++i)  // false for what is no number
    result.mismatches += std::abs(outputs[i] - answer.outputs[i % answer.outputs.size()]) <= worst ? 0 : 1;
  return result;
}

std::optional<reports::OutputQuality> quality_of(const std::vector<float>& outputs, const KnownAnswer& answer) {
  const std::size_t each = outputs_of_item(answer);
  if (each == 0 || outputs.size() < answer.outputs.size()) return std::nullopt;
  Differences all;
  std::int64_t same_top = 0;
  std::int64_t right = 0;
  std::int64_t right_reference = 0;
  for (std::size_t item = 0; item < static_cast<std::size_t>(answer.items); ++item) {
    const float* out = &outputs[item * each];
    const double* wanted = &answer.outputs[item * each];
    for (std::size_t i = 0; i < each; ++i) all.add(out[i], wanted[i]);
    const auto mine = top(out, each);
    const auto reference = top(wanted, each);
    same_top += mine && mine == reference ? 1 : 0;
    if (answer.labels.empty()) continue;
    right += mine && *mine == answer.labels[item] ? 1 : 0;
    right_reference += reference && *reference == answer.labels[item] ? 1 : 0;
  }
  if (all.not_numbers > 0) return std::nullopt;
  reports::OutputQuality quality{.items = answer.items,
                                 .relative_error = all.relative(),
                                 .rmse = all.root_mean_square(),
                                 .mae = all.mean(),
                                 .max_error = all.largest};
  if (answer.classes) quality.top1_agreement = share(same_top, answer.items);
  if (!answer.labels.empty()) {
    quality.accuracy = share(right, answer.items);
    quality.reference_accuracy = share(right_reference, answer.items);
  }
  return quality;
}

void add_latencies(reports::Inference& inference, const std::vector<double>& seconds) {
  constexpr std::size_t kFewestForP95 = 20;
  constexpr std::size_t kFewestForP99 = 100;
  constexpr double kMedian = 0.5;
  constexpr double kP95 = 0.95;
  constexpr double kP99 = 0.99;
  inference.passes = static_cast<std::int64_t>(seconds.size());
  if (!seconds.empty()) inference.p50_s = reports::quantile(seconds, kMedian);
  if (seconds.size() >= kFewestForP95) inference.p95_s = reports::quantile(seconds, kP95);
  if (seconds.size() >= kFewestForP99) inference.p99_s = reports::quantile(seconds, kP99);
}

}  // namespace peakproof::bench
