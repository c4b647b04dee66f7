// The head of the HTML page of an acceptance: the verdict with its reason, and the certificate: what was accepted, by
// what, under which terms.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"
#include "reports/policy.hpp"

namespace peakproof::reports::html {
namespace {

/// A check, and which member it is of.
struct Found {
  std::string member;
  const Check* check = nullptr;
};

/// Those that decide the verdict: required ones that failed, or that could not be decided.
void collect(const Report& report, const std::string& member, bool open, std::vector<Found>& out) {
  for (const Check& check : report.checks) {
    const bool undecided = check.status == Status::error || check.status == Status::skip;
    if (check.required && (open ? undecided : check.status == Status::fail)) out.push_back({member, &check});
  }
  const std::vector<std::string> names = member_names(report);
  for (std::size_t i = 0; i < names.size(); ++i)
    collect(report.members[i], member.empty() ? names[i] : member + "/" + names[i], open, out);
}

std::string told(const Found& found) {
  std::string text = found.member.empty() ? "" : found.member + ", ";
  text += found.check->subject.empty() ? found.check->id : found.check->subject;
  return fmt::format("{}: {}", text, found.check->message.empty() ? "no message" : found.check->message);
}

std::string first_of(const std::vector<Found>& found) {
  std::string text = told(found.front());
  if (found.size() > 1) text += fmt::format(" (and {} more)", found.size() - 1);
  return text;
}

std::string reason(const Report& report) {
  std::vector<Found> failed;
  std::vector<Found> open;
  collect(report, {}, false, failed);
  collect(report, {}, true, open);
  const Tally t = tally(report);
  const int code = report.exit_code;
  if (code > exit_signal_base)
    return fmt::format(
        "The run was ended by signal {} before it was complete; {}.", code - exit_signal_base,
        failed.empty() ? "what had been measured until then is below" : "until then, " + first_of(failed));
  if (!failed.empty()) return fmt::format("{} of {} checks failed: {}", failed.size(), t.all(), first_of(failed));
  if (code == exit_report_not_written) return "The verdict was reached, but a report could not be written.";
  if (!open.empty())
    return fmt::format("{} of {} checks are required and could not be decided: {}", open.size(), t.all(),
                       first_of(open));
  if (code != exit_pass)
    return fmt::format("No check failed ({}); the run itself ended as {}.", tally_text(t), verdict_word(report));
  if (t.pass == 0) return "No check passed, so nothing was proved.";
  std::string text = fmt::format("All required checks passed: {} of {}", t.pass, t.all());
  if (t.warn > 0) text += fmt::format(", {} with a warning", t.warn);
  if (t.fail > 0) text += fmt::format(", {} failed that is not required", t.fail);
  if (t.error > 0) text += fmt::format(", {} undecided", t.error);
  if (t.skip > 0) text += fmt::format(", {} skipped with a reason", t.skip);
  return text + ".";
}

/// A pair of the certificate, not yet escaped; an empty value is said to be unknown.
void pair(std::string& out, std::string_view label, std::string_view value, bool wide = false, bool code = false) {
  const std::string text = html_escaped(value.empty() ? "not known" : value);
  out += fmt::format("<dt>{}</dt><dd{}>{}{}{}</dd>\n", html_escaped(label), wide ? " class=\"wide\"" : "",
                     code ? "<code>" : "", text, code ? "</code>" : "");
}

std::string fact(const Report& report, const std::string& key) {
  const auto found = report.device.facts.find(key);
  return found == report.device.facts.end() ? std::string() : found->second;
}

std::string power_limit(const Report& report) {
  std::string enforced = fact(report, "power_limit_w");
  if (enforced.empty() && report.device.spec.power_limit_w > 0)
    enforced = fmt::format("{:g}", report.device.spec.power_limit_w);
  const std::string by_default = fact(report, "power_limit_default_w");
  if (enforced.empty()) return {};
  return by_default.empty() ? enforced + " W" : fmt::format("{} W (default {} W)", enforced, by_default);
}

std::string silicon(const theory::DeviceSpec& d) {
  std::string text = d.kind == theory::DeviceKind::gpu && d.compute_capability.major > 0
                         ? "compute capability " + theory::to_string(d.compute_capability)
                         : d.microarchitecture;
  if (d.sm_count > 0)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", d.sm_count,
                        d.kind == theory::DeviceKind::gpu ? "SMs" : "cores");
  if (d.memory_bytes > 0)
    text += fmt::format(", {:.1f} GB {}", static_cast<double>(d.memory_bytes) * 1e-9, d.memory_type);
  return text;
}

std::string device_identity(const Report& report) {
  std::string out;
  pair(out, "device", report.device.spec.name);
  pair(out, "made of", silicon(report.device.spec));
  if (report.device.spec.kind == theory::DeviceKind::cpu) return out;
  pair(out, "serial", fact(report, "serial"));
  pair(out, "PCI", fact(report, "pci"));
  pair(out, "UUID", fact(report, "uuid"), true, true);
  pair(out, "VBIOS", fact(report, "vbios"));
  pair(out, "driver", fact(report, "driver"));
  pair(out, "power limit", power_limit(report));
  pair(out, "ECC, MIG",
       fmt::format("{}, {}", fact(report, "ecc").empty() ? "not known" : fact(report, "ecc"),
                   fact(report, "mig").empty() ? "not known" : fact(report, "mig")));
  return out;
}

std::string duration_text(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "-";
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  return seconds < 7200 ? fmt::format("{:.1f} min", seconds / 60) : fmt::format("{:.2f} h", seconds / 3600);
}

std::string terms(const Report& report) {
  std::string out;
  pair(out, "started", report.started);
  std::string took = duration_text(report.duration_s);
  if (report.acceptance && report.acceptance->planned_s > 0)
    took += fmt::format(" (planned {})", duration_text(report.acceptance->planned_s));
  pair(out, "duration", took);
  if (report.acceptance) {
    const Acceptance& a = *report.acceptance;
    pair(out, "level", a.level);
    pair(out, "policy", a.policy_name);
    pair(out, "policy SHA-256", a.policy_sha256, true, true);
    pair(out, "baseline", a.baseline_sha256.empty() ? "none: rules against a baseline do not apply" : a.baseline_sha256,
         true, !a.baseline_sha256.empty());
    if (!a.claim.empty()) pair(out, "claim", a.claim, true);
  }
  pair(out, "tool",
       fmt::format("PeakProof {}{}", report.tool.version,
                   report.tool.commit.empty() ? "" : ", commit " + report.tool.commit));
  pair(out, "host", report.host.name);
  pair(out, "run", report.run_id, true, true);
  return out;
}

/// "8 x NVIDIA H200": each board, and how many there are.
std::string devices_text(const Report& report) {
  std::map<std::string, int> boards;
  for (const NamedDevice& device : named_devices(report)) ++boards[device.report->device.spec.name];
  std::string out;
  for (const auto& [name, count] : boards)
    out += fmt::format("{}{} x {}", out.empty() ? "" : ", ", count, name.empty() ? "an unnamed device" : name);
  return out;
}

struct Counts {
  std::size_t planned = 0, ran = 0, skipped = 0, missing = 0;
};

/// Of every device in it.
Counts counts(const Report& report) {
  Counts total;
  total.planned = report.completeness.planned.size();
  total.missing = report.completeness.missing.size();
  for (const Result& result : report.results) ++(result.verdict == Verdict::skipped ? total.skipped : total.ran);
  for (const Report& member : report.members) {
    const Counts c = counts(member);
    total = {total.planned + c.planned, total.ran + c.ran, total.skipped + c.skipped, total.missing + c.missing};
  }
  return total;
}

}  // namespace

std::string banner(const Report& report) {
  const std::string problem = contradiction(report);
  const std::string_view tone = problem.empty() ? tone_of_exit_code(report.exit_code) : "bad";
  std::string out =
      fmt::format("<div class=\"banner {}\"><div class=\"said\">{} {}<span class=\"exit\">{}</span></div>\n<p>{}</p>\n",
                  tone, problem.empty() ? sign_of_exit_code(report.exit_code) : "✗", html_escaped(verdict_word(report)),
                  html_escaped(verdict_line(report)), html_escaped(reason(report)));
  if (!problem.empty())
    out +=
        fmt::format("<p><b>This report contradicts itself and cannot be believed: {}</b></p>\n", html_escaped(problem));
  return out + "</div>\n";
}

std::string certificate(const Report& report, const EmbeddedJson& json) {
  std::string out = "<dl class=\"identity\">";
  if (report.members.empty())
    out += device_identity(report);
  else
    pair(out, "devices", devices_text(report), true);
  out += terms(report);
  const Counts c = counts(report);
  pair(out, "results",
       fmt::format("{} planned, {} measured, {} skipped, {} missing", c.planned, c.ran, c.skipped, c.missing));
  pair(out, "checks", tally_text(tally(report)));
  if (!json.sha256.empty())
    pair(out, "SHA-256 of the data",
         fmt::format("{} ({} bytes, {})", json.sha256, json.bytes,
                     json.html.empty() ? "the JSON file of this run" : "the JSON in this page"),
         true, true);
  return out + "</dl>\n";
}

}  // namespace peakproof::reports::html
