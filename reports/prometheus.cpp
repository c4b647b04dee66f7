// The report for Prometheus' textfile collector: gauges in base units, families grouped, no timestamps, one label set per
// device and result. The points of sweeps are left out, so that the number of series stays bounded.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/curve.hpp"
#include "reports/format.hpp"
#include "reports/networks_view.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

struct Family {
  std::string_view name;  ///< without the prefix "peakproof_"
  std::string_view help;
};

constexpr std::array kFamilies = {
    Family{"info", "What was measured with what; always 1."},
    Family{"verdict", "1 for the verdict that holds, 0 for the others."},
    Family{"exit_code", "Exit code of the run."},
    Family{"last_completion_timestamp_seconds", "When the run ended, in seconds since 1970."},
    Family{"duration_seconds", "How long the run took."},
    Family{"planned", "Cases that were planned."},
    Family{"missing", "Planned cases without a result."},
    Family{"achieved_per_second", "Achieved rate, in the unit that the label names, per second."},
    Family{"efficiency_ratio",
           "issue: of the peak at the measured clock; spec: of the rated peak; clock: measured over "
           "rated clock."},
    Family{"loss_ratio", "Named part of what is missing to the rated peak."},
    Family{"result_verdict", "Verdict of a result; always 1, the label tells it."},
    Family{"network_latency_seconds", "Time of one pass as a caller sees it, by percentile."},
    Family{"network_items_per_second", "Items through a network, or samples learned, per second."},
    Family{"network_predicted_seconds", "Least time of a pass by ceilings measured in the same run."},
    Family{"network_measured_to_predicted_ratio", "Measured over predicted time of a pass."},
    Family{"network_weight_bytes", "Weights as they lie in the device's memory."},
    Family{"network_quality", "Outputs against FP64, by measure."},
    Family{"training_accuracy_ratio", "Accuracy on the test items: the best, and the target."},
    Family{"training_time_to_target_seconds", "Training until the target was reached; absent: it was not."},
    Family{"training_epochs_to_target", "Epochs until the target was reached; absent: it was not."},
    Family{"checks", "Checks of the acceptance by status."},
    Family{"check_not_passed", "A check that did not pass; always 1."},
    Family{"health_reading", "Health counter before and after the run."},
    Family{"telemetry_sm_clock_hertz", "Median SM clock while the result was sampled."},
    Family{"telemetry_power_watts", "Median power of the board while the result was sampled."},
    Family{"telemetry_temperature_celsius", "Highest temperature while the result was sampled."},
};

using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// A label's value: backslash, quote and line break escaped as the exposition format wants it, other control characters
/// gone.
std::string escaped(std::string_view raw) {
  std::string out;
  for (const char c : one_line(raw)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

/// Collects the samples of each family, so that a family stands in one piece.
class Exposition {
 public:
  void add(std::string_view family, const Labels& device, const Labels& own, std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return;  // unknown is absent, never zero
    std::string labels;
    for (const Labels* some : {&device, &own})
      for (const auto& [key, text] : *some)
        labels += fmt::format("{}{}=\"{}\"", labels.empty() ? "" : ",", key, escaped(text));
    // Two equal label sets would make the whole file unreadable; the first one stands.
    samples_[family].try_emplace(std::move(labels), *value);
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const Family& family : kFamilies) {
      const auto found = samples_.find(family.name);
      if (found == samples_.end()) continue;
      out += fmt::format("# HELP peakproof_{0} {1}\n# TYPE peakproof_{0} gauge\n", family.name, family.help);
      for (const auto& [labels, value] : found->second)
        out += fmt::format("peakproof_{}{{{}}} {}\n", family.name, labels, value);
    }
    return out;
  }

 private:
  std::map<std::string_view, std::map<std::string, double>> samples_;
};

/// Seconds since 1970 of "2026-11-24T10:00:00+01:00"; nothing where the text is another.
std::optional<double> unix_time(const std::string& iso) {
  std::tm time{};
  const char* rest = strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  if (rest == nullptr) return std::nullopt;
  const auto utc = static_cast<double>(timegm(&time));
  if (*rest == '.') {
    ++rest;
    while (*rest >= '0' && *rest <= '9') ++rest;
  }
  if (std::string_view(rest) == "Z") return utc;
  int hours = 0;
  int minutes = 0;
  char sign = 0;
  if (std::sscanf(rest, "%c%2d:%2d", &sign, &hours, &minutes) != 3 || (sign != '+' && sign != '-')) return std::nullopt;
  const double offset = 3600.0 * hours + 60.0 * minutes;
  return sign == '+' ? utc - offset : utc + offset;
}

std::string fact(const Report& report, const std::string& key) {
  const auto found = report.device.facts.find(key);
  return found == report.device.facts.end() ? std::string() : found->second;
}

/// `own` are the result's labels.
void add_network(Exposition& out, const Result& result, const Labels& device, const Labels& own) {
  const auto with = [&](std::string_view key, const char* value) {
    Labels labels = own;
    labels.emplace_back(key, value);
    return labels;
  };
  out.add("network_items_per_second", device, own, network_items_per_s(result));
  if (result.inference) {
    const Inference& i = *result.inference;
    out.add("network_latency_seconds", device, with("percentile", "50"), i.p50_s);
    out.add("network_latency_seconds", device, with("percentile", "95"), i.p95_s);
    out.add("network_latency_seconds", device, with("percentile", "99"), i.p99_s);
    out.add("network_predicted_seconds", device, own, i.predicted_s);
    out.add("network_measured_to_predicted_ratio", device, own, measured_to_predicted(i));
    out.add("network_weight_bytes", device, own, i.weight_bytes);
    if (i.quality) {
      const OutputQuality& q = *i.quality;
      for (const auto& [measure, value] : {std::pair{"relative_error", std::optional(q.relative_error)},
                                           {"rmse", q.rmse},
                                           {"mae", q.mae},
                                           {"max_error", q.max_error},
                                           {"top1_agreement", q.top1_agreement},
                                           {"accuracy", q.accuracy},
                                           {"reference_accuracy", q.reference_accuracy}})
        out.add("network_quality", device, with("measure", measure), value);
    }
  }
  if (result.training) {
    const Training& t = *result.training;
    out.add("training_accuracy_ratio", device, with("kind", "best"), t.best_accuracy);
    out.add("training_accuracy_ratio", device, with("kind", "target"), t.target_accuracy);
    out.add("training_time_to_target_seconds", device, own, t.time_to_target_s);
    if (t.epochs_to_target) out.add("training_epochs_to_target", device, own, static_cast<double>(*t.epochs_to_target));
  }
}

void add_results(Exposition& out, const Report& report, const Labels& device) {
  for (const Result& result : report.results) {
    if (is_drawn(result.params)) continue;
    const std::string benchmark = row_name(result);
    const auto with = [&](Labels more) {
      more.insert(more.begin(), {"benchmark", benchmark});
      return more;
    };
    out.add("achieved_per_second", device, with({{"unit", result.unit}}),
            showable(result.verdict) ? std::optional(result.achieved_per_s) : std::nullopt);
    const std::array parts = {std::pair{"issue", result.efficiency.issue}, std::pair{"spec", result.efficiency.spec},
                              std::pair{"clock", result.efficiency.clock}};
    for (const auto& [kind, value] : parts)
      if (showable(result.verdict)) out.add("efficiency_ratio", device, with({{"kind", kind}}), value);
    for (const Loss& loss : result.losses)
      out.add("loss_ratio", device, with({{"kind", loss.kind}, {"name", loss.name}}), loss.fraction);
    if (showable(result.verdict)) add_network(out, result, device, with({}));
    out.add("result_verdict", device, with({{"verdict", std::string(name(result.verdict))}}), 1);
    if (!result.telemetry) continue;
    out.add("telemetry_sm_clock_hertz", device, with({}), result.telemetry->median_sm_clock_hz);
    out.add("telemetry_power_watts", device, with({}), result.telemetry->median_power_w);
    out.add("telemetry_temperature_celsius", device, with({}), result.telemetry->max_temperature_c);
  }
}

void add_checks(Exposition& out, const Report& report, const Labels& device) {
  if (!report.acceptance) return;
  std::map<Status, int> counts;
  for (const Status status : {Status::pass, Status::warn, Status::fail, Status::error, Status::skip})
    counts[status] = 0;
  for (const Check& check : report.checks) {
    ++counts[check.status];
    if (check.status == Status::pass || (check.status == Status::skip && !check.required)) continue;
    out.add("check_not_passed", device,
            {{"check", check.id},
             {"subject", check.subject},
             {"code", check.code},
             {"status", std::string(name(check.status))},
             {"required", check.required ? "yes" : "no"}},
            1);
  }
  for (const auto& [status, count] : counts) out.add("checks", device, {{"status", std::string(name(status))}}, count);
}

void add_report(Exposition& out, const Report& report, const std::string& place) {
  const Labels device = {{"host", report.host.name},
                         {"member", place},
                         {"gpu_uuid", fact(report, "uuid")},
                         {"serial", fact(report, "serial")}};
  out.add("info", device,
          {{"device", report.device.spec.name},
           {"scope", std::string(name(report.scope))},
           {"driver", fact(report, "driver")},
           {"version", report.tool.version},
           {"commit", report.tool.commit},
           {"stand_in", stand_in(report) ? "yes" : "no"}},
          1);
  constexpr std::array<int, 6> kCodes = {exit_pass,         exit_rejected,           exit_inconclusive,
                                         exit_device_fault, exit_report_not_written, exit_signal_base + SIGINT};
  for (const int code : kCodes) {
    const std::string verdict(verdict_of_exit_code(code));
    out.add("verdict", device, {{"verdict", verdict}}, report.verdict == verdict ? 1 : 0);
  }
  out.add("exit_code", device, {}, report.exit_code);
  out.add("last_completion_timestamp_seconds", device, {}, unix_time(report.finished));
  out.add("duration_seconds", device, {}, report.duration_s);
  out.add("planned", device, {}, static_cast<double>(report.completeness.planned.size()));
  out.add("missing", device, {}, static_cast<double>(report.completeness.missing.size()));
  add_results(out, report, device);
  add_checks(out, report, device);
  if (report.health)
    for (const Counter& counter : report.health->counters) {
      out.add("health_reading", device, {{"counter", counter.name}, {"moment", "before"}}, counter.before);
      out.add("health_reading", device, {{"counter", counter.name}, {"moment", "after"}}, counter.after);
    }
  for (std::size_t i = 0; i < report.members.size(); ++i)
    add_report(out, report.members[i], place.empty() ? fmt::format("{}", i) : fmt::format("{}.{}", place, i));
}

}  // namespace

std::string to_prometheus(const Report& report) {
  Exposition out;
  add_report(out, report, "");
  return out.text();
}

}  // namespace peakproof::reports
