// What was measured, as JSON. Written for any JSON type that is built from initializer lists as nlohmann's is, so that no
// header includes that library: the .cpp files that write JSON give it.
#pragma once

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/json_encode_network.hpp"
#include "reports/result.hpp"
#include "theory/device_spec.hpp"
#include "theory/peak.hpp"
#include "theory/pipe.hpp"

namespace peakproof::reports {

/// Indented by two, or on one line. Bytes that are no UTF-8 (a device name, a host name) must not cost the report.
template <typename Json>
std::string dumped(const Json& json, int indent = 2) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

template <typename Json>
struct MeasurementEncoder : NetworkEncoder<Json> {
  using Values = ValueEncoder<Json>;
  using Values::known;
  using Values::number;
  using Values::numbers;
  using Values::object;
  using NetworkEncoder<Json>::of;

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

  static Json of(const theory::DeviceSpec& d) {
    const bool has_cc = d.compute_capability != theory::ComputeCapability{};
    return {{"kind", d.kind == theory::DeviceKind::cpu ? "cpu" : "gpu"},
            {"name", d.name},
            {"compute_capability", has_cc ? Json(theory::to_string(d.compute_capability)) : Json(nullptr)},
            {"variant", theory::name(d.variant)},
            {"microarchitecture", d.microarchitecture},
            {"sm_count", known(d.sm_count)},
            {"base_clock_hz", known(d.base_clock_hz)},
            {"sm_clock_hz", known(d.sm_clock_hz)},
            {"tensor_clock_hz", known(d.tensor_clock_hz)},
            {"memory_clock_hz", known(d.memory_clock_hz)},
            {"memory_data_rate_bps", known(d.memory_data_rate_bps)},
            {"memory_type", d.memory_type},
            {"memory_bus_bits", known(d.memory_bus_bits)},
            {"memory_bytes", known(d.memory_bytes)},
            {"l2_bytes", known(d.l2_bytes)},
            {"power_limit_w", known(d.power_limit_w)}};
  }

  static Json of(const theory::Peak& p) {
    return {{"pipe", theory::name(p.pipe)}, {"per_second", number(p.per_second)},
            {"unit", theory::unit(p.pipe)}, {"clock_hz", known(p.clock_hz)},
            {"formula", p.formula},         {"source", p.source}};
  }

  static Json of(const Efficiency& e) {
    return {{"spec", number(e.spec)}, {"issue", number(e.issue)}, {"clock", number(e.clock)}};
  }

  static Json of(const Floor& f) { return {{"issue", number(f.issue)}, {"source", f.source}}; }

  static Json of(const Loss& l) {
    return {{"kind", l.kind}, {"name", l.name}, {"fraction", number(l.fraction)}, {"evidence", l.evidence}};
  }

  static Json of(const Summary& s) {
    return {{"count", s.count},
            {"contaminated", s.contaminated},
            {"median_s", number(s.median_s)},
            {"min_s", number(s.min_s)},
            {"max_s", number(s.max_s)},
            {"p10_s", number(s.p10_s)},
            {"p90_s", number(s.p90_s)},
            {"ci95", {{"low_s", number(s.ci95_low_s)}, {"high_s", number(s.ci95_high_s)}}},
            {"spread", number(s.spread)},
            {"median_sm_clock_hz", number(s.median_sm_clock_hz)},
            {"median_power_w", number(s.median_power_w)},
            {"stop", name(s.stop)}};
  }

  static Json of(const Sample& s) {
    Json out = {{"seconds", number(s.seconds)},
                {"sm_clock_hz", number(s.sm_clock_hz)},
                {"power_w", number(s.power_w)},
                {"contaminated", s.contaminated}};
    // Absent where no latency is measured; null for a reading that is no number, so that an error stays one.
    if (s.latency_cycles) out["latency_cycles"] = number(*s.latency_cycles);
    return out;
  }

  static Json of(const Latency& l) {
    return {{"cycles", number(l.cycles)},
            {"ci95", {{"low_cycles", number(l.ci95.low)}, {"high_cycles", number(l.ci95.high)}}},
            {"ns", l.ns ? number(*l.ns) : Json(nullptr)}};
  }

  static Json of(const WrongUnit& u) {
    return {{"unit", u.unit}, {"items", u.items}, {"bits", fmt::format("{:#010x}", u.bits)}, {"example", u.example}};
  }

  /// An error or bound that was never set is absent; one that is no number is null, so that a failed check stays failed.
  static Json of(const Verification& v) {
    Json out = {{"method", v.method},           {"items", v.items}, {"mismatches", v.mismatches},
                {"not_numbers", v.not_numbers}, {"units", v.units}, {"wrong_units", list(v.wrong_units)}};
    if (v.relative_error) out["relative_error"] = number(*v.relative_error);
    if (v.tolerance) out["tolerance"] = number(*v.tolerance);
    if (v.rmse) out["rmse"] = number(*v.rmse);
    if (v.mae) out["mae"] = number(*v.mae);
    if (v.max_error) out["max_error"] = number(*v.max_error);
    out["passed"] = v.passed();
    return out;
  }

  static Json of(const Audit& a) {
    Json counts = Json::object();
    for (const auto& [opcode, count] : a.counts) counts[opcode] = count;
    return {{"status", a.status}, {"kernel", a.kernel},
            {"arch", a.arch},     {"cubin_sha256", a.cubin_sha256},
            {"counts", counts},   {"overhead", number(a.overhead)},
            {"note", a.note}};
  }

  static Json of(const Reference& r) {
    return {{"name", r.name},
            {"achieved_per_s", number(r.achieved_per_s)},
            {"ratio", number(r.ratio)},
            {"samples", r.samples},
            {"sm_clock_hz", number(r.sm_clock_hz)},
            {"own_achieved_per_s", number(r.own_achieved_per_s)},
            {"own_sm_clock_hz", number(r.own_sm_clock_hz)}};
  }

  static Json of(const UnitMap& m) { return {{"quantity", m.quantity}, {"unit", m.unit}, {"value", numbers(m.value)}}; }

  static Json of(const Telemetry& t) {
    Json reasons = Json::object();
    for (const auto& [reason, share] : t.reasons) reasons[reason] = number(share);
    return {{"begin_s", number(t.begin_s)},
            {"end_s", number(t.end_s)},
            {"count", t.count},
            {"min_sm_clock_hz", number(t.min_sm_clock_hz)},
            {"median_sm_clock_hz", number(t.median_sm_clock_hz)},
            {"max_sm_clock_hz", number(t.max_sm_clock_hz)},
            {"median_power_w", number(t.median_power_w)},
            {"max_power_w", number(t.max_power_w)},
            {"max_temperature_c", number(t.max_temperature_c)},
            {"reasons", reasons},
            {"stale", t.stale}};
  }

  static Json of(const Attempt& a) {
    return {{"achieved_per_s", number(a.achieved_per_s)},
            {"efficiency", of(a.efficiency)},
            {"summary", of(a.summary)},
            {"verdict", name(a.verdict)}};
  }

  static Json of(const Result& r) {
    return {{"name", r.name},
            {"params", object(r.params)},
            {"pipe", r.pipe ? Json(theory::name(*r.pipe)) : Json(nullptr)},
            {"work_per_launch", number(r.work_per_launch)},
            {"launches_per_sample", r.launches_per_sample},
            {"achieved_per_s", number(r.achieved_per_s)},
            {"unit", r.unit},
            {"peak", maybe(r.peak)},
            {"peak_measured", maybe(r.peak_measured)},
            {"efficiency", of(r.efficiency)},
            {"floor", maybe(r.floor)},
            {"losses", list(r.losses)},
            {"summary", of(r.summary)},
            {"samples", list(r.samples)},
            {"latency", maybe(r.latency)},
            {"verification", of(r.verification)},
            {"audit", of(r.audit)},
            {"reference", maybe(r.reference)},
            {"unit_maps", list(r.unit_maps)},
            {"inference", maybe(r.inference)},
            {"training", maybe(r.training)},
            {"telemetry", maybe(r.telemetry)},
            {"attempts", list(r.attempts)},
            {"verdict", name(r.verdict)},
            {"note", r.note}};
  }
};

}  // namespace peakproof::reports
