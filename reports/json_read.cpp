// A Report of the JSON that to_json wrote.
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/format.hpp"
#include "reports/json_node.hpp"
#include "reports/json_read_network.hpp"

namespace peakproof::reports {
namespace {

using Json = nlohmann::ordered_json;
using Node = JsonNode<Json>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kFewestForInterval = 6;  // below it a Summary's interval and spread are infinite

std::string read_text(const Node& n) { return n.text(); }
double read_number(const Node& n) { return n.number(); }
int read_integer(const Node& n) { return n.integer(); }
bool read_boolean(const Node& n) { return n.boolean(); }

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

/// "0x00400000", which no reader rounds.
std::uint64_t read_bits(const Node& n) {
  const std::string text = n.text();
  std::uint64_t bits = 0;
  const char* const end = text.data() + text.size();
  const bool hex = text.starts_with("0x") && text.size() > 2;
  if (!hex || std::from_chars(text.data() + 2, end, bits, 16) != std::from_chars_result{end, std::errc{}})
    n.fail(R"(bits such as "0x00400000")");
  return bits;
}

WrongUnit read_wrong_unit(const Node& n) {
  return {.unit = n.at("unit").integer(),
          .items = n.at("items").integer<std::int64_t>(),
          .bits = read_bits(n.at("bits")),
          .example = n.at("example").text()};
}

Verification read_verification(const Node& n) {
  const auto bound = [&](std::string_view key) {
    return n.has(key) ? std::optional(n.at(key).number()) : std::nullopt;
  };
  Verification v{.method = n.at("method").text(),
                 .items = n.at("items").integer<std::int64_t>(),
                 .mismatches = n.at("mismatches").integer<std::int64_t>(),
                 .not_numbers = n.added(
                     "not_numbers", [](const Node& x) { return x.integer<std::int64_t>(); }, std::int64_t{0}),
                 .units = n.added("units", read_integer, 0),
                 .wrong_units = n.added_list("wrong_units", read_wrong_unit),
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

Telemetry read_telemetry(const Node& n) {
  return {.begin_s = n.at("begin_s").number(),
          .end_s = n.at("end_s").number(),
          .count = n.at("count").integer(),
          .min_sm_clock_hz = n.at("min_sm_clock_hz").maybe_number(),
          .median_sm_clock_hz = n.at("median_sm_clock_hz").maybe_number(),
          .max_sm_clock_hz = n.at("max_sm_clock_hz").maybe_number(),
          .median_power_w = n.at("median_power_w").maybe_number(),
          .max_power_w = n.at("max_power_w").maybe_number(),
          .max_temperature_c = n.at("max_temperature_c").maybe_number(),
          .reasons = n.at("reasons").map(read_number),
          .stale = n.at("stale").boolean()};
}

Verdict read_verdict(const Node& n) { return n.named(verdict_from_name, "the name of a verdict"); }

Attempt read_attempt(const Node& n) {
  return {.achieved_per_s = n.at("achieved_per_s").number(),
          .efficiency = read_efficiency(n.at("efficiency")),
          .summary = read_summary(n.at("summary")),
          .verdict = read_verdict(n.at("verdict"))};
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
          .inference = n.added_maybe("inference", read_inference<Json>),
          .training = n.added_maybe("training", read_training<Json>),
          .telemetry = n.added_maybe("telemetry", read_telemetry),
          .attempts = n.added_list("attempts", read_attempt),
          .verdict = read_verdict(n.at("verdict")),
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
          .cpu_scaling = n.at("cpu_scaling_enabled").maybe(read_boolean),
          .load_average = n.at("load_average").list(read_number)};
}

// ---------------------------------------------------------------------------------------------- health and acceptance

Counter read_counter(const Node& n) {
  return {.name = n.at("name").text(),
          .unit = n.at("unit").text(),
          .before = n.at("before").maybe_number(),
          .after = n.at("after").maybe_number(),
          .why = n.at("why").text()};
}

HealthEvent read_event(const Node& n) {
  return {.at_s = n.at("at_s").number(),
          .kind = n.at("kind").text(),
          .number = n.at("number").integer<std::int64_t>(),
          .text = n.at("text").text()};
}

/// The timeline's columns as points.
std::vector<TelemetryPoint> read_timeline(const Node& n) {
  const std::vector<double> at_s = n.at("at_s").list(read_number);
  std::vector<TelemetryPoint> points(at_s.size());
  for (std::size_t i = 0; i < points.size(); ++i) points[i].at_s = at_s[i];
  const auto column = [&](std::string_view key, const auto& read, auto TelemetryPoint::*field) {
    const Node list = n.at(key);
    const auto values = list.list(read);
    if (values.size() != points.size()) list.fail("as many values as at_s has");
    for (std::size_t i = 0; i < points.size(); ++i) points[i].*field = values[i];
  };
  const auto maybe_number = [](const Node& x) { return x.maybe_number(); };
  const auto maybe_bits = [](const Node& x) {
    return x.maybe([](const Node& bits) { return bits.integer<std::uint64_t>(); });
  };
  column("sm_clock_hz", maybe_number, &TelemetryPoint::sm_clock_hz);
  column("power_w", maybe_number, &TelemetryPoint::power_w);
  column("temperature_c", maybe_number, &TelemetryPoint::temperature_c);
  column("clock_reasons", maybe_bits, &TelemetryPoint::clock_reasons);
  return points;
}

Health read_health(const Node& n) {
  return {.source = n.at("source").text(),
          .why = n.at("why").text(),
          .counters = n.at("counters").list(read_counter),
          .events = n.at("events").list(read_event),
          .timeline = read_timeline(n.at("timeline")),
          .stale = n.at("stale").boolean()};
}

Acceptance read_acceptance(const Node& n) {
  return {.level = n.at("level").text(),
          .policy_name = n.at("policy_name").text(),
          .policy_sha256 = n.at("policy_sha256").text(),
          .policy_text = n.at("policy_text").text(),
          .baseline_sha256 = n.at("baseline_sha256").text(),
          .planned_s = n.at("planned_s").number(),
          .claim = n.at("claim").text()};
}

Check read_check(const Node& n) {
  return {.code = n.at("code").text(),
          .id = n.at("id").text(),
          .subject = n.at("subject").text(),
          .status = n.at("status").named(status_from_name, "the name of a check's status"),
          .required = n.at("required").boolean(),
          .device_fault = n.at("device_fault").boolean(),
          .message = n.at("message").text(),
          .measured = n.at("measured").maybe_number(),
          .limit = n.at("limit").maybe_number(),
          .unit = n.at("unit").text(),
          .source = n.at("source").text(),
          .attempts = n.at("attempts").integer(),
          .failed_attempts = n.at("failed_attempts").integer()};
}

// ------------------------------------------------------------------------------------------------------------ report

/// The major number of "1.0.0".
std::string_view major_of(std::string_view version) { return version.substr(0, version.find('.')); }

void check_schema(const Node& schema) {
  const std::string version = schema.text();
  if (major_of(version) == major_of(kSchemaVersion)) return;
  schema.fail(fmt::format("schema version {}.x (read it with the PeakProof that wrote it)", major_of(kSchemaVersion)));
}

/// `depth` reports stand around it: a fleet holds nodes, a node devices, a device nothing.
Report read_report(const Node& n, int depth = 0) {
  constexpr int kDeepest = 2;
  check_schema(n.at("schema"));
  const Node completeness = n.at("completeness");
  Report report{
      .run_id = n.added("run_id", read_text, std::string()),
      .scope = n.added(
          "scope", [](const Node& x) { return x.named(scope_from_name, "device, node or fleet"); }, Scope::device),
      .started = n.at("started").text(),
      .finished = n.at("finished").text(),
      .argv = n.at("argv").list(read_text),
      .tool = read_tool(n.at("tool")),
      .host = read_host(n.at("host")),
      .device = read_device(n.at("device")),
      .results = n.at("results").list(read_result),
      .completeness = {.planned = completeness.at("planned").list(read_text),
                       .missing = completeness.at("missing").list(read_text)},
      .health = n.added_maybe("health", read_health),
      .acceptance = n.added_maybe("acceptance", read_acceptance),
      .checks = n.added_list("checks", read_check),
      .members = n.added_list("members",
                              [depth](const Node& member) {
                                if (depth >= kDeepest)
                                  member.fail("no member: a fleet holds nodes, and a node devices");
                                return read_report(member, depth + 1);
                              }),
      .duration_s = n.at("duration_s").number(),
      .samples_withheld = n.added("samples_withheld", read_boolean, false),
      .anonymous = n.at("anonymous").boolean(),
      .verdict = n.at("verdict").text(),
      .exit_code = n.at("exit_code").integer()};
  return report;
}

}  // namespace

Report from_json(std::string_view text) {
  Json root;
  try {
    root = parse<Json>(text);
  } catch (const Malformed& e) {
    throw ReadError(e.what());
  }
  if (!root.is_object() || !root.contains("peakproof")) {
    throw ReadError("peakproof: the field is missing; this is not a report that PeakProof wrote with --json");
  }
  return read_report(Node(root["peakproof"], "peakproof"));
}

}  // namespace peakproof::reports
