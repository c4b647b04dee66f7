// Little's law on a measured curve: how many bytes were under way, and how fast they came, give the memory's peak and its
// latency at once. Pure functions.
#pragma once

#include <optional>
#include <span>

namespace peakproof::reports {

struct FlightPoint {
  double in_flight_bytes = 0;  ///< asked for and not there yet, of the whole device
  double per_second = 0;       ///< bytes
};

/// What bytes in flight N reach: 1 / rate^p = (latency / N)^p + 1 / peak^p. While N is small the rate is N / latency
/// (Little 1961: N = rate x latency); when it is large the rate is the peak; p says how sharp the knee between them is,
/// 1 for a queue with much chance in it, and large for one with none.
struct LittleFit {
  double peak_per_s = 0;
  double latency_s = 0;  ///< of an access when nothing else is under way
  double sharpness = 1;  ///< p
  double residual = 0;   ///< the largest relative error of the fit at a point
  /// The smallest measured number of bytes in flight that reaches 95 % of the peak, and the latency that the rate there
  /// means: what an access takes under load. Nothing where no point reaches it: then the peak is extrapolated.
  std::optional<double> loaded_bytes;
  std::optional<double> loaded_latency_s;
  /// Where latency and peak meet: the least that could fill the memory if load cost nothing.
  [[nodiscard]] double needed_bytes() const { return peak_per_s * latency_s; }
  [[nodiscard]] double rate_at(double in_flight_bytes) const;
};

/// The fit with the least squares of the relative errors. Nothing of fewer than four points, of points that are not
/// positive, or where the curve does not bend, so that it does not tell a peak or a latency.
[[nodiscard]] std::optional<LittleFit> fit_littles_law(std::span<const FlightPoint> points);

}  // namespace peakproof::reports
