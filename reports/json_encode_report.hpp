// A whole report as JSON: tool, host, health, acceptance and members around the results (json_encode.hpp).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "reports/format.hpp"
#include "reports/json_encode.hpp"

namespace peakproof::reports {

template <typename Json>
struct ReportEncoder : MeasurementEncoder<Json> {
  using Measurements = MeasurementEncoder<Json>;
  using Measurements::known;
  using Measurements::number;
  using Measurements::numbers;
  using Measurements::object;

  static Json of(const Tool& t) {
    return {{"name", "peakproof"},    {"version", t.version},       {"commit", t.commit},
            {"compiler", t.compiler}, {"build_type", t.build_type}, {"facts", object(t.facts)}};
  }

  static Json of(const Host& h) {
    return {{"name", h.name},
            {"os", h.os},
            {"cpu", h.cpu},
            {"cpu_count", known(h.cpu_count)},
            {"cpu_hz", known(h.cpu_hz)},
            {"cpu_scaling_enabled", h.cpu_scaling ? Json(*h.cpu_scaling) : Json(nullptr)},
            {"load_average", numbers(h.load_average)}};
  }

  static Json of(const Device& d) {
    Json out = Measurements::of(d.spec);
    out["stand_in"] = d.stand_in;
    out["facts"] = object(d.facts);
    return out;
  }

  static Json of(const Counter& c) {
    return {
        {"name", c.name}, {"unit", c.unit}, {"before", number(c.before)}, {"after", number(c.after)}, {"why", c.why}};
  }

  static Json of(const HealthEvent& e) {
    return {{"at_s", number(e.at_s)}, {"kind", e.kind}, {"number", e.number}, {"text", e.text}};
  }

  /// In columns: a long list of small objects would repeat its field names a thousand times.
  static Json timeline(const std::vector<TelemetryPoint>& points) {
    Json out;
    for (const char* column : {"at_s", "sm_clock_hz", "power_w", "temperature_c", "clock_reasons"})
      out[column] = Json::array();
    for (const TelemetryPoint& point : points) {
      out["at_s"].push_back(number(point.at_s));
      out["sm_clock_hz"].push_back(number(point.sm_clock_hz));
      out["power_w"].push_back(number(point.power_w));
      out["temperature_c"].push_back(number(point.temperature_c));
      out["clock_reasons"].push_back(point.clock_reasons ? Json(*point.clock_reasons) : Json(nullptr));
    }
    return out;
  }

  static Json of(const Health& h) {
    return {{"source", h.source},       {"why", h.why},
            {"stale", h.stale},         {"counters", list(h.counters)},
            {"events", list(h.events)}, {"timeline", timeline(h.timeline)}};
  }

  static Json of(const Acceptance& a) {
    return {{"level", a.level},
            {"policy_name", a.policy_name},
            {"policy_sha256", a.policy_sha256},
            {"baseline_sha256", a.baseline_sha256},
            {"planned_s", number(a.planned_s)},
            {"claim", a.claim},
            {"policy_text", a.policy_text}};
  }

  static Json of(const Check& c) {
    return {{"code", c.code},
            {"id", c.id},
            {"subject", c.subject},
            {"status", name(c.status)},
            {"required", c.required},
            {"device_fault", c.device_fault},
            {"message", c.message},
            {"measured", number(c.measured)},
            {"limit", number(c.limit)},
            {"unit", c.unit},
            {"source", c.source},
            {"attempts", c.attempts},
            {"failed_attempts", c.failed_attempts}};
  }

  static Json of(const Report& r) {
    return {{"schema", kSchemaVersion},
            {"run_id", r.run_id},
            {"scope", name(r.scope)},
            {"tool", of(r.tool)},
            {"started", r.started},
            {"finished", r.finished},
            {"duration_s", number(r.duration_s)},
            {"argv", r.argv},
            {"anonymous", r.anonymous},
            {"host", of(r.host)},
            {"device", of(r.device)},
            {"acceptance", maybe(r.acceptance)},
            {"checks", list(r.checks)},
            {"results", Measurements::list(r.results)},
            {"samples_withheld", r.samples_withheld},
            {"health", maybe(r.health)},
            {"members", list(r.members)},
            {"completeness", {{"planned", r.completeness.planned}, {"missing", r.completeness.missing}}},
            {"verdict", r.verdict},
            {"exit_code", r.exit_code}};
  }

  template <typename T>
  static Json maybe(const std::optional<T>& value) {
    return value ? of(*value) : Json(nullptr);
  }
  template <typename T>
  static Json list(const std::vector<T>& values) {
    Json out = Json::array();
    for (const T& value : values) out.push_back(of(value));
    return out;
  }
};

}  // namespace peakproof::reports
