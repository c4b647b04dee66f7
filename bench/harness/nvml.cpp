#include "bench/harness/nvml.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bench/harness/nvml_call.hpp"

namespace peakproof::bench {
namespace {

namespace api = nvml_api;

class LoadedNvml final : public Nvml {
 public:
  explicit LoadedNvml(NvmlLibrary library) : library_(std::move(library)) {}
  LoadedNvml(const LoadedNvml&) = delete;
  LoadedNvml& operator=(const LoadedNvml&) = delete;
  ~LoadedNvml() override {
    if (const auto shutdown = find_nvml<>(library_.get(), "nvmlShutdown")) shutdown();
  }
  [[nodiscard]] std::string driver_version() const override {
    std::array<char, api::text_bytes> text{};
    const auto get = find_nvml<char*, unsigned>(library_.get(), "nvmlSystemGetDriverVersion");
    return get && get(text.data(), api::text_bytes) == api::success ? text.data() : "";
  }
  [[nodiscard]] std::unique_ptr<NvmlDevice> device_at(const std::string& pci_bus_id) const override;
  [[nodiscard]] std::optional<std::vector<std::string>> addresses() const override;

 private:
  NvmlLibrary library_;
};

/// The value in the type that the driver chose for it.
std::optional<double> number(const api::FieldValue& value) {
  switch (value.type) {
    case api::type_double:
      return value.as_double;
    case api::type_unsigned_int:
      return value.as_unsigned_int;
    case api::type_unsigned_long:  // of 64 bits, as on every Linux that CUDA runs on
    case api::type_unsigned_long_long:
      return static_cast<double>(value.as_unsigned_long_long);
    case api::type_signed_long_long:
      return static_cast<double>(value.as_signed_long_long);
    case api::type_signed_int:
      return value.as_signed_int;
    default:
      return std::nullopt;
  }
}

class LoadedDevice final : public NvmlDevice {
 public:
  explicit LoadedDevice(NvmlCaller gpu) : gpu_(std::move(gpu)) {}

  [[nodiscard]] std::vector<CounterReading> counters() const override { return read_counters(gpu_); }
  [[nodiscard]] std::map<std::string, std::string> identity() const override { return read_identity(gpu_); }
  [[nodiscard]] std::unique_ptr<EventQueue> watch_events(std::string* why) const override {
    return open_events(gpu_, why);
  }
  [[nodiscard]] std::optional<std::uint64_t> clock_reasons() const override {
    auto reasons = gpu_.get<unsigned long long>("nvmlDeviceGetCurrentClocksEventReasons");
    if (!reasons) reasons = gpu_.get<unsigned long long>("nvmlDeviceGetCurrentClocksThrottleReasons");  // before 535
    if (!reasons) return std::nullopt;
    return static_cast<std::uint64_t>(*reasons);
  }
  [[nodiscard]] std::optional<Violation> power_violation() const override { return violation(api::policy_power); }
  [[nodiscard]] std::optional<Violation> thermal_violation() const override { return violation(api::policy_thermal); }
  [[nodiscard]] std::optional<double> sm_clock_hz() const override {
    return hertz(gpu_.get<unsigned>("nvmlDeviceGetClockInfo", api::clock_sm));
  }
  [[nodiscard]] std::optional<double> max_sm_clock_hz() const override {
    return hertz(gpu_.get<unsigned>("nvmlDeviceGetMaxClockInfo", api::clock_sm));
  }
  [[nodiscard]] std::optional<double> max_memory_clock_hz() const override {
    return hertz(gpu_.get<unsigned>("nvmlDeviceGetMaxClockInfo", api::clock_mem));
  }
  [[nodiscard]] std::optional<int> memory_bus_bits() const override {
    return integer(gpu_.get<unsigned>("nvmlDeviceGetMemoryBusWidth"));
  }
  [[nodiscard]] std::optional<double> power_w() const override {
    if (const auto now = instant_power_w()) return now;
    return watts(gpu_.get<unsigned>("nvmlDeviceGetPowerUsage"));
  }
  [[nodiscard]] std::optional<double> power_limit_w() const override {
    return watts(gpu_.get<unsigned>("nvmlDeviceGetEnforcedPowerLimit"));
  }
  [[nodiscard]] std::optional<double> default_power_limit_w() const override {
    return watts(gpu_.get<unsigned>("nvmlDeviceGetPowerManagementDefaultLimit"));
  }
  [[nodiscard]] std::optional<int> temperature_c() const override {
    return integer(gpu_.get<unsigned>("nvmlDeviceGetTemperature", api::temperature_gpu));
  }
  [[nodiscard]] std::optional<int> gpu_utilization_percent() const override {
    const auto utilization = gpu_.get<api::Utilization>("nvmlDeviceGetUtilizationRates");
    if (!utilization) return std::nullopt;
    return static_cast<int>(utilization->gpu);
  }
  [[nodiscard]] std::optional<int> compute_processes() const override {
    unsigned count = 0;  // asked with no room: answers how many there are
    api::ProcessInfo* const no_room = nullptr;
    const api::Return status = gpu_.call("nvmlDeviceGetComputeRunningProcesses_v3", &count, no_room);
    if (status != api::success && status != api::error_insufficient_size) return std::nullopt;
    return static_cast<int>(count);
  }
  [[nodiscard]] std::optional<bool> mig_enabled() const override { return current_mode("nvmlDeviceGetMigMode"); }
  [[nodiscard]] std::optional<bool> ecc_enabled() const override { return current_mode("nvmlDeviceGetEccMode"); }
  [[nodiscard]] std::optional<std::uint64_t> uncorrected_ecc_errors() const override {
    const auto errors =
        gpu_.get<unsigned long long>("nvmlDeviceGetTotalEccErrors", api::memory_error_uncorrected, api::ecc_volatile);
    if (!errors) return std::nullopt;
    return static_cast<std::uint64_t>(*errors);
  }
  [[nodiscard]] std::optional<bool> persistence_mode() const override {
    const auto mode = gpu_.get<unsigned>("nvmlDeviceGetPersistenceMode");
    if (!mode) return std::nullopt;
    return *mode != 0;
  }
  [[nodiscard]] std::optional<theory::PcieLink> pcie_link() const override {
    return link("nvmlDeviceGetCurrPcieLinkGeneration", "nvmlDeviceGetCurrPcieLinkWidth");
  }
  [[nodiscard]] std::optional<theory::PcieLink> best_pcie_link() const override {
    return link("nvmlDeviceGetMaxPcieLinkGeneration", "nvmlDeviceGetMaxPcieLinkWidth");
  }
  [[nodiscard]] std::optional<int> own_pcie_generation() const override {
    return integer(gpu_.get<unsigned>("nvmlDeviceGetGpuMaxPcieLinkGeneration"));
  }
  [[nodiscard]] std::optional<std::uint64_t> pcie_replays() const override {
    const auto replays = gpu_.get<unsigned>("nvmlDeviceGetPcieReplayCounter");
    if (!replays) return std::nullopt;
    return *replays;
  }
  [[nodiscard]] std::optional<int> c2c_links() const override {
    const auto links = field(api::field_c2c_links);
    return links ? std::optional(static_cast<int>(*links)) : std::nullopt;
  }
  [[nodiscard]] std::vector<NvLink> nvlinks() const override {
    std::vector<NvLink> links;
    for (unsigned i = 0; i < api::nvlink_max_links; ++i) {
      const auto active = gpu_.get<unsigned>("nvmlDeviceGetNvLinkState", i);
      if (!active || *active == 0) continue;  // NVML refuses the number of a link that there is not
      NvLink found;
      if (const auto version = gpu_.get<unsigned>("nvmlDeviceGetNvLinkVersion", i))
        found.generation = nvlink_generation(*version);
      const auto end = gpu_.get<unsigned>("nvmlDeviceGetNvLinkRemoteDeviceType", i);
      found.to_switch = end && *end == api::nvlink_to_switch;
      if (auto remote = gpu_.get<api::PciInfo>("nvmlDeviceGetNvLinkRemotePciInfo_v2", i)) {
        remote->bus_id[sizeof remote->bus_id - 1] = '\0';
        found.remote_address = remote->bus_id;
      }
      links.push_back(std::move(found));
    }
    return links;
  }
  [[nodiscard]] std::optional<double> nvlink_bytes_per_second() const override {
    constexpr double mega = 1e6;
    const auto speed = field(api::field_nvlink_speed);
    return speed ? std::optional(mega * *speed) : std::nullopt;
  }
  [[nodiscard]] std::string vbios() const override { return gpu_.text("nvmlDeviceGetVbiosVersion"); }
  [[nodiscard]] std::string serial() const override { return gpu_.text("nvmlDeviceGetSerial"); }

 private:
  /// What the board draws now. From Ampere on (but for GA100) nvmlDeviceGetPowerUsage is the mean of a second (NVML API
  /// reference), which says little of a launch of milliseconds.
  [[nodiscard]] std::optional<double> instant_power_w() const {
    const auto milliwatts = field(api::field_power_instant);
    return milliwatts ? std::optional(1e-3 * *milliwatts) : std::nullopt;
  }
  [[nodiscard]] std::optional<double> field(unsigned which) const {
    const auto answer = gpu_.ask_field(which);
    return answer.ok() ? std::optional(answer.value) : std::nullopt;
  }
  [[nodiscard]] std::optional<theory::PcieLink> link(const char* generation_name, const char* lanes_name) const {
    const auto generation = gpu_.get<unsigned>(generation_name);
    const auto lanes = gpu_.get<unsigned>(lanes_name);
    if (!generation || !lanes) return std::nullopt;
    return theory::PcieLink{static_cast<int>(*generation), static_cast<int>(*lanes)};
  }
  [[nodiscard]] std::optional<Violation> violation(unsigned policy) const {
    const auto time = gpu_.get<api::ViolationTime>("nvmlDeviceGetViolationStatus", policy);
    if (!time) return std::nullopt;
    return Violation{.at_s = 1e-6 * static_cast<double>(time->reference_us),
                     .lowered_s = 1e-9 * static_cast<double>(time->violation_ns)};
  }
  /// The current one of a current and a pending mode.
  [[nodiscard]] std::optional<bool> current_mode(const char* name) const {
    const auto modes = gpu_.ask_two(name);
    return modes.ok() ? std::optional(modes.value[0] != 0) : std::nullopt;
  }
  static std::optional<double> hertz(std::optional<unsigned> mhz) {
    if (!mhz) return std::nullopt;
    return 1e6 * *mhz;
  }
  static std::optional<double> watts(std::optional<unsigned> milliwatts) {
    if (!milliwatts) return std::nullopt;
    return 1e-3 * *milliwatts;
  }
  static std::optional<int> integer(std::optional<unsigned> value) {
    if (!value) return std::nullopt;
    return static_cast<int>(*value);
  }

  NvmlCaller gpu_;
};

std::unique_ptr<NvmlDevice> LoadedNvml::device_at(const std::string& pci_bus_id) const {
  const auto by_address = find_nvml<const char*, api::Device*>(library_.get(), "nvmlDeviceGetHandleByPciBusId_v2");
  api::Device device = nullptr;
  if (!by_address || by_address(pci_bus_id.c_str(), &device) != api::success) return nullptr;
  return std::make_unique<LoadedDevice>(NvmlCaller(shared_from_this(), library_.get(), device));
}

std::optional<std::vector<std::string>> LoadedNvml::addresses() const {
  const auto count_them = find_nvml<unsigned*>(library_.get(), "nvmlDeviceGetCount_v2");
  const auto by_index = find_nvml<unsigned, api::Device*>(library_.get(), "nvmlDeviceGetHandleByIndex_v2");
  unsigned count = 0;
  if (!count_them || !by_index || count_them(&count) != api::success) return std::nullopt;
  std::vector<std::string> addresses;
  for (unsigned i = 0; i < count; ++i) {
    api::Device device = nullptr;
    api::Return status = by_index(i, &device);
    if (status == api::success) {
      const auto pci =
          NvmlCaller(shared_from_this(), library_.get(), device).ask<api::PciInfo>("nvmlDeviceGetPciInfo_v3");
      status = pci.status;
      if (pci.ok()) addresses.push_back(pci_address(pci.value));
    }
    if (status != api::success) addresses.push_back(fmt::format("index {} ({})", i, nvml_reason(status)));
  }
  return addresses;
}

}  // namespace

std::string pci_address(const api::PciInfo& pci) {
  return fmt::format("{:08x}:{:02x}:{:02x}.0", pci.domain, pci.bus, pci.device);
}

NvmlAnswer<double> NvmlCaller::ask_field(unsigned which) const {
  api::FieldValue value{};
  value.field = which;
  value.scope = api::scope_gpu;
  if (const api::Return status = call("nvmlDeviceGetFieldValues", 1, &value); status != api::success)
    return {.status = status};
  if (value.status != api::success) return {.status = value.status};
  const auto found = number(value);
  return found ? NvmlAnswer<double>{.value = *found, .status = api::success}
               : NvmlAnswer<double>{.status = api::error_unknown};
}

std::shared_ptr<Nvml> Nvml::open(std::string* why) {
  const auto fail = [why](std::string reason) -> std::shared_ptr<Nvml> {
    if (why) *why = std::move(reason);
    return nullptr;
  };
  NvmlLibrary library(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL));
  if (!library) return fail("libnvidia-ml.so.1 is not on this machine (it comes with the NVIDIA driver)");
  const auto init = find_nvml<>(library.get(), "nvmlInit_v2");
  if (!init) return fail("libnvidia-ml.so.1 has no nvmlInit_v2");
  if (const api::Return status = init(); status != api::success)
    return fail("nvmlInit_v2 failed: " + nvml_reason(status));
  return std::make_shared<LoadedNvml>(std::move(library));
}

std::string nvml_reason(int status) {
  // nvmlReturn_t, as the NVML API reference describes it
  static constexpr std::array<std::pair<int, const char*>, 14> kReasons = {{
      {2, "NVML takes an argument for invalid"},
      {3, "not supported by this GPU"},
      {4, "no permission"},
      {6, "not found"},
      {9, "the NVIDIA driver is not loaded"},
      {10, "NVML gave up waiting"},
      {api::error_function_not_found, "not known to this driver"},
      {14, "the infoROM is corrupted"},
      {api::error_gpu_is_lost, "GPU is lost"},
      {16, "the GPU needs a reset"},
      {17, "the GPU control device has been blocked by the operating system"},
      {18, "driver and library differ in version: reload the kernel module or reboot"},
      {25, "not in the version that this driver knows"},
      {28, "the GPU is not on the bus"},
  }};
  for (const auto& [number, reason] : kReasons)
    if (number == status) return reason;
  return "NVML error " + std::to_string(status);
}

int nvlink_generation(unsigned version) {
  switch (version) {
    case api::nvlink_1_0:
      return 1;
    case api::nvlink_2_0:
    case api::nvlink_2_2:
      return 2;
    case api::nvlink_3_0:
    case api::nvlink_3_1:
      return 3;
    case api::nvlink_4_0:
      return 4;
    case api::nvlink_5_0:
      return 5;
    default:
      return 0;
  }
}

double violated_share(const Violation& begin, const Violation& end) {
  const double passed = end.at_s - begin.at_s;
  return passed > 0 ? std::clamp((end.lowered_s - begin.lowered_s) / passed, 0.0, 1.0) : 0.0;
}

std::string describe_clock_reasons(std::uint64_t reasons) {
  static constexpr std::array<std::pair<std::uint64_t, const char*>, 9> kNames = {{
      {reason_gpu_idle, "idle"},
      {reason_application_clocks, "application clocks"},
      {reason_sw_power_cap, "SW power cap"},
      {reason_hw_slowdown, "HW slowdown"},
      {reason_sync_boost, "sync boost"},
      {reason_sw_thermal, "SW thermal slowdown"},
      {reason_hw_thermal, "HW thermal slowdown"},
      {reason_hw_power_brake, "HW power brake"},
      {reason_display_clocks, "display clocks"},
  }};
  std::string text;
  for (const auto& [bit, what] : kNames) {
    if ((reasons & bit) == 0) continue;
    if (!text.empty()) text += ", ";
    text += what;
  }
  return text.empty() ? "none" : text;
}

}  // namespace peakproof::bench
