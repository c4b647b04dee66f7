// What all functions of the played NVML share: handles, status codes, and the calls that block or find the GPU lost.
#pragma once

#include <cstring>
#include <string>

#include "tests/stand_in/settings.hpp"

namespace peakproof::stand_in {

// nvmlReturn_t
inline constexpr int kSuccess = 0;
inline constexpr int kInvalidArgument = 2;
inline constexpr int kNotSupported = 3;
inline constexpr int kNotFound = 6;
inline constexpr int kInsufficientSize = 7;
inline constexpr int kDriverNotLoaded = 9;
inline constexpr int kTimeout = 10;
inline constexpr int kGpuIsLost = 15;

/// A handle points at its device's index.
struct NvmlDevice {
  int index;
};
/// The handle of the index-th device.
[[nodiscard]] NvmlDevice* nvml_device(int index);
[[nodiscard]] inline const Settings& settings_of(const NvmlDevice* device) { return settings_of(device->index); }

/// To be asked first by every function of a device: counts the call, does not return where the settings say so, and tells
/// a GPU that is lost.
[[nodiscard]] int enter(const NvmlDevice* device);

/// Launches of measured kernels in this process so far, and the device's time; 0 where the runtime is not played.
[[nodiscard]] std::int64_t launches();
[[nodiscard]] double device_seconds();

template <class Value>
int give(Value* out, Value value) {
  if (out == nullptr) return kInvalidArgument;
  *out = value;
  return kSuccess;
}
/// The answer of a function of a device: `value` where `supported`.
template <class Value>
int answer(const NvmlDevice* device, Value* out, Value value, bool supported = true) {
  if (const int status = enter(device); status != kSuccess) return status;
  return supported ? give(out, value) : kNotSupported;
}

inline int give_text(char* out, unsigned length, const std::string& text) {
  if (text.size() >= length) return kInsufficientSize;
  std::memcpy(out, text.c_str(), text.size() + 1);
  return kSuccess;
}
inline int answer_text(const NvmlDevice* device, char* out, unsigned length, const std::string& text) {
  const int status = enter(device);
  return status == kSuccess ? give_text(out, length, text) : status;
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
/// In capital letters, as NVML writes them.
[[nodiscard]] PciInfo pci_info(int bus);

}  // namespace peakproof::stand_in
