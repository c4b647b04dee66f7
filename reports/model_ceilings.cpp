#include "reports/model_ceilings.hpp"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/heat_map.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

using theory::Precision;

/// Whether a figure of this result may stand for the device: a point of a sweep may be one of a cache.
bool stands(const Result& result) {
  const bool judged =
      result.verdict == Verdict::pass || result.verdict == Verdict::below || result.verdict == Verdict::no_theory;
  return judged && std::isfinite(result.achieved_per_s) && result.achieved_per_s > 0 && !is_burst(result.params) &&
         !is_sweep(result.params);
}

std::string_view param(const Result& result, const std::string& key) {
  const auto found = result.params.find(key);
  return found == result.params.end() ? std::string_view() : std::string_view(found->second);
}

/// The fastest result that stands and fits; null where there is none.
const Result* fastest(const Report& report, const std::function<bool(const Result&)>& fits) {
  const Result* best = nullptr;
  for (const Result& result : report.results)
    if (stands(result) && fits(result) && (best == nullptr || result.achieved_per_s > best->achieved_per_s))
      best = &result;
  return best;
}

/// What the benchmarks of matrix products call a precision in their params.
std::vector<std::string_view> types_of(Precision precision) {
  switch (precision) {
    case Precision::fp8:
      return {"fp8_e4m3", "fp8_e5m2", "e4m3", "e5m2"};
    case Precision::int8:
      return {"int8", "s8"};
    case Precision::int4:
      return {"int4", "s4"};
    case Precision::fp16:
      return {"fp16", "f16"};
    case Precision::fp64:
      return {"fp64", "f64"};
    case Precision::fp32:
    case Precision::tf32:
    case Precision::bf16:
      break;
  }
  return {theory::name(precision)};
}

bool of_type(const Result& result, Precision precision) {
  for (const auto type : types_of(precision))
    if (param(result, "type") == type) return true;
  return false;
}

/// Measured beside a network, and all of it of use.
bool has_ceilings(const Result& result) {
  if (!result.inference || !result.inference->measured_ceilings) return false;
  const auto& c = *result.inference->measured_ceilings;
  const auto rate = [](double x) { return std::isfinite(x) && x > 0; };
  const auto none_or_more = [](double x) { return std::isfinite(x) && x >= 0; };
  return rate(c.matrix_per_second) && rate(c.bytes_per_second) && none_or_more(c.vector_per_second) &&
         none_or_more(c.launch_s);
}

/// The network of this precision beside which matrices were multiplied fastest: on a CPU a batch of one has one core.
const Result* network_of(const Report& report, Precision precision) {
  const Result* best = nullptr;
  for (const Result& result : report.results) {
    if (!stands(result) || !has_ceilings(result) || result.inference->precision != theory::name(precision)) continue;
    if (best == nullptr ||
        result.inference->measured_ceilings->matrix_per_second > best->inference->measured_ceilings->matrix_per_second)
      best = &result;
  }
  return best;
}

/// A product, or a chain, on the pipe of this precision: the first benchmark of the ladder that has one.
const Result* matrix_of(const Report& report, Precision precision) {
  const auto& device = report.device.spec;
  for (const std::string_view name : {"cublas_gemm", "wgmma_gemm", "wmma_gemm"})
    if (const auto* result = fastest(report, [&](const Result& r) { return r.name == name && of_type(r, precision); }))
      return result;
  const auto pipe = theory::matrix_pipe(precision, device.kind);
  if (!pipe) return nullptr;
  return fastest(report, [&](const Result& r) { return r.pipe == pipe && !r.inference && !r.training; });
}

struct Memory {
  double bytes_per_second = 0;
  std::string source;
  std::string remark;
};

/// The copy through device memory, else the best of its patterns. A network's own figure is that of the memory that its
/// pass works in, which may be a cache: the slowest of them comes nearest.
std::optional<Memory> memory_of(const Report& report) {
  const auto is_dram = [](const Result& r) { return r.name == "dram" && r.unit == "B/s"; };
  const auto* dram = fastest(report, [&](const Result& r) { return is_dram(r) && param(r, "pattern") == "copy"; });
  if (dram == nullptr) dram = fastest(report, is_dram);
  if (dram != nullptr) return Memory{dram->achieved_per_s, "measured by " + row_name(*dram), ""};
  const Result* slowest = nullptr;
  for (const Result& result : report.results) {
    if (!stands(result) || !has_ceilings(result)) continue;
    if (slowest == nullptr ||
        result.inference->measured_ceilings->bytes_per_second < slowest->inference->measured_ceilings->bytes_per_second)
      slowest = &result;
  }
  if (slowest == nullptr) return std::nullopt;
  return Memory{slowest->inference->measured_ceilings->bytes_per_second, "measured beside " + row_name(*slowest),
                "the memory's rate is the slowest that a network's pass worked in, maybe still a cache: measure dram"};
}

void take_vector(const Report& report, theory::Ceilings& ceilings) {
  const auto* vector =
      fastest(report, [](const Result& r) { return r.pipe == theory::Pipe::fp32_fma && r.name == "fp32_fma"; });
  if (vector == nullptr) return;
  ceilings.vector_per_second = vector->achieved_per_s;
  ceilings.vector_source = "measured by " + row_name(*vector);
}

}  // namespace

PickedCeilings measured_ceilings(const Report& report, Precision precision) {
  if (!report.members.empty()) return {{}, "the report is of several devices: give that of one"};
  theory::Ceilings ceilings;
  ceilings.memory_bytes = report.device.spec.memory_bytes;
  if (const auto* network = network_of(report, precision)) {
    const auto& measured = *network->inference->measured_ceilings;
    ceilings.matrix_per_second = measured.matrix_per_second;
    ceilings.vector_per_second = measured.vector_per_second;
    ceilings.launch_s = measured.launch_s;
    ceilings.matrix_source = ceilings.vector_source = "measured beside " + row_name(*network);
  } else if (const auto* matrix = matrix_of(report, precision)) {
    ceilings.matrix_per_second = matrix->achieved_per_s;
    ceilings.matrix_source = "measured by " + row_name(*matrix);
    take_vector(report, ceilings);
  } else {
    return {{},
            fmt::format("the report has no result at {} that can be believed: measure inference, cublas_gemm or the "
                        "pipe itself",
                        theory::name(precision))};
  }
  const auto memory = memory_of(report);
  if (!memory) return {{}, "the report has no bandwidth of device memory that can be believed: measure dram"};
  ceilings.bytes_per_second = memory->bytes_per_second;
  ceilings.bytes_source = memory->source;
  return {ceilings, memory->remark};
}

}  // namespace peakproof::reports
