#include "reports/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ") {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string facts_text(const Texts& facts) {
  std::vector<std::string> parts;
  parts.reserve(facts.size());
  for (const auto& [key, value] : facts) parts.push_back(fmt::format("{} {}", key, value));
  return joined(parts);
}

std::string peak_text(const theory::Peak& peak) {
  return fmt::format("{} = {}", peak.formula, rate_text(peak.per_second, theory::unit(peak.pipe)));
}

std::string reference_text(const Reference& r, const std::string& unit) {
  std::string text =
      fmt::format("{} {} at {} MHz ({} samples), this is {} % of it", r.name, rate_text(r.achieved_per_s, unit),
                  megahertz_text(r.sm_clock_hz.value_or(0)), r.samples, percent_text(r.ratio));
  if (r.own_achieved_per_s)
    text += fmt::format(": {} at {} MHz, sampled in turn with it", rate_text(*r.own_achieved_per_s, unit),
                        megahertz_text(r.own_sm_clock_hz.value_or(0)));
  return text;
}

/// Empty where no power was measured.
std::string power_text(const Report& report, const Summary& summary) {
  if (!summary.median_power_w) return {};
  std::string text = fmt::format("{} (median)", watts_text(*summary.median_power_w));
  if (summary.median_sm_clock_hz) text += fmt::format(" at {} MHz", megahertz_text(*summary.median_sm_clock_hz));
  if (report.device.spec.power_limit_w > 0)
    text += fmt::format(", limit {}", watts_text(report.device.spec.power_limit_w));
  return text;
}

/// How a burst went from its first sample to its last.
std::string burst_text(const Result& result) {
  if (result.samples.empty()) return {};
  double seconds = 0;
  for (const Sample& sample : result.samples) seconds += sample.seconds;
  const Sample& first = result.samples.front();
  const Sample& last = result.samples.back();
  const auto from_to = [](std::optional<double> a, std::optional<double> b, std::string (*text)(double)) {
    return a && b ? fmt::format(", {} at first and {} at last", text(*a), text(*b)) : std::string();
  };
  const auto clock = [](double hz) { return megahertz_text(hz) + " MHz"; };
  return fmt::format("{} samples from idle in {}{}{}", result.samples.size(), time_text(seconds),
                     from_to(first.sm_clock_hz, last.sm_clock_hz, clock),
                     from_to(first.power_w, last.power_w, watts_text));
}

std::string error_text(double x) { return std::isfinite(x) ? fmt::format("{:.3g}", x) : "no number"; }

std::string verification_text(const Verification& v) {
  if (v.method.empty()) return "not checked";
  std::string text = fmt::format("{}: {} items, {} mismatches", v.method, v.items, v.mismatches);
  if (v.relative_error) text += fmt::format(", relative error {}", error_text(*v.relative_error));
  if (v.tolerance) text += fmt::format(" (at most {})", error_text(*v.tolerance));
  if (v.rmse) text += fmt::format(", RMSE {}", error_text(*v.rmse));
  if (v.mae) text += fmt::format(", MAE {}", error_text(*v.mae));
  if (v.max_error) text += fmt::format(", worst {}", error_text(*v.max_error));
  return text + (v.passed() ? ", right" : ", NOT RIGHT");
}

std::string audit_text(const Audit& audit) {
  std::vector<std::string> parts = {audit.status.empty() ? "unaudited" : audit.status};
  if (!audit.kernel.empty()) parts.push_back(audit.kernel);
  if (!audit.arch.empty()) parts.push_back(audit.arch);
  for (const auto& [opcode, count] : audit.counts) parts.push_back(fmt::format("{} {}", count, opcode));
  if (audit.overhead) parts.push_back(fmt::format("overhead {} %", percent_text(audit.overhead, 2)));
  if (!audit.cubin_sha256.empty()) parts.push_back(fmt::format("cubin sha256 {}", audit.cubin_sha256));
  if (!audit.note.empty()) parts.push_back(audit.note);
  return joined(parts);
}

std::string samples_text(const Result& result) {
  const Summary& s = result.summary;
  std::string text = fmt::format("{}, median {}, min {}, max {}, stopped: {}", s.count, time_text(s.median_s),
                                 time_text(s.min_s), time_text(s.max_s), name(s.stop));
  if (result.launches_per_sample > 1) text += fmt::format(", {} launches a sample", result.launches_per_sample);
  if (s.contaminated > 0) text += fmt::format(", {} CONTAMINATED", s.contaminated);
  return text;
}

std::string unit_map_text(const UnitMap& map) {
  if (map.value.empty() || map.value.size() != map.unit.size()) return "no values";
  const bool clock = map.quantity.ends_with("_hz");
  const auto text = [&](std::vector<double>::const_iterator value) {
    const int unit = map.unit[static_cast<std::size_t>(value - map.value.begin())];
    return clock ? fmt::format("{} MHz (unit {})", megahertz_text(*value), unit)
                 : fmt::format("{:.6g} (unit {})", *value, unit);
  };
  const auto [low, high] = std::minmax_element(map.value.begin(), map.value.end());
  return fmt::format("{} units, lowest {}, highest {}", map.value.size(), text(low), text(high));
}

std::string device_text(const theory::DeviceSpec& d) {
  const bool gpu = d.kind == theory::DeviceKind::gpu;
  std::vector<std::string> parts = {d.name.empty() ? "unnamed" : d.name};
  if (gpu && d.compute_capability.major > 0) {
    parts.push_back(fmt::format("compute capability {}", theory::to_string(d.compute_capability)));
  }
  if (!d.microarchitecture.empty()) parts.push_back(d.microarchitecture);
  if (d.sm_count > 0) parts.push_back(fmt::format("{} {}", d.sm_count, gpu ? "SMs" : "cores"));
  if (d.sm_clock_hz > 0) parts.push_back(fmt::format("rated {} MHz", megahertz_text(d.sm_clock_hz)));
  if (d.tensor_clock_hz > 0 && d.tensor_clock_hz != d.sm_clock_hz) {
    parts.push_back(fmt::format("tensor {} MHz", megahertz_text(d.tensor_clock_hz)));
  }
  if (d.memory_bytes > 0) {
    const std::string type = d.memory_type.empty() ? "" : " " + d.memory_type;
    parts.push_back(fmt::format("{:.1f} GB{}", static_cast<double>(d.memory_bytes) * 1e-9, type));
  }
  if (d.memory_bus_bits > 0) parts.push_back(fmt::format("{} bits", d.memory_bus_bits));
  if (d.power_limit_w > 0) parts.push_back(fmt::format("{:.0f} W", d.power_limit_w));
  return joined(parts);
}

std::string host_text(const Host& host) {
  std::vector<std::string> parts;
  for (const std::string* part : {&host.name, &host.os, &host.cpu}) {
    if (!part->empty()) parts.push_back(*part);
  }
  if (host.cpu_count > 0) parts.push_back(fmt::format("{} CPUs", host.cpu_count));
  return joined(parts);
}

std::string tool_text(const Tool& tool) {
  std::vector<std::string> parts = {fmt::format("PeakProof {}", tool.version)};
  if (!tool.commit.empty()) parts.push_back(fmt::format("commit {}", tool.commit));
  if (!tool.compiler.empty()) parts.push_back(tool.compiler);
  if (!tool.build_type.empty()) parts.push_back(tool.build_type);
  if (!tool.facts.empty()) parts.push_back(facts_text(tool.facts));
  return joined(parts);
}

void add(std::vector<Line>& lines, std::string_view label, std::string_view text) {
  if (!text.empty()) lines.push_back({one_line(label), one_line(text)});
}

void add_peaks(std::vector<Line>& lines, const Result& result) {
  if (result.unit == kCalls) {
    add(lines, "rate",
        fmt::format("{}: {} each", theory::si(result.achieved_per_s, result.unit, 4), achieved_text(result)));
    return;
  }
  const auto& any = result.peak ? result.peak : result.peak_measured;
  if (!any) {
    add(lines, "peak", "none known for this pipe on this device");
    return;
  }
  add(lines, "rated peak", result.peak ? peak_text(*result.peak) : "unknown: no rated clock is known");
  if (result.peak_measured && (!result.peak || result.peak_measured->formula != result.peak->formula)) {
    add(lines, "measured peak", peak_text(*result.peak_measured));
  }
  add(lines, "source", any->source);
}

/// What was measured and cannot be believed, and why.
void add_doubtful(std::vector<Line>& lines, const Result& r) {
  if (r.verdict != Verdict::incorrect && r.verdict != Verdict::above_theory && r.verdict != Verdict::noisy) return;
  add(lines, row_name(r),
      fmt::format("{}: {}{}{}", name(r.verdict), explain(r.verdict), r.note.empty() ? "" : " ", r.note));
}

void add_latency(std::vector<Line>& lines, const Result& result) {
  const Latency& l = *result.latency;
  if (!usable(l)) return;
  std::string text = fmt::format("{} cycles for each dependent instruction, 95 % interval {} to {}",
                                 cycles_text(l.cycles), cycles_text(l.ci95.low), cycles_text(l.ci95.high));
  if (l.ns) {
    text += fmt::format("; {} ns at {} MHz", cycles_text(*l.ns),
                        megahertz_text(result.summary.median_sm_clock_hz.value_or(0)));
  }
  add(lines, "latency", text);
  add(lines, "rate", fmt::format("{} of all chains together", rate_text(result.achieved_per_s, result.unit)));
}

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

std::string row_name(const Result& result) {
  std::string text = result.name;
  for (const auto& [key, value] : result.params) text += fmt::format("/{}:{}", key, value);
  return text;
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

std::vector<Line> result_lines(const Report& report, const Result& result) {
  std::vector<Line> lines;
  if (result.verdict != Verdict::pass)
    add(lines, "verdict", fmt::format("{}: {}", name(result.verdict), explain(result.verdict)));
  add(lines, "note", result.note);
  if (result.verdict == Verdict::skipped) return lines;
  if (result.latency)
    add_latency(lines, result);
  else
    add_peaks(lines, result);
  if (result.floor) {
    add(lines, "floor", fmt::format("E_issue {} % ({})", percent_text(result.floor->issue), result.floor->source));
  }
  constexpr double kShown = 5e-5;  // what two decimals of a percent can show
  for (const Loss& loss : result.losses) {
    if (loss.fraction < kShown) continue;
    add(lines, "lost",
        fmt::format("{} % {}: {} ({})", percent_text(loss.fraction, 2), loss.kind, loss.name, loss.evidence));
  }
  if (result.reference) add(lines, "reference", reference_text(*result.reference, result.unit));
  add(lines, "power", power_text(report, result.summary));
  if (is_burst(result.params)) add(lines, "burst", burst_text(result));
  add(lines, "answer", verification_text(result.verification));
  add(lines, "machine code", audit_text(result.audit));
  add(lines, "samples", samples_text(result));
  for (const UnitMap& map : result.unit_maps) add(lines, map.quantity, unit_map_text(map));
  return lines;
}

std::vector<Line> doubtful_lines(const Report& report, const HeatMap& map) {
  std::vector<Line> lines;
  for (const std::size_t index : map.results) add_doubtful(lines, report.results[index]);
  return lines;
}

std::vector<Line> doubtful_lines(const Report& report, const Curve& curve) {
  std::vector<Line> lines;
  for (const CurveLine& line : curve.lines)
    for (const CurvePoint& point : line.points)
      if (point.verdict != Verdict::noisy) add_doubtful(lines, report.results[point.result]);
  return lines;
}

std::vector<Line> run_lines(const Report& report) {
  std::vector<Line> lines;
  add(lines, "device", device_text(report.device.spec));
  add(lines, "device facts", facts_text(report.device.facts));
  add(lines, "host", host_text(report.host));
  add(lines, "tool", tool_text(report.tool));
  add(lines, "run", fmt::format("{} to {}, {:.1f} s", report.started, report.finished, report.duration_s));
  add(lines, "command", joined(report.argv, " "));
  if (report.anonymous) add(lines, "withheld", "host name, user, paths, serials, UUIDs and PCI addresses");
  return lines;
}

std::vector<Line> unmeasured_lines(const Report& report) {
  std::vector<Line> lines;
  for (const std::string& planned : report.completeness.missing) add(lines, planned, "planned, but without a result");
  for (const Result& r : report.results) {
    if (r.verdict != Verdict::skipped && r.verdict != Verdict::error) continue;
    add(lines, row_name(r), r.note.empty() ? std::string(explain(r.verdict)) : r.note);
  }
  return lines;
}

std::string headline(const Report& report) {
  std::string text = fmt::format("PeakProof {} on {}", report.tool.version,
                                 report.device.spec.name.empty() ? "an unnamed device" : report.device.spec.name);
  const auto driver = report.device.facts.find("driver");
  if (driver != report.device.facts.end()) text += fmt::format(", driver {}", driver->second);
  return one_line(text);
}

std::string verdict_line(const Report& report) {
  return fmt::format("verdict: {} (exit {})", one_line(report.verdict), report.exit_code);
}

}  // namespace peakproof::reports
