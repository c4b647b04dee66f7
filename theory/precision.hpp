// The number formats that a network is stored and computed in.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "theory/device_spec.hpp"
#include "theory/pipe.hpp"

namespace peakproof::theory {

/// Weights and activations; sums are kept in FP32 (FP64 of fp64, INT32 of int8 and int4). tf32 is stored as FP32.
enum class Precision { fp64, fp32, tf32, fp16, bf16, fp8, int8, int4 };
inline constexpr std::array kPrecisions = {Precision::fp64, Precision::fp32, Precision::tf32, Precision::fp16,
                                           Precision::bf16, Precision::fp8,  Precision::int8, Precision::int4};

/// "fp16" and so on.
[[nodiscard]] std::string_view name(Precision precision);
[[nodiscard]] std::optional<Precision> precision_from_name(std::string_view name);
/// Of one stored number: 8, 4, 4, 2, 2, 1, 1, 0.5.
[[nodiscard]] double bytes_per_number(Precision precision);
/// The pipe that a library multiplies matrices of this precision on: the tensor cores where there are any for it (FP32
/// has none), on a CPU the vector units. Nothing where a CPU has no such pipe.
[[nodiscard]] std::optional<Pipe> matrix_pipe(Precision precision, DeviceKind kind);

}  // namespace peakproof::theory
