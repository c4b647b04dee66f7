#include "bench/harness/nvml.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bench/harness/nvml_api.hpp"

namespace peakproof::bench {
namespace {

namespace api = nvml_api;

struct CloseLibrary {
  void operator()(void* library) const noexcept { static_cast<void>(dlclose(library)); }
};
using Library = std::unique_ptr<void, CloseLibrary>;

/// The function of that name in the library, or null.
template <class... Arguments>
auto find(void* library, const char* name, api::Return (*)(Arguments...) = nullptr) {
  return reinterpret_cast<api::Return (*)(Arguments...)>(dlsym(library, name));
}

class LoadedNvml final : public Nvml {
 public:
  explicit LoadedNvml(Library library) : library_(std::move(library)) {}
  LoadedNvml(const LoadedNvml&) = delete;
  LoadedNvml& operator=(const LoadedNvml&) = delete;
  ~LoadedNvml() override {
    if (const auto shutdown = find<>(library_.get(), "nvmlShutdown")) shutdown();
  }
  [[nodiscard]] std::string driver_version() const override {
    std::array<char, api::text_bytes> text{};
    const auto get = find<char*, unsigned>(library_.get(), "nvmlSystemGetDriverVersion");
    return get && get(text.data(), api::text_bytes) == api::success ? text.data() : "";
  }
  [[nodiscard]] std::unique_ptr<NvmlDevice> device_at(const std::string& pci_bus_id) const override;
  [[nodiscard]] void* library() const { return library_.get(); }

 private:
  Library library_;
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
  LoadedDevice(std::shared_ptr<const LoadedNvml> nvml, api::Device device) : nvml_(std::move(nvml)), device_(device) {}

  [[nodiscard]] std::vector<CounterReading> counters() const override { return {}; }
  [[nodiscard]] std::map<std::string, std::string> identity() const override { return {}; }
  [[nodiscard]] std::unique_ptr<EventQueue> watch_events(std::string* /*why*/) const override { return nullptr; }
  [[nodiscard]] std::optional<std::uint64_t> clock_reasons() const override {
    auto reasons = get<unsigned long long>("nvmlDeviceGetCurrentClocksEventReasons");
    if (!reasons) reasons = get<unsigned long long>("nvmlDeviceGetCurrentClocksThrottleReasons");  // before 535
    if (!reasons) return std::nullopt;
    return static_cast<std::uint64_t>(*reasons);
  }
  [[nodiscard]] std::optional<Violation> power_violation() const override { return violation(api::policy_power); }
  [[nodiscard]] std::optional<Violation> thermal_violation() const override { return violation(api::policy_thermal); }
  [[nodiscard]] std::optional<double> sm_clock_hz() const override {
    return hertz(get<unsigned>("nvmlDeviceGetClockInfo", api::clock_sm));
  }
  [[nodiscard]] std::optional<double> max_sm_clock_hz() const override {
    return hertz(get<unsigned>("nvmlDeviceGetMaxClockInfo", api::clock_sm));
  }
  [[nodiscard]] std::optional<double> max_memory_clock_hz() const override {
    return hertz(get<unsigned>("nvmlDeviceGetMaxClockInfo", api::clock_mem));
  }
  [[nodiscard]] std::optional<int> memory_bus_bits() const override {
    return integer(get<unsigned>("nvmlDeviceGetMemoryBusWidth"));
  }
  [[nodiscard]] std::optional<double> power_w() const override {
    if (const auto now = instant_power_w()) return now;
    return watts(get<unsigned>("nvmlDeviceGetPowerUsage"));
  }
  [[nodiscard]] std::optional<double> power_limit_w() const override {
    return watts(get<unsigned>("nvmlDeviceGetEnforcedPowerLimit"));
  }
  [[nodiscard]] std::optional<double> default_power_limit_w() const override {
    return watts(get<unsigned>("nvmlDeviceGetPowerManagementDefaultLimit"));
  }
  [[nodiscard]] std::optional<int> temperature_c() const override {
    return integer(get<unsigned>("nvmlDeviceGetTemperature", api::temperature_gpu));
  }
  [[nodiscard]] std::optional<int> gpu_utilization_percent() const override {
    const auto utilization = get<api::Utilization>("nvmlDeviceGetUtilizationRates");
    if (!utilization) return std::nullopt;
    return static_cast<int>(utilization->gpu);
  }
  [[nodiscard]] std::optional<int> compute_processes() const override {
    const auto call =
        find<api::Device, unsigned*, api::ProcessInfo*>(nvml_->library(), "nvmlDeviceGetComputeRunningProcesses_v3");
    if (!call) return std::nullopt;
    unsigned count = 0;  // asked with no room: answers how many there are
    const api::Return status = call(device_, &count, nullptr);
    if (status != api::success && status != api::error_insufficient_size) return std::nullopt;
    return static_cast<int>(count);
  }
  [[nodiscard]] std::optional<bool> mig_enabled() const override { return first_of_two("nvmlDeviceGetMigMode"); }
  [[nodiscard]] std::optional<bool> ecc_enabled() const override { return first_of_two("nvmlDeviceGetEccMode"); }
  [[nodiscard]] std::optional<std::uint64_t> uncorrected_ecc_errors() const override {
    const auto errors =
        get<unsigned long long>("nvmlDeviceGetTotalEccErrors", api::memory_error_uncorrected, api::ecc_volatile);
    if (!errors) return std::nullopt;
    return static_cast<std::uint64_t>(*errors);
  }
  [[nodiscard]] std::optional<bool> persistence_mode() const override {
    const auto mode = get<unsigned>("nvmlDeviceGetPersistenceMode");
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
    return integer(get<unsigned>("nvmlDeviceGetGpuMaxPcieLinkGeneration"));
  }
  [[nodiscard]] std::optional<std::uint64_t> pcie_replays() const override {
    const auto replays = get<unsigned>("nvmlDeviceGetPcieReplayCounter");
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
      const auto active = get<unsigned>("nvmlDeviceGetNvLinkState", i);
      if (!active || *active == 0) continue;  // NVML refuses the number of a link that there is not
      NvLink found;
      if (const auto version = get<unsigned>("nvmlDeviceGetNvLinkVersion", i))
        found.generation = nvlink_generation(*version);
      const auto end = get<unsigned>("nvmlDeviceGetNvLinkRemoteDeviceType", i);
      found.to_switch = end && *end == api::nvlink_to_switch;
      if (auto remote = get<api::PciInfo>("nvmlDeviceGetNvLinkRemotePciInfo_v2", i)) {
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
  [[nodiscard]] std::string vbios() const override { return text("nvmlDeviceGetVbiosVersion"); }
  [[nodiscard]] std::string serial() const override { return text("nvmlDeviceGetSerial"); }

 private:
  /// Calls `name`(device, arguments…, &value).
  template <class Value, class... Arguments>
  [[nodiscard]] std::optional<Value> get(const char* name, Arguments... arguments) const {
    const auto call = find<api::Device, Arguments..., Value*>(nvml_->library(), name);
    Value value{};
    if (!call || call(device_, arguments..., &value) != api::success) return std::nullopt;
    return value;
  }
  /// What the board draws now. From Ampere on (but for GA100) nvmlDeviceGetPowerUsage is the mean of a second (NVML API
  /// reference), which says little of a launch of milliseconds.
  [[nodiscard]] std::optional<double> instant_power_w() const {
    const auto milliwatts = field(api::field_power_instant);
    return milliwatts ? std::optional(1e-3 * *milliwatts) : std::nullopt;
  }
  [[nodiscard]] std::optional<double> field(unsigned which) const {
    const auto call = find<api::Device, int, api::FieldValue*>(nvml_->library(), "nvmlDeviceGetFieldValues");
    api::FieldValue value{};
    value.field = which;
    value.scope = api::scope_gpu;
    if (!call || call(device_, 1, &value) != api::success || value.status != api::success) return std::nullopt;
    return number(value);
  }
  [[nodiscard]] std::optional<theory::PcieLink> link(const char* generation_name, const char* lanes_name) const {
    const auto generation = get<unsigned>(generation_name);
    const auto lanes = get<unsigned>(lanes_name);
    if (!generation || !lanes) return std::nullopt;
    return theory::PcieLink{static_cast<int>(*generation), static_cast<int>(*lanes)};
  }
  [[nodiscard]] std::optional<Violation> violation(unsigned policy) const {
    const auto time = get<api::ViolationTime>("nvmlDeviceGetViolationStatus", policy);
    if (!time) return std::nullopt;
    return Violation{.at_s = 1e-6 * static_cast<double>(time->reference_us),
                     .lowered_s = 1e-9 * static_cast<double>(time->violation_ns)};
  }
  /// Functions that answer the current and the pending mode.
  [[nodiscard]] std::optional<bool> first_of_two(const char* name) const {
    const auto call = find<api::Device, unsigned*, unsigned*>(nvml_->library(), name);
    unsigned current = 0;
    unsigned pending = 0;
    if (!call || call(device_, &current, &pending) != api::success) return std::nullopt;
    return current != 0;
  }
  [[nodiscard]] std::string text(const char* name) const {
    const auto call = find<api::Device, char*, unsigned>(nvml_->library(), name);
    std::array<char, api::text_bytes> buffer{};
    return call && call(device_, buffer.data(), api::text_bytes) == api::success ? buffer.data() : "";
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

  std::shared_ptr<const LoadedNvml> nvml_;
  api::Device device_;
};

std::unique_ptr<NvmlDevice> LoadedNvml::device_at(const std::string& pci_bus_id) const {
  const auto by_address = find<const char*, api::Device*>(library_.get(), "nvmlDeviceGetHandleByPciBusId_v2");
  api::Device device = nullptr;
  if (!by_address || by_address(pci_bus_id.c_str(), &device) != api::success) return nullptr;
  return std::make_unique<LoadedDevice>(std::static_pointer_cast<const LoadedNvml>(shared_from_this()), device);
}

}  // namespace

std::shared_ptr<Nvml> Nvml::open(std::string* why) {
  const auto fail = [why](std::string reason) -> std::shared_ptr<Nvml> {
    if (why) *why = std::move(reason);
    return nullptr;
  };
  Library library(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL));
  if (!library) return fail("libnvidia-ml.so.1 is not on this machine (it comes with the NVIDIA driver)");
  const auto init = find<>(library.get(), "nvmlInit_v2");
  if (!init) return fail("libnvidia-ml.so.1 has no nvmlInit_v2");
  if (const api::Return status = init(); status != api::success)
    return fail("nvmlInit_v2 failed with NVML error " + std::to_string(status));
  return std::make_shared<LoadedNvml>(std::move(library));
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
