"""Holds our own NVML declarations (bench/harness/nvml_api.hpp) against the Python package nvidia-ml-py.

Usage: nvml_layout_test.py COMPILER SOURCE_FOLDER
"""

import ctypes
import pathlib
import subprocess
import sys
import tempfile

import pynvml

PROGRAM = """
#include <cstddef>
#include <cstdio>
#include "bench/harness/nvml_api.hpp"
#include "bench/harness/nvml.hpp"
using namespace peakproof::bench;
using namespace peakproof::bench::nvml_api;
int main() {
  std::printf("utilization %zu %zu\\n", sizeof(Utilization), offsetof(Utilization, memory));
  std::printf("process %zu %zu %zu %zu %zu\\n", sizeof(ProcessInfo), offsetof(ProcessInfo, pid),
              offsetof(ProcessInfo, used_gpu_memory), offsetof(ProcessInfo, gpu_instance_id),
              offsetof(ProcessInfo, compute_instance_id));
  std::printf("violation %zu %zu %u %u %u %u %u %u\\n", sizeof(ViolationTime), offsetof(ViolationTime, violation_ns),
              policy_power, policy_thermal, policy_sync_boost, policy_board_limit, policy_low_utilization,
              policy_reliability);
  std::printf("sram %zu %zu %zu %zu %zu %u\\n", sizeof(SramEccStatus), offsetof(SramEccStatus, aggregate_corrected),
              offsetof(SramEccStatus, volatile_corrected), offsetof(SramEccStatus, aggregate_uncorrected_of),
              offsetof(SramEccStatus, threshold_exceeded), sram_ecc_status_v1);
  std::printf("banks %zu %zu %zu\\n", sizeof(RowRemapperBanks), offsetof(RowRemapperBanks, low),
              offsetof(RowRemapperBanks, none));
  std::printf("confidential %zu %zu\\n", sizeof(ConfidentialComputing), offsetof(ConfidentialComputing, feature));
  std::printf("event %zu %zu %zu %zu %llu %llu %llu\\n", sizeof(EventData), offsetof(EventData, type),
              offsetof(EventData, data), offsetof(EventData, gpu_instance_id), event_single_bit_ecc,
              event_double_bit_ecc, event_xid);
  std::printf("modes %u %u %u %u %u %u %u %u\\n", compute_default, compute_prohibited, compute_exclusive_process,
              virtualization_none, virtualization_passthrough, virtualization_vgpu, virtualization_host_vgpu,
              virtualization_host_vsga);
  std::printf("fields %u %u %u %u %u\\n", field_recovery_action, field_nvlink_crc_flit, field_nvlink_crc_data,
              field_nvlink_replay, field_nvlink_recovery);
  std::printf("nvlink_errors %u %u %u %u\\n", nvlink_replay, nvlink_recovery, nvlink_crc_flit, nvlink_crc_data);
  std::printf("field %zu %zu %zu %zu %zu %zu %zu %zu %u %u\\n", sizeof(FieldValue), offsetof(FieldValue, scope),
              offsetof(FieldValue, timestamp_us), offsetof(FieldValue, latency_us), offsetof(FieldValue, type),
              offsetof(FieldValue, status), offsetof(FieldValue, as_unsigned_int), offsetof(FieldValue, as_double),
              field_power_instant, scope_gpu);
  std::printf("pci %zu %zu %zu %zu\\n", sizeof(PciInfo), offsetof(PciInfo, domain), offsetof(PciInfo, pci_subsystem_id),
              offsetof(PciInfo, bus_id));
  std::printf("c2c %u\\n", field_c2c_links);
  std::printf("nvlink %u %u %u %u %u %u %u %u %u %u %u\\n", field_nvlink_speed, nvlink_max_links, nvlink_to_gpu,
              nvlink_to_switch, nvlink_1_0, nvlink_2_0, nvlink_2_2, nvlink_3_0, nvlink_3_1, nvlink_4_0, nvlink_5_0);
  std::printf("types %u %u %u %u %u %u %zu\\n", type_double, type_unsigned_int, type_unsigned_long,
              type_unsigned_long_long, type_signed_long_long, type_signed_int, sizeof(unsigned long));
  std::printf("constants %d %d %d %d %d %u %u %u %u %u %u %u %u %u\\n", success, error_insufficient_size,
              error_function_not_found, error_gpu_is_lost, error_unknown, clock_sm, clock_mem, temperature_gpu,
              memory_error_corrected, memory_error_uncorrected, ecc_volatile, ecc_aggregate, location_dram,
              location_sram);
  std::printf("reasons %d %d %d %d %d %d %d %d %d\\n", reason_gpu_idle, reason_application_clocks, reason_sw_power_cap,
              reason_hw_slowdown, reason_sync_boost, reason_sw_thermal, reason_hw_thermal, reason_hw_power_brake,
              reason_display_clocks);
}
"""


def ours(compiler: str, source: str) -> dict[str, list[int]]:
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder, "layout.cpp")
        program.write_text(PROGRAM, encoding="utf-8")
        binary = pathlib.Path(folder, "layout")
        subprocess.run([compiler, "-std=c++20", "-I", source, str(program), "-o", str(binary)], check=True)
        lines = subprocess.run([str(binary)], check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0]: [int(x) for x in line.split()[1:]] for line in lines}


def theirs() -> dict[str, list[int]]:
    utilization = pynvml.c_nvmlUtilization_t
    process = pynvml.c_nvmlProcessInfo_v2_t
    field = pynvml.c_nvmlFieldValue_t
    sram = pynvml.c_nvmlEccSramErrorStatus_v1_t
    banks = pynvml.c_nvmlRowRemapperHistogramValues
    confidential = pynvml.c_nvmlConfComputeSystemState_t
    event = pynvml.c_nvmlEventData_t
    return {
        "utilization": [ctypes.sizeof(utilization), utilization.memory.offset],
        "process": [ctypes.sizeof(process), process.pid.offset, process.usedGpuMemory.offset,
                    process.gpuInstanceId.offset, process.computeInstanceId.offset],
        "violation": [ctypes.sizeof(pynvml.c_nvmlViolationTime_t), pynvml.c_nvmlViolationTime_t.violationTime.offset,
                      pynvml.NVML_PERF_POLICY_POWER, pynvml.NVML_PERF_POLICY_THERMAL,
                      pynvml.NVML_PERF_POLICY_SYNC_BOOST, pynvml.NVML_PERF_POLICY_BOARD_LIMIT,
                      pynvml.NVML_PERF_POLICY_LOW_UTILIZATION, pynvml.NVML_PERF_POLICY_RELIABILITY],
        "sram": [ctypes.sizeof(sram), sram.aggregateCor.offset, sram.volatileCor.offset,
                 sram.aggregateUncBucketL2.offset, sram.bThresholdExceeded.offset, pynvml.nvmlEccSramErrorStatus_v1],
        "banks": [ctypes.sizeof(banks), banks.low.offset, banks.none.offset],
        "confidential": [ctypes.sizeof(confidential), confidential.ccFeature.offset],
        "event": [ctypes.sizeof(event), event.eventType.offset, event.eventData.offset, event.gpuInstanceId.offset,
                  pynvml.nvmlEventTypeSingleBitEccError, pynvml.nvmlEventTypeDoubleBitEccError,
                  pynvml.nvmlEventTypeXidCriticalError],
        "modes": [pynvml.NVML_COMPUTEMODE_DEFAULT, pynvml.NVML_COMPUTEMODE_PROHIBITED,
                  pynvml.NVML_COMPUTEMODE_EXCLUSIVE_PROCESS, pynvml.NVML_GPU_VIRTUALIZATION_MODE_NONE,
                  pynvml.NVML_GPU_VIRTUALIZATION_MODE_PASSTHROUGH, pynvml.NVML_GPU_VIRTUALIZATION_MODE_VGPU,
                  pynvml.NVML_GPU_VIRTUALIZATION_MODE_HOST_VGPU, pynvml.NVML_GPU_VIRTUALIZATION_MODE_HOST_VSGA],
        "fields": [pynvml.NVML_FI_DEV_GET_GPU_RECOVERY_ACTION, pynvml.NVML_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL,
                   pynvml.NVML_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL,
                   pynvml.NVML_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL,
                   pynvml.NVML_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL],
        "nvlink_errors": [pynvml.NVML_NVLINK_ERROR_DL_REPLAY, pynvml.NVML_NVLINK_ERROR_DL_RECOVERY,
                          pynvml.NVML_NVLINK_ERROR_DL_CRC_FLIT, pynvml.NVML_NVLINK_ERROR_DL_CRC_DATA],
        "field": [ctypes.sizeof(field), field.scopeId.offset, field.timestamp.offset, field.latencyUsec.offset,
                  field.valueType.offset, field.nvmlReturn.offset,
                  field.value.offset + pynvml.c_nvmlValue_t.uiVal.offset,
                  field.value.offset + pynvml.c_nvmlValue_t.dVal.offset, pynvml.NVML_FI_DEV_POWER_INSTANT,
                  pynvml.NVML_POWER_SCOPE_GPU],
        "pci": [ctypes.sizeof(pynvml.nvmlPciInfo_t), pynvml.nvmlPciInfo_t.domain.offset,
                pynvml.nvmlPciInfo_t.pciSubSystemId.offset, pynvml.nvmlPciInfo_t.busId.offset],
        "c2c": [pynvml.NVML_FI_DEV_C2C_LINK_COUNT],
        "nvlink": [pynvml.NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON, pynvml.NVML_NVLINK_MAX_LINKS,
                   pynvml.NVML_NVLINK_DEVICE_TYPE_GPU, pynvml.NVML_NVLINK_DEVICE_TYPE_SWITCH,
                   pynvml.NVML_NVLINK_VERSION_1_0, pynvml.NVML_NVLINK_VERSION_2_0, pynvml.NVML_NVLINK_VERSION_2_2,
                   pynvml.NVML_NVLINK_VERSION_3_0, pynvml.NVML_NVLINK_VERSION_3_1, pynvml.NVML_NVLINK_VERSION_4_0,
                   pynvml.NVML_NVLINK_VERSION_5_0],
        "types": [pynvml.NVML_VALUE_TYPE_DOUBLE, pynvml.NVML_VALUE_TYPE_UNSIGNED_INT,
                  pynvml.NVML_VALUE_TYPE_UNSIGNED_LONG, pynvml.NVML_VALUE_TYPE_UNSIGNED_LONG_LONG,
                  pynvml.NVML_VALUE_TYPE_SIGNED_LONG_LONG, pynvml.NVML_VALUE_TYPE_SIGNED_INT,
                  pynvml.c_nvmlValue_t.ulVal.size],
        "constants": [pynvml.NVML_SUCCESS, pynvml.NVML_ERROR_INSUFFICIENT_SIZE, pynvml.NVML_ERROR_FUNCTION_NOT_FOUND,
                      pynvml.NVML_ERROR_GPU_IS_LOST, pynvml.NVML_ERROR_UNKNOWN, pynvml.NVML_CLOCK_SM,
                      pynvml.NVML_CLOCK_MEM, pynvml.NVML_TEMPERATURE_GPU, pynvml.NVML_MEMORY_ERROR_TYPE_CORRECTED,
                      pynvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED, pynvml.NVML_VOLATILE_ECC, pynvml.NVML_AGGREGATE_ECC,
                      pynvml.NVML_MEMORY_LOCATION_DRAM, pynvml.NVML_MEMORY_LOCATION_SRAM],
        "reasons": [pynvml.nvmlClocksThrottleReasonGpuIdle, pynvml.nvmlClocksThrottleReasonApplicationsClocksSetting,
                    pynvml.nvmlClocksThrottleReasonSwPowerCap, pynvml.nvmlClocksThrottleReasonHwSlowdown,
                    pynvml.nvmlClocksThrottleReasonSyncBoost, pynvml.nvmlClocksThrottleReasonSwThermalSlowdown,
                    pynvml.nvmlClocksThrottleReasonHwThermalSlowdown,
                    pynvml.nvmlClocksThrottleReasonHwPowerBrakeSlowdown,
                    pynvml.nvmlClocksThrottleReasonDisplayClockSetting],
    }


def main() -> int:
    compiler, source = sys.argv[1:3]
    left, right = ours(compiler, source), theirs()
    for key, value in right.items():
        if left[key] != value:
            print(f"{key}: ours {left[key]}, nvidia-ml-py {value}")
    return 0 if left == right else 1


if __name__ == "__main__":
    sys.exit(main())
