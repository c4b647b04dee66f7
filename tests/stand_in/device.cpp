// What the runtime says about the played device.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/settings.hpp"
#include "tests/stand_in/state.hpp"

namespace peakproof::stand_in {
namespace {

thread_local int chosen_device = 0;

int kilohertz(double mhz) { return static_cast<int>(std::lround(1000 * mhz)); }

bool exists(int device) { return device >= 0 && device < visible_count(); }

/// The attributes that the program asks for; no other one is answered, so that a new one is noticed.
cudaError_t attribute(int* value, cudaDeviceAttr which, int device) {
  const Settings& played = settings_of(physical_index(device));
  switch (which) {
    case cudaDevAttrClockRate:
      *value = kilohertz(played.sm_mhz);
      return cudaSuccess;
    case cudaDevAttrMemoryClockRate:
      *value = kilohertz(played.memory_mhz);
      return cudaSuccess;
    case cudaDevAttrGlobalMemoryBusWidth:
      *value = played.bus_bits;
      return cudaSuccess;
    case cudaDevAttrL2CacheSize:
      *value = static_cast<int>(played.l2_mib << 20);
      return cudaSuccess;
    case cudaDevAttrMultiProcessorCount:
      *value = played.sms;
      return cudaSuccess;
    case cudaDevAttrComputeCapabilityMajor:
      *value = played.cc_major;
      return cudaSuccess;
    case cudaDevAttrComputeCapabilityMinor:
      *value = played.cc_minor;
      return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = architecture().shared_kib * 1024;
      return cudaSuccess;
    default:
      std::fprintf(stderr, "stand-in: the device attribute %d is not played: add it to tests/stand_in/device.cpp\n",
                   static_cast<int>(which));
      return cudaErrorInvalidValue;
  }
}

cudaDeviceProp properties(int device) {
  const int index = physical_index(device);
  const Settings& played = settings_of(index);
  cudaDeviceProp p{};
  std::snprintf(p.name, sizeof p.name, "%s", played.name.c_str());
  const auto uuid = uuid_of(index);
  std::copy(uuid.begin(), uuid.end(), reinterpret_cast<unsigned char*>(p.uuid.bytes));
  p.major = played.cc_major;
  p.minor = played.cc_minor;
  p.multiProcessorCount = played.sms;
  p.totalGlobalMem = static_cast<std::size_t>(played.memory_mib) << 20U;
  p.l2CacheSize = static_cast<int>(played.l2_mib << 20);
  p.memoryBusWidth = played.bus_bits;
  p.sharedMemPerBlock = std::size_t{48} * 1024;
  p.sharedMemPerBlockOptin = static_cast<std::size_t>(architecture().shared_kib) * 1024;
  p.maxThreadsPerBlock = 1024;
  p.maxThreadsPerMultiProcessor = architecture().threads;
  p.warpSize = 32;
  p.pciBusID = pci_bus_of(index);
  return p;
}

}  // namespace

int current_device() { return chosen_device; }

}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
namespace self = peakproof::stand_in;
extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  *count = self::visible_count();
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  if (!self::exists(device)) return self::remember(cudaErrorInvalidDevice);
  self::chosen_device = device;
  self::play_device(self::physical_index(device));
  return self::remember(self::refusal_of_device());
}
cudaError_t cudaGetDevice(int* device) {
  *device = self::chosen_device;
  return self::remember(self::health());
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  if (!self::exists(device)) return self::remember(cudaErrorInvalidDevice);
  *properties = self::properties(device);
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  if (!self::exists(device)) return self::remember(cudaErrorInvalidDevice);
  return self::remember(self::attribute(value, attribute, device));
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = self::settings().driver ? CUDART_VERSION : 0;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  self::wait_for_device();
  return cudaSuccess;
}
cudaError_t cudaDeviceReset() { return cudaDeviceSynchronize(); }
}
// NOLINTEND(readability-identifier-naming)
