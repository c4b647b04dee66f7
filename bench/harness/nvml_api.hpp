// Our own declarations of the few NVML functions that are used, so that a build needs no nvml.h. The layouts are those
// of the NVML API reference (stable ABI, versioned names); a test holds them against the Python package nvidia-ml-py.
#pragma once

#include <cstdint>

namespace peakproof::bench::nvml_api {

using Device = struct DeviceHandle*;
using Return = int;  ///< 0 is success
inline constexpr Return success = 0;
inline constexpr Return error_insufficient_size = 7;

inline constexpr unsigned clock_sm = 1;
inline constexpr unsigned clock_mem = 2;
inline constexpr unsigned temperature_gpu = 0;
inline constexpr unsigned memory_error_uncorrected = 1;
inline constexpr unsigned ecc_volatile = 0;
inline constexpr unsigned text_bytes = 96;
inline constexpr unsigned policy_power = 0;
inline constexpr unsigned policy_thermal = 1;
inline constexpr unsigned field_power_instant = 186;
inline constexpr unsigned field_nvlink_speed = 90;  ///< NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON, of the active links
inline constexpr unsigned field_c2c_links = 170;    ///< NVML_FI_DEV_C2C_LINK_COUNT
inline constexpr unsigned scope_gpu = 0;
inline constexpr unsigned type_double = 0;
inline constexpr unsigned type_unsigned_int = 1;
inline constexpr unsigned type_unsigned_long = 2;
inline constexpr unsigned type_unsigned_long_long = 3;
inline constexpr unsigned type_signed_long_long = 4;
inline constexpr unsigned type_signed_int = 5;

inline constexpr unsigned nvlink_max_links = 36;
inline constexpr unsigned nvlink_to_gpu = 0;  // nvmlIntNvLinkDeviceType_t
inline constexpr unsigned nvlink_to_switch = 2;
// nvmlNvlinkVersion_t
inline constexpr unsigned nvlink_1_0 = 1;
inline constexpr unsigned nvlink_2_0 = 2;
inline constexpr unsigned nvlink_2_2 = 3;
inline constexpr unsigned nvlink_3_0 = 4;
inline constexpr unsigned nvlink_3_1 = 5;
inline constexpr unsigned nvlink_4_0 = 6;
inline constexpr unsigned nvlink_5_0 = 7;

struct Utilization {
  unsigned gpu;
  unsigned memory;
};

struct ProcessInfo {  // nvmlProcessInfo_v2_t, used by nvmlDeviceGetComputeRunningProcesses_v3
  unsigned pid;
  unsigned long long used_gpu_memory;
  unsigned gpu_instance_id;
  unsigned compute_instance_id;
};

struct FieldValue {  // nvmlFieldValue_t, used by nvmlDeviceGetFieldValues
  unsigned field;
  unsigned scope;
  long long timestamp_us;
  long long latency_us;
  unsigned type;  ///< which of the union's members holds the value
  Return status;
  union {
    double as_double;
    unsigned as_unsigned_int;
    unsigned long long as_unsigned_long_long;
    long long as_signed_long_long;
    int as_signed_int;
  };
};

struct PciInfo {  // nvmlPciInfo_t, used by nvmlDeviceGetNvLinkRemotePciInfo_v2
  char bus_id_legacy[16];
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned pci_device_id;
  unsigned pci_subsystem_id;
  char bus_id[32];
};

struct ViolationTime {
  unsigned long long reference_us;  ///< the CPU's time
  unsigned long long violation_ns;  ///< how long the policy has lowered the clocks since the driver was loaded
};

}  // namespace peakproof::bench::nvml_api
