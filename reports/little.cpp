#include "reports/little.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace peakproof::reports {
namespace {

/// The fit of one sharpness: linear in a = latency^p and b = peak^-p, since with u = (rate / N)^p and v = rate^p every
/// point wants a u + b v = 1. Weighted so, an error counts in proportion to the rate. In units of `bytes` and `rate`.
std::optional<LittleFit> fit_with(std::span<const FlightPoint> points, double p, double bytes, double rate) {
  double uu = 0;
  double uv = 0;
  double vv = 0;
  double u1 = 0;
  double v1 = 0;
  for (const FlightPoint& point : points) {
    const double y = point.per_second / rate;
    const double u = std::pow(y * bytes / point.in_flight_bytes, p);
    const double v = std::pow(y, p);
    uu += u * u;
    uv += u * v;
    vv += v * v;
    u1 += u;
    v1 += v;
  }
  const double determinant = uu * vv - uv * uv;
  const double a = (u1 * vv - v1 * uv) / determinant;
  const double b = (v1 * uu - u1 * uv) / determinant;
  if (!std::isfinite(a) || !std::isfinite(b) || a <= 0 || b <= 0) return std::nullopt;
  return LittleFit{
      .peak_per_s = std::pow(b, -1 / p) * rate, .latency_s = std::pow(a, 1 / p) * bytes / rate, .sharpness = p};
}

/// The sum of the squared relative errors; sets the largest.
double error_of(LittleFit& fit, std::span<const FlightPoint> points) {
  double sum = 0;
  fit.residual = 0;
  for (const FlightPoint& point : points) {
    const double relative = fit.rate_at(point.in_flight_bytes) / point.per_second - 1;
    sum += relative * relative;
    fit.residual = std::max(fit.residual, std::abs(relative));
  }
  return sum;
}

void add_load(LittleFit& fit, std::span<const FlightPoint> points) {
  constexpr double kNearly = 0.95;
  for (const FlightPoint& point : points) {
    if (point.per_second < kNearly * fit.peak_per_s) continue;
    if (fit.loaded_bytes && *fit.loaded_bytes <= point.in_flight_bytes) continue;
    fit.loaded_bytes = point.in_flight_bytes;
    fit.loaded_latency_s = point.in_flight_bytes / point.per_second;
  }
}

}  // namespace

double LittleFit::rate_at(double in_flight_bytes) const {
  const double waiting = std::pow(latency_s / in_flight_bytes, sharpness);
  return std::pow(waiting + std::pow(peak_per_s, -sharpness), -1 / sharpness);
}

std::optional<LittleFit> fit_littles_law(std::span<const FlightPoint> points) {
  constexpr std::size_t kFewest = 4;
  if (points.size() < kFewest) return std::nullopt;
  double bytes = 0;
  double rate = 0;
  for (const FlightPoint& point : points) {
    const auto usable = [](double x) { return std::isfinite(x) && x > 0; };
    if (!usable(point.in_flight_bytes) || !usable(point.per_second)) return std::nullopt;
    bytes = std::max(bytes, point.in_flight_bytes);
    rate = std::max(rate, point.per_second);
  }
  std::optional<LittleFit> best;
  double least = std::numeric_limits<double>::infinity();
  constexpr double kSharpest = 16;
  constexpr double kStep = 1.02;
  for (double p = 0.5; p <= kSharpest; p *= kStep) {
    auto fit = fit_with(points, p, bytes, rate);
    if (!fit) continue;
    const double error = error_of(*fit, points);
    if (error < least) {
      least = error;
      best = fit;
    }
  }
  if (!best) return std::nullopt;
  // A straight line has no peak, and a level one no latency.
  constexpr double kBends = 1.2;
  double lowest = rate;
  for (const FlightPoint& point : points) lowest = std::min(lowest, point.per_second);
  if (best->peak_per_s > 3 * rate || rate < kBends * lowest) return std::nullopt;
  add_load(*best, points);
  return best;
}

}  // namespace peakproof::reports
