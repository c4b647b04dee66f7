// Reports and device descriptions as JSON: the only file that includes nlohmann/json.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/format.hpp"
#include "reports/render.hpp"
#include "reports/spec.hpp"

namespace peakproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kFewestForInterval = 6;  // below it a Summary's interval and spread are infinite

// ---------------------------------------------------------------------------------------------------------- writing

/// What is no finite number is null: JSON has neither NaN nor Infinity.
Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }
Json number(const std::optional<double>& x) { return x ? number(*x) : Json(nullptr); }
/// Zero stands for unknown in a DeviceSpec and for "no clock" in a Peak; in JSON both are null.
Json known(double x) { return x == 0 ? Json(nullptr) : number(x); }
template <std::integral T>
Json known(T x) {
  return x == 0 ? Json(nullptr) : Json(x);
}

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double x : values) list.push_back(number(x));
  return list;
}

Json object(const std::map<std::string, std::string>& texts) {
  Json out = Json::object();
  for (const auto& [key, value] : texts) out[key] = value;
  return out;
}

Json encode(const theory::DeviceSpec& d) {
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

Json encode(const theory::Peak& p) {
  return {{"pipe", theory::name(p.pipe)}, {"per_second", number(p.per_second)},
          {"unit", theory::unit(p.pipe)}, {"clock_hz", known(p.clock_hz)},
          {"formula", p.formula},         {"source", p.source}};
}

Json encode(const Efficiency& e) {
  return {{"spec", number(e.spec)}, {"issue", number(e.issue)}, {"clock", number(e.clock)}};
}

Json encode(const Floor& f) { return {{"issue", number(f.issue)}, {"source", f.source}}; }

Json encode(const Loss& l) {
  return {{"kind", l.kind}, {"name", l.name}, {"fraction", number(l.fraction)}, {"evidence", l.evidence}};
}

Json encode(const Summary& s) {
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

Json encode(const Sample& s) {
  Json out = {{"seconds", number(s.seconds)},
              {"sm_clock_hz", number(s.sm_clock_hz)},
              {"power_w", number(s.power_w)},
              {"contaminated", s.contaminated}};
  // Absent where no latency is measured; null for a reading that is no number, so that an error stays one.
  if (s.latency_cycles) out["latency_cycles"] = number(*s.latency_cycles);
  return out;
}

Json encode(const Latency& l) {
  return {{"cycles", number(l.cycles)},
          {"ci95", {{"low_cycles", number(l.ci95.low)}, {"high_cycles", number(l.ci95.high)}}},
          {"ns", l.ns ? number(*l.ns) : Json(nullptr)}};
}

/// An error or bound that was never set is absent; one that is no number is null, so that a failed check stays failed.
Json encode(const Verification& v) {
  Json out = {{"method", v.method}, {"items", v.items}, {"mismatches", v.mismatches}};
  if (v.relative_error) out["relative_error"] = number(*v.relative_error);
  if (v.tolerance) out["tolerance"] = number(*v.tolerance);
  if (v.rmse) out["rmse"] = number(*v.rmse);
  if (v.mae) out["mae"] = number(*v.mae);
  if (v.max_error) out["max_error"] = number(*v.max_error);
  out["passed"] = v.passed();
  return out;
}

Json encode(const Audit& a) {
  Json counts = Json::object();
  for (const auto& [opcode, count] : a.counts) counts[opcode] = count;
  return {{"status", a.status}, {"kernel", a.kernel},
          {"arch", a.arch},     {"cubin_sha256", a.cubin_sha256},
          {"counts", counts},   {"overhead", number(a.overhead)},
          {"note", a.note}};
}

Json encode(const Reference& r) {
  return {{"name", r.name},
          {"achieved_per_s", number(r.achieved_per_s)},
          {"ratio", number(r.ratio)},
          {"samples", r.samples},
          {"sm_clock_hz", number(r.sm_clock_hz)},
          {"own_achieved_per_s", number(r.own_achieved_per_s)},
          {"own_sm_clock_hz", number(r.own_sm_clock_hz)}};
}

Json encode(const UnitMap& m) { return {{"quantity", m.quantity}, {"unit", m.unit}, {"value", numbers(m.value)}}; }

Json encode(const Result& r);

template <typename T>
Json maybe(const std::optional<T>& value) {
  return value ? encode(*value) : Json(nullptr);
}

template <typename T>
Json list(const std::vector<T>& values) {
  Json out = Json::array();
  for (const T& value : values) out.push_back(encode(value));
  return out;
}

Json encode(const Result& r) {
  return {{"name", r.name},
          {"params", object(r.params)},
          {"pipe", r.pipe ? Json(theory::name(*r.pipe)) : Json(nullptr)},
          {"work_per_launch", number(r.work_per_launch)},
          {"launches_per_sample", r.launches_per_sample},
          {"achieved_per_s", number(r.achieved_per_s)},
          {"unit", r.unit},
          {"peak", maybe(r.peak)},
          {"peak_measured", maybe(r.peak_measured)},
          {"efficiency", encode(r.efficiency)},
          {"floor", maybe(r.floor)},
          {"losses", list(r.losses)},
          {"summary", encode(r.summary)},
          {"samples", list(r.samples)},
          {"latency", maybe(r.latency)},
          {"verification", encode(r.verification)},
          {"audit", encode(r.audit)},
          {"reference", maybe(r.reference)},
          {"unit_maps", list(r.unit_maps)},
          {"verdict", name(r.verdict)},
          {"note", r.note}};
}

Json encode(const Tool& t) {
  return {{"name", "peakproof"},    {"version", t.version},       {"commit", t.commit},
          {"compiler", t.compiler}, {"build_type", t.build_type}, {"facts", object(t.facts)}};
}

Json encode(const Host& h) {
  return {{"name", h.name},
          {"os", h.os},
          {"cpu", h.cpu},
          {"cpu_count", known(h.cpu_count)},
          {"cpu_hz", known(h.cpu_hz)},
          {"cpu_scaling_enabled", h.cpu_scaling ? Json(*h.cpu_scaling) : Json(nullptr)},
          {"load_average", numbers(h.load_average)}};
}

Json encode(const Device& d) {
  Json out = encode(d.spec);
  out["stand_in"] = d.stand_in;
  out["facts"] = object(d.facts);
  return out;
}

Json encode_report(const Report& r) {
  return {{"schema", kSchemaVersion},
          {"tool", encode(r.tool)},
          {"started", r.started},
          {"finished", r.finished},
          {"duration_s", number(r.duration_s)},
          {"argv", r.argv},
          {"anonymous", r.anonymous},
          {"host", encode(r.host)},
          {"device", encode(r.device)},
          {"results", list(r.results)},
          {"completeness", {{"planned", r.completeness.planned}, {"missing", r.completeness.missing}}},
          {"verdict", r.verdict},
          {"exit_code", r.exit_code}};
}

// ------------------------------------------------------------------------------------------- Google Benchmark's part

/// Google Benchmark's keys, all of them, with its types: some readers refuse a file in which one is missing.
Json encode_context(const Report& r) {
  Json loads = Json::array();
  for (const double x : r.host.load_average) {
    if (std::isfinite(x)) loads.push_back(x);
  }
  const bool debug = r.tool.build_type == "Debug" || r.tool.build_type == "debug";
  return {{"date", r.started},
          {"host_name", r.host.name},
          {"executable", r.argv.empty() ? std::string() : r.argv.front()},
          {"num_cpus", r.host.cpu_count},
          {"mhz_per_cpu", std::isfinite(r.host.cpu_hz) ? std::llround(r.host.cpu_hz * 1e-6) : 0},
          {"cpu_scaling_enabled", r.host.cpu_scaling.value_or(false)},
          {"caches", Json::array()},
          {"load_avg", loads},
          {"library_version", fmt::format("peakproof {}", r.tool.version)},
          {"library_build_type", debug ? "debug" : "release"},
          {"json_schema_version", 1}};
}

/// A figure that another tool may chart: there is a time, and the answer was not found wrong.
bool chartable(const Result& r) {
  const bool measured = r.verdict != Verdict::error && r.verdict != Verdict::incorrect && r.verdict != Verdict::skipped;
  return measured && std::isfinite(r.summary.median_s) && r.summary.median_s > 0;
}

/// One row, the median. Device time stands for both times, because the host's CPU time says nothing about a device.
Json encode_row(const Result& r, std::size_t family, std::size_t instance) {
  const std::string name = row_name(r);
  const double median_ms = r.summary.median_s * 1e3;
  Json row = {{"name", name},
              {"family_index", family},
              {"per_family_instance_index", instance},
              {"run_name", name},
              {"run_type", "iteration"},
              {"repetitions", 1},
              {"repetition_index", 0},
              {"threads", 1},
              {"iterations", r.summary.count},
              {"real_time", median_ms},
              {"cpu_time", median_ms},
              {"time_unit", "ms"},
              {"label", reports::name(r.verdict)}};
  const auto counter = [&](const char* key, std::optional<double> value) {
    if (value && std::isfinite(*value)) row[key] = *value;
  };
  counter(r.unit == "B/s" ? "bytes_per_second" : "items_per_second", r.achieved_per_s);
  counter("rated_peak_per_s", r.peak ? std::optional(r.peak->per_second) : std::nullopt);
  counter("e_spec_ratio", r.efficiency.spec);
  counter("e_issue_ratio", r.efficiency.issue);
  counter("clock_ratio", r.efficiency.clock);
  counter("sm_clock_hz", r.summary.median_sm_clock_hz);
  counter("power_w", r.summary.median_power_w);
  counter("ci95_low_s", r.summary.ci95_low_s);
  counter("ci95_high_s", r.summary.ci95_high_s);
  counter("spread_ratio", judged_spread(r));
  if (r.latency) {
    counter("latency_cycles", r.latency->cycles);
    counter("latency_ns", r.latency->ns);
  }
  return row;
}

Json encode_rows(const std::vector<Result>& results) {
  Json rows = Json::array();
  std::vector<std::pair<std::string, std::size_t>> families;  // name, rows so far
  for (const Result& r : results) {
    if (!chartable(r)) continue;
    auto family = std::find_if(families.begin(), families.end(), [&](const auto& f) { return f.first == r.name; });
    if (family == families.end()) family = families.insert(family, {r.name, 0});
    rows.push_back(encode_row(r, static_cast<std::size_t>(family - families.begin()), family->second++));
  }
  return rows;
}

std::string dump(const Json& json) {
  // Bytes that are no UTF-8 (a device name, a host name) must not cost the report.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// ---------------------------------------------------------------------------------------------------------- parsing

/// The text is no JSON, or has a field twice; what() says where and what.
struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string shortened(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  const std::string line = one_line(text);
  return line.size() <= kLongest ? line : line.substr(0, kLongest) + "...";
}

/// What stands in the JSON, in words.
std::string describe(const Json& value) {
  if (value.is_string()) return fmt::format("the text \"{}\"", shortened(value.get_ref<const std::string&>()));
  if (value.is_number()) return fmt::format("the number {}", value.dump());
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_array()) return "a list";
  return value.is_object() ? "an object" : "null";
}

bool in_token(char c) { return std::string_view(" \t\r\n,:{}[]\"").find(c) == std::string_view::npos; }

/// The name in `"name" :` right before a place; empty if there is none.
std::string_view field_before(std::string_view text) {
  const auto strip = [&] {
    while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) {
      text.remove_suffix(1);
    }
  };
  strip();
  if (!text.ends_with(':')) return {};
  text.remove_suffix(1);
  strip();
  if (!text.ends_with('"')) return {};
  text.remove_suffix(1);
  const std::size_t quote = text.rfind('"');
  return quote == std::string_view::npos ? std::string_view() : text.substr(quote + 1);
}

/// One line on a syntax error: line, column, field and what stands there. `byte` counts from 1.
std::string syntax_error(std::string_view text, std::size_t byte) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "the text is empty";
  if (byte > text.size()) return "not JSON: the text ends too early; the file is cut off";
  std::size_t begin = byte > 0 ? byte - 1 : 0;
  std::size_t end = begin;
  while (begin > 0 && in_token(text[begin - 1])) --begin;
  while (end < text.size() && in_token(text[end])) ++end;
  const std::string_view token = text.substr(begin, std::max<std::size_t>(end - begin, 1));
  const std::string_view before = text.substr(0, begin);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  const std::string_view field = field_before(before);
  const bool no_number = token.find("NaN") != std::string_view::npos || token.find("nan") != std::string_view::npos ||
                         token.find("Inf") != std::string_view::npos || token.find("inf") != std::string_view::npos;
  return fmt::format("{}: {}found {}, expected {} (line {}, column {})", field.empty() ? "not JSON" : field,
                     no_number ? "not JSON, " : "", shortened(token),
                     no_number ? "a finite number" : "a value, a field or a separator as JSON has them", line, column);
}

/// Throws Malformed.
Json parse(std::string_view text) {
  std::vector<std::set<std::string>> open;  // the field names of each object that is being read
  const auto watch = [&](int /*depth*/, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key && !open.back().insert(value.get<std::string>()).second) {
      throw Malformed(fmt::format("{}: the field is given twice, expected once", shortened(value.get<std::string>())));
    }
    return true;
  };
  try {
    return Json::parse(text, watch);
  } catch (const Json::parse_error& e) {
    throw Malformed(syntax_error(text, e.byte));
  } catch (const Json::out_of_range& e) {
    throw Malformed(fmt::format("not JSON: a number is too large for a 64-bit float ({})", shortened(e.what())));
  }
}

// ---------------------------------------------------------------------------------------------------------- reading

/// A value of a saved report and where it stands, so that every complaint names the place.
class Node {
 public:
  Node(const Json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  [[noreturn]] void fail(std::string_view expected) const {
    throw ReadError(fmt::format("{}: expected {}, found {}", path_, expected, describe(*value_)));
  }

  [[nodiscard]] bool is_null() const { return value_->is_null(); }
  [[nodiscard]] bool has(std::string_view key) const { return value_->is_object() && value_->contains(key); }

  [[nodiscard]] Node at(std::string_view key) const {
    if (!value_->is_object()) fail("an object");
    const auto found = value_->find(key);
    if (found == value_->end()) throw ReadError(fmt::format("{}.{}: the field is missing", path_, key));
    return {*found, fmt::format("{}.{}", path_, key)};
  }

  [[nodiscard]] std::string text() const {
    if (!value_->is_string()) fail("text");
    return value_->get<std::string>();
  }
  [[nodiscard]] bool boolean() const {
    if (!value_->is_boolean()) fail("true or false");
    return value_->get<bool>();
  }
  /// null is `absent`.
  [[nodiscard]] double number(double absent = kNaN) const {
    if (is_null()) return absent;
    if (!value_->is_number()) fail("a number or null");
    return value_->get<double>();
  }
  [[nodiscard]] std::optional<double> maybe_number() const {
    return is_null() ? std::nullopt : std::optional(number());
  }
  /// A field that files of an older version lack: nothing then, as where it is null.
  [[nodiscard]] std::optional<double> added(std::string_view key) const {
    return has(key) ? at(key).maybe_number() : std::nullopt;
  }
  template <std::integral T = int>
  [[nodiscard]] T integer() const {
    const bool fits = value_->is_number_unsigned()
                          ? value_->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())
                          : value_->is_number_integer() &&
                                value_->get<std::int64_t>() >= std::numeric_limits<T>::min() &&
                                value_->get<std::int64_t>() <= std::numeric_limits<T>::max();
    if (!fits) fail(fmt::format("a whole number of {} bits", 8 * sizeof(T)));
    return static_cast<T>(value_->get<std::int64_t>());
  }
  /// null is zero: unknown.
  template <std::integral T = int>
  [[nodiscard]] T known_integer() const {
    return is_null() ? T{0} : integer<T>();
  }

  /// The values of a list, each read by read(Node).
  template <typename Read>
  [[nodiscard]] auto list(const Read& read) const {
    if (!value_->is_array()) fail("a list");
    std::vector<decltype(read(*this))> out;
    out.reserve(value_->size());
    for (std::size_t i = 0; i < value_->size(); ++i)
      out.push_back(read(Node((*value_)[i], fmt::format("{}[{}]", path_, i))));
    return out;
  }
  /// The values of an object by their names.
  template <typename Read>
  [[nodiscard]] auto map(const Read& read) const {
    if (!value_->is_object()) fail("an object");
    std::map<std::string, decltype(read(*this))> out;
    for (const auto& [key, value] : value_->items())
      out.emplace(key, read(Node(value, fmt::format("{}.{}", path_, key))));
    return out;
  }
  /// null is nothing.
  template <typename Read>
  [[nodiscard]] auto maybe(const Read& read) const {
    return is_null() ? std::nullopt : std::optional(read(*this));
  }
  /// One of the names that lookup(text) knows.
  template <typename Lookup>
  [[nodiscard]] auto named(const Lookup& lookup, std::string_view what) const {
    const auto value = lookup(text());
    if (!value) fail(what);
    return *value;
  }

 private:
  const Json* value_;
  std::string path_;
};

std::string read_text(const Node& n) { return n.text(); }
double read_number(const Node& n) { return n.number(); }
int read_integer(const Node& n) { return n.integer(); }

theory::Pipe read_pipe(const Node& n) { return n.named(theory::pipe_from_name, "the name of a pipe"); }

std::optional<theory::DeviceKind> device_kind_from_name(std::string_view name) {
  if (name == "gpu") return theory::DeviceKind::gpu;
  return name == "cpu" ? std::optional(theory::DeviceKind::cpu) : std::nullopt;
}

theory::ComputeCapability read_compute_capability(const Node& n) {
  if (n.is_null()) return {};
  return n.named(theory::compute_capability_from_text, R"(a compute capability such as "9.0")");
}

theory::DeviceSpec read_device_spec(const Node& n) {
  return {.name = n.at("name").text(),
          .kind = n.at("kind").named(device_kind_from_name, "the text gpu or cpu"),
          .compute_capability = read_compute_capability(n.at("compute_capability")),
          .variant = n.at("variant").named(theory::variant_from_name, "the name of a variant"),
          .microarchitecture = n.at("microarchitecture").text(),
          .sm_count = n.at("sm_count").known_integer(),
          .base_clock_hz = n.at("base_clock_hz").number(0),
          .sm_clock_hz = n.at("sm_clock_hz").number(0),
          .tensor_clock_hz = n.at("tensor_clock_hz").number(0),
          .memory_clock_hz = n.at("memory_clock_hz").number(0),
          .memory_data_rate_bps = n.at("memory_data_rate_bps").number(0),
          .memory_type = n.at("memory_type").text(),
          .memory_bus_bits = n.at("memory_bus_bits").known_integer(),
          .memory_bytes = n.at("memory_bytes").known_integer<std::int64_t>(),
          .l2_bytes = n.at("l2_bytes").known_integer<std::int64_t>(),
          .power_limit_w = n.at("power_limit_w").number(0)};
}

Device read_device(const Node& n) {
  return {.spec = read_device_spec(n), .stand_in = n.at("stand_in").boolean(), .facts = n.at("facts").map(read_text)};
}

theory::Peak read_peak(const Node& n) {
  const theory::Pipe pipe = read_pipe(n.at("pipe"));
  const Node unit = n.at("unit");
  if (unit.text() != theory::unit(pipe)) unit.fail(fmt::format("{}, the pipe's unit", theory::unit(pipe)));
  return {.pipe = pipe,
          .per_second = n.at("per_second").number(),
          .clock_hz = n.at("clock_hz").number(0),
          .formula = n.at("formula").text(),
          .source = n.at("source").text()};
}

Efficiency read_efficiency(const Node& n) {
  return {.spec = n.at("spec").maybe_number(),
          .issue = n.at("issue").maybe_number(),
          .clock = n.at("clock").maybe_number()};
}

Floor read_floor(const Node& n) { return {.issue = n.at("issue").number(), .source = n.at("source").text()}; }

Loss read_loss(const Node& n) {
  return {.kind = n.at("kind").text(),
          .name = n.at("name").text(),
          .fraction = n.at("fraction").number(),
          .evidence = n.at("evidence").text()};
}

Summary read_summary(const Node& n) {
  const int count = n.at("count").integer();
  const bool few = count > 0 && count < kFewestForInterval;  // null then stands for an infinite value
  const Node interval = n.at("ci95");
  return {.count = count,
          .contaminated = n.at("contaminated").integer(),
          .median_s = n.at("median_s").number(),
          .min_s = n.at("min_s").number(),
          .max_s = n.at("max_s").number(),
          .p10_s = n.at("p10_s").number(),
          .p90_s = n.at("p90_s").number(),
          .ci95_low_s = interval.at("low_s").number(few ? -kInfinity : kNaN),
          .ci95_high_s = interval.at("high_s").number(few ? kInfinity : kNaN),
          .spread = n.at("spread").number(few ? kInfinity : kNaN),
          .median_sm_clock_hz = n.at("median_sm_clock_hz").maybe_number(),
          .median_power_w = n.added("median_power_w"),
          .stop = n.at("stop").named(stop_reason_from_name, "why sampling ended")};
}

Sample read_sample(const Node& n) {
  return {.seconds = n.at("seconds").number(),
          .sm_clock_hz = n.at("sm_clock_hz").maybe_number(),
          .contaminated = n.at("contaminated").boolean(),
          .latency_cycles = n.has("latency_cycles") ? std::optional(n.at("latency_cycles").number()) : std::nullopt,
          .power_w = n.added("power_w")};
}

/// `count` samples stand behind it: with too few, a null bound is an infinite one.
Latency read_latency(const Node& n, int count) {
  const bool few = count > 0 && count < kFewestForInterval;
  const Node interval = n.at("ci95");
  return {.cycles = n.at("cycles").number(),
          .ci95 = {.low = interval.at("low_cycles").number(few ? -kInfinity : kNaN),
                   .high = interval.at("high_cycles").number(few ? kInfinity : kNaN)},
          .ns = n.at("ns").maybe_number()};
}

Verification read_verification(const Node& n) {
  const auto bound = [&](std::string_view key) {
    return n.has(key) ? std::optional(n.at(key).number()) : std::nullopt;
  };
  Verification v{.method = n.at("method").text(),
                 .items = n.at("items").integer<std::int64_t>(),
                 .mismatches = n.at("mismatches").integer<std::int64_t>(),
                 .relative_error = bound("relative_error"),
                 .tolerance = bound("tolerance"),
                 .rmse = bound("rmse"),
                 .mae = bound("mae"),
                 .max_error = bound("max_error")};
  const Node passed = n.at("passed");
  if (passed.boolean() != v.passed()) passed.fail("what the fields beside it say");
  return v;
}

Audit read_audit(const Node& n) {
  return {.status = n.at("status").text(),
          .kernel = n.at("kernel").text(),
          .arch = n.at("arch").text(),
          .cubin_sha256 = n.at("cubin_sha256").text(),
          .counts = n.at("counts").map(read_integer),
          .overhead = n.at("overhead").maybe_number(),
          .note = n.at("note").text()};
}

Reference read_reference(const Node& n) {
  return {.name = n.at("name").text(),
          .achieved_per_s = n.at("achieved_per_s").number(),
          .ratio = n.at("ratio").number(),
          .samples = n.at("samples").integer(),
          .sm_clock_hz = n.at("sm_clock_hz").maybe_number(),
          .own_achieved_per_s = n.added("own_achieved_per_s"),
          .own_sm_clock_hz = n.added("own_sm_clock_hz")};
}

UnitMap read_unit_map(const Node& n) {
  return {.quantity = n.at("quantity").text(),
          .unit = n.at("unit").list(read_integer),
          .value = n.at("value").list(read_number)};
}

Result read_result(const Node& n) {
  Summary summary = read_summary(n.at("summary"));
  const auto latency = [count = summary.count](const Node& node) { return read_latency(node, count); };
  return {.name = n.at("name").text(),
          .params = n.at("params").map(read_text),
          .pipe = n.at("pipe").maybe(read_pipe),
          .work_per_launch = n.at("work_per_launch").number(),
          .launches_per_sample = n.at("launches_per_sample").integer(),
          .achieved_per_s = n.at("achieved_per_s").number(),
          .unit = n.at("unit").text(),
          .peak = n.at("peak").maybe(read_peak),
          .peak_measured = n.at("peak_measured").maybe(read_peak),
          .efficiency = read_efficiency(n.at("efficiency")),
          .floor = n.at("floor").maybe(read_floor),
          .losses = n.at("losses").list(read_loss),
          .summary = summary,
          .samples = n.at("samples").list(read_sample),
          .latency = n.has("latency") ? n.at("latency").maybe(latency) : std::nullopt,  // 1.0 had none
          .verification = read_verification(n.at("verification")),
          .audit = read_audit(n.at("audit")),
          .reference = n.at("reference").maybe(read_reference),
          .unit_maps = n.at("unit_maps").list(read_unit_map),
          .verdict = n.at("verdict").named(verdict_from_name, "the name of a verdict"),
          .note = n.at("note").text()};
}

Tool read_tool(const Node& n) {
  if (n.at("name").text() != "peakproof") n.at("name").fail("the text peakproof");
  return {.version = n.at("version").text(),
          .commit = n.at("commit").text(),
          .compiler = n.at("compiler").text(),
          .build_type = n.at("build_type").text(),
          .facts = n.at("facts").map(read_text)};
}

Host read_host(const Node& n) {
  return {.name = n.at("name").text(),
          .os = n.at("os").text(),
          .cpu = n.at("cpu").text(),
          .cpu_count = n.at("cpu_count").known_integer(),
          .cpu_hz = n.at("cpu_hz").number(0),
          .cpu_scaling = n.at("cpu_scaling_enabled").maybe([](const Node& b) { return b.boolean(); }),
          .load_average = n.at("load_average").list(read_number)};
}

Report read_report(const Node& n) {
  const Node completeness = n.at("completeness");
  return {.started = n.at("started").text(),
          .finished = n.at("finished").text(),
          .argv = n.at("argv").list(read_text),
          .tool = read_tool(n.at("tool")),
          .host = read_host(n.at("host")),
          .device = read_device(n.at("device")),
          .results = n.at("results").list(read_result),
          .completeness = {.planned = completeness.at("planned").list(read_text),
                           .missing = completeness.at("missing").list(read_text)},
          .duration_s = n.at("duration_s").number(),
          .anonymous = n.at("anonymous").boolean(),
          .verdict = n.at("verdict").text(),
          .exit_code = n.at("exit_code").integer()};
}

/// The major number of "1.0.0".
std::string_view major_of(std::string_view version) { return version.substr(0, version.find('.')); }

void check_schema(const Node& schema) {
  const std::string version = schema.text();
  if (major_of(version) == major_of(kSchemaVersion)) return;
  schema.fail(fmt::format("schema version {}.x (read it with the PeakProof that wrote it)", major_of(kSchemaVersion)));
}

// ------------------------------------------------------------------------------------------------ device description

constexpr std::array<std::string_view, 14> kSpecFields = {
    "name",         "compute_capability",    "variant",         "sm_count",
    "sm_clock_mhz", "tensor_clock_mhz",      "base_clock_mhz",  "memory_clock_mhz",
    "memory_type",  "memory_data_rate_gbps", "memory_bus_bits", "memory_gb",
    "l2_mb",        "power_limit_w"};

/// Letters to insert, delete or replace between two words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

/// "did you mean …", or all there are.
std::string suggestion(std::string_view key) {
  // A field that is only longer or shorter ("sm_clock") is nearer than any other spelling.
  const auto contains = [&](std::string_view field) {
    return !key.empty() && (field.find(key) != std::string_view::npos || key.find(field) != std::string_view::npos);
  };
  const auto rank = [&](std::string_view field) { return std::pair(!contains(field), distance(key, field)); };
  const auto* const nearest =
      std::min_element(kSpecFields.begin(), kSpecFields.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
  if (contains(*nearest) || distance(key, *nearest) <= 2 + key.size() / 4) {
    return fmt::format("did you mean {}?", *nearest);
  }
  return fmt::format("the fields are {}", fmt::join(kSpecFields, ", "));
}

struct Range {
  double low;
  double high;
  std::string_view unit;  ///< with a leading space, or empty
};
// Wide enough for any board of the coming years, narrow enough to catch Hz or GHz in a field of MHz.
constexpr Range kUnits{1, 10'000, ""};
constexpr Range kClock{10, 100'000, " MHz"};
constexpr Range kDataRate{0.1, 1'000, " Gbit/s per pin"};
constexpr Range kBus{1, 131'072, " bits"};
constexpr Range kMemory{0.1, 100'000, " GB"};
constexpr Range kCache{0.001, 100'000, " MB"};
constexpr Range kPower{1, 100'000, " W"};

/// Reads the fields of a description and collects a line for each bad one.
class SpecReader {
 public:
  explicit SpecReader(const Json& root) : root_(root) {
    for (const auto& [key, value] : root.items()) {
      if (std::find(kSpecFields.begin(), kSpecFields.end(), key) == kSpecFields.end()) {
        problems_.push_back(fmt::format("{}: no such field; {}", shortened(key), suggestion(key)));
      }
    }
  }

  void require(std::string_view key, std::string_view expected) {
    if (!root_.contains(key)) problems_.push_back(fmt::format("{}: missing, expected {}", key, expected));
  }
  /// A number in the range; 0 (unknown) where the field is absent or bad.
  double number(std::string_view key, const Range& range) {
    const Json* value = find(key);
    if (value == nullptr) return 0;
    const double x = value->is_number() ? value->get<double>() : kNaN;
    if (x >= range.low && x <= range.high) return x;
    bad(key, *value, fmt::format("a number between {} and {}{}", range.low, range.high, range.unit));
    return 0;
  }
  int integer(std::string_view key, const Range& range) {
    const Json* value = find(key);
    if (value == nullptr) return 0;
    const double x = value->is_number() ? value->get<double>() : kNaN;
    if (x >= range.low && x <= range.high && x == std::floor(x)) return static_cast<int>(x);
    bad(key, *value, fmt::format("a whole number between {} and {}{}", range.low, range.high, range.unit));
    return 0;
  }
  /// Text that is not empty; empty where the field is absent or bad.
  std::string text(std::string_view key, std::string_view expected) {
    const Json* value = find(key);
    if (value == nullptr) return {};
    if (value->is_string() && !value->get_ref<const std::string&>().empty()) return value->get<std::string>();
    bad(key, *value, expected);
    return {};
  }
  /// What lookup() makes of a text; nothing where the field is absent or bad.
  template <typename Lookup>
  auto named(std::string_view key, std::string_view expected, const Lookup& lookup)
      -> decltype(lookup(std::string_view())) {
    const std::string name = text(key, expected);
    if (name.empty()) return std::nullopt;
    const auto value = lookup(name);
    if (!value) bad(key, *find(key), expected);
    return value;
  }

  void finish() const {
    if (!problems_.empty()) throw SpecError(fmt::format("{}", fmt::join(problems_, "\n")));
  }

 private:
  [[nodiscard]] const Json* find(std::string_view key) const {
    const auto found = root_.find(key);
    return found == root_.end() ? nullptr : &*found;
  }
  void bad(std::string_view key, const Json& value, std::string_view expected) {
    problems_.push_back(fmt::format("{}: found {}, expected {}", key, describe(value), expected));
  }

  const Json& root_;
  std::vector<std::string> problems_;
};

/// The variants that a board can have; `any` is a mark of table rows.
std::optional<theory::Variant> board_variant(std::string_view name) {
  const auto variant = theory::variant_from_name(name);
  return variant == theory::Variant::any ? std::nullopt : variant;
}

std::string variant_names() {
  using enum theory::Variant;
  std::vector<std::string_view> names;
  for (const theory::Variant v : {datacenter_pro, geforce, a10g, l40, h20}) names.push_back(theory::name(v));
  return fmt::format("one of {}", fmt::join(names, ", "));
}

theory::DeviceSpec read_spec(const Json& root) {
  constexpr std::string_view kCapability = R"(text such as "9.0")";
  constexpr std::string_view kName = "the board's name as text";
  SpecReader reader(root);
  reader.require("name", kName);
  reader.require("compute_capability", kCapability);
  reader.require("sm_count", "the number of SMs");
  reader.require("sm_clock_mhz", "the rated boost clock of the SMs in MHz");
  theory::DeviceSpec d;
  d.name = reader.text("name", kName);
  d.compute_capability = reader.named("compute_capability", kCapability, theory::compute_capability_from_text)
                             .value_or(d.compute_capability);
  d.variant = reader.named("variant", variant_names(), board_variant).value_or(theory::variant_of_board(d.name));
  d.sm_count = reader.integer("sm_count", kUnits);
  d.sm_clock_hz = reader.number("sm_clock_mhz", kClock) * 1e6;
  d.tensor_clock_hz = reader.number("tensor_clock_mhz", kClock) * 1e6;
  d.base_clock_hz = reader.number("base_clock_mhz", kClock) * 1e6;
  d.memory_clock_hz = reader.number("memory_clock_mhz", kClock) * 1e6;
  d.memory_type = reader.text("memory_type", R"(text such as "HBM3e" or "GDDR6X")");
  d.memory_data_rate_bps = reader.number("memory_data_rate_gbps", kDataRate) * 1e9;
  d.memory_bus_bits = reader.integer("memory_bus_bits", kBus);
  d.memory_bytes = std::llround(reader.number("memory_gb", kMemory) * 1e9);
  d.l2_bytes = std::llround(reader.number("l2_mb", kCache) * 1048576);
  d.power_limit_w = reader.number("power_limit_w", kPower);
  reader.finish();
  return d;
}

}  // namespace

std::string to_json(const Report& report) {
  return dump({{"context", encode_context(report)},
               {"benchmarks", encode_rows(report.results)},
               {"peakproof", encode_report(report)}});
}

Report from_json(std::string_view text) {
  Json root;
  try {
    root = parse(text);
  } catch (const Malformed& e) {
    throw ReadError(e.what());
  }
  if (!root.is_object() || !root.contains("peakproof")) {
    throw ReadError("peakproof: the field is missing; this is not a report that PeakProof wrote with --json");
  }
  const Node report(root["peakproof"], "peakproof");
  check_schema(report.at("schema"));
  return read_report(report);
}

theory::DeviceSpec spec_from_json(std::string_view text) {
  try {
    const Json root = parse(text);
    if (!root.is_object()) {
      throw SpecError(
          fmt::format("found {}, expected an object such as {}", describe(root),
                      R"({"name": "A100", "compute_capability": "8.0", "sm_count": 108, "sm_clock_mhz": 1410})"));
    }
    return read_spec(root);
  } catch (const Malformed& e) {
    throw SpecError(e.what());
  }
}

std::string theory_json(const theory::DeviceSpec& device, const std::vector<theory::Peak>& peaks) {
  return dump({{"device", encode(device)}, {"peaks", list(peaks)}});
}

}  // namespace peakproof::reports
