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
  std::printf("violation %zu %zu %u %u\\n", sizeof(ViolationTime), offsetof(ViolationTime, violation_ns), policy_power,
              policy_thermal);
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
  std::printf("constants %d %d %u %u %u %u %u\\n", success, error_insufficient_size, clock_sm, clock_mem, temperature_gpu,
              memory_error_uncorrected, ecc_volatile);
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
    return {
        "utilization": [ctypes.sizeof(utilization), utilization.memory.offset],
        "process": [ctypes.sizeof(process), process.pid.offset, process.usedGpuMemory.offset,
                    process.gpuInstanceId.offset, process.computeInstanceId.offset],
        "violation": [ctypes.sizeof(pynvml.c_nvmlViolationTime_t), pynvml.c_nvmlViolationTime_t.violationTime.offset,
                      pynvml.NVML_PERF_POLICY_POWER, pynvml.NVML_PERF_POLICY_THERMAL],
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
        "constants": [pynvml.NVML_SUCCESS, pynvml.NVML_ERROR_INSUFFICIENT_SIZE, pynvml.NVML_CLOCK_SM,
                      pynvml.NVML_CLOCK_MEM, pynvml.NVML_TEMPERATURE_GPU,
                      pynvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED, pynvml.NVML_VOLATILE_ECC],
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
