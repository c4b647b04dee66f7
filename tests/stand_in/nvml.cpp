// libnvidia-ml.so.1: what the management library says about the played device. A library of its own, found by the
// folder that the tests put into LD_LIBRARY_PATH. Declarations after the NVML API reference; no nvml.h is needed.
#include <dlfcn.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/stand_in/settings.hpp"

namespace {

namespace self = peakproof::stand_in;

// nvmlReturn_t
constexpr int kSuccess = 0;
constexpr int kInvalidArgument = 2;
constexpr int kNotSupported = 3;
constexpr int kNotFound = 6;
constexpr int kInsufficientSize = 7;
constexpr int kDriverNotLoaded = 9;

// nvmlClockType_t
constexpr int kClockSm = 1;
constexpr int kClockMemory = 2;

constexpr unsigned kPowerLimitMilliwatts = 700'000;
constexpr unsigned kCelsius = 46;
constexpr int kMostDevices = 16;

/// A handle points at its device's index.
struct Device {
  int index;
};
Device* device(int index) {
  static std::array<Device, kMostDevices> devices;
  Device& found = devices.at(static_cast<std::size_t>(index));
  found.index = index;
  return &found;
}

template <class Value>
int give(Value* out, Value value) {
  if (out == nullptr) return kInvalidArgument;
  *out = value;
  return kSuccess;
}

int give_text(char* out, unsigned length, const std::string& text) {
  if (text.size() >= length) return kInsufficientSize;
  std::memcpy(out, text.c_str(), text.size() + 1);
  return kSuccess;
}

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

constexpr unsigned kC2cLinks = 170;    // NVML_FI_DEV_C2C_LINK_COUNT
constexpr unsigned kNvLinkSpeed = 90;  // NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON

void give_field(FieldValue& value) {
  const auto& played = self::settings();
  const bool power = value.field == kPowerInstant && played.watts > 0;
  const bool speed = value.field == kNvLinkSpeed && played.nvlinks > 0 && played.nvlink_mbs > 0;
  const bool c2c = value.field == kC2cLinks && played.c2c_links > 0;
  value.status = value.scope == 0 && (power || speed || c2c) ? kSuccess : kNotSupported;
  value.type = kUnsignedInt;
  value.whole = rounded(power ? 1000 * played.watts : speed ? played.nvlink_mbs : played.c2c_links);
}

/// nvmlPciInfo_t
struct PciInfo {
  char legacy[16];
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned pci_device_id;
  unsigned pci_subsystem_id;
  char bus_id[32];
};

/// As the played runtime sees it; a link that it knows nothing of rests.
self::Settings::Link link_now() {
  using Ask = int (*)();
  const auto ask = reinterpret_cast<Ask>(dlsym(RTLD_DEFAULT, "peakproof_stand_in_link_is_busy"));
  return ask != nullptr && ask() != 0 ? self::settings().pcie : self::settings().pcie_idle;
}
self::Settings::Link best_link() {
  const auto& played = self::settings();
  return played.pcie_best.generation > 0 ? played.pcie_best : played.pcie;
}

/// A driver that does not tell is played by a generation of 0.
int give_link(unsigned* out, int value) { return value > 0 ? give(out, static_cast<unsigned>(value)) : kNotSupported; }

bool is_nvlink(unsigned link) { return static_cast<int>(link) < self::settings().nvlinks; }

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are NVML's
extern "C" {

int nvmlInit_v2() { return self::settings().nvml && self::settings().driver ? kSuccess : kDriverNotLoaded; }
int nvmlShutdown() { return kSuccess; }
int nvmlSystemGetDriverVersion(char* text, unsigned length) { return give_text(text, length, "580.00.00-stand-in"); }

int nvmlDeviceGetHandleByPciBusId_v2(const char* address, Device** found) {
  unsigned domain = 0;
  unsigned bus = 0;
  if (std::sscanf(address, "%x:%x:", &domain, &bus) != 2) return kInvalidArgument;
  for (int i = 0; i < self::settings().count && i < kMostDevices; ++i)
    if (domain == 0 && bus == static_cast<unsigned>(self::pci_bus_of(i))) return give(found, device(i));
  return kNotFound;
}

int nvmlDeviceGetCurrentClocksEventReasons(Device* /*device*/, unsigned long long* reasons) {
  return give(reasons, static_cast<unsigned long long>(self::settings().clock_reasons));
}
int nvmlDeviceGetClockInfo(Device* /*device*/, int type, unsigned* mhz) {
  const auto& played = self::settings();
  if (type == kClockSm) return give(mhz, rounded(played.sm_mhz * played.clock));
  if (type == kClockMemory) return give(mhz, rounded(played.memory_mhz));
  return kInvalidArgument;
}
int nvmlDeviceGetMaxClockInfo(Device* /*device*/, int type, unsigned* mhz) {
  const auto& played = self::settings();
  if (type == kClockSm) return give(mhz, rounded(played.nvml_sm_mhz > 0 ? played.nvml_sm_mhz : played.sm_mhz));
  if (type == kClockMemory) return give(mhz, rounded(played.memory_mhz));
  return kInvalidArgument;
}
int nvmlDeviceGetMemoryBusWidth(Device* /*device*/, unsigned* bits) {
  const auto& played = self::settings();
  return give(bits, static_cast<unsigned>(played.nvml_bus_bits > 0 ? played.nvml_bus_bits : played.bus_bits));
}

int nvmlDeviceGetFieldValues(Device* /*device*/, int count, FieldValue* values) {
  if (values == nullptr || count < 0) return kInvalidArgument;
  for (int i = 0; i < count; ++i) give_field(values[i]);
  return kSuccess;
}
int nvmlDeviceGetPowerUsage(Device* /*device*/, unsigned* milliwatts) {
  const auto& played = self::settings();
  const double watts = played.average_watts < 0 ? played.watts : played.average_watts;
  return watts > 0 ? give(milliwatts, rounded(1000 * watts)) : kNotSupported;
}
int nvmlDeviceGetEnforcedPowerLimit(Device* /*device*/, unsigned* milliwatts) {
  return give(milliwatts, kPowerLimitMilliwatts);
}
int nvmlDeviceGetPowerManagementDefaultLimit(Device* /*device*/, unsigned* milliwatts) {
  return give(milliwatts, kPowerLimitMilliwatts);
}
int nvmlDeviceGetTemperature(Device* /*device*/, int /*sensor*/, unsigned* celsius) { return give(celsius, kCelsius); }

int nvmlDeviceGetUtilizationRates(Device* /*device*/, unsigned* gpu_and_memory) {
  gpu_and_memory[0] = static_cast<unsigned>(self::settings().foreign_load_percent);
  gpu_and_memory[1] = 0;
  return kSuccess;
}
/// Asked with no room it says how many there are.
int nvmlDeviceGetComputeRunningProcesses_v3(Device* /*device*/, unsigned* count, void* /*processes*/) {
  const unsigned running = self::settings().foreign_load_percent > 0 ? 1 : 0;
  const bool room = *count >= running;
  *count = running;
  return room ? kSuccess : kInsufficientSize;
}

int nvmlDeviceGetCurrPcieLinkGeneration(Device* /*device*/, unsigned* generation) {
  return give_link(generation, link_now().generation);
}
int nvmlDeviceGetCurrPcieLinkWidth(Device* /*device*/, unsigned* lanes) { return give_link(lanes, link_now().lanes); }
int nvmlDeviceGetMaxPcieLinkGeneration(Device* /*device*/, unsigned* generation) {
  return give_link(generation, best_link().generation);
}
int nvmlDeviceGetMaxPcieLinkWidth(Device* /*device*/, unsigned* lanes) { return give_link(lanes, best_link().lanes); }
int nvmlDeviceGetGpuMaxPcieLinkGeneration(Device* /*device*/, unsigned* generation) {
  return give_link(generation, self::settings().pcie_own_generation);
}
int nvmlDeviceGetPcieReplayCounter(Device* /*device*/, unsigned* replays) {
  static std::atomic<bool> asked = false;
  return give(replays, static_cast<unsigned>(asked.exchange(true) ? self::settings().pcie_replays : 0));
}

int nvmlDeviceGetNvLinkState(Device* /*device*/, unsigned link, unsigned* active) {
  return is_nvlink(link) ? give(active, 1U) : kNotSupported;
}
int nvmlDeviceGetNvLinkVersion(Device* /*device*/, unsigned link, unsigned* version) {
  return is_nvlink(link) ? give(version, static_cast<unsigned>(self::settings().nvlink_version)) : kNotSupported;
}
int nvmlDeviceGetNvLinkRemoteDeviceType(Device* /*device*/, unsigned link, unsigned* type) {
  constexpr unsigned gpu = 0;
  constexpr unsigned nvswitch = 2;
  return is_nvlink(link) ? give(type, self::settings().nvswitch ? nvswitch : gpu) : kNotSupported;
}
/// Without switches the links of a device end at the others in turn, in capital letters as NVML writes them.
int nvmlDeviceGetNvLinkRemotePciInfo_v2(Device* device, unsigned link, PciInfo* info) {
  const int others = self::settings().count - 1;
  if (!is_nvlink(link) || others < 1) return kNotSupported;
  const int other = static_cast<int>(link) % others;
  const int bus = self::settings().nvswitch ? 1 : self::pci_bus_of(other < device->index ? other : other + 1);
  *info = {};
  info->bus = static_cast<unsigned>(bus);
  std::snprintf(info->bus_id, sizeof info->bus_id, "00000000:%02X:00.0", static_cast<unsigned>(bus));
  return kSuccess;
}

int nvmlDeviceGetMigMode(Device* /*device*/, unsigned* current, unsigned* pending) {
  *current = *pending = self::settings().mig ? 1 : 0;
  return kSuccess;
}
int nvmlDeviceGetEccMode(Device* /*device*/, unsigned* current, unsigned* pending) {
  *current = *pending = 1;
  return kSuccess;
}
int nvmlDeviceGetTotalEccErrors(Device* /*device*/, int /*type*/, int /*counter*/, unsigned long long* errors) {
  static std::atomic<bool> asked = false;
  const int now = asked.exchange(true) ? self::settings().ecc_errors : 0;
  return give(errors, static_cast<unsigned long long>(now));
}
int nvmlDeviceGetPersistenceMode(Device* /*device*/, unsigned* mode) { return give(mode, 1U); }
int nvmlDeviceGetVbiosVersion(Device* /*device*/, char* text, unsigned length) {
  return give_text(text, length, "96.00.STAND.IN");
}
int nvmlDeviceGetSerial(Device* device, char* text, unsigned length) {
  return give_text(text, length, "165000000000" + std::to_string(device->index));
}
}
// NOLINTEND(readability-identifier-naming)
