#include "reports/health.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <functional>

#include "reports/sample.hpp"

namespace peakproof::reports {
namespace {

using Points = std::vector<TelemetryPoint>;

/// Those between the two moments, in the order of time.
Points within(std::span<const TelemetryPoint> points, double begin_s, double end_s) {
  Points found;
  for (const auto& point : points)
    if (point.at_s >= begin_s && point.at_s <= end_s) found.push_back(point);
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.at_s < b.at_s; });
  return found;
}

std::vector<double> values(const Points& points, std::optional<double> TelemetryPoint::*member) {
  std::vector<double> found;
  for (const auto& point : points)
    if (point.*member) found.push_back(*(point.*member));
  return found;
}

std::optional<double> quantile_of(const std::vector<double>& values, double q) {
  if (values.empty()) return std::nullopt;
  return quantile(values, q);
}

/// `most` of these, evenly, the first and the last among them.
std::vector<std::size_t> evenly(const std::vector<std::size_t>& all, std::size_t most) {
  if (all.size() <= most) return all;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < most; ++i) chosen.push_back(all[most == 1 ? 0 : i * (all.size() - 1) / (most - 1)]);
  return chosen;
}

}  // namespace

const std::vector<ClockReasonName>& clock_reason_names() {
  // NVML API reference, "NvmlClocksEventReasons".
  static const std::vector<ClockReasonName> kNames = {
      {0x1, "gpu_idle"},    {0x2, "application_clocks"}, {0x4, "sw_power_cap"},
      {0x8, "hw_slowdown"}, {0x10, "sync_boost"},        {0x20, "sw_thermal"},
      {0x40, "hw_thermal"}, {0x80, "hw_power_brake"},    {0x100, "display_clocks"},
  };
  return kNames;
}

std::vector<std::string> clock_reason_names_of(std::uint64_t bits) {
  std::vector<std::string> names;
  for (const auto& [bit, name] : clock_reason_names()) {
    if ((bits & bit) != 0) names.emplace_back(name);
    bits &= ~bit;
  }
  for (; bits != 0; bits &= bits - 1)
    names.push_back(fmt::format("unknown_{:#x}", std::uint64_t{1} << std::countr_zero(bits)));
  return names;
}

double reason_share(std::span<const TelemetryPoint> points, double begin_s, double end_s, std::uint64_t bits) {
  Points told = within(points, begin_s, end_s);
  told.erase(std::remove_if(told.begin(), told.end(), [](const auto& point) { return !point.clock_reasons; }),
             told.end());
  if (told.empty()) return 0;
  const auto is_set = [bits](const TelemetryPoint& point) { return (*point.clock_reasons & bits) != 0; };
  if (!(end_s > begin_s)) return std::any_of(told.begin(), told.end(), is_set) ? 1 : 0;
  double set_s = 0;
  for (std::size_t i = 0; i < told.size(); ++i) {
    const double from = i == 0 ? begin_s : (told[i - 1].at_s + told[i].at_s) / 2;
    const double to = i + 1 == told.size() ? end_s : (told[i].at_s + told[i + 1].at_s) / 2;
    if (is_set(told[i])) set_s += to - from;
  }
  return std::clamp(set_s / (end_s - begin_s), 0.0, 1.0);
}

Telemetry summarize(std::span<const TelemetryPoint> points, double begin_s, double end_s) {
  const Points seen = within(points, begin_s, end_s);
  const auto clocks = values(seen, &TelemetryPoint::sm_clock_hz);
  const auto powers = values(seen, &TelemetryPoint::power_w);
  Telemetry out{.begin_s = begin_s,
                .end_s = end_s,
                .count = static_cast<int>(seen.size()),
                .min_sm_clock_hz = quantile_of(clocks, 0),
                .median_sm_clock_hz = quantile_of(clocks, 0.5),
                .max_sm_clock_hz = quantile_of(clocks, 1),
                .median_power_w = quantile_of(powers, 0.5),
                .max_power_w = quantile_of(powers, 1),
                .max_temperature_c = quantile_of(values(seen, &TelemetryPoint::temperature_c), 1)};
  std::uint64_t any = 0;
  for (const auto& point : seen) any |= point.clock_reasons.value_or(0);
  for (std::uint64_t left = any; left != 0; left &= left - 1) {
    const std::uint64_t bit = std::uint64_t{1} << std::countr_zero(left);
    out.reasons[clock_reason_names_of(bit).front()] = reason_share(seen, begin_s, end_s, bit);
  }
  return out;
}

std::vector<TelemetryPoint> thinned(std::vector<TelemetryPoint> points, int most) {
  const auto room = static_cast<std::size_t>(std::max(most, 0));
  if (points.size() <= room) return points;
  if (room == 0) return {};
  std::vector<std::size_t> marks;  // the ends, and every change of the reasons
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool end = i == 0 || i + 1 == points.size();
    (end || points[i].clock_reasons != points[i - 1].clock_reasons ? marks : others).push_back(i);
  }
  std::vector<std::size_t> kept = evenly(marks, room);
  const auto fill = evenly(others, room - kept.size());
  kept.insert(kept.end(), fill.begin(), fill.end());
  std::sort(kept.begin(), kept.end());
  std::vector<TelemetryPoint> out;
  out.reserve(kept.size());
  for (const std::size_t i : kept) out.push_back(points[i]);
  return out;
}

void withhold_timeline(Health& health) {
  auto& points = health.timeline;
  if (points.size() < 2) return;
  const auto told = std::find_if(points.begin(), points.end(), [](const auto& point) { return point.clock_reasons; });
  points = {told == points.end() ? points.front() : *told};
}

}  // namespace peakproof::reports
