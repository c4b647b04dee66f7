#include "full_report.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "reports/check.hpp"
#include "reports/efficiency.hpp"
#include "reports/render.hpp"
#include "reports/sha256.hpp"
#include "theory/boards.hpp"
#include "theory/peak.hpp"

namespace peakproof::reports {
namespace {

constexpr double kClock = 1.89e9;

theory::DeviceSpec spec() {
  return {.name = "Example H200",
          .compute_capability = {9, 0},
          .sm_count = 132,
          .base_clock_hz = 1.5e9,
          .sm_clock_hz = 1.98e9,
          .tensor_clock_hz = 1.83e9,
          .memory_clock_hz = 3.201e9,
          .memory_data_rate_bps = 6.402e9,
          .memory_type = "HBM3e",
          .memory_bus_bits = 6016,
          .memory_bytes = 150'754'820'096,
          .l2_bytes = 62'914'560,
          .power_limit_w = 700,
          .pcie_generation = 5,
          .pcie_lanes = 16,
          .nvlink_bytes_per_second = 9e11};
}

struct Planned {
  const char* name;
  theory::Pipe pipe;
  Texts params;
  double issue;
};

std::vector<Planned> planned() {
  using theory::Pipe;
  std::vector<Planned> out = {{"fp32_fma", Pipe::fp32_fma, {{"ilp", "8"}}, 0.984},
                              {"fp64_fma", Pipe::fp64_fma, {{"ilp", "8"}}, 0.991},
                              {"fp16x2_fma", Pipe::fp16x2_fma, {{"ilp", "8"}}, 0.972},
                              {"int32_mad", Pipe::int32_mad, {{"ilp", "8"}}, 0.988},
                              {"int32_add", Pipe::int32_add, {{"ilp", "8"}}, 0.985},
                              {"int32_logic", Pipe::int32_logic, {{"ilp", "8"}}, 0.986},
                              {"dp4a", Pipe::dp4a, {{"ilp", "8"}}, 0.99},
                              {"sfu", Pipe::sfu, {{"function", "ex2"}}, 0.987}};
  for (const auto& [type, pipe] : std::initializer_list<std::pair<const char*, Pipe>>{{"fp16", Pipe::tensor_fp16},
                                                                                      {"bf16", Pipe::tensor_bf16},
                                                                                      {"tf32", Pipe::tensor_tf32},
                                                                                      {"fp8", Pipe::tensor_fp8},
                                                                                      {"int8", Pipe::tensor_int8}}) {
    out.push_back({"wgmma", pipe, {{"type", type}}, 0.978});
    out.push_back({"cublas_gemm", pipe, {{"k", "8192"}, {"m", "8192"}, {"n", "8192"}, {"type", type}}, 0.81});
  }
  out.push_back({"wgmma_gemm", Pipe::tensor_fp16, {{"k", "512"}, {"m", "512"}, {"n", "512"}, {"type", "fp16"}}, 0.22});
  for (const char* pattern : {"read", "write", "copy", "scale", "add", "triad", "dot", "memset"})
    out.push_back(
        {"dram", Pipe::dram, {{"bytes", "8589934592"}, {"pattern", pattern}}, pattern[0] == 'c' ? 0.893 : 0.945});
  for (const char* set : {"near", "any"}) out.push_back({"l2", Pipe::l2, {{"set", set}}, 0.87});
  for (const char* width : {"32", "64", "128"}) out.push_back({"shared", Pipe::shared, {{"bits", width}}, 0.993});
  for (const char* width : {"32", "64", "128"}) out.push_back({"l1", Pipe::l1, {{"bits", width}}, 0.98});
  for (const char* way : {"h2d", "d2h"})
    for (const char* memory : {"pinned", "pageable"})
      out.push_back({"pcie", Pipe::pcie, {{"memory", memory}, {"way", way}}, memory[1] == 'i' ? 0.87 : 0.4});
  return out;
}

double wobble(int seed) { return 1 + 0.002 * std::sin(12.9898 * seed + 78.233); }

Result measured(const theory::DeviceSpec& device, const Planned& what, int seed, double begin_s, double share) {
  Result r;
  r.name = what.name;
  r.pipe = what.pipe;
  r.params = what.params;
  r.unit = theory::unit(what.pipe);
  const bool clocked = theory::clock_domain(what.pipe) != theory::ClockDomain::none;
  const bool tensor = theory::clock_domain(what.pipe) == theory::ClockDomain::tensor;
  const double clock = (tensor ? 0.92 * 1.83e9 : kClock) * wobble(seed + 1);
  r.peak = theory::rated_peak(device, what.pipe);
  r.peak_measured = clocked ? theory::peak(device, what.pipe, clock) : r.peak;
  const double rate = what.issue * share * wobble(seed) * (r.peak_measured ? r.peak_measured->per_second : 1e11);
  r.work_per_launch = std::round(rate * 0.005);
  for (int i = 0; i < 15; ++i)
    r.samples.push_back(
        {0.005 * (1 + 0.0004 * ((i * 7) % 5 - 2)), clock * (1 + 1e-5 * i), false, std::nullopt, 640.0 + i});
  r.summary = summarize(r.samples, StopReason::converged);
  r.achieved_per_s = r.work_per_launch / r.summary.median_s;
  r.efficiency = efficiency(r.achieved_per_s, r.peak, r.peak_measured);
  r.floor =
      Floor{std::floor(100 * what.issue - 3) / 100, "a made-up requirement, below the lowest good published figure"};
  r.losses = losses(r.efficiency, {.power_cap = tensor ? 0.8 : 0.3, .thermal = 0.02},
                    {.overhead_instructions = 0.004, .tail = 0.003, .launch = 0.001});
  r.verification = {.method = "every thread bit for bit against std::fma", .items = 4'325'376, .units = 132};
  r.audit = {.status = "audited",
             .kernel = fmt::format("{}_kernel<8>", what.name),
             .arch = "sm_90a",
             .cubin_sha256 = sha256(what.name),
             .counts = {{"FFMA", 1024}, {"IADD3", 1}, {"BRA", 1}},
             .overhead = 0.002};
  UnitMap map{"sm_clock_hz", {}, {}};
  for (int sm = 0; sm < device.sm_count; ++sm) {
    map.unit.push_back(sm);
    map.value.push_back(clock * (1 + 1e-6 * sm));
  }
  r.unit_maps = {map};
  Telemetry t{.begin_s = begin_s, .end_s = begin_s + 0.8, .count = 16};
  t.min_sm_clock_hz = clock * 0.99;
  t.median_sm_clock_hz = clock;
  t.max_sm_clock_hz = clock * 1.01;
  t.median_power_w = 655;
  t.max_power_w = 702;
  t.max_temperature_c = 61;
  if (tensor) t.reasons = {{"sw_power_cap", 0.82}};
  r.telemetry = t;
  r.verdict = judge(r);
  return r;
}

Health health(double end_s, bool slow) {
  Health h;
  h.source = "NVML 13.580.65.06";
  const std::array<std::pair<const char*, double>, 12> counters = {{{"ecc_corrected_volatile", 3},
                                                                    {"ecc_uncorrected_volatile", 0},
                                                                    {"ecc_uncorrected_aggregate", 0},
                                                                    {"row_remap_corrected", 0},
                                                                    {"row_remap_uncorrected", 0},
                                                                    {"row_remap_pending", 0},
                                                                    {"row_remap_failed", 0},
                                                                    {"pcie_generation", 5},
                                                                    {"pcie_width", 16},
                                                                    {"nvlinks_active", 18},
                                                                    {"nvlink_replay_errors", 0},
                                                                    {"nvlink_crc_errors", 0}}};
  for (const auto& [name, value] : counters) h.counters.push_back({name, "errors", value, value, ""});
  h.counters.push_back({"pcie_replays", "packets", 2.0, slow ? 4181.0 : 2.0, ""});
  h.counters.push_back({"violation_power_s", "s", 1.25, 19.5, ""});
  h.counters.push_back({"retired_pages_pending", "", std::nullopt, std::nullopt, "not supported by this GPU"});
  h.counters.push_back({"recovery_action", "", std::nullopt, std::nullopt, "not supported by this GPU"});
  h.counters.push_back({"ecc_sram_threshold_exceeded", "", std::nullopt, std::nullopt, "no permission"});
  if (slow) h.events.push_back({0.6 * end_s, "xid", 63, "row remapping recorded: reset the GPU at the next chance"});
  constexpr int kPoints = 600;
  for (int i = 0; i < kPoints; ++i) {
    TelemetryPoint p;
    p.at_s = end_s * i / (kPoints - 1);
    const double load = p.at_s < 2 || p.at_s > end_s - 2 ? 0.0 : 1.0;
    const bool capped = load > 0 && std::fmod(p.at_s, 20) > 12;
    p.sm_clock_hz = load == 0 ? 345e6 : (capped ? 1.68e9 : 1.95e9) + 1.5e7 * std::sin(i * 0.7);
    p.power_w = load == 0 ? 75 : (capped ? 699 : 560) + 8 * std::sin(i * 1.3);
    p.temperature_c = 35 + load * 26 * (1 - std::exp(-p.at_s / 15));
    p.clock_reasons = load == 0 ? 0x1U : capped ? 0x4U : 0U;
    if (i > 300 && i < 308) p = {.at_s = p.at_s};  // the source did not answer
    h.timeline.push_back(p);
  }
  return h;
}

Check check(std::string code, std::string id, std::string subject, Status status, std::string message) {
  Check c;
  c.code = std::move(code);
  c.id = std::move(id);
  c.subject = std::move(subject);
  c.status = status;
  c.message = std::move(message);
  return c;
}

std::vector<Check> checks(const Report& report, bool slow) {
  std::vector<Check> out;
  for (const Result& r : report.results) {
    if (!r.floor) continue;
    const std::string subject = row_name(r);
    const bool below = r.verdict == Verdict::below;
    Check c =
        check("PP-1101", "performance.issue", subject, below ? Status::fail : Status::pass,
              fmt::format("E_issue {} %, floor {} %", percent_text(r.efficiency.issue), percent_text(r.floor->issue)));
    c.measured = r.efficiency.issue;
    c.limit = r.floor->issue;
    c.source = r.floor->source;
    c.attempts = below ? 3 : 1;
    c.failed_attempts = below ? 3 : 0;
    out.push_back(c);
    out.push_back(check("PP-3101", "correctness.answer", subject, Status::pass, "every answer right"));
    if (r.name == "dram") {
      Check b = check("PP-1301", "performance.baseline", subject, below ? Status::fail : Status::pass,
                      "against the baseline");
      b.measured = r.efficiency.issue;
      b.limit = r.floor->issue + 0.01;
      b.source = "the baseline";
      out.push_back(b);
    }
  }
  Check warned = check("PP-2101", "clock.power_cap", "wgmma/type:fp16", Status::warn,
                       "the power cap held for 82 % of the time while the limit is the board's default");
  warned.measured = 0.82;
  warned.limit = 0.5;
  warned.required = false;
  out.push_back(warned);
  Check skip =
      check("PP-4105", "health.retired_pages", "retired_pages_pending", Status::skip, "not supported by this GPU");
  skip.required = false;
  out.push_back(skip);
  if (slow) {
    Check replays = check("PP-5101", "links.pcie_replays", "pcie_replays", Status::fail,
                          "4179 packets were sent again, at most 80 may be");
    replays.measured = 4179;
    replays.limit = 80;
    replays.unit = "packets";
    out.push_back(replays);
  }
  return out;
}

constexpr const char* kPolicy = "{ \"name\": \"default\" }";

Acceptance acceptance() {
  Acceptance a;
  a.level = "quick";
  a.policy_name = "default 1";
  a.policy_text = kPolicy;
  a.policy_sha256 = sha256(kPolicy);
  a.baseline_sha256 = sha256("a made-up baseline");
  a.planned_s = 52;
  return a;
}

}  // namespace

Report full_device(int number, bool slow) {
  Report r;
  r.run_id = fmt::format("01936f00-0000-7000-8000-{:012d}", number + 1);
  r.started = "2026-01-02T03:04:05+00:00";
  r.finished = "2026-01-02T03:04:56+00:00";
  r.argv = {"peakproof", "accept", "--level", "quick"};
  r.tool = {"0.1.0", "0123456789ab", "g++ 12.2.0", "Release", {{"cuda_runtime", "13.0"}}};
  r.host = {"lab-node-7.example.org", "Linux 6.1", "Example CPU", 112, 3.2e9, false, {0.5, 0.25, 0.125}};
  r.device.spec = spec();
  r.device.facts = {{"compute_mode", "default"},
                    {"driver", "580.65.06"},
                    {"ecc", "on"},
                    {"mig", "off"},
                    {"pci", fmt::format("0000:{:02x}:00.0", 0x17 + 0x10 * number)},
                    {"persistence", "on"},
                    {"power_limit_default_w", "700"},
                    {"power_limit_w", "700"},
                    {"serial", fmt::format("165432100{:04d}", 3047 + number)},
                    {"uuid", fmt::format("GPU-01234567-89ab-cdef-0123-{:012d}", number)},
                    {"vbios", "96.00.A5.00.01"}};
  int seed = 100 * number;
  double at_s = 2.5;
  for (const Planned& what : planned()) {
    const bool hit = slow && std::string(what.name) == "dram" && what.params.at("pattern") == "read";
    r.results.push_back(measured(r.device.spec, what, ++seed, at_s, hit ? 0.92 : 1));
    r.completeness.planned.push_back(what.name);
    at_s += 1.1;
  }
  Result lacking;
  lacking.name = "tensor_fp4";
  lacking.pipe = theory::Pipe::tensor_fp4;
  lacking.unit = "FLOP/s";
  lacking.summary = summarize({});
  lacking.achieved_per_s = std::nan("");
  lacking.verdict = Verdict::skipped;
  lacking.note = "the device has no FP4 tensor pipe";
  r.results.push_back(lacking);
  r.completeness.planned.emplace_back("tensor_fp4");
  r.duration_s = at_s + 2;
  r.health = health(r.duration_s, slow);
  r.acceptance = acceptance();
  r.checks = checks(r, slow);
  r.exit_code = slow ? exit_rejected : exit_pass;
  r.verdict = verdict_of_exit_code(r.exit_code);
  return r;
}

Report crowded_device() {
  Report r = full_device(3, true);
  const std::string words = "</script><b>a \"long\" text & 'nothing' in it that is short</b> <!-- ";
  std::string text;
  for (int i = 0; i < 12; ++i) text += words;
  const std::vector<Result> once = r.results;
  for (int i = 0; i < 3; ++i)
    for (Result result : once) {
      result.params["data"] = fmt::format("{} {}", i, text);
      result.note = text;
      r.results.push_back(result);
    }
  for (int i = 0; i < 30; ++i)
    r.checks.push_back(check("PP-1101", "performance.issue", text, i % 3 == 0 ? Status::error : Status::fail, text));
  for (auto& [key, value] : r.device.facts) value = text;
  r.device.spec.name = text;
  r.host.name = text;
  r.tool.commit = text;
  r.acceptance->policy_name = text;
  r.device.stand_in = true;
  return r;
}

Report full_node(int devices, bool crowded) {
  Report node;
  for (int i = 0; i < devices; ++i) node.members.push_back(crowded ? crowded_device() : full_device(i, i == 3));
  const Report& first = node.members.front();
  node.scope = Scope::node;
  node.run_id = "01936f00-0000-7000-8000-000000000000";
  node.started = first.started;
  node.finished = first.finished;
  node.argv = first.argv;
  node.tool = first.tool;
  node.host = first.host;
  node.duration_s = first.duration_s;
  node.acceptance = first.acceptance;
  if (devices > 3) {
    Check peer = check("PP-1201", "performance.peer", "dram/bytes:8589934592/pattern:read on gpu:3", Status::fail,
                       "gpu:3 lies 8.1 % below the median of 8 GPUs (robust z -31)");
    peer.measured = -0.081;
    peer.limit = -0.03;
    peer.source = "a made-up requirement";
    node.checks.push_back(peer);
  }
  node.exit_code = devices > 3 ? exit_rejected : exit_pass;
  node.verdict = verdict_of_exit_code(node.exit_code);
  return node;
}

}  // namespace peakproof::reports
