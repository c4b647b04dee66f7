// The counters and states of a GPU's health, by the functions of the NVML API reference.
#include <array>
#include <utility>

#include "bench/harness/nvml_call.hpp"

namespace peakproof::bench {
namespace {

namespace api = nvml_api;

class Readings {
 public:
  void add(const char* name, const char* unit, const NvmlAnswer<double>& answer) {
    readings_.push_back({.name = name,
                         .unit = unit,
                         .value = answer.ok() ? std::optional(answer.value) : std::nullopt,
                         .why = answer.ok() ? "" : nvml_reason(answer.status)});
  }
  void missing(const char* name, const char* unit, std::string why) {
    readings_.push_back({.name = name, .unit = unit, .value = std::nullopt, .why = std::move(why)});
  }
  [[nodiscard]] std::vector<CounterReading> all() && { return std::move(readings_); }

 private:
  std::vector<CounterReading> readings_;
};

template <class Value>
NvmlAnswer<double> as_number(const NvmlAnswer<Value>& answer) {
  return {.value = static_cast<double>(answer.value), .status = answer.status};
}

void add_ecc(const NvmlCaller& gpu, Readings& readings) {
  using Count = unsigned long long;
  const auto total = [&](const char* name, unsigned error, unsigned since) {
    readings.add(name, "errors", as_number(gpu.ask<Count>("nvmlDeviceGetTotalEccErrors", error, since)));
  };
  const auto at = [&](const char* name, unsigned error, unsigned place) {
    readings.add(name, "errors",
                 as_number(gpu.ask<Count>("nvmlDeviceGetMemoryErrorCounter", error, api::ecc_volatile, place)));
  };
  total("ecc_corrected_volatile", api::memory_error_corrected, api::ecc_volatile);
  total("ecc_uncorrected_volatile", api::memory_error_uncorrected, api::ecc_volatile);
  at("ecc_corrected_dram_volatile", api::memory_error_corrected, api::location_dram);
  at("ecc_uncorrected_dram_volatile", api::memory_error_uncorrected, api::location_dram);
  at("ecc_corrected_sram_volatile", api::memory_error_corrected, api::location_sram);
  at("ecc_uncorrected_sram_volatile", api::memory_error_uncorrected, api::location_sram);
  total("ecc_uncorrected_aggregate", api::memory_error_uncorrected, api::ecc_aggregate);
  api::SramEccStatus sram{};
  sram.version = api::sram_ecc_status_v1;
  const api::Return status = gpu.call("nvmlDeviceGetSramEccErrorStatus", &sram);
  readings.add("ecc_sram_threshold_exceeded", "",
               {.value = sram.threshold_exceeded != 0 ? 1.0 : 0.0, .status = status});
}

void add_rows(const NvmlCaller& gpu, Readings& readings) {
  readings.add("retired_pages_pending", "", as_number(gpu.ask<unsigned>("nvmlDeviceGetRetiredPagesPendingStatus")));
  std::array<unsigned, 4> rows{};  // corrected, uncorrected, pending, failed
  const api::Return status =
      gpu.call("nvmlDeviceGetRemappedRows", rows.data(), rows.data() + 1, rows.data() + 2, rows.data() + 3);
  static constexpr std::array<std::pair<const char*, const char*>, 4> kRows = {{{"row_remap_corrected", "rows"},
                                                                                {"row_remap_uncorrected", "rows"},
                                                                                {"row_remap_pending", ""},
                                                                                {"row_remap_failed", ""}}};
  for (std::size_t i = 0; i < rows.size(); ++i)
    readings.add(kRows.at(i).first, kRows.at(i).second, {.value = static_cast<double>(rows.at(i)), .status = status});
  const auto banks = gpu.ask<api::RowRemapperBanks>("nvmlDeviceGetRowRemapperHistogram");
  readings.add("row_remap_banks_low", "banks", {.value = static_cast<double>(banks.value.low), .status = banks.status});
  readings.add("row_remap_banks_none", "banks",
               {.value = static_cast<double>(banks.value.none), .status = banks.status});
}

void add_pcie(const NvmlCaller& gpu, Readings& readings) {
  const auto add = [&](const char* name, const char* unit, const char* function) {
    readings.add(name, unit, as_number(gpu.ask<unsigned>(function)));
  };
  add("pcie_replays", "packets", "nvmlDeviceGetPcieReplayCounter");
  add("pcie_generation", "", "nvmlDeviceGetCurrPcieLinkGeneration");
  add("pcie_width", "", "nvmlDeviceGetCurrPcieLinkWidth");
  add("pcie_generation_max", "", "nvmlDeviceGetMaxPcieLinkGeneration");
  add("pcie_width_max", "", "nvmlDeviceGetMaxPcieLinkWidth");
}

/// The errors of these kinds, summed over the active links; where the driver counts no link by itself (another interface
/// since Blackwell), its own sums.
NvmlAnswer<double> nvlink_errors(const NvmlCaller& gpu, const std::vector<unsigned>& active,
                                 const std::vector<std::pair<unsigned, unsigned>>& kinds) {
  NvmlAnswer<double> sum{.value = 0, .status = api::success};
  for (const auto& [kind, field] : kinds) {
    NvmlAnswer<double> of_kind{.value = 0, .status = api::success};
    for (const unsigned link : active) {
      const auto errors = gpu.ask<unsigned long long>("nvmlDeviceGetNvLinkErrorCounter", link, kind);
      of_kind.value += static_cast<double>(errors.value);
      if (!errors.ok()) of_kind.status = errors.status;
    }
    if (!of_kind.ok()) {
      if (const auto total = gpu.ask_field(field); total.ok()) of_kind = total;
    }
    sum.value += of_kind.value;
    if (!of_kind.ok()) sum.status = of_kind.status;
  }
  return sum;
}

void add_nvlinks(const NvmlCaller& gpu, Readings& readings) {
  std::vector<unsigned> active;
  int inactive = 0;
  api::Return refused = api::success;  // of a number that no link has, which is how NVML tells their end
  for (unsigned link = 0; link < api::nvlink_max_links; ++link) {
    const auto state = gpu.ask<unsigned>("nvmlDeviceGetNvLinkState", link);
    if (!state.ok())
      refused = state.status;
    else if (state.value != 0)
      active.push_back(link);
    else
      ++inactive;
  }
  const bool known = !active.empty() || inactive > 0;
  const api::Return status = known ? api::success : refused;
  readings.add("nvlinks_active", "links", {.value = static_cast<double>(active.size()), .status = status});
  readings.add("nvlinks_inactive", "links", {.value = static_cast<double>(inactive), .status = status});
  const auto errors = [&](const char* name, const std::vector<std::pair<unsigned, unsigned>>& kinds) {
    if (active.empty())
      readings.missing(name, "errors", known ? "no NVLink is active" : nvml_reason(refused));
    else
      readings.add(name, "errors", nvlink_errors(gpu, active, kinds));
  };
  errors("nvlink_replay_errors", {{api::nvlink_replay, api::field_nvlink_replay}});
  errors("nvlink_recovery_errors", {{api::nvlink_recovery, api::field_nvlink_recovery}});
  errors("nvlink_crc_errors",
         {{api::nvlink_crc_flit, api::field_nvlink_crc_flit}, {api::nvlink_crc_data, api::field_nvlink_crc_data}});
}

void add_violations(const NvmlCaller& gpu, Readings& readings) {
  static constexpr std::array<std::pair<const char*, unsigned>, 6> kPolicies = {{
      {"violation_power_s", api::policy_power},
      {"violation_thermal_s", api::policy_thermal},
      {"violation_sync_boost_s", api::policy_sync_boost},
      {"violation_board_limit_s", api::policy_board_limit},
      {"violation_low_utilization_s", api::policy_low_utilization},
      {"violation_reliability_s", api::policy_reliability},
  }};
  for (const auto& [name, policy] : kPolicies) {
    const auto time = gpu.ask<api::ViolationTime>("nvmlDeviceGetViolationStatus", policy);
    readings.add(name, "s", {.value = 1e-9 * static_cast<double>(time.value.violation_ns), .status = time.status});
  }
}

}  // namespace

std::vector<CounterReading> read_counters(const NvmlCaller& gpu) {
  Readings readings;
  add_ecc(gpu, readings);
  add_rows(gpu, readings);
  add_pcie(gpu, readings);
  add_nvlinks(gpu, readings);
  add_violations(gpu, readings);
  readings.add("recovery_action", "", gpu.ask_field(api::field_recovery_action));
  return std::move(readings).all();
}

}  // namespace peakproof::bench
