// A baseline against a device: may they be compared, and how much the baseline is worth.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/baseline.hpp"
#include "reports/baseline_device.hpp"
#include "reports/fleet.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

/// E_issue spreads by about 0.5 % (one standard deviation) from run to run, so that six of those are no scatter any more.
constexpr double kWideIssueSpread = 0.03;
/// What follows the clock spreads by 8 % over healthy GPUs on average ("Not all GPUs are created equal", SC22). Calls are
/// timed by the host, whose share in them is larger (as in Limits::max_spread_of_calls).
constexpr double kWideSpread = 0.08;
constexpr double kWideSpreadOfCalls = 0.25;

/// What the baseline says against one device, and what it cannot say.
struct Differences {
  std::vector<std::string> refused;
  std::vector<std::string> remarked;
};

void compare_units(const std::map<std::string_view, const BaselineEntry*>& entries, const Report& report,
                   Differences& out) {
  for (const Result& result : report.results) {
    const std::string subject = row_name(result);
    const auto entry = entries.find(subject);
    if (entry != entries.end() && !result.unit.empty() && result.unit != entry->second->unit)
      out.refused.push_back(fmt::format("{}: the baseline is in {}, the report in {}", one_line(subject),
                                        one_line(entry->second->unit), one_line(result.unit)));
  }
}

Differences differences(const Baseline& baseline, const Report& report) {
  Differences out;
  const auto hold = [&](std::string_view what, const std::string& known, const std::string& found, bool same) {
    if (!same)
      out.refused.push_back(
          fmt::format("{}: the baseline is of {}, the device has {}", what, or_unknown(known), or_unknown(found)));
  };
  const auto& spec = report.device.spec;
  hold("device", baseline.device, spec.name, baseline.device == spec.name);
  const std::string arch = architecture(spec);
  hold("compute capability", baseline.compute_capability, arch, baseline.compute_capability == arch);
  hold("SMs", std::to_string(baseline.sm_count), std::to_string(spec.sm_count),
       baseline.sm_count == 0 || baseline.sm_count == spec.sm_count);
  hold("stand-in", baseline.stand_in ? "a pretend device" : "real hardware",
       report.device.stand_in ? "the tests' pretence" : "real hardware", baseline.stand_in == report.device.stand_in);
  // What either side does not know cannot be held against the other: it is said.
  const auto remark = [&](std::string_view what, const std::string& known, const std::string& found) {
    out.remarked.push_back(
        fmt::format("{}: the baseline has {}, the device {}", what, or_unknown(known), or_unknown(found)));
  };
  const auto watts = power_limit(report);
  const std::array limits = {watts_or_unknown(baseline.power_limit_w), watts_or_unknown(watts)};
  if (baseline.power_limit_w && watts)
    hold("power limit", limits[0], limits[1], same_power(*baseline.power_limit_w, *watts));
  else if (baseline.power_limit_w || watts)
    remark("power limit", limits[0], limits[1]);
  const std::string ecc = fact(report, "ecc");
  if (!baseline.ecc.empty() && !ecc.empty())
    hold("ECC", baseline.ecc, ecc, baseline.ecc == ecc);
  else if (baseline.ecc != ecc)
    remark("ECC", baseline.ecc, ecc);
  if (const std::string driver = fact(report, "driver"); driver != baseline.driver)
    remark("driver", baseline.driver, driver);
  if (report.tool.version != baseline.tool_version) remark("PeakProof", baseline.tool_version, report.tool.version);
  return out;
}

/// Of all devices, each line once.
std::vector<std::string> of_devices(const Baseline& baseline, const Report& report,
                                    std::vector<std::string> Differences::*which) {
  std::map<std::string_view, const BaselineEntry*> entries;
  for (const BaselineEntry& entry : baseline.entries) entries.emplace(entry.subject, &entry);
  std::vector<std::string> lines;
  for (const Report* device : devices_of(report)) {
    Differences found = differences(baseline, *device);
    compare_units(entries, *device, found);
    for (std::string& line : found.*which)
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

std::string fact(const Report& report, const std::string& key) {
  const auto found = report.device.facts.find(key);
  return found == report.device.facts.end() ? std::string() : found->second;
}

std::string architecture(const theory::DeviceSpec& spec) {
  return spec.kind == theory::DeviceKind::cpu ? "cpu" : theory::to_string(spec.compute_capability);
}

std::optional<double> power_limit(const Report& report) {
  const double watts = report.device.spec.power_limit_w;
  return std::isfinite(watts) && watts > 0 ? std::optional(watts) : std::nullopt;
}

std::string watts_or_unknown(const std::optional<double>& watts) { return watts ? watts_text(*watts) : "unknown"; }
std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : one_line(text); }

bool same_power(double a, double b) { return std::abs(a - b) <= 0.5; }

std::vector<std::string> mismatches(const Baseline& baseline, const Report& report) {
  return of_devices(baseline, report, &Differences::refused);
}

std::vector<std::string> remarks(const Baseline& baseline, const Report& report) {
  return of_devices(baseline, report, &Differences::remarked);
}

std::vector<std::string> warnings(const Baseline& baseline) {
  constexpr int kFewestForInterval = 6;
  std::vector<std::string> lines;
  for (const BaselineEntry& entry : baseline.entries) {
    const double spread = entry.issue ? entry.issue_spread : entry.achieved_spread;
    const double limit = entry.issue ? kWideIssueSpread : entry.unit == kCalls ? kWideSpreadOfCalls : kWideSpread;
    if (!(spread <= limit))
      lines.push_back(fmt::format("{}: {} spreads by {} % over {} reports, more than {} %: it finds only larger losses",
                                  one_line(entry.subject), entry.issue ? "E_issue" : "the rate", percent_text(spread),
                                  entry.count, percent_text(limit)));
    if (entry.outliers > 0)
      lines.push_back(fmt::format("{}: {} of {} reports left out as outliers: look at these devices",
                                  one_line(entry.subject), entry.outliers, entry.count + entry.outliers));
  }
  const auto few = std::count_if(baseline.entries.begin(), baseline.entries.end(),
                                 [](const BaselineEntry& entry) { return entry.count < kFewestForInterval; });
  if (few > 0)
    lines.push_back(fmt::format("{} of {} entries are of fewer than {} reports: their medians have no 95 % interval",
                                few, baseline.entries.size(), kFewestForInterval));
  if (baseline.stand_in) lines.emplace_back(kStandInWarning);
  return lines;
}

std::string to_text(const Baseline& baseline) {
  std::string out = fmt::format(
      "Baseline of {} (compute capability {}), driver {}, power limit {}, ECC {}\ncreated {} by PeakProof {} from {} "
      "runs\nSHA-256 {}\n\n{:>8}  {:>9}  {:>8}  {:>14}  {:>8}  {}\n",
      one_line(baseline.device), baseline.compute_capability, or_unknown(baseline.driver),
      watts_or_unknown(baseline.power_limit_w), or_unknown(baseline.ecc), one_line(baseline.created),
      one_line(baseline.tool_version), baseline.run_ids.size(), baseline.sha256, "reports", "E_issue %", "spread %",
      "achieved", "spread %", "result");
  for (const BaselineEntry& entry : baseline.entries)
    out += fmt::format("{:>8}  {:>9}  {:>8}  {:>14}  {:>8}  {}\n", entry.count, percent_text(entry.issue, 2),
                       entry.issue ? percent_text(entry.issue_spread, 2) : "-",
                       rate_text(entry.achieved_per_s, entry.unit), percent_text(entry.achieved_spread, 2),
                       one_line(entry.subject));
  return out;
}

}  // namespace peakproof::reports
