// What identifies a board and how it is set up, by the functions of the NVML API reference.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "bench/harness/nvml_call.hpp"

namespace peakproof::bench {
namespace {

namespace api = nvml_api;
using Facts = std::map<std::string, std::string>;

const char* on_or_off(unsigned mode) { return mode != 0 ? "on" : "off"; }

void add_texts(const NvmlCaller& gpu, Facts& facts) {
  static constexpr std::array<std::pair<const char*, const char*>, 5> kTexts = {{
      {"uuid", "nvmlDeviceGetUUID"},
      {"serial", "nvmlDeviceGetSerial"},
      {"vbios", "nvmlDeviceGetVbiosVersion"},
      {"inforom", "nvmlDeviceGetInforomImageVersion"},
      {"board_part", "nvmlDeviceGetBoardPartNumber"},
  }};
  for (const auto& [fact, function] : kTexts)
    if (std::string text = gpu.text(function); !text.empty()) facts[fact] = std::move(text);
}

void add_pci(const NvmlCaller& gpu, Facts& facts) {
  const auto pci = gpu.get<api::PciInfo>("nvmlDeviceGetPciInfo_v3");
  if (!pci) return;
  facts["pci"] = pci_address(*pci);
  facts["pci_device_id"] = fmt::format("{:08x}", pci->pci_device_id);
  facts["pci_subsystem_id"] = fmt::format("{:08x}", pci->pci_subsystem_id);
}

void add_power(const NvmlCaller& gpu, Facts& facts) {
  const auto add = [&facts](const char* fact, unsigned milliwatts) {
    facts[fact] = fmt::format("{:g}", 1e-3 * milliwatts);
  };
  if (const auto limit = gpu.get<unsigned>("nvmlDeviceGetEnforcedPowerLimit")) add("power_limit_w", *limit);
  if (const auto limit = gpu.get<unsigned>("nvmlDeviceGetPowerManagementDefaultLimit"))
    add("power_limit_default_w", *limit);
  if (const auto limits = gpu.ask_two("nvmlDeviceGetPowerManagementLimitConstraints"); limits.ok()) {
    add("power_limit_min_w", limits.value[0]);
    add("power_limit_max_w", limits.value[1]);
  }
}

/// The name of a number in NVML's table, or the number itself.
template <std::size_t size>
std::string name_of(unsigned number, const std::array<const char*, size>& names) {
  return number < size && names.at(number) ? names.at(number) : std::to_string(number);
}

void add_modes(const NvmlCaller& gpu, Facts& facts) {
  if (const auto ecc = gpu.ask_two("nvmlDeviceGetEccMode"); ecc.ok()) {
    facts["ecc"] = on_or_off(ecc.value[0]);
    facts["ecc_pending"] = on_or_off(ecc.value[1]);
  }
  if (const auto mig = gpu.ask_two("nvmlDeviceGetMigMode"); mig.ok()) facts["mig"] = on_or_off(mig.value[0]);
  if (const auto mode = gpu.get<unsigned>("nvmlDeviceGetPersistenceMode")) facts["persistence"] = on_or_off(*mode);
  // nvmlComputeMode_t; 1, exclusive thread, is no longer supported
  static constexpr std::array<const char*, 4> kComputeModes = {"default", nullptr, "prohibited", "exclusive_process"};
  if (const auto mode = gpu.get<unsigned>("nvmlDeviceGetComputeMode"))
    facts["compute_mode"] = name_of(*mode, kComputeModes);
  // nvmlGpuVirtualizationMode_t
  static constexpr std::array<const char*, 5> kVirtual = {"none", "passthrough", "vgpu", "host_vgpu", "host_vsga"};
  if (const auto mode = gpu.get<unsigned>("nvmlDeviceGetVirtualizationMode"))
    facts["virtualization"] = name_of(*mode, kVirtual);
  const auto state = find_nvml<api::ConfidentialComputing*>(gpu.library(), "nvmlSystemGetConfComputeState");
  if (api::ConfidentialComputing confidential{}; state && state(&confidential) == api::success)
    facts["confidential_computing"] = on_or_off(confidential.feature);
}

void add_clocks(const NvmlCaller& gpu, Facts& facts) {
  if (const auto mhz = gpu.get<unsigned>("nvmlDeviceGetMaxClockInfo", api::clock_sm))
    facts["clock_sm_max_mhz"] = std::to_string(*mhz);
  if (const auto mhz = gpu.get<unsigned>("nvmlDeviceGetApplicationsClock", api::clock_sm))
    facts["clock_sm_application_mhz"] = std::to_string(*mhz);
}

}  // namespace

Facts read_identity(const NvmlCaller& gpu) {
  Facts facts;
  add_texts(gpu, facts);
  add_pci(gpu, facts);
  add_power(gpu, facts);
  add_modes(gpu, facts);
  add_clocks(gpu, facts);
  return facts;
}

}  // namespace peakproof::bench
