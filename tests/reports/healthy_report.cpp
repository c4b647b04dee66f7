#include "healthy_report.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "reports/efficiency.hpp"
#include "theory/boards.hpp"
#include "theory/link.hpp"

namespace peakproof::reports {
namespace {

constexpr int kSamples = 15;

const theory::DeviceSpec& h200() {
  static const theory::DeviceSpec kSpec = theory::device_spec(*theory::find_board("H200 SXM").board);
  return kSpec;
}

std::vector<Counter> counters() {
  std::vector<Counter> all;
  constexpr std::array kZero = {
      std::pair{"ecc_corrected_volatile", "errors"},
      std::pair{"ecc_uncorrected_volatile", "errors"},
      std::pair{"ecc_uncorrected_aggregate", "errors"},
      std::pair{"ecc_sram_threshold_exceeded", ""},
      std::pair{"retired_pages_pending", ""},
      std::pair{"row_remap_corrected", "rows"},
      std::pair{"row_remap_uncorrected", "rows"},
      std::pair{"row_remap_pending", ""},
      std::pair{"row_remap_failed", ""},
      std::pair{"row_remap_banks_low", "banks"},
      std::pair{"row_remap_banks_none", "banks"},
      std::pair{"pcie_replays", "packets"},
      std::pair{"nvlink_replay_errors", "errors"},
      std::pair{"nvlink_recovery_errors", "errors"},
      std::pair{"nvlink_crc_errors", "errors"},
      std::pair{"recovery_action", ""},
  };
  for (const auto& [name, unit] : kZero) all.push_back({.name = name, .unit = unit, .before = 0, .after = 0});
  // At rest the link falls to the first generation.
  all.push_back({.name = "pcie_generation", .unit = "", .before = 1, .after = 5});
  all.push_back({.name = "pcie_generation_max", .unit = "", .before = 5, .after = 5});
  all.push_back({.name = "pcie_width", .unit = "", .before = 16, .after = 16});
  all.push_back({.name = "pcie_width_max", .unit = "", .before = 16, .after = 16});
  all.push_back({.name = "nvlinks_active", .unit = "links", .before = 18, .after = 18});
  return all;
}

/// One row after the other, as runs do.
void watch(Report& report) {
  double at = 1;
  for (Result& result : report.results) {
    result.telemetry = Telemetry{.begin_s = at, .end_s = at + 0.5, .count = 16, .reasons = {{"sw_power_cap", 0.0}}};
    report.health->timeline.push_back({.at_s = at, .sm_clock_hz = 1.9e9, .clock_reasons = 0});
    at += 2;
  }
  report.duration_s = at;
}

void plan(Report& report) {
  for (const Result& result : report.results) report.completeness.planned.push_back(result.name);
}

}  // namespace

Result healthy_result(const std::string& name, theory::Pipe pipe, double issue, double clock) {
  const auto& spec = h200();
  Result result{.name = name, .pipe = pipe, .unit = std::string(theory::unit(pipe))};
  result.peak = theory::rated_peak(spec, pipe);
  const double rated = theory::rated_clock_hz(spec, pipe);
  const bool clocked = rated > 0;
  result.peak_measured = clocked ? theory::peak(spec, pipe, clock * rated) : result.peak;
  result.achieved_per_s = issue * result.peak_measured->per_second;
  result.efficiency = efficiency(result.achieved_per_s, result.peak, result.peak_measured);
  result.work_per_launch = 0.005 * result.achieved_per_s;
  for (int i = 0; i < kSamples; ++i)
    result.samples.push_back({.seconds = 0.005 * (1 + 1e-4 * (i % 5 - 2)), .sm_clock_hz = clock * rated});
  result.summary = summarize(result.samples, StopReason::converged);
  result.floor = Floor{0.9, "made up"};
  result.verification = {.method = "made up", .items = 1 << 20};
  result.audit.status = "audited";
  result.verdict = judge(result);
  return result;
}

Report healthy_report(const std::string& uuid) {
  Report report;
  report.device.spec = h200();
  report.device.facts = {{"uuid", uuid},        {"driver", "580.65.06"},  {"ecc", "on"},
                         {"ecc_pending", "on"}, {"mig", "off"},           {"compute_mode", "default"},
                         {"persistence", "on"}, {"power_limit_w", "700"}, {"power_limit_default_w", "700"}};
  report.results = {healthy_result("fp32_fma", theory::Pipe::fp32_fma),
                    healthy_result("fp64_fma", theory::Pipe::fp64_fma),
                    healthy_result("dram", theory::Pipe::dram, 0.96), healthy_result("l1", theory::Pipe::l1),
                    healthy_result("pcie", theory::Pipe::pcie, 0.91)};
  report.results[3].floor.reset();
  report.results[3].verdict = judge(report.results[3]);  // no_theory
  report.results[4].params = {{"direction", "h2d"}};
  report.results[4].audit.status = "not_applicable";
  plan(report);
  report.health = Health{.source = "NVML 13.580.65.06", .counters = counters()};
  watch(report);
  return report;
}

Report healthy_node(int count) {
  Report node;
  node.scope = Scope::node;
  for (int i = 0; i < count; ++i) node.members.push_back(healthy_report("GPU-" + std::to_string(i)));
  return node;
}

Report healthy_cpu() {
  Report report;
  report.device.spec = {.name = "CPU", .kind = theory::DeviceKind::cpu, .microarchitecture = "zen4"};
  report.results = {healthy_result("fp32_fma", theory::Pipe::fp32_fma)};
  report.results[0].audit.status = "not_applicable";
  plan(report);
  return report;
}

Counter& counter_of(Report& report, const std::string& name) {
  for (Counter& counter : report.health->counters)
    if (counter.name == name) return counter;
  throw std::out_of_range(name);
}

}  // namespace peakproof::reports
