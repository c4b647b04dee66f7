#include "theory/cpu.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace peakproof::theory {
namespace {

constexpr std::string_view kAmd17 =
    "AMD Software Optimization Guide for Family 17h Processors (55723): two 128-bit FMA pipes";
constexpr std::string_view kAmd17M30 =
    "AMD Software Optimization Guide for Family 17h Models 30h and Greater (56305): two 256-bit FMA pipes";
constexpr std::string_view kAmd19 =
    "AMD Software Optimization Guide for Family 19h Processors (56665): two 256-bit FMA pipes";
constexpr std::string_view kAmdZen4 =
    "AMD Software Optimization Guide for the Zen 4 Microarchitecture (57647): two 256-bit FMA pipes";
constexpr std::string_view kAmdZen5 =
    "AMD Software Optimization Guide for the Zen 5 Microarchitecture (58455): two 512-bit FMA pipes";
constexpr std::string_view kZen5Mobile =
    "Chips and Cheese, Zen 5 on Strix Point: 256-bit data paths; uops.info, VFMADD on Zen 5";
constexpr std::string_view kIntelManual =
    "Intel 64 and IA-32 Architectures Optimization Reference Manual (248966): FMA on ports 0 and 1; uops.info, VFMADD";
constexpr std::string_view kIntelManualServer =
    "Intel 64 and IA-32 Architectures Optimization Reference Manual (248966): 512-bit FMA on ports 0+1 and 5; "
    "uops.info, VFMADD";
constexpr std::string_view kIntelManualClient512 =
    "Intel 64 and IA-32 Architectures Optimization Reference Manual (248966): 512-bit FMA on ports 0+1 only; "
    "uops.info, VFMADD";
constexpr std::string_view kN1 = "Arm Neoverse N1 Software Optimization Guide: two 128-bit FMA pipes (V0, V1)";
constexpr std::string_view kV1 =
    "Arm Neoverse V1 Software Optimization Guide: four 128-bit Advanced SIMD FMA pipes, two of 256 bit for SVE";
constexpr std::string_view kN2 = "Arm Neoverse N2 Software Optimization Guide: two 128-bit FMA pipes (V0, V1)";
constexpr std::string_view kV2 = "Arm Neoverse V2 Software Optimization Guide: four 128-bit FMA pipes (V0 to V3)";

constexpr std::string_view kZenLoads =
    "AMD Software Optimization Guide for Family 17h Processors (55723): two 128-bit loads a cycle";
constexpr std::string_view kZen2Loads =
    "Chips and Cheese, Neoverse N2: cores since Zen 2 load two times 256 bits a cycle; uops.info, VMOVDQA";
constexpr std::string_view kZen4Loads =
    "Chips and Cheese, Zen 5: Zen 4 and mobile Zen 5 do one 512-bit load a cycle; uops.info, VMOVDQA";
constexpr std::string_view kZen5Loads = "Chips and Cheese, Zen 5: two 512-bit loads a cycle; uops.info, VMOVDQA";
constexpr std::string_view kIntelLoads =
    "Intel 64 and IA-32 Architectures Optimization Reference Manual (248966), data cache: two 32-byte loads a cycle";
constexpr std::string_view kIntelLoads512 =
    "Intel 64 and IA-32 Architectures Optimization Reference Manual (248966), data cache: two 64-byte loads a cycle";
constexpr std::string_view kGoldenCoveLoads =
    "Chips and Cheese, Golden Cove: three 256-bit or two 512-bit loads a cycle; uops.info, VMOVDQA";
constexpr std::string_view kN1Loads = "Arm Neoverse N1 Software Optimization Guide: two load/store pipes (L)";
constexpr std::string_view kV1Loads =
    "Arm Neoverse V1 Software Optimization Guide: three loads of 128 bits (L), two of SVE (L01)";
constexpr std::string_view kV2Loads =
    "Arm Neoverse V2 Software Optimization Guide: three load pipes (L); Chips and Cheese, Neoverse V2";
constexpr std::string_view kAmdL2 =
    "Chips and Cheese, Golden Cove: AMD's path from L2 is 32 bytes a cycle, Zen to Zen 4";
constexpr std::string_view kIntelL2 =
    "Intel 64 and IA-32 Architectures Optimization Reference Manual (248966), second-level cache: 64 bytes a cycle";

// 128-bit, 256-bit, 512-bit loads a clock; bytes from L2. Zen 3 and later have one or two more load pipes, for general
// registers only.
constexpr CacheRates kZen1Caches{2, 1, 0, 32, kZenLoads, kAmdL2};
constexpr CacheRates kZen2Caches{2, 2, 0, 32, kZen2Loads, kAmdL2};
constexpr CacheRates kZen4Caches{2, 2, 1, 32, kZen4Loads, kAmdL2};
constexpr CacheRates kZen5Caches{2, 2, 2, 0, kZen5Loads, ""};
constexpr CacheRates kZen5MobileCaches{2, 2, 1, 0, kZen4Loads, ""};
constexpr CacheRates kIntelCaches{2, 2, 0, 64, kIntelLoads, kIntelL2};
constexpr CacheRates kIntelCaches512{2, 2, 2, 64, kIntelLoads512, kIntelL2};
constexpr CacheRates kGoldenCoveCaches{3, 3, 0, 64, kGoldenCoveLoads, kIntelL2};
constexpr CacheRates kGoldenCoveCaches512{3, 3, 2, 64, kGoldenCoveLoads, kIntelL2};
constexpr CacheRates kN1Caches{2, 0, 0, 0, kN1Loads, ""};
constexpr CacheRates kV1Caches{3, 2, 0, 0, kV1Loads, ""};
constexpr CacheRates kV2Caches{3, 0, 0, 0, kV2Loads, ""};

// FMA units x lanes of the register: two units of 128, 256, 512 bit are 8, 16, 32 FP32 lanes.
// Neoverse N2 loads three vectors a clock but adds two of them, so that no sum of what is read shows it: no rates here.
constexpr std::array kCpus = {
    CpuMicroarchitecture{"zen1", "AMD Zen, Zen+", 8, 8, 0, kAmd17, "256-bit operations are split in two", kZen1Caches},
    CpuMicroarchitecture{"zen2", "AMD Zen 2", 8, 16, 0, kAmd17M30, "", kZen2Caches},
    CpuMicroarchitecture{"zen3", "AMD Zen 3", 8, 16, 0, kAmd19, "", kZen2Caches},
    CpuMicroarchitecture{"zen4", "AMD Zen 4", 8, 16, 16, kAmdZen4, "512-bit operations take two passes", kZen4Caches},
    CpuMicroarchitecture{"zen5", "AMD Zen 5 (desktop, server)", 8, 16, 32, kAmdZen5, "", kZen5Caches},
    CpuMicroarchitecture{"zen5_mobile", "AMD Zen 5 (Strix Point, Krackan Point)", 8, 16, 16, kZen5Mobile,
                         "512-bit operations take two passes", kZen5MobileCaches},
    CpuMicroarchitecture{"haswell", "Intel Haswell", 8, 16, 0, kIntelManual, "", kIntelCaches},
    CpuMicroarchitecture{"broadwell", "Intel Broadwell", 8, 16, 0, kIntelManual, "", kIntelCaches},
    CpuMicroarchitecture{"skylake_client", "Intel Skylake to Comet Lake (client)", 8, 16, 0, kIntelManual, "",
                         kIntelCaches},
    CpuMicroarchitecture{"skylake_sp", "Intel Skylake-SP, Cascade Lake, Cooper Lake", 8, 16, 32, kIntelManualServer,
                         "Xeon Bronze, Silver and most Gold 5000 have one 512-bit FMA unit: skylake_sp_1fma",
                         kIntelCaches512},
    CpuMicroarchitecture{"skylake_sp_1fma", "Intel Skylake-SP, Cascade Lake with one 512-bit FMA unit", 8, 16, 16,
                         kIntelManualServer, "port 5 has no FMA unit", kIntelCaches512},
    CpuMicroarchitecture{"ice_lake_client", "Intel Ice Lake, Tiger Lake, Rocket Lake (client)", 8, 16, 16,
                         kIntelManualClient512, "", kIntelCaches512},
    CpuMicroarchitecture{"ice_lake_sp", "Intel Ice Lake-SP", 8, 16, 32, kIntelManualServer, "", kIntelCaches512},
    CpuMicroarchitecture{"sapphire_rapids", "Intel Sapphire Rapids", 8, 16, 32, kIntelManualServer, "",
                         kGoldenCoveCaches512},
    CpuMicroarchitecture{"emerald_rapids", "Intel Emerald Rapids", 8, 16, 32, kIntelManualServer, "",
                         kGoldenCoveCaches512},
    CpuMicroarchitecture{"granite_rapids", "Intel Granite Rapids", 8, 16, 32, kIntelManualServer, "",
                         kGoldenCoveCaches512},
    CpuMicroarchitecture{"golden_cove_client", "Intel Alder Lake, Raptor Lake: P cores", 8, 16, 0, kIntelManual,
                         "AVX-512 is fused off; the E cores are not in the table", kGoldenCoveCaches},
    CpuMicroarchitecture{"neoverse_n1", "Arm Neoverse N1", 8, 0, 0, kN1, "", kN1Caches},
    CpuMicroarchitecture{"neoverse_v1", "Arm Neoverse V1", 16, 16, 0, kV1, "", kV1Caches},
    CpuMicroarchitecture{"neoverse_n2", "Arm Neoverse N2", 8, 0, 0, kN2},
    CpuMicroarchitecture{"neoverse_v2", "Arm Neoverse V2", 16, 0, 0, kV2, "", kV2Caches},
};

/// Models [first, last] of a family.
struct ModelRange {
  std::string_view vendor;
  int family;
  int first;
  int last;
  std::string_view key;
};

constexpr std::string_view kAmd = "AuthenticAMD";
constexpr std::string_view kIntel = "GenuineIntel";
constexpr std::string_view kArm = "ARM";

// AMD's ranges are those of Linux arch/x86/kernel/cpu/amd.c, Intel's models those of
// arch/x86/include/asm/intel-family.h, Arm's parts those of arch/arm64/include/asm/cputype.h. Strix Halo (1Ah, 70h) is
// left out: the width of its data paths is not in AMD's guide.
constexpr std::array kModels = {
    ModelRange{kAmd, 0x17, 0x00, 0x2f, "zen1"},           ModelRange{kAmd, 0x17, 0x30, 0x4f, "zen2"},
    ModelRange{kAmd, 0x17, 0x50, 0x5f, "zen1"},           ModelRange{kAmd, 0x17, 0x60, 0x7f, "zen2"},
    ModelRange{kAmd, 0x17, 0x90, 0x91, "zen2"},           ModelRange{kAmd, 0x17, 0xa0, 0xaf, "zen2"},
    ModelRange{kAmd, 0x19, 0x00, 0x0f, "zen3"},           ModelRange{kAmd, 0x19, 0x10, 0x1f, "zen4"},
    ModelRange{kAmd, 0x19, 0x20, 0x5f, "zen3"},           ModelRange{kAmd, 0x19, 0x60, 0xaf, "zen4"},
    ModelRange{kAmd, 0x1a, 0x00, 0x1f, "zen5"},           ModelRange{kAmd, 0x1a, 0x20, 0x2f, "zen5_mobile"},
    ModelRange{kAmd, 0x1a, 0x40, 0x4f, "zen5"},           ModelRange{kAmd, 0x1a, 0x60, 0x6f, "zen5_mobile"},
    ModelRange{kIntel, 6, 0x3c, 0x3c, "haswell"},         ModelRange{kIntel, 6, 0x3d, 0x3d, "broadwell"},
    ModelRange{kIntel, 6, 0x3f, 0x3f, "haswell"},         ModelRange{kIntel, 6, 0x45, 0x46, "haswell"},
    ModelRange{kIntel, 6, 0x47, 0x47, "broadwell"},       ModelRange{kIntel, 6, 0x4e, 0x4e, "skylake_client"},
    ModelRange{kIntel, 6, 0x4f, 0x4f, "broadwell"},       ModelRange{kIntel, 6, 0x55, 0x55, "skylake_sp"},
    ModelRange{kIntel, 6, 0x56, 0x56, "broadwell"},       ModelRange{kIntel, 6, 0x5e, 0x5e, "skylake_client"},
    ModelRange{kIntel, 6, 0x6a, 0x6a, "ice_lake_sp"},     ModelRange{kIntel, 6, 0x6c, 0x6c, "ice_lake_sp"},
    ModelRange{kIntel, 6, 0x7d, 0x7e, "ice_lake_client"}, ModelRange{kIntel, 6, 0x8c, 0x8d, "ice_lake_client"},
    ModelRange{kIntel, 6, 0x8e, 0x8e, "skylake_client"},  ModelRange{kIntel, 6, 0x8f, 0x8f, "sapphire_rapids"},
    ModelRange{kIntel, 6, 0x9e, 0x9e, "skylake_client"},  ModelRange{kIntel, 6, 0xa5, 0xa6, "skylake_client"},
    ModelRange{kIntel, 6, 0xa7, 0xa7, "ice_lake_client"}, ModelRange{kIntel, 6, 0xad, 0xae, "granite_rapids"},
    ModelRange{kIntel, 6, 0xcf, 0xcf, "emerald_rapids"},  ModelRange{kArm, 0x41, 0xd0c, 0xd0c, "neoverse_n1"},
    ModelRange{kArm, 0x41, 0xd40, 0xd40, "neoverse_v1"},  ModelRange{kArm, 0x41, 0xd49, 0xd49, "neoverse_n2"},
    ModelRange{kArm, 0x41, 0xd4f, 0xd4f, "neoverse_v2"},
};

constexpr const CpuMicroarchitecture* find_key(std::string_view key) {
  for (const auto& cpu : kCpus)
    if (cpu.key == key) return &cpu;
  return nullptr;
}

constexpr bool cpus_are_sound() {
  for (const auto& cpu : kCpus) {
    if (cpu.key.empty() || cpu.name.empty() || cpu.source.empty() || find_key(cpu.key) != &cpu) return false;
    if (cpu.lanes_128 <= 0 || cpu.lanes_256 < 0 || cpu.lanes_512 < 0) return false;
    const bool loads = cpu.caches.loads_of_128_bits > 0;
    if (loads == cpu.caches.l1_source.empty() || loads != (cpu.l1_bytes(cpu.widest_bits()) > 0)) return false;
    if ((cpu.caches.l2_bytes > 0) == cpu.caches.l2_source.empty()) return false;
  }
  return true;
}
static_assert(cpus_are_sound(), "every CPU has a name, a source, a key of its own and lanes");

constexpr bool models_are_sound() {
  for (std::size_t i = 0; i < kModels.size(); ++i) {
    const auto& range = kModels[i];
    if (range.first > range.last || find_key(range.key) == nullptr) return false;
    if (i == 0) continue;
    const auto& before = kModels[i - 1];
    if (before.vendor == range.vendor && before.family > range.family) return false;
    if (before.vendor == range.vendor && before.family == range.family && before.last >= range.first) return false;
  }
  return true;
}
static_assert(models_are_sound(), "models are sorted, do not overlap and name a row");

/// Xeon Bronze, Silver and Gold 5000 of Skylake-SP and Cascade Lake have one 512-bit FMA unit (Intel ARK), but for the
/// Gold 5122 and 5222.
bool one_512_bit_fma_unit(std::string_view brand) {
  const auto has = [&](std::string_view text) { return brand.find(text) != std::string_view::npos; };
  return has(" Bronze ") || has(" Silver ") || (has(" Gold 5") && !has(" Gold 5122") && !has(" Gold 5222"));
}

}  // namespace

std::span<const CpuMicroarchitecture> cpu_microarchitectures() { return kCpus; }

const CpuMicroarchitecture* find_cpu(std::string_view key) { return find_key(key); }

const CpuMicroarchitecture* find_cpu(const CpuId& id) {
  const auto* range = std::find_if(kModels.begin(), kModels.end(), [&](const ModelRange& r) {
    return r.vendor == id.vendor && r.family == id.family && r.first <= id.model && id.model <= r.last;
  });
  if (range == kModels.end()) return nullptr;
  if (range->key == "skylake_sp" && one_512_bit_fma_unit(id.brand)) return find_key("skylake_sp_1fma");
  return find_key(range->key);
}

const CpuMicroarchitecture* find_cpu(std::string_view vendor, int family, int model) {
  return find_cpu(CpuId{vendor, family, model, {}});
}

}  // namespace peakproof::theory
