// GPUs as NVML would show them, made up.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/nvml.hpp"

namespace peakproof::bench::fakes {

/// One that answers nothing; tests answer what they are about.
struct SilentGpu : NvmlDevice {
  [[nodiscard]] std::vector<CounterReading> counters() const override { return {}; }
  [[nodiscard]] std::map<std::string, std::string> identity() const override { return {}; }
  [[nodiscard]] std::unique_ptr<EventQueue> watch_events(std::string*) const override { return nullptr; }
  [[nodiscard]] std::optional<std::uint64_t> clock_reasons() const override { return {}; }
  [[nodiscard]] std::optional<Violation> power_violation() const override { return {}; }
  [[nodiscard]] std::optional<Violation> thermal_violation() const override { return {}; }
  [[nodiscard]] std::optional<double> sm_clock_hz() const override { return {}; }
  [[nodiscard]] std::optional<double> max_sm_clock_hz() const override { return {}; }
  [[nodiscard]] std::optional<double> max_memory_clock_hz() const override { return {}; }
  [[nodiscard]] std::optional<int> memory_bus_bits() const override { return {}; }
  [[nodiscard]] std::optional<double> power_w() const override { return {}; }
  [[nodiscard]] std::optional<double> power_limit_w() const override { return {}; }
  [[nodiscard]] std::optional<double> default_power_limit_w() const override { return {}; }
  [[nodiscard]] std::optional<int> temperature_c() const override { return {}; }
  [[nodiscard]] std::optional<int> gpu_utilization_percent() const override { return {}; }
  [[nodiscard]] std::optional<int> compute_processes() const override { return {}; }
  [[nodiscard]] std::optional<bool> mig_enabled() const override { return {}; }
  [[nodiscard]] std::optional<bool> ecc_enabled() const override { return {}; }
  [[nodiscard]] std::optional<std::uint64_t> uncorrected_ecc_errors() const override { return {}; }
  [[nodiscard]] std::optional<bool> persistence_mode() const override { return {}; }
  [[nodiscard]] std::optional<theory::PcieLink> pcie_link() const override { return {}; }
  [[nodiscard]] std::optional<theory::PcieLink> best_pcie_link() const override { return {}; }
  [[nodiscard]] std::optional<int> own_pcie_generation() const override { return {}; }
  [[nodiscard]] std::optional<std::uint64_t> pcie_replays() const override { return {}; }
  [[nodiscard]] std::optional<int> c2c_links() const override { return {}; }
  [[nodiscard]] std::vector<NvLink> nvlinks() const override { return {}; }
  [[nodiscard]] std::optional<double> nvlink_bytes_per_second() const override { return {}; }
  [[nodiscard]] std::string vbios() const override { return {}; }
  [[nodiscard]] std::string serial() const override { return {}; }
};

}  // namespace peakproof::bench::fakes
