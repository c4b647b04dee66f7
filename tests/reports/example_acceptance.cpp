// Made-up acceptances: of one device with every status of a check in it, and of a node of three devices.
#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "example_report.hpp"
#include "reports/efficiency.hpp"
#include "reports/sha256.hpp"

namespace peakproof::reports {
namespace {

constexpr std::string_view kPolicy = R"({
  // a made-up policy
  "name": "example",
  "rules": []
})";

std::vector<Sample> samples_around(double seconds, std::optional<double> clock_hz) {
  std::vector<Sample> samples;
  for (int i = 0; i < 11; ++i)
    samples.push_back({.seconds = seconds * (1 + 0.0004 * ((i * 7) % 5 - 2)), .sm_clock_hz = clock_hz});
  return samples;
}

Telemetry telemetry(double begin_s, double clock_hz, std::map<std::string, double> reasons) {
  return {.begin_s = begin_s,
          .end_s = begin_s + 2,
          .count = 40,
          .min_sm_clock_hz = clock_hz - 3e7,
          .median_sm_clock_hz = clock_hz,
          .max_sm_clock_hz = clock_hz + 1.5e7,
          .median_power_w = 655,
          .max_power_w = 698.5,
          .max_temperature_c = 71,
          .reasons = std::move(reasons)};
}

/// FP32 FMA at this clock and E_issue, with what a power cap took of the clock.
Result fma(double clock_hz, double issue) {
  constexpr double kPerHz = 100 * 128 * 2;
  constexpr double kRatedHz = 2.0e9;
  const auto at = [&](double hz, const char* clock) {
    return theory::Peak{theory::Pipe::fp32_fma, kPerHz * hz, hz,
                        std::string("100 SMs x 128 results/clk/SM x 2 FLOP x ") + clock, "a made-up table"};
  };
  Result r;
  r.name = "fp32_fma";
  r.params = {{"ilp", "8"}};
  r.pipe = theory::Pipe::fp32_fma;
  r.unit = "FLOP/s";
  r.work_per_launch = 2.4e11;
  r.samples = samples_around(r.work_per_launch / (issue * kPerHz * clock_hz), clock_hz);
  r.summary = summarize(r.samples, StopReason::converged);
  r.achieved_per_s = r.work_per_launch / r.summary.median_s;
  r.peak = at(kRatedHz, "2.000 GHz");
  r.peak_measured = at(clock_hz, "the measured clock");
  r.efficiency = efficiency(r.achieved_per_s, r.peak, r.peak_measured);
  r.floor = Floor{0.95, "a made-up requirement"};
  r.losses = losses(r.efficiency, {.power_cap = 0.9}, {.overhead_instructions = 0.02});
  r.verification = {.method = "every thread bit for bit against std::fma", .items = 204800, .units = 100};
  r.audit = {.status = "audited", .kernel = "fp32_fma_kernel<8>", .arch = "sm_90a"};
  r.unit_maps = {{"sm_clock_hz", {0, 1, 2, 3}, {clock_hz, clock_hz, clock_hz, clock_hz}}};
  r.telemetry = telemetry(1, clock_hz, {{"sw_power_cap", 0.12}});
  r.verdict = judge(r);
  return r;
}

Result memory(std::string pattern, double share) {
  const theory::Peak peak{theory::Pipe::dram, 4.0e12, 0, "5.000 Gb/s per pin x 6400 bit / 8", "a made-up data sheet"};
  Result r;
  r.name = "dram";
  r.params = {{"pattern", std::move(pattern)}};
  r.pipe = theory::Pipe::dram;
  r.unit = "B/s";
  r.work_per_launch = 3.2e10;
  r.samples = samples_around(r.work_per_launch / (share * peak.per_second), 1.97e9);
  r.summary = summarize(r.samples, StopReason::converged);
  r.achieved_per_s = r.work_per_launch / r.summary.median_s;
  r.peak = peak;
  r.peak_measured = peak;
  r.efficiency = efficiency(r.achieved_per_s, r.peak, r.peak_measured);
  r.floor = Floor{0.9, "a made-up requirement"};
  r.losses = losses(r.efficiency, {}, {});
  r.verification = {.method = "every word against its place", .items = 1 << 20};
  r.audit.status = "audited";
  r.telemetry = telemetry(4, 1.97e9, {});
  r.verdict = judge(r);
  return r;
}

/// The copy, too slow in all of its three measurements.
Result slow_copy() {
  Result r = memory("copy", 0.851);
  for (const double share : {0.8523, 0.8498}) {
    const Result before = memory("copy", share);
    r.attempts.push_back({before.achieved_per_s, before.efficiency, before.summary, before.verdict});
  }
  return r;
}

/// Wrong on three SMs.
Result wrong() {
  Result r = fma(1.95e9, 0.97);
  r.name = "tensor_int8";
  r.params.clear();
  r.unit = "OP/s";
  r.pipe = theory::Pipe::tensor_int8;
  for (auto* peak : {&r.peak, &r.peak_measured}) (*peak)->pipe = theory::Pipe::tensor_int8;
  r.verification = {.method = "every element against the host",
                    .items = 1 << 20,
                    .mismatches = 6,
                    .not_numbers = 1,
                    .units = 100,
                    .wrong_units = {{17, 3, 0x00400000, "item 4711: 3fc00000, expected 3f800000"},
                                    {41, 2, 0x00000001, "item 12000: 3f800001, expected 3f800000"},
                                    {99, 1, 0xffffffff, "item 99: 7fc00000, expected 40000000"}}};
  r.verdict = judge(r);
  return r;
}

Result without_figures(std::string name, Verdict verdict, std::string note) {
  Result r;
  r.name = std::move(name);
  r.unit = "FLOP/s";
  r.summary = summarize({});
  r.achieved_per_s = std::numeric_limits<double>::quiet_NaN();
  r.verdict = verdict;
  r.note = std::move(note);
  return r;
}

std::vector<TelemetryPoint> timeline() {
  std::vector<TelemetryPoint> points;
  for (int i = 0; i < 60; ++i) {
    const bool capped = i >= 20 && i < 30;
    points.push_back({.at_s = 0.5 * i,
                      .sm_clock_hz = capped ? 1.92e9 : 1.98e9,
                      .power_w = capped ? 699.0 : 540.0 + 2 * i,
                      .temperature_c = 45 + 0.4 * i,
                      .clock_reasons = capped ? 0x4U : 0x0U});
  }
  points[40] = {.at_s = 20};  // a look that was not answered
  return points;
}

Health health() {
  return {.source = "NVML 13.580.00",
          .counters = {{.name = "ecc_uncorrected_volatile", .unit = "errors", .before = 0, .after = 0},
                       {.name = "ecc_corrected_volatile", .unit = "errors", .before = 2, .after = 5},
                       {.name = "pcie_replays", .unit = "packets", .before = 7, .after = 7},
                       {.name = "row_remap_pending", .unit = "", .why = "not supported by this GPU"}},
          .timeline = timeline()};
}

/// One device with these results, judged by nobody yet.
Report device_of(int index, std::vector<Result> results) {
  const std::string digit = std::to_string(index);
  Report r = example_report();
  r.run_id = "0190aaaa-bbbb-7ccc-8ddd-00000000000" + digit;
  r.argv = {"/home/ada/peakproof/build/peakproof", "accept", "--level", "quick", "--html=/home/ada/out/gpu.html"};
  r.duration_s = 30.25;
  r.device.facts = {{"board_part", "900-00000-0000-000"},
                    {"compute_mode", "default"},
                    {"driver", "580.00.00"},
                    {"ecc", "on"},
                    {"mig", "off"},
                    {"pci", "0000:" + digit + "7:00.0"},
                    {"persistence", "on"},
                    {"power_limit_default_w", "700"},
                    {"serial", "165000000304" + digit},
                    {"uuid", "GPU-01234567-89ab-cdef-0123-456789abcde" + digit},
                    {"vbios", "96.00.00.00.01"}};
  r.results = std::move(results);
  r.completeness = {};
  for (const Result& each : r.results) r.completeness.planned.push_back(each.name);
  r.health = health();
  r.acceptance = Acceptance{.level = "quick",
                            .policy_name = "example",
                            .policy_sha256 = sha256(kPolicy),
                            .policy_text = std::string(kPolicy),
                            .planned_s = 32};
  return r;
}

void conclude(Report& report) {
  report.exit_code = exit_code(report.checks, {});
  for (const Report& member : report.members) report.exit_code = std::max(report.exit_code, member.exit_code);
  report.verdict = verdict_of_exit_code(report.exit_code);
}

Check floor_check(const Result& r, Status status, std::string message) {
  return {.code = "PP-1101",
          .id = "performance.issue",
          .subject = r.name + "/" + r.params.begin()->first + ":" + r.params.begin()->second,
          .status = status,
          .message = std::move(message),
          .measured = r.efficiency.issue,
          .limit = r.floor->issue,
          .source = r.floor->source,
          .attempts = 1 + static_cast<int>(r.attempts.size()),
          .failed_attempts = status == Status::fail ? 1 + static_cast<int>(r.attempts.size()) : 0};
}

Check check(std::string code, std::string id, std::string subject, Status status, std::string message) {
  return {.code = std::move(code),
          .id = std::move(id),
          .subject = std::move(subject),
          .status = status,
          .message = std::move(message)};
}

}  // namespace

Report example_acceptance() {
  Report r = device_of(
      0, {fma(1.95e9, 0.9766), memory("read", 0.932), slow_copy(), wrong(),
          without_figures("sfu", Verdict::error, "launch failed: \"misaligned | address\", see /home/ada/log <b>"),
          without_figures("tensor_fp4", Verdict::skipped, "the device has no FP4 tensor pipe")});
  r.completeness.planned.emplace_back("shuffle");
  r.completeness.missing = {"shuffle"};
  r.acceptance->claim = "nothing beyond its figures: a run of 30 s demonstrates no MTBF";
  r.health->events = {
      {.at_s = 12.5,
       .kind = "xid",
       .number = 31,
       .text = "Xid 31 at 0000:07:00.0: a memory page fault of the application; read /var/log/kern.log"}};
  r.checks = {
      floor_check(r.results[0], Status::pass, "E_issue 97.7 %, at least 95.0 %"),
      floor_check(r.results[1], Status::pass, "E_issue 93.2 %, at least 90.0 %"),
      floor_check(r.results[2], Status::fail, "E_issue 85.1 %, at least 90.0 %; 3 of 3 measurements failed"),
      check("PP-3101", "correctness.answer", "tensor_int8", Status::fail,
            "6 of 1048576 items are wrong, 1 of them no number: SM 17, 41, 99"),
      check("PP-7101", "validity.complete", "shuffle", Status::error, "planned, but without a result"),
      check("PP-7102", "validity.measured", "sfu", Status::error, "launch failed, see /home/ada/log"),
      check("PP-4102", "health.ecc.corrected", "ecc_corrected_volatile", Status::warn,
            "3 more on lab-node-7 (2 before, 5 after)"),
      check("PP-4201", "health.row_remap.pending", "row_remap_pending", Status::skip, "not supported by this GPU"),
      check("PP-4202", "health.row_remap.failed", "row_remap_failed", Status::skip, "not supported by this GPU"),
      check("PP-1401", "performance.baseline", "", Status::skip, "no baseline was given"),
      check("PP-4101", "health.ecc.uncorrected", "ecc_uncorrected_volatile", Status::pass, "0 more"),
  };
  for (Check& each : r.checks) {
    if (each.status == Status::skip || each.status == Status::warn) each.required = false;
    if (each.code == "PP-4102") {
      each.measured = 3;
      each.limit = 1;
      each.unit = "errors";
      each.source = "a made-up limit in /home/ada/policy.json";
    }
  }
  conclude(r);
  return r;
}

Report example_node() {
  std::vector<Report> devices = {device_of(0, {fma(1.95e9, 0.9766), memory("copy", 0.931)}),
                                 device_of(1, {fma(1.90e9, 0.9380), memory("copy", 0.929)}),
                                 device_of(2, {fma(1.98e9, 0.9770), memory("copy", 0.933)})};
  for (Report& device : devices) {
    for (const Result& result : device.results) {
      const bool slow = result.verdict == Verdict::below;
      device.checks.push_back(floor_check(result, slow ? Status::fail : Status::pass,
                                          slow ? "E_issue 93.8 %, at least 95.0 %" : "E_issue is above its floor"));
    }
    device.checks.push_back(
        check("PP-4101", "health.ecc.uncorrected", "ecc_uncorrected_volatile", Status::pass, "0 more"));
    if (device.results[0].verdict == Verdict::below)
      device.checks.push_back(check("PP-1301", "performance.peer.slow", "fp32_fma/ilp:8", Status::fail,
                                    "E_issue 93.8 %, 4.0 % below the median of 3 devices"));
    conclude(device);
  }
  Report r = devices.front();
  r.run_id = "0190aaaa-bbbb-7ccc-8ddd-00000000000a";
  r.scope = Scope::node;
  r.results.clear();
  r.completeness = {};
  r.health.reset();
  r.device = {.spec = {}, .stand_in = true};
  r.duration_s = 93.5;
  r.acceptance->planned_s = 96;
  r.checks = {check("PP-6101", "run.devices", "", Status::pass, "3 of 3 devices"),
              check("PP-6102", "node.alike", "", Status::pass, "the devices are alike")};
  r.members = std::move(devices);
  conclude(r);
  return r;
}

}  // namespace peakproof::reports
