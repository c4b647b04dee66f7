#include "reports/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "theory/device_spec.hpp"
#include "theory/peak.hpp"
#include "theory/pipe.hpp"
#include "theory/units.hpp"

namespace peakproof::reports {
namespace {

bool positive(double x) { return std::isfinite(x) && x > 0; }

/// Four significant digits without an exponent.
std::string four_digits(double x) {
  const double size = std::abs(x);
  const int decimals = size < 9.9995 ? 3 : size < 99.995 ? 2 : size < 999.95 ? 1 : 0;
  return fmt::format("{:.{}f}", x, decimals);
}

// Beyond these a figure is nonsense, and all its digits would only break the table.
constexpr double kLargestPercent = 9999;
constexpr double kLargestHz = 99999e6;

struct Scale {
  double factor;
  std::string_view prefix;
};

}  // namespace

std::string rate_text(double per_second, std::string_view unit) {
  if (!positive(per_second)) return "-";
  constexpr double kLargest = 1e22;  // beyond it a column overflows, and nothing real is there
  if (per_second >= kLargest) return fmt::format(">9999 E{}", unit);
  // Bandwidths are compared in GB/s everywhere.
  if (unit == "B/s" && per_second >= 1e12) return fmt::format("{} GB/s", four_digits(per_second * 1e-9));
  return theory::si(per_second, unit, 4);
}

std::string percent_text(std::optional<double> fraction, int decimals) {
  if (!fraction || !std::isfinite(*fraction)) return "-";
  const double percent = 100 * *fraction;
  if (std::abs(percent) > kLargestPercent) return percent > 0 ? ">9999" : "<-9999";
  return fmt::format("{:.{}f}", percent, decimals);
}

std::string megahertz_text(double hz) {
  if (!positive(hz)) return "-";
  return hz > kLargestHz ? ">99999" : fmt::format("{:.0f}", hz * 1e-6);
}

std::string watts_text(double watts) {
  constexpr double kLargest = 99999;
  if (!positive(watts)) return "-";
  return watts > kLargest ? ">99999 W" : fmt::format("{:.0f} W", watts);
}

std::string time_text(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  static constexpr std::array kScales = {Scale{1, "s"}, Scale{1e-3, "ms"}, Scale{1e-6, "us"}};
  for (const Scale& scale : kScales) {
    if (std::abs(seconds) >= scale.factor) {
      return fmt::format("{} {}", four_digits(seconds / scale.factor), scale.prefix);
    }
  }
  return fmt::format("{} ns", four_digits(seconds * 1e9));
}

std::string cycles_text(double value) {
  constexpr double kLargest = 99999;
  if (!positive(value)) return "-";
  return value > kLargest ? ">99999" : fmt::format("{:.2f}", value);
}

std::string latency_text(const Latency& latency) {
  if (!usable(latency)) return "-";
  std::string text = fmt::format("{} cycles", cycles_text(latency.cycles));
  const double half = std::max(latency.ci95.high - latency.cycles, latency.cycles - latency.ci95.low);
  if (std::isfinite(half)) text += fmt::format(" (±{})", half > 0 ? cycles_text(half) : "0.00");
  if (latency.ns) text += fmt::format(", {} ns", cycles_text(*latency.ns));
  return text;
}

std::string achieved_text(const Result& result) {
  if (result.latency) return latency_text(*result.latency);
  if (result.unit == kCalls) return positive(result.achieved_per_s) ? time_text(1 / result.achieved_per_s) : "-";
  return rate_text(result.achieved_per_s, result.unit);
}

std::optional<double> relative_interval(const Summary& summary) {
  if (!positive(summary.median_s)) return std::nullopt;
  const double half = std::max(summary.ci95_high_s - summary.median_s, summary.median_s - summary.ci95_low_s);
  if (!std::isfinite(half)) return std::nullopt;
  return half / summary.median_s;
}

std::string row_name(const Result& result) { return row_name(result, {}); }

std::string row_name(const Result& result, std::string_view device) {
  std::string text = result.name;
  if (!device.empty()) text += fmt::format("/{}", device);
  for (const auto& [key, value] : result.params) text += fmt::format("/{}:{}", key, value);
  return text;
}

std::vector<std::string> member_names(const Report& report) {
  std::vector<std::string> names;
  for (const Report& member : report.members) {
    const bool cpu = member.device.spec.kind == theory::DeviceKind::cpu;
    std::string host = member.host.name.empty() ? "unnamed" : one_line(member.host.name);
    std::replace(host.begin(), host.end(), '/', '_');
    const std::string wanted = member.scope == Scope::device ? fmt::format("{}:{}", cpu ? "cpu" : "gpu", names.size())
                                                             : fmt::format("node:{}", host);
    std::string name = wanted;
    for (int n = 2; std::find(names.begin(), names.end(), name) != names.end(); ++n)
      name = fmt::format("{}#{}", wanted, n);
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<NamedDevice> named_devices(const Report& report) {
  std::vector<NamedDevice> devices;
  if (report.members.empty() || !report.results.empty()) devices.push_back({{}, &report});
  const std::vector<std::string> names = member_names(report);
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const NamedDevice& device : named_devices(report.members[i]))
      devices.push_back({device.name.empty() ? names[i] : fmt::format("{}/{}", names[i], device.name), device.report});
  return devices;
}

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, terminal controls too, are C2 80 to C2 9F in UTF-8.
    const bool c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    out += c1 || c < 0x20 || c == 0x7F ? ' ' : text[i];
  }
  return out;
}

Cells table_row(const Result& result) {
  const Summary& s = result.summary;
  return {one_line(row_name(result)),
          one_line(achieved_text(result)),
          percent_text(result.efficiency.spec),
          percent_text(result.efficiency.issue),
          megahertz_text(s.median_sm_clock_hz.value_or(0)),
          percent_text(result.efficiency.clock),
          percent_text(relative_interval(s), 2),
          percent_text(s.count > 0 ? std::optional(judged_spread(result)) : std::nullopt, 2),
          std::string(name(result.verdict))};
}

std::string boards_text(const Report& report) {
  std::map<std::string, int> boards;
  for (const NamedDevice& device : named_devices(report)) {
    const std::string& name = device.report->device.spec.name;
    ++boards[name.empty() ? "an unnamed device" : name];
  }
  std::vector<std::string> parts;
  parts.reserve(boards.size());
  for (const auto& [name, count] : boards) parts.push_back(count == 1 ? name : fmt::format("{} x {}", count, name));
  return one_line(fmt::format("{}", fmt::join(parts, " and ")));
}

bool stand_in(const Report& report) {
  return report.device.stand_in || std::any_of(report.members.begin(), report.members.end(), stand_in);
}

std::string headline(const Report& report) {
  std::set<std::string> drivers;
  for (const NamedDevice& device : named_devices(report)) {
    const auto driver = device.report->device.facts.find("driver");
    if (driver != device.report->device.facts.end()) drivers.insert(driver->second);
  }
  std::string text = fmt::format("PeakProof {} on {}", report.tool.version, boards_text(report));
  if (!drivers.empty()) text += fmt::format(", driver {}", fmt::join(drivers, " and "));
  if (report.scope == Scope::fleet) text += fmt::format(", {} nodes", report.members.size());
  return one_line(text);
}

std::string verdict_line(const Report& report) {
  return fmt::format("verdict: {} (exit {})", one_line(report.verdict), report.exit_code);
}

}  // namespace peakproof::reports
