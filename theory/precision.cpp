#include "theory/precision.hpp"

#include <algorithm>
#include <cstddef>

namespace peakproof::theory {
namespace {

struct PrecisionInfo {
  Precision precision;
  std::string_view name;
  double bytes;
  Pipe gpu;
  std::optional<Pipe> cpu;  ///< the CPU table has the rates of FP32 and FP64 alone (theory/cpu.cpp)
};

constexpr std::array kTable = {
    PrecisionInfo{Precision::fp64, "fp64", 8, Pipe::tensor_fp64, Pipe::fp64_fma},
    PrecisionInfo{Precision::fp32, "fp32", 4, Pipe::fp32_fma, Pipe::fp32_fma},
    PrecisionInfo{Precision::tf32, "tf32", 4, Pipe::tensor_tf32, std::nullopt},
    PrecisionInfo{Precision::fp16, "fp16", 2, Pipe::tensor_fp16, std::nullopt},
    PrecisionInfo{Precision::bf16, "bf16", 2, Pipe::tensor_bf16, std::nullopt},
    PrecisionInfo{Precision::fp8, "fp8", 1, Pipe::tensor_fp8, std::nullopt},
    PrecisionInfo{Precision::int8, "int8", 1, Pipe::tensor_int8, std::nullopt},
    PrecisionInfo{Precision::int4, "int4", 0.5, Pipe::tensor_int4, std::nullopt},
};

constexpr bool one_row_each() {
  if (kTable.size() != kPrecisions.size()) return false;
  for (std::size_t i = 0; i < kTable.size(); ++i)
    if (kTable[i].precision != kPrecisions[i] || static_cast<std::size_t>(kTable[i].precision) != i) return false;
  return true;
}
static_assert(one_row_each());

const PrecisionInfo& info(Precision precision) { return kTable.at(static_cast<std::size_t>(precision)); }

}  // namespace

std::string_view name(Precision precision) { return info(precision).name; }

std::optional<Precision> precision_from_name(std::string_view name) {
  const auto* const found =
      std::find_if(kTable.begin(), kTable.end(), [&](const auto& row) { return row.name == name; });
  return found == kTable.end() ? std::nullopt : std::optional(found->precision);
}

double bytes_per_number(Precision precision) { return info(precision).bytes; }

std::optional<Pipe> matrix_pipe(Precision precision, DeviceKind kind) {
  return kind == DeviceKind::gpu ? std::optional(info(precision).gpu) : info(precision).cpu;
}

}  // namespace peakproof::theory
