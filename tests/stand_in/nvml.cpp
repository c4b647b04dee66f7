// libnvidia-ml.so.1: what the management library says about the played devices. A library of its own, found by the
// folder that the tests put into LD_LIBRARY_PATH. Declarations after the NVML API reference; no nvml.h is needed.
#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/stand_in/nvml_device.hpp"

namespace peakproof::stand_in {
namespace {

constexpr int kMostDevices = 16;

/// What a function of the played runtime says; 0 where it is not loaded.
template <class Value>
Value ask_runtime(const char* name) {
  using Ask = Value (*)();
  const auto ask = reinterpret_cast<Ask>(dlsym(RTLD_DEFAULT, name));
  return ask != nullptr ? ask() : Value{};
}

bool reached(const NvmlMoment& moment, std::int64_t calls) {
  return (moment.call > 0 && calls >= moment.call) || (moment.launch > 0 && launches() >= moment.launch);
}

}  // namespace

NvmlDevice* nvml_device(int index) {
  static std::array<NvmlDevice, kMostDevices> devices;
  NvmlDevice& found = devices.at(static_cast<std::size_t>(index));
  found.index = index;
  return &found;
}

int enter(const NvmlDevice* device) {
  static std::atomic<std::int64_t> calls = 0;
  if (device == nullptr) return kInvalidArgument;
  const std::int64_t call = ++calls;
  const Settings& played = settings_of(device);
  while (reached(played.nvml_hang, call)) pause();
  return reached(played.nvml_lost, call) ? kGpuIsLost : kSuccess;
}

std::int64_t launches() { return ask_runtime<std::int64_t>("peakproof_stand_in_launches"); }
double device_seconds() { return ask_runtime<double>("peakproof_stand_in_seconds"); }

PciInfo pci_info(int bus) {
  PciInfo info{};
  info.bus = static_cast<unsigned>(bus);
  constexpr unsigned h200 = 0x233510de;  // as the PCI ID database has it: 10de:2335
  info.pci_device_id = h200;
  info.pci_subsystem_id = h200;
  std::snprintf(info.bus_id, sizeof info.bus_id, "00000000:%02X:00.0", info.bus);
  return info;
}

}  // namespace peakproof::stand_in

namespace {

namespace self = peakproof::stand_in;
using self::answer;
using self::answer_text;
using self::enter;
using self::give;
using self::kInsufficientSize;
using self::kInvalidArgument;
using self::kNotFound;
using self::kNotSupported;
using self::kSuccess;
using Device = self::NvmlDevice;

// nvmlClockType_t
constexpr int kClockSm = 1;
constexpr int kClockMemory = 2;

constexpr unsigned kMostMilliwatts = 700'000;
constexpr unsigned kLeastMilliwatts = 200'000;

unsigned rounded(double x) { return static_cast<unsigned>(std::lround(x)); }

/// nvmlFieldValue_t
struct FieldValue {
  unsigned field;
  unsigned scope;
  long long timestamp;
  long long latency;
  unsigned type;
  int status;
  union {
    double real;
    unsigned whole;
    unsigned long long wide;
  };
};
constexpr unsigned kPowerInstant = 186;  // NVML_FI_DEV_POWER_INSTANT
constexpr unsigned kUnsignedInt = 1;     // nvmlValueType_t

constexpr unsigned kC2cLinks = 170;        // NVML_FI_DEV_C2C_LINK_COUNT
constexpr unsigned kNvLinkSpeed = 90;      // NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON
constexpr unsigned kRecoveryAction = 230;  // NVML_FI_DEV_GET_GPU_RECOVERY_ACTION

void give_field(const self::Settings& played, FieldValue& value) {
  const bool power = value.field == kPowerInstant && played.watts > 0;
  const bool speed = value.field == kNvLinkSpeed && played.nvlinks > 0 && played.nvlink_mbs > 0;
  const bool c2c = value.field == kC2cLinks && played.c2c_links > 0;
  const bool recovery = value.field == kRecoveryAction;
  value.status = value.scope == 0 && (power || speed || c2c || recovery) ? kSuccess : kNotSupported;
  value.type = kUnsignedInt;
  value.whole = rounded(power      ? 1000 * played.watts
                        : speed    ? played.nvlink_mbs
                        : recovery ? played.recovery_action
                                   : played.c2c_links);
}

/// As the played runtime sees it; a link that it knows nothing of rests.
self::Settings::Link link_now(const Device* device) {
  const auto& played = self::settings_of(device);
  return self::ask_runtime<int>("peakproof_stand_in_link_is_busy") != 0 ? played.pcie : played.pcie_idle;
}
self::Settings::Link best_link(const Device* device) {
  const auto& played = self::settings_of(device);
  return played.pcie_best.generation > 0 ? played.pcie_best : played.pcie;
}

/// A driver that does not tell is played by a generation of 0.
int answer_link(const Device* device, unsigned* out, int value) {
  return answer(device, out, static_cast<unsigned>(value), value > 0);
}

/// A link that the device has, up or down.
bool has_nvlink(const Device* device, unsigned link) {
  return static_cast<int>(link) < self::settings_of(device).nvlinks;
}
bool is_up(const Device* device, unsigned link) {
  return has_nvlink(device, link) && static_cast<int>(link) >= self::settings_of(device).nvlinks_down;
}

/// Functions that answer a current and a pending mode.
int answer_modes(const Device* device, unsigned* current, unsigned* pending, bool now, bool then) {
  const int status = answer(device, current, now ? 1U : 0U);
  return status == kSuccess ? give(pending, then ? 1U : 0U) : status;
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are NVML's
extern "C" {

int nvmlInit_v2() {
  const auto& played = self::settings_of(0);
  if (played.init.nvml != 0) return played.init.nvml;
  return played.nvml && played.driver ? kSuccess : self::kDriverNotLoaded;
}
int nvmlShutdown() { return kSuccess; }
int nvmlSystemGetDriverVersion(char* text, unsigned length) {
  return self::give_text(text, length, "580.00.00-stand-in");
}
/// nvmlConfComputeSystemState_t: environment, feature, developer tools.
int nvmlSystemGetConfComputeState(unsigned* state) {
  constexpr unsigned production = 2;
  const bool on = self::settings_of(0).confidential;
  state[0] = on ? production : 0;
  state[1] = on ? 1 : 0;
  state[2] = 0;
  return kSuccess;
}

int nvmlDeviceGetCount_v2(unsigned* count) {
  return give(count, static_cast<unsigned>(std::min(self::settings_of(0).count, self::kMostDevices)));
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device** found) {
  const int count = self::settings_of(0).count;
  const int wanted = static_cast<int>(index);
  if (wanted >= count) return kInvalidArgument;
  Device* device = self::nvml_device(self::settings_of(0).permuted ? count - 1 - wanted : wanted);
  return answer(device, found, device);
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* address, Device** found) {
  unsigned domain = 0;
  unsigned bus = 0;
  if (std::sscanf(address, "%x:%x:", &domain, &bus) != 2) return kInvalidArgument;
  for (int i = 0; i < self::settings_of(0).count && i < self::kMostDevices; ++i)
    if (domain == 0 && bus == static_cast<unsigned>(self::pci_bus_of(i)))
      return answer(self::nvml_device(i), found, self::nvml_device(i));
  return kNotFound;
}

// What it is

int nvmlDeviceGetUUID(Device* device, char* text, unsigned length) {
  return answer_text(device, text, length, self::uuid_text(device->index));
}
int nvmlDeviceGetSerial(Device* device, char* text, unsigned length) {
  return answer_text(device, text, length, "165000000000" + std::to_string(device->index));
}
int nvmlDeviceGetVbiosVersion(Device* device, char* text, unsigned length) {
  return answer_text(device, text, length, "96.00.STAND.IN");
}
int nvmlDeviceGetInforomImageVersion(Device* device, char* text, unsigned length) {
  return answer_text(device, text, length, "G520.STAND.IN");
}
int nvmlDeviceGetBoardPartNumber(Device* device, char* text, unsigned length) {
  return answer_text(device, text, length, "699-STAND-IN");
}
int nvmlDeviceGetPciInfo_v3(Device* device, self::PciInfo* info) {
  return answer(device, info, self::pci_info(self::pci_bus_of(device->index)));
}
int nvmlDeviceGetMemoryBusWidth(Device* device, unsigned* bits) {
  const auto& played = self::settings_of(device);
  return answer(device, bits, static_cast<unsigned>(played.nvml_bus_bits > 0 ? played.nvml_bus_bits : played.bus_bits));
}

// How it is set up

int nvmlDeviceGetMigMode(Device* device, unsigned* current, unsigned* pending) {
  const bool on = self::settings_of(device).mig;
  return answer_modes(device, current, pending, on, on);
}
int nvmlDeviceGetEccMode(Device* device, unsigned* current, unsigned* pending) {
  const auto& played = self::settings_of(device);
  return answer_modes(device, current, pending, played.ecc, played.ecc_pending);
}
int nvmlDeviceGetPersistenceMode(Device* device, unsigned* mode) {
  return answer(device, mode, self::settings_of(device).persistence ? 1U : 0U);
}
int nvmlDeviceGetComputeMode(Device* device, unsigned* mode) {
  return answer(device, mode, static_cast<unsigned>(self::settings_of(device).compute_mode));
}
int nvmlDeviceGetVirtualizationMode(Device* device, unsigned* mode) {
  return answer(device, mode, static_cast<unsigned>(self::settings_of(device).virtualization));
}
int nvmlDeviceGetEnforcedPowerLimit(Device* device, unsigned* milliwatts) {
  return answer(device, milliwatts, rounded(1000 * self::settings_of(device).power_limit_w));
}
int nvmlDeviceGetPowerManagementDefaultLimit(Device* device, unsigned* milliwatts) {
  return answer(device, milliwatts, kMostMilliwatts);
}
int nvmlDeviceGetPowerManagementLimitConstraints(Device* device, unsigned* least, unsigned* most) {
  const int status = answer(device, least, kLeastMilliwatts);
  return status == kSuccess ? give(most, kMostMilliwatts) : status;
}

// How it does

int nvmlDeviceGetCurrentClocksEventReasons(Device* device, unsigned long long* reasons) {
  const auto& played = self::settings_of(device);
  const bool then = played.clock_reasons_from > 0 && self::launches() >= played.clock_reasons_from;
  return answer(device, reasons,
                static_cast<unsigned long long>(played.clock_reasons | (then ? played.clock_reasons_then : 0)));
}
int nvmlDeviceGetClockInfo(Device* device, int type, unsigned* mhz) {
  const auto& played = self::settings_of(device);
  if (type == kClockSm) return answer(device, mhz, rounded(played.sm_mhz * played.clock));
  if (type == kClockMemory) return answer(device, mhz, rounded(played.memory_mhz));
  return kInvalidArgument;
}
int nvmlDeviceGetMaxClockInfo(Device* device, int type, unsigned* mhz) {
  const auto& played = self::settings_of(device);
  if (type == kClockSm)
    return answer(device, mhz, rounded(played.nvml_sm_mhz > 0 ? played.nvml_sm_mhz : played.sm_mhz));
  if (type == kClockMemory) return answer(device, mhz, rounded(played.memory_mhz));
  return kInvalidArgument;
}
int nvmlDeviceGetApplicationsClock(Device* device, int type, unsigned* mhz) {
  const auto& played = self::settings_of(device);
  if (type == kClockSm)
    return answer(device, mhz, rounded(played.application_mhz > 0 ? played.application_mhz : played.sm_mhz));
  if (type == kClockMemory) return answer(device, mhz, rounded(played.memory_mhz));
  return kInvalidArgument;
}
int nvmlDeviceGetFieldValues(Device* device, int count, FieldValue* values) {
  if (values == nullptr || count < 0) return kInvalidArgument;
  if (const int status = enter(device); status != kSuccess) return status;
  for (int i = 0; i < count; ++i) give_field(self::settings_of(device), values[i]);
  return kSuccess;
}
int nvmlDeviceGetPowerUsage(Device* device, unsigned* milliwatts) {
  const auto& played = self::settings_of(device);
  const double watts = played.average_watts < 0 ? played.watts : played.average_watts;
  return answer(device, milliwatts, rounded(1000 * watts), watts > 0);
}
int nvmlDeviceGetTemperature(Device* device, int /*sensor*/, unsigned* celsius) {
  return answer(device, celsius, static_cast<unsigned>(self::settings_of(device).temperature_c));
}
int nvmlDeviceGetUtilizationRates(Device* device, unsigned* gpu_and_memory) {
  gpu_and_memory[1] = 0;
  return answer(device, gpu_and_memory, static_cast<unsigned>(self::settings_of(device).foreign_load_percent));
}
/// Asked with no room it says how many there are.
int nvmlDeviceGetComputeRunningProcesses_v3(Device* device, unsigned* count, void* /*processes*/) {
  if (const int status = enter(device); status != kSuccess) return status;
  const unsigned running = self::settings_of(device).foreign_load_percent > 0 ? 1 : 0;
  const bool room = *count >= running;
  *count = running;
  return room ? kSuccess : kInsufficientSize;
}

// Its links

int nvmlDeviceGetCurrPcieLinkGeneration(Device* device, unsigned* generation) {
  return answer_link(device, generation, link_now(device).generation);
}
int nvmlDeviceGetCurrPcieLinkWidth(Device* device, unsigned* lanes) {
  return answer_link(device, lanes, link_now(device).lanes);
}
int nvmlDeviceGetMaxPcieLinkGeneration(Device* device, unsigned* generation) {
  return answer_link(device, generation, best_link(device).generation);
}
int nvmlDeviceGetMaxPcieLinkWidth(Device* device, unsigned* lanes) {
  return answer_link(device, lanes, best_link(device).lanes);
}
int nvmlDeviceGetGpuMaxPcieLinkGeneration(Device* device, unsigned* generation) {
  return answer_link(device, generation, self::settings_of(device).pcie_own_generation);
}
int nvmlDeviceGetNvLinkState(Device* device, unsigned link, unsigned* active) {
  return answer(device, active, is_up(device, link) ? 1U : 0U, has_nvlink(device, link));
}
int nvmlDeviceGetNvLinkVersion(Device* device, unsigned link, unsigned* version) {
  return answer(device, version, static_cast<unsigned>(self::settings_of(device).nvlink_version), is_up(device, link));
}
int nvmlDeviceGetNvLinkRemoteDeviceType(Device* device, unsigned link, unsigned* type) {
  constexpr unsigned gpu = 0;
  constexpr unsigned nvswitch = 2;
  return answer(device, type, self::settings_of(device).nvswitch ? nvswitch : gpu, is_up(device, link));
}
/// Without switches the links of a device end at the others in turn.
int nvmlDeviceGetNvLinkRemotePciInfo_v2(Device* device, unsigned link, self::PciInfo* info) {
  const int others = self::settings_of(0).count - 1;
  if (others < 1) return kNotSupported;
  const int other = static_cast<int>(link) % others;
  const int bus = self::settings_of(device).nvswitch ? 1 : self::pci_bus_of(other < device->index ? other : other + 1);
  return answer(device, info, self::pci_info(bus), is_up(device, link));
}
}
// NOLINTEND(readability-identifier-naming)
