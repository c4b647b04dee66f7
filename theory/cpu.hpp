// THE TABLE for host CPUs: FP32 fused multiply-adds per core and clock, by microarchitecture.
#pragma once

#include <span>
#include <string_view>

namespace peakproof::theory {

/// FMA lanes per core and clock: FMA units x lanes of a register of that width. 0: the core has no such registers.
struct CpuMicroarchitecture {
  std::string_view key;   ///< DeviceSpec::microarchitecture, e.g. "zen4"
  std::string_view name;  ///< "AMD Zen 4"
  int lanes_128 = 0;
  int lanes_256 = 0;
  int lanes_512 = 0;
  std::string_view source;
  std::string_view note;

  /// FP32 FMA lanes per core and clock with registers of `simd_bits` (128, 256, 512); 0 where the core has none.
  [[nodiscard]] constexpr int fp32_fma_lanes(int simd_bits) const {
    if (simd_bits == 128) return lanes_128;
    if (simd_bits == 256) return lanes_256;
    return simd_bits == 512 ? lanes_512 : 0;
  }
  /// The same with the widest registers that the core has: what a peak counts.
  [[nodiscard]] constexpr int fp32_fma_lanes() const {
    if (lanes_512 > 0) return lanes_512;
    return lanes_256 > 0 ? lanes_256 : lanes_128;
  }
};

/// What a CPU says about itself. x86: vendor string, family and model of CPUID (extended fields added in, as Linux and
/// lscpu print them). ARM: vendor "ARM", family = implementer, model = part number of MIDR_EL1.
struct CpuId {
  std::string_view vendor;  ///< "AuthenticAMD", "GenuineIntel", "ARM"
  int family = 0;
  int model = 0;
  std::string_view brand;  ///< CPUID brand string; tells the Skylake Xeons with one 512-bit FMA unit
};

/// All microarchitectures, in the order of the table.
[[nodiscard]] std::span<const CpuMicroarchitecture> cpu_microarchitectures();
/// The row of that key, or null.
[[nodiscard]] const CpuMicroarchitecture* find_cpu(std::string_view key);
/// The row of the CPU, or null. Never a guess: hybrid CPUs (Alder Lake and later clients) have cores of two kinds under
/// one model and give null; the key "golden_cove_client" stands for their P cores.
[[nodiscard]] const CpuMicroarchitecture* find_cpu(const CpuId& id);
[[nodiscard]] const CpuMicroarchitecture* find_cpu(std::string_view vendor, int family, int model);

}  // namespace peakproof::theory
