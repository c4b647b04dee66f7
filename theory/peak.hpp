// The peak of a pipe, memory or link: a number with the formula and the source that it comes from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "theory/device_spec.hpp"
#include "theory/pipe.hpp"

namespace peakproof::theory {

struct Peak {
  Pipe pipe{};
  double per_second = 0;  ///< in unit(pipe)
  double clock_hz = 0;    ///< the clock put in; 0 where the peak follows no SM clock
  std::string formula;    ///< with the numbers put in, e.g. "132 SMs x 128 results/clk/SM x 2 FLOP x 1.980 GHz"
  std::string source;     ///< of the rate, e.g. "CUDA C++ Programming Guide v12.6 Table 4"
};

/// The rated clock of the pipe's domain on this device, in Hz; 0 where unknown or where the pipe follows no SM clock.
[[nodiscard]] double rated_clock_hz(const DeviceSpec& device, Pipe pipe);

/// peak = SMs x results per clock per SM x operations per result x clock. For dram: data rate per pin x enabled bus
/// bits / 8, and 2 x memory clock stands for the data rate only where none is known and the type is HBM; `clock_hz` is
/// then ignored. For pcie and nvlink: one direction of the links that the board is made for. Nothing where the table has
/// no row or the device lacks a number.
[[nodiscard]] std::optional<Peak> peak(const DeviceSpec& device, Pipe pipe, double clock_hz);
/// What loads of `simd_bits` get out of the first-level data caches of a CPU's cores; peak() counts the widest registers.
[[nodiscard]] std::optional<Peak> cpu_l1_peak(const DeviceSpec& device, int simd_bits, double clock_hz);
/// peak() at the rated clock.
[[nodiscard]] std::optional<Peak> rated_peak(const DeviceSpec& device, Pipe pipe);
/// Every pipe that has a peak on this device, in the order of the enumeration, at the rated clock.
[[nodiscard]] std::vector<Peak> rated_peaks(const DeviceSpec& device);

}  // namespace peakproof::theory
