// The host CPU as a device: which cores it offers, what it says about itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/harness/cpu_topology.hpp"
#include "reports/result.hpp"
#include "theory/device_spec.hpp"

namespace peakproof::bench {

/// Who made one processor, as /proc/cpuinfo tells it: by CPUID on x86-64, by the MIDR register on Arm.
struct CpuIdentity {
  std::string name;    ///< "AMD EPYC 9654 96-Core Processor"; empty on Arm
  std::string vendor;  ///< x86: "AuthenticAMD", "GenuineIntel"
  int family = 0;      ///< x86: with the extended part added
  int model = 0;
  int implementer = 0;  ///< Arm: 0x41
  int part = 0;         ///< Arm: 0xd4f
  bool hypervisor = false;
  std::string microcode;
  friend bool operator==(const CpuIdentity&, const CpuIdentity&) = default;
};
/// The identity of processor number `cpu` in the text of /proc/cpuinfo; the first one's where it is not listed.
[[nodiscard]] CpuIdentity parse_cpu_identity(std::string_view cpuinfo, int cpu);

struct CpuDevice {
  /// kind cpu; sm_count: cores in use; sm_clock_hz: the highest clock of the frequency driver, 0 without one;
  /// l2_bytes: all last-level caches in use; microarchitecture: empty where unknown, or where the cores differ.
  theory::DeviceSpec spec;
  std::vector<int> cpus;                          ///< one per core in use, for WorkerPool
  std::vector<CacheLevel> caches;                 ///< that the first of them sees
  std::map<int, std::int64_t> cache_share_bytes;  ///< by level: what falls to each core where all of them work
  std::int64_t available_memory_bytes = 0;        ///< for Stream::plan_bytes
  reports::Texts facts;                           ///< governor, smt, hypervisor, affinity, quota, simd, caches, …
};
/// The cores that affinity and quota leave to this process, one thread each. Throws std::runtime_error where that is
/// none.
[[nodiscard]] CpuDevice query_cpu(const SystemRoot& root = "/");

}  // namespace peakproof::bench
