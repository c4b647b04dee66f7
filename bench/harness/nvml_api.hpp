// Our own declarations of the few NVML functions that are used, so that a build needs no nvml.h. The layouts are those
// of the NVML API reference (stable ABI, versioned names); a test holds them against the Python package nvidia-ml-py.
#pragma once

#include <cstdint>

namespace peakproof::bench::nvml_api {

using Device = struct DeviceHandle*;
using Return = int;  ///< 0 is success
inline constexpr Return success = 0;
inline constexpr Return error_insufficient_size = 7;
inline constexpr Return error_function_not_found = 13;
inline constexpr Return error_gpu_is_lost = 15;
inline constexpr Return error_unknown = 999;

inline constexpr unsigned clock_sm = 1;
inline constexpr unsigned clock_mem = 2;
inline constexpr unsigned temperature_gpu = 0;
inline constexpr unsigned memory_error_corrected = 0;
inline constexpr unsigned memory_error_uncorrected = 1;
inline constexpr unsigned ecc_volatile = 0;  // nvmlEccCounterType_t: since the driver was loaded, since ever
inline constexpr unsigned ecc_aggregate = 1;
inline constexpr unsigned location_dram = 2;  // nvmlMemoryLocation_t
inline constexpr unsigned location_sram = 7;
inline constexpr unsigned text_bytes = 96;
// nvmlPerfPolicyType_t
inline constexpr unsigned policy_power = 0;
inline constexpr unsigned policy_thermal = 1;
inline constexpr unsigned policy_sync_boost = 2;
inline constexpr unsigned policy_board_limit = 3;
inline constexpr unsigned policy_low_utilization = 4;
inline constexpr unsigned policy_reliability = 5;
inline constexpr unsigned field_power_instant = 186;
inline constexpr unsigned field_nvlink_speed = 90;      ///< NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON, of the active links
inline constexpr unsigned field_c2c_links = 170;        ///< NVML_FI_DEV_C2C_LINK_COUNT
inline constexpr unsigned field_recovery_action = 230;  ///< NVML_FI_DEV_GET_GPU_RECOVERY_ACTION
// Sums over all NVLinks: NVML_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL …
inline constexpr unsigned field_nvlink_crc_flit = 38;
inline constexpr unsigned field_nvlink_crc_data = 45;
inline constexpr unsigned field_nvlink_replay = 52;
inline constexpr unsigned field_nvlink_recovery = 59;
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
// nvmlNvLinkErrorCounter_t
inline constexpr unsigned nvlink_replay = 0;
inline constexpr unsigned nvlink_recovery = 1;
inline constexpr unsigned nvlink_crc_flit = 2;
inline constexpr unsigned nvlink_crc_data = 3;
// nvmlNvlinkVersion_t
inline constexpr unsigned nvlink_1_0 = 1;
inline constexpr unsigned nvlink_2_0 = 2;
inline constexpr unsigned nvlink_2_2 = 3;
inline constexpr unsigned nvlink_3_0 = 4;
inline constexpr unsigned nvlink_3_1 = 5;
inline constexpr unsigned nvlink_4_0 = 6;
inline constexpr unsigned nvlink_5_0 = 7;

// nvmlComputeMode_t
inline constexpr unsigned compute_default = 0;
inline constexpr unsigned compute_prohibited = 2;
inline constexpr unsigned compute_exclusive_process = 3;

// nvmlGpuVirtualizationMode_t
inline constexpr unsigned virtualization_none = 0;
inline constexpr unsigned virtualization_passthrough = 1;
inline constexpr unsigned virtualization_vgpu = 2;
inline constexpr unsigned virtualization_host_vgpu = 3;
inline constexpr unsigned virtualization_host_vsga = 4;

// nvmlEventType…
inline constexpr unsigned long long event_single_bit_ecc = 0x1;
inline constexpr unsigned long long event_double_bit_ecc = 0x2;
inline constexpr unsigned long long event_xid = 0x8;

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

struct SramEccStatus {  // nvmlEccSramErrorStatus_v1_t, used by nvmlDeviceGetSramEccErrorStatus
  unsigned version;
  unsigned long long aggregate_uncorrected_parity;
  unsigned long long aggregate_uncorrected_secded;
  unsigned long long aggregate_corrected;
  unsigned long long volatile_uncorrected_parity;
  unsigned long long volatile_uncorrected_secded;
  unsigned long long volatile_corrected;
  unsigned long long aggregate_uncorrected_of[5];  ///< L2, SM, PCIe, microcontroller, other
  unsigned threshold_exceeded;
};
inline constexpr unsigned sram_ecc_status_v1 = sizeof(SramEccStatus) | (1U << 24U);

struct RowRemapperBanks {  // nvmlRowRemapperHistogramValues_t: how many banks have which share of spare rows left
  unsigned max;
  unsigned high;
  unsigned partial;
  unsigned low;
  unsigned none;
};

struct ConfidentialComputing {  // nvmlConfComputeSystemState_t
  unsigned environment;
  unsigned feature;  ///< 1: enabled
  unsigned developer_tools;
};

using EventSet = struct EventSetHandle*;
struct EventData {  // nvmlEventData_t, used by nvmlEventSetWait_v2
  Device device;
  unsigned long long type;
  unsigned long long data;  ///< of an Xid its number
  unsigned gpu_instance_id;
  unsigned compute_instance_id;
};

struct ViolationTime {
  unsigned long long reference_us;  ///< the CPU's time
  unsigned long long violation_ns;  ///< how long the policy has lowered the clocks since the driver was loaded
};

}  // namespace peakproof::bench::nvml_api
