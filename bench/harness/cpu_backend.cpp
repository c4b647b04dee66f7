#include "bench/harness/cpu_backend.hpp"

#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "reports/sample.hpp"

namespace peakproof::bench {

CpuBackend::CpuBackend()
    : device_(query_cpu()),
      pool_(device_.cpus),
      timer_(pool_),
      timer_adapter_(timer_),
      description_{.spec = device_.spec, .facts = device_.facts},
      overhead_(measure_overhead()) {
  auto& facts = description_.facts;
  facts["overhead_launch_s"] = fmt::format("{:.3g}", overhead_.launch_s);
  facts["overhead_sampler_s"] = fmt::format("{:.3g}", overhead_.sampler_s);
}

reports::Audit CpuBackend::audit(const std::string& /*kernel*/) const {
  return {.status = "not_applicable", .note = "a CPU kernel: its machine code is not audited"};
}

reports::UnitMap CpuBackend::unit_clocks() const {
  return {.quantity = "core_clock_hz", .unit = timer_.cores(), .value = timer_.core_clocks_hz()};
}

std::string CpuBackend::note_end_of_run(reports::Device& description) {
  int samples = 0;
  for (const auto& [reason, times] : timer_.reasons()) samples += times;
  if (samples > 0)
    description.facts["contaminated"] =
        fmt::format("{} samples, such as: {}", samples, timer_.reasons().begin()->first);
  return {};
}

Overhead CpuBackend::measure_overhead() {
  constexpr int kTurns = 11;
  using std::chrono::steady_clock;
  std::vector<double> launch;
  std::vector<double> turn;
  for (int i = 0; i < kTurns; ++i) {
    const auto begin = steady_clock::now();
    timer_.prepare();
    timer_.start();
    pool_.run([](int) {});
    timer_.stop();
    launch.push_back(timer_.sample().seconds);
    turn.push_back(std::chrono::duration<double>(steady_clock::now() - begin).count());
  }
  const double launch_s = reports::quantile(launch, 0.5);
  return {.launch_s = launch_s, .timer_s = 0, .sampler_s = reports::quantile(turn, 0.5) - launch_s};
}

}  // namespace peakproof::bench
