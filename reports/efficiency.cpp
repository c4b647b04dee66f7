#include "reports/efficiency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace peakproof::reports {
namespace {

/// A share in 0..1; anything that is not a number explains nothing.
double share(double x) { return std::isfinite(x) ? std::clamp(x, 0.0, 1.0) : 0.0; }

/// Below this a remainder is rounding, not a loss.
constexpr double kRounding = 1e-12;

void add_remainder(std::vector<Loss>& losses, std::string_view kind, double fraction, std::string evidence) {
  if (fraction > kRounding) losses.push_back({std::string(kind), "unknown", fraction, std::move(evidence)});
}

void add_clock_losses(std::vector<Loss>& losses, double total, const ClockReasons& reasons) {
  const std::array named = {std::pair{"power cap", share(reasons.power_cap)},
                            std::pair{"thermal", share(reasons.thermal)},
                            std::pair{"hardware slowdown", share(reasons.hardware_slowdown)},
                            std::pair{"locked", share(reasons.locked)}, std::pair{"other", share(reasons.other)}};
  double sum = 0;
  for (const auto& [name, part] : named) sum += part;
  const double scale = total / std::max(1.0, sum);
  double left = total;
  for (const auto& [name, part] : named) {
    const double fraction = std::min(left, part * scale);
    if (fraction <= kRounding) continue;
    losses.push_back(
        {"clock", name, fraction, fmt::format("the driver names this reason for {:.0f} % of the time", 100 * part)});
    left -= fraction;
  }
  add_remainder(losses, "clock", left, "the clock was below the rated one, and the driver names no reason");
}

/// `reach` is what the clock left of the rated peak: a share of the time is that share of it.
void add_issue_losses(std::vector<Loss>& losses, double total, double reach, const IssueReasons& reasons,
                      bool clock_known) {
  const std::array named = {
      std::pair{std::pair{"overhead instructions", "instructions of the hot loop that the work count does not claim"},
                share(reasons.overhead_instructions)},
      std::pair{std::pair{"tail", "units that had finished while the last one still ran"}, share(reasons.tail)},
      std::pair{std::pair{"launch", "time of an empty launch"}, share(reasons.launch)}};
  double left = total;
  for (const auto& [text, part] : named) {
    const double fraction = std::min(left, part * reach);
    if (fraction <= kRounding) continue;
    losses.push_back({"issue", text.first, fraction, fmt::format("{}: {:.2f} %", text.second, 100 * part)});
    left -= fraction;
  }
  add_remainder(losses, "issue", left,
                clock_known ? "no measured cause explains it"
                            : "no measured cause explains it; without a measured SM clock it may hold clock losses");
}

}  // namespace

Efficiency efficiency(double achieved_per_s, const std::optional<theory::Peak>& rated,
                      const std::optional<theory::Peak>& measured) {
  Efficiency e;
  if (!rated || !(rated->per_second > 0)) {
    if (measured && measured->per_second > 0) e.issue = achieved_per_s / measured->per_second;
    return e;
  }
  e.spec = achieved_per_s / rated->per_second;
  if (!(rated->clock_hz > 0)) {
    e.issue = e.spec;
  } else if (measured && measured->per_second > 0 && measured->clock_hz > 0) {
    e.issue = achieved_per_s / measured->per_second;
    e.clock = measured->clock_hz / rated->clock_hz;
  }
  return e;
}

ClockReasons clock_reasons(std::span<const TelemetryPoint> points, const Telemetry& telemetry) {
  // NVML API reference, "NvmlClocksEventReasons".
  constexpr std::uint64_t kLocked = 0x2 | 0x100;
  constexpr std::uint64_t kPowerCap = 0x4;
  constexpr std::uint64_t kHwSlowdown = 0x8;
  constexpr std::uint64_t kHwThermal = 0x40;
  constexpr std::uint64_t kPowerBrake = 0x80;
  constexpr std::uint64_t kThermal = 0x20 | kHwThermal;
  constexpr std::uint64_t kIdle = 0x1;  // nothing was running: no loss of what ran
  std::vector<TelemetryPoint> told(points.begin(), points.end());
  for (auto& point : told) {
    if (!point.clock_reasons) continue;
    const bool hot = (*point.clock_reasons & kHwThermal) != 0;
    if (hot) *point.clock_reasons &= ~kHwSlowdown;
  }
  const auto share_of = [&](std::uint64_t bits, std::initializer_list<const char*> names) {
    double most = reason_share(told, telemetry.begin_s, telemetry.end_s, bits);
    for (const char* name : names)
      if (const auto known = telemetry.reasons.find(name); known != telemetry.reasons.end())
        most = std::max(most, share(known->second));
    return most;
  };
  constexpr std::uint64_t kNamed = kLocked | kPowerCap | kHwSlowdown | kPowerBrake | kThermal | kIdle;
  return {.power_cap = share_of(kPowerCap, {"sw_power_cap"}),
          .thermal = share_of(kThermal, {"sw_thermal", "hw_thermal"}),
          .hardware_slowdown = share_of(kHwSlowdown | kPowerBrake, {"hw_power_brake"}),
          .locked = share_of(kLocked, {"application_clocks", "display_clocks"}),
          .other = share_of(~kNamed, {"sync_boost"})};
}

double tail_share(const UnitMap& rates) {
  if (rates.value.empty()) return 0;
  const double slowest = *std::min_element(rates.value.begin(), rates.value.end());
  if (!(slowest > 0)) return 0;
  double sum = 0;
  for (const double rate : rates.value) sum += slowest / rate;
  return share(1 - sum / static_cast<double>(rates.value.size()));
}

std::vector<Loss> losses(const Efficiency& efficiency, const ClockReasons& clock, const IssueReasons& issue) {
  std::vector<Loss> found;
  const auto& reached = efficiency.spec ? efficiency.spec : efficiency.issue;
  if (!reached || !std::isfinite(*reached)) return found;
  const double total = 1 - *reached;
  if (!(total > 0)) return found;
  const bool clock_known = efficiency.clock && std::isfinite(*efficiency.clock);
  // A clock above the rated one loses nothing; an issue rate above one can hide part of a clock loss.
  const double clock_loss = clock_known ? std::clamp(1 - *efficiency.clock, 0.0, total) : 0.0;
  add_clock_losses(found, clock_loss, clock);
  // A memory has no clock to lose; a pipe without E_issue has one, and it was not measured.
  add_issue_losses(found, total - clock_loss, 1 - clock_loss, issue, clock_known || efficiency.issue.has_value());
  return found;
}

}  // namespace peakproof::reports
