// THE TABLE for host CPUs: FP32 fused multiply-adds and bytes of the caches per core and clock, by microarchitecture.
#pragma once

#include <span>
#include <string_view>

namespace peakproof::theory {

/// What a core reads of its caches per clock. 0: not sourced.
struct CacheRates {
  int loads_of_128_bits = 0;  ///< that hit the first-level data cache, by the width of the register
  int loads_of_256_bits = 0;
  int loads_of_512_bits = 0;
  int l2_bytes = 0;  ///< from the second level to the first
  std::string_view l1_source;
  std::string_view l2_source;
};

/// FMA lanes per core and clock: FMA units x lanes of a register of that width. 0: the core has no such registers.
struct CpuMicroarchitecture {
  std::string_view key;   ///< DeviceSpec::microarchitecture, e.g. "zen4"
  std::string_view name;  ///< "AMD Zen 4"
  int lanes_128 = 0;
  int lanes_256 = 0;
  int lanes_512 = 0;
  std::string_view source;
  std::string_view note;
  CacheRates caches;

  /// FP32 FMA lanes per core and clock with registers of `simd_bits` (128, 256, 512); 0 where the core has none.
  [[nodiscard]] constexpr int fp32_fma_lanes(int simd_bits) const {
    if (simd_bits == 128) return lanes_128;
    if (simd_bits == 256) return lanes_256;
    return simd_bits == 512 ? lanes_512 : 0;
  }
  /// The same with the widest registers that the core has: what a peak counts.
  [[nodiscard]] constexpr int fp32_fma_lanes() const { return fp32_fma_lanes(widest_bits()); }
  /// Bits of those registers.
  [[nodiscard]] constexpr int widest_bits() const {
    if (lanes_512 > 0) return 512;
    return lanes_256 > 0 ? 256 : 128;
  }
  /// Bytes per core and clock that loads of `simd_bits` (128, 256, 512) get out of the first-level data cache; 0 where
  /// that is not known.
  [[nodiscard]] constexpr int l1_bytes(int simd_bits) const {
    if (simd_bits == 128) return 16 * caches.loads_of_128_bits;
    if (simd_bits == 256) return 32 * caches.loads_of_256_bits;
    return simd_bits == 512 ? 64 * caches.loads_of_512_bits : 0;
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
