#include "theory/roofline.hpp"

#include <algorithm>
#include <cmath>

#include "theory/peak.hpp"

namespace peakproof::theory {
namespace {

bool positive(double value) { return std::isfinite(value) && value > 0; }

}  // namespace

std::optional<double> attainable(double peak_per_second, double bytes_per_second, double intensity) {
  if (!positive(peak_per_second) || !positive(bytes_per_second) || std::isnan(intensity) || intensity < 0)
    return std::nullopt;
  return std::min(peak_per_second, intensity * bytes_per_second);
}

std::optional<double> ridge_point(double peak_per_second, double bytes_per_second) {
  if (!positive(peak_per_second) || !positive(bytes_per_second)) return std::nullopt;
  return peak_per_second / bytes_per_second;
}

std::optional<double> attainable(const DeviceSpec& device, Pipe pipe, double intensity, Pipe memory) {
  const auto operations = rated_peak(device, pipe);
  const auto bytes = rated_peak(device, memory);
  if (!operations || !bytes) return std::nullopt;
  return attainable(operations->per_second, bytes->per_second, intensity);
}

std::optional<double> ridge_point(const DeviceSpec& device, Pipe pipe, Pipe memory) {
  const auto operations = rated_peak(device, pipe);
  const auto bytes = rated_peak(device, memory);
  if (!operations || !bytes) return std::nullopt;
  return ridge_point(operations->per_second, bytes->per_second);
}

}  // namespace peakproof::theory
