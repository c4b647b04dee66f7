// How the device fared while it was measured: what its management library (NVML) was asked for, and answered. Plain
// structs; what could not be read is absent and says why, never zero.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace peakproof::reports {

/// One look at the device. Seconds count from the beginning of the run.
struct TelemetryPoint {
  double at_s = 0;
  std::optional<double> sm_clock_hz;
  std::optional<double> power_w;
  std::optional<double> temperature_c;
  /// Why the clock is lower than it could be, as NVML's bits (NvmlClocksEventReasons); 0: no reason.
  std::optional<std::uint64_t> clock_reasons;
};

/// What was seen while one result was sampled.
struct Telemetry {
  double begin_s = 0;  ///< of the timed region, from the beginning of the run
  double end_s = 0;
  int count = 0;  ///< looks within it
  std::optional<double> min_sm_clock_hz;
  std::optional<double> median_sm_clock_hz;
  std::optional<double> max_sm_clock_hz;
  std::optional<double> median_power_w;
  std::optional<double> max_power_w;
  std::optional<double> max_temperature_c;
  /// The share of the region's time (0..1) in which each reason lowered the clock: "sw_power_cap", "hw_thermal", …
  /// (clock_reason_names()); the larger of what was sampled and what the driver's violation counters say.
  std::map<std::string, double> reasons;
  /// A look came too late or never: the device's health in this region is not known.
  bool stale = false;
};

/// A figure that only grows, or a state that must not change, before and after the run.
struct Counter {
  std::string name;  ///< "ecc_uncorrected_volatile", "pcie_replays", "row_remap_pending", …
  std::string unit;  ///< "errors", "packets", "rows", "s", "" for a state
  std::optional<double> before;
  std::optional<double> after;  ///< of pcie_generation and pcie_width under load; an idle link may fall to less
  std::string why;              ///< it is not known: "not supported by this GPU", "NVML does not answer", …
};

/// What the driver reported while the run went on.
struct HealthEvent {
  double at_s = 0;
  std::string kind;         ///< "xid", "ecc_uncorrected", "ecc_corrected", "clock", …
  std::int64_t number = 0;  ///< of an Xid
  std::string text;         ///< what it means and what to do
};

struct Health {
  std::string source;  ///< "NVML 13.580.65.06"; empty where there is none
  std::string why;     ///< there is no source, or a part of it is missing
  std::vector<Counter> counters;
  std::vector<HealthEvent> events;
  std::vector<TelemetryPoint> timeline;  ///< at most kMostTelemetryPoints, evenly thinned
  bool stale = false;                    ///< the source stopped answering during the run
};

inline constexpr int kMostTelemetryPoints = 1200;

/// The names of NVML's clock event reasons, bit by bit: {0x4, "sw_power_cap"}, …
struct ClockReasonName {
  std::uint64_t bit = 0;
  std::string_view name;
};
[[nodiscard]] const std::vector<ClockReasonName>& clock_reason_names();
/// The names of the bits that are set; one that the table lacks is "unknown_0x200".
[[nodiscard]] std::vector<std::string> clock_reason_names_of(std::uint64_t bits);

/// The share of begin_s..end_s (0..1) in which a reason of `bits` was seen, of the looks that say it: each stands for the
/// time until the middle between it and its neighbours. 0 where none says it.
[[nodiscard]] double reason_share(std::span<const TelemetryPoint> points, double begin_s, double end_s,
                                  std::uint64_t bits);

/// What the looks between begin_s and end_s saw, a look at either end included. A field that no look has stays empty, and
/// so do the reasons.
[[nodiscard]] Telemetry summarize(std::span<const TelemetryPoint> points, double begin_s, double end_s);

/// The points evenly thinned to at most `most`; the first and the last stay, and so does every change of the reasons as
/// far as there is room.
[[nodiscard]] std::vector<TelemetryPoint> thinned(std::vector<TelemetryPoint> points, int most = kMostTelemetryPoints);

/// To save room: leaves one point of the timeline, one that says the reasons of the clock if any does, so that whether they
/// were known stays known.
void withhold_timeline(Health& health);

}  // namespace peakproof::reports
