// The roofline: what a kernel can reach at a given arithmetic intensity.
#pragma once

#include <optional>

#include "theory/device_spec.hpp"
#include "theory/pipe.hpp"

namespace peakproof::theory {

/// min(peak, intensity x bandwidth) in operations per second; `intensity` in operations per byte. Nothing unless peak
/// and bandwidth are positive numbers and the intensity is a number that is not negative.
[[nodiscard]] std::optional<double> attainable(double peak_per_second, double bytes_per_second, double intensity);

/// The arithmetic intensity in operations per byte from which on the pipe, and no longer the memory, is the limit.
/// Nothing unless both are positive numbers.
[[nodiscard]] std::optional<double> ridge_point(double peak_per_second, double bytes_per_second);

/// The same for a pipe and a memory of a device at their rated clocks; nothing where either has no peak.
[[nodiscard]] std::optional<double> attainable(const DeviceSpec& device, Pipe pipe, double intensity,
                                               Pipe memory = Pipe::dram);
[[nodiscard]] std::optional<double> ridge_point(const DeviceSpec& device, Pipe pipe, Pipe memory = Pipe::dram);

}  // namespace peakproof::theory
