// What stands behind the rows of the tables, in lines of label and text.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "reports/networks_view.hpp"
#include "reports/render.hpp"
#include "theory/device_spec.hpp"
#include "theory/peak.hpp"
#include "theory/pipe.hpp"
#include "theory/units.hpp"

namespace peakproof::reports {
namespace {

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

/// "wrong on SM 17 (3 items, bits 0x00400000), SM 41 …": the worst first, and not all of a broken device.
std::string wrong_units_text(std::vector<WrongUnit> wrong) {
  constexpr std::size_t kShown = 8;
  std::stable_sort(wrong.begin(), wrong.end(), [](const auto& a, const auto& b) { return a.items > b.items; });
  std::vector<std::string> parts;
  for (const WrongUnit& unit : wrong) {
    if (parts.size() == kShown) break;
    const std::string which = unit.unit >= 0 ? fmt::format("SM {}", unit.unit) : std::string("an unknown SM");
    parts.push_back(fmt::format("{} ({} {}, bits {:#010x}{})", which, unit.items, unit.items == 1 ? "item" : "items",
                                unit.bits, unit.example.empty() ? "" : ", " + unit.example));
  }
  if (wrong.size() > kShown) parts.push_back(fmt::format("and {} more", wrong.size() - kShown));
  return "wrong on " + joined(parts);
}

std::string verification_text(const Verification& v) {
  if (v.method.empty()) return "not checked";
  std::string text = fmt::format("{}: {} items, {} mismatches", v.method, v.items, v.mismatches);
  if (v.not_numbers != 0) text += fmt::format(", {} of them no numbers", v.not_numbers);
  if (v.units > 0) text += fmt::format(", on {} SMs", v.units);
  if (v.relative_error) text += fmt::format(", relative error {}", error_text(*v.relative_error));
  if (v.tolerance) text += fmt::format(" (at most {})", error_text(*v.tolerance));
  if (v.rmse) text += fmt::format(", RMSE {}", error_text(*v.rmse));
  if (v.mae) text += fmt::format(", MAE {}", error_text(*v.mae));
  if (v.max_error) text += fmt::format(", worst {}", error_text(*v.max_error));
  text += v.passed() ? ", right" : ", NOT RIGHT";
  return v.wrong_units.empty() ? text : fmt::format("{}: {}", text, wrong_units_text(v.wrong_units));
}

/// How the device fared while the result was sampled.
std::string telemetry_text(const Telemetry& t) {
  std::vector<std::string> parts = {
      fmt::format("{} {} in {}", t.count, t.count == 1 ? "look" : "looks", time_text(t.end_s - t.begin_s))};
  if (t.median_sm_clock_hz)
    parts.push_back(fmt::format("SM clock {} to {} MHz (median {})", megahertz_text(t.min_sm_clock_hz.value_or(0)),
                                megahertz_text(t.max_sm_clock_hz.value_or(0)), megahertz_text(*t.median_sm_clock_hz)));
  if (t.median_power_w)
    parts.push_back(
        fmt::format("power {} (at most {})", watts_text(*t.median_power_w), watts_text(t.max_power_w.value_or(0))));
  if (t.max_temperature_c && std::isfinite(*t.max_temperature_c))
    parts.push_back(fmt::format("at most {:.0f} °C", *t.max_temperature_c));
  const std::string reasons = reasons_text(t);
  parts.push_back(reasons.empty() ? "no reason that lowered the clock" : "clock lowered by " + reasons);
  if (t.stale) parts.emplace_back("STALE: a look came too late, so the device's health meanwhile is not known");
  return joined(parts);
}

/// The earlier measurements and this one.
std::string attempts_text(const Result& result) {
  const auto told = [&](double per_second, const Efficiency& e, Verdict verdict) {
    const auto& share = e.issue ? e.issue : e.spec;
    return fmt::format("{} {}", share ? percent_text(share) + " %" : rate_text(per_second, result.unit), name(verdict));
  };
  std::vector<std::string> parts;
  for (const Attempt& attempt : result.attempts)
    parts.push_back(told(attempt.achieved_per_s, attempt.efficiency, attempt.verdict));
  parts.push_back(told(result.achieved_per_s, result.efficiency, result.verdict) + " (this one)");
  return fmt::format("measured {} times: {}", parts.size(), joined(parts));
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

std::string reasons_text(const Telemetry& telemetry) {
  constexpr double kShown = 5e-4;  // what one decimal of a percent can show
  std::vector<std::string> parts;
  for (const auto& [reason, share] : telemetry.reasons)
    if (!(share < kShown)) parts.push_back(fmt::format("{} {} %", reason, percent_text(share)));
  return one_line(joined(parts));
}

std::vector<Line> result_lines(const Report& report, const Result& result) {
  std::vector<Line> lines;
  if (result.verdict != Verdict::pass)
    add(lines, "verdict", fmt::format("{}: {}", name(result.verdict), explain(result.verdict)));
  add(lines, "note", result.note);
  if (!result.attempts.empty()) add(lines, "attempts", attempts_text(result));
  if (result.verdict == Verdict::skipped) return lines;
  if (result.latency)
    add_latency(lines, result);
  else
    add_peaks(lines, result);
  for (const Line& line : network_lines(result)) lines.push_back(line);
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
  if (result.telemetry) add(lines, "telemetry", telemetry_text(*result.telemetry));
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
  add(lines, "device", report.members.empty() ? device_text(report.device.spec) : boards_text(report));
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

}  // namespace peakproof::reports
