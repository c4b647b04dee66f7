#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string_view>

#include "theory/cpu.hpp"
#include "theory/peak.hpp"

namespace peakproof::theory {
namespace {

// A second transcription: FMA units of each register width, instead of lanes.
struct Units {
  std::string_view key;
  int units_128;
  int units_256;
  double units_512;  // half a unit: one 512-bit operation in two clocks
};
const std::array kUnits = {
    Units{"zen1", 2, 1, 0},
    Units{"zen2", 2, 2, 0},
    Units{"zen3", 2, 2, 0},
    Units{"zen4", 2, 2, 1},
    Units{"zen5", 2, 2, 2},
    Units{"zen5_mobile", 2, 2, 1},
    Units{"haswell", 2, 2, 0},
    Units{"broadwell", 2, 2, 0},
    Units{"skylake_client", 2, 2, 0},
    Units{"skylake_sp", 2, 2, 2},
    Units{"skylake_sp_1fma", 2, 2, 1},
    Units{"ice_lake_client", 2, 2, 1},
    Units{"ice_lake_sp", 2, 2, 2},
    Units{"sapphire_rapids", 2, 2, 2},
    Units{"emerald_rapids", 2, 2, 2},
    Units{"granite_rapids", 2, 2, 2},
    Units{"golden_cove_client", 2, 2, 0},
    Units{"neoverse_n1", 2, 0, 0},
    Units{"neoverse_v1", 4, 2, 0},
    Units{"neoverse_n2", 2, 0, 0},
    Units{"neoverse_v2", 4, 0, 0},
};

TEST(CpuTable, LanesAreFmaUnitsTimesLanesOfARegister) {
  ASSERT_EQ(cpu_microarchitectures().size(), kUnits.size());
  for (const auto& units : kUnits) {
    const auto* cpu = find_cpu(units.key);
    ASSERT_NE(cpu, nullptr) << units.key;
    EXPECT_EQ(cpu->fp32_fma_lanes(128), units.units_128 * 4) << units.key;
    EXPECT_EQ(cpu->fp32_fma_lanes(256), units.units_256 * 8) << units.key;
    EXPECT_EQ(cpu->fp32_fma_lanes(512), static_cast<int>(units.units_512 * 16)) << units.key;
    EXPECT_EQ(cpu->fp32_fma_lanes(64), 0);
    EXPECT_FALSE(cpu->source.empty());
    EXPECT_FALSE(cpu->name.empty());
  }
}

TEST(CpuTable, TheWidestRegistersCount) {
  EXPECT_EQ(find_cpu("zen3")->fp32_fma_lanes(), 16);
  EXPECT_EQ(find_cpu("zen4")->fp32_fma_lanes(), 16) << "512 bit in two passes";
  EXPECT_EQ(find_cpu("zen5")->fp32_fma_lanes(), 32);
  EXPECT_EQ(find_cpu("neoverse_n1")->fp32_fma_lanes(), 8);
}

TEST(CpuTable, FindsByVendorFamilyAndModel) {
  struct Known {
    std::string_view vendor;
    int family;
    int model;
    std::string_view key;
  };
  const std::array known = {
      Known{"AuthenticAMD", 23, 1, "zen1"},              // EPYC 7601
      Known{"AuthenticAMD", 23, 8, "zen1"},              // Ryzen 2700X
      Known{"AuthenticAMD", 23, 49, "zen2"},             // EPYC 7742
      Known{"AuthenticAMD", 23, 113, "zen2"},            // Ryzen 3900X
      Known{"AuthenticAMD", 23, 32, "zen1"},             // Dali
      Known{"AuthenticAMD", 23, 80, "zen1"},             // Fenghuang
      Known{"AuthenticAMD", 23, 96, "zen2"},             // Renoir
      Known{"AuthenticAMD", 23, 144, "zen2"},            // Van Gogh
      Known{"AuthenticAMD", 23, 160, "zen2"},            // Mendocino
      Known{"AuthenticAMD", 25, 68, "zen3"},             // Rembrandt
      Known{"AuthenticAMD", 25, 80, "zen3"},             // Cezanne
      Known{"AuthenticAMD", 25, 116, "zen4"},            // Phoenix
      Known{"AuthenticAMD", 26, 17, "zen5"},             // EPYC 9965
      Known{"AuthenticAMD", 26, 96, "zen5_mobile"},      // Krackan Point
      Known{"GenuineIntel", 6, 60, "haswell"},           // Core i7-4770
      Known{"GenuineIntel", 6, 69, "haswell"},           // Core i5-4200U
      Known{"GenuineIntel", 6, 70, "haswell"},           // Core i7-4770R
      Known{"GenuineIntel", 6, 61, "broadwell"},         // Core i7-5600U
      Known{"GenuineIntel", 6, 71, "broadwell"},         // Core i7-5775C
      Known{"GenuineIntel", 6, 86, "broadwell"},         // Xeon D-1540
      Known{"GenuineIntel", 6, 78, "skylake_client"},    // Core i7-6600U
      Known{"GenuineIntel", 6, 142, "skylake_client"},   // Core i7-8550U
      Known{"GenuineIntel", 6, 165, "skylake_client"},   // Core i9-10900K
      Known{"GenuineIntel", 6, 108, "ice_lake_sp"},      // Xeon D-2700
      Known{"GenuineIntel", 6, 125, "ice_lake_client"},  // Ice Lake desktop
      Known{"GenuineIntel", 6, 141, "ice_lake_client"},  // Tiger Lake-H
      Known{"GenuineIntel", 6, 167, "ice_lake_client"},  // Core i9-11900K
      Known{"GenuineIntel", 6, 174, "granite_rapids"},   // Granite Rapids-D
      Known{"AuthenticAMD", 25, 1, "zen3"},              // EPYC 7763
      Known{"AuthenticAMD", 25, 33, "zen3"},             // Ryzen 5950X
      Known{"AuthenticAMD", 25, 17, "zen4"},             // EPYC 9654
      Known{"AuthenticAMD", 25, 97, "zen4"},             // Ryzen 7950X
      Known{"AuthenticAMD", 25, 160, "zen4"},            // EPYC 9754
      Known{"AuthenticAMD", 26, 2, "zen5"},              // EPYC 9755
      Known{"AuthenticAMD", 26, 68, "zen5"},             // Ryzen 9950X
      Known{"AuthenticAMD", 26, 36, "zen5_mobile"},      // Ryzen AI 9 HX 370
      Known{"GenuineIntel", 6, 63, "haswell"},           // Xeon E5 v3
      Known{"GenuineIntel", 6, 79, "broadwell"},         // Xeon E5 v4
      Known{"GenuineIntel", 6, 94, "skylake_client"},    // Core i7-6700K
      Known{"GenuineIntel", 6, 158, "skylake_client"},   // Core i9-9900K
      Known{"GenuineIntel", 6, 85, "skylake_sp"},        // Xeon Platinum 8168
      Known{"GenuineIntel", 6, 126, "ice_lake_client"},  // Core i7-1065G7
      Known{"GenuineIntel", 6, 140, "ice_lake_client"},  // Core i7-1165G7
      Known{"GenuineIntel", 6, 106, "ice_lake_sp"},      // Xeon Platinum 8380
      Known{"GenuineIntel", 6, 143, "sapphire_rapids"},  // Xeon Platinum 8480
      Known{"GenuineIntel", 6, 207, "emerald_rapids"},   // Xeon Platinum 8592
      Known{"GenuineIntel", 6, 173, "granite_rapids"},   // Xeon 6980P
      Known{"ARM", 0x41, 0xd0c, "neoverse_n1"},          // Graviton 2
      Known{"ARM", 0x41, 0xd40, "neoverse_v1"},          // Graviton 3
      Known{"ARM", 0x41, 0xd49, "neoverse_n2"},          // Cobalt 100
      Known{"ARM", 0x41, 0xd4f, "neoverse_v2"},          // Grace, Graviton 4
  };
  for (const auto& k : known) {
    const auto* cpu = find_cpu(k.vendor, k.family, k.model);
    ASSERT_NE(cpu, nullptr) << k.key << ' ' << k.model;
    EXPECT_EQ(cpu->key, k.key);
  }
}

TEST(CpuTable, NothingIsGuessed) {
  EXPECT_EQ(find_cpu("GenuineIntel", 6, 0x97), nullptr) << "Alder Lake: cores of two kinds";
  EXPECT_EQ(find_cpu("GenuineIntel", 6, 0xb7), nullptr) << "Raptor Lake: cores of two kinds";
  EXPECT_EQ(find_cpu("GenuineIntel", 6, 0x2a), nullptr) << "Sandy Bridge: no FMA";
  EXPECT_EQ(find_cpu("GenuineIntel", 25, 17), nullptr) << "AMD's family";
  EXPECT_EQ(find_cpu("AuthenticAMD", 26, 0x70), nullptr) << "Strix Halo: not sourced";
  EXPECT_EQ(find_cpu("AuthenticAMD", 21, 2), nullptr);
  EXPECT_EQ(find_cpu("HygonGenuine", 24, 1), nullptr);
  EXPECT_EQ(find_cpu("ARM", 0x41, 0xd08), nullptr) << "Cortex-A72";
  EXPECT_EQ(find_cpu("ARM", 0x61, 0xd4f), nullptr) << "another maker";
  EXPECT_EQ(find_cpu("", 0, 0), nullptr);
  EXPECT_EQ(find_cpu("zen"), nullptr);
  EXPECT_EQ(find_cpu(""), nullptr);
}

TEST(CpuTable, SkylakeXeonsWithOneFmaUnitAreToldByTheirBrand) {
  const auto key = [](std::string_view brand) { return find_cpu(CpuId{"GenuineIntel", 6, 0x55, brand})->key; };
  EXPECT_EQ(key("Intel(R) Xeon(R) Silver 4114 CPU @ 2.20GHz"), "skylake_sp_1fma");
  EXPECT_EQ(key("Intel(R) Xeon(R) Bronze 3106 CPU @ 1.70GHz"), "skylake_sp_1fma");
  EXPECT_EQ(key("Intel(R) Xeon(R) Gold 5118 CPU @ 2.30GHz"), "skylake_sp_1fma");
  EXPECT_EQ(key("Intel(R) Xeon(R) Gold 5122 CPU @ 3.60GHz"), "skylake_sp");
  EXPECT_EQ(key("Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz"), "skylake_sp");
  EXPECT_EQ(key("Intel(R) Xeon(R) Platinum 8168 CPU @ 2.70GHz"), "skylake_sp");
  EXPECT_EQ(key(""), "skylake_sp");
}

TEST(CpuTable, LoadsOfTheFirstCacheFollowTheRegister) {
  const auto bytes = [](std::string_view key, int simd_bits) { return find_cpu(key)->l1_bytes(simd_bits); };
  EXPECT_EQ(bytes("zen1", 128), 32);
  EXPECT_EQ(bytes("zen1", 256), 32) << "split in two";
  EXPECT_EQ(bytes("zen2", 256), 64);
  EXPECT_EQ(bytes("zen3", 512), 0) << "no such registers";
  EXPECT_EQ(bytes("zen4", 256), 64);
  EXPECT_EQ(bytes("zen4", 512), 64) << "two passes";
  EXPECT_EQ(bytes("zen5", 512), 128);
  EXPECT_EQ(bytes("zen5_mobile", 512), 64);
  EXPECT_EQ(bytes("skylake_client", 256), 64);
  EXPECT_EQ(bytes("skylake_sp_1fma", 512), 128) << "one FMA unit, both load ports";
  EXPECT_EQ(bytes("ice_lake_sp", 512), 128);
  EXPECT_EQ(bytes("sapphire_rapids", 256), 96);
  EXPECT_EQ(bytes("sapphire_rapids", 512), 128);
  EXPECT_EQ(bytes("golden_cove_client", 256), 96);
  EXPECT_EQ(bytes("neoverse_n1", 128), 32);
  EXPECT_EQ(bytes("neoverse_v1", 128), 48);
  EXPECT_EQ(bytes("neoverse_v1", 256), 64);
  EXPECT_EQ(bytes("neoverse_v2", 128), 48);
  EXPECT_EQ(bytes("neoverse_n2", 128), 0) << "it adds fewer vectors than it loads";
  EXPECT_EQ(bytes("zen4", 64), 0);
  for (const auto& cpu : cpu_microarchitectures()) {
    const bool amd = cpu.key.starts_with("zen1") || cpu.key == "zen2" || cpu.key == "zen3" || cpu.key == "zen4";
    const bool unknown = cpu.key.starts_with("zen5") || cpu.key.starts_with("neoverse");
    EXPECT_EQ(cpu.caches.l2_bytes, unknown ? 0 : (amd ? 32 : 64)) << cpu.key;
  }
}

DeviceSpec zen4(int cores) {
  DeviceSpec device;
  device.kind = DeviceKind::cpu;
  device.microarchitecture = "zen4";
  device.sm_count = cores;
  return device;
}

TEST(CpuPeak, IsCoresTimesLanesTimesTwoTimesTheClock) {
  const auto two = peak(zen4(2), Pipe::fp32_fma, 3.7e9);
  ASSERT_TRUE(two);
  EXPECT_DOUBLE_EQ(two->per_second, 2 * 16 * 2 * 3.7e9);
  EXPECT_EQ(two->clock_hz, 3.7e9);
  EXPECT_EQ(two->formula, "2 cores x 16 FMA/clk/core x 2 FLOP x 3.700 GHz");
  EXPECT_THAT(two->source, testing::HasSubstr("57647"));
  const auto fp64 = peak(zen4(1), Pipe::fp64_fma, 3.7e9);
  ASSERT_TRUE(fp64);
  EXPECT_DOUBLE_EQ(fp64->per_second, 8 * 2 * 3.7e9);
  EXPECT_EQ(fp64->formula, "1 core x 8 FMA/clk/core x 2 FLOP x 3.700 GHz");
}

TEST(CpuPeak, OfACacheIsCoresTimesBytesTimesTheClock) {
  const auto l1 = peak(zen4(2), Pipe::l1, 3.7e9);
  ASSERT_TRUE(l1);
  EXPECT_DOUBLE_EQ(l1->per_second, 2 * 64 * 3.7e9);
  EXPECT_EQ(l1->formula, "2 cores x 64 B/clk/core x 3.700 GHz");
  EXPECT_EQ(l1->clock_hz, 3.7e9);
  EXPECT_THAT(l1->source, testing::HasSubstr("512-bit load"));
  const auto narrow = cpu_l1_peak(zen4(1), 128, 3.7e9);
  ASSERT_TRUE(narrow);
  EXPECT_EQ(narrow->formula, "1 core x 32 B/clk/core x 3.700 GHz");
  const auto l2 = peak(zen4(2), Pipe::l2, 3.7e9);
  ASSERT_TRUE(l2);
  EXPECT_DOUBLE_EQ(l2->per_second, 2 * 32 * 3.7e9);
  EXPECT_THAT(l2->source, testing::HasSubstr("32 bytes"));
  auto device = zen4(2);
  device.microarchitecture = "neoverse_n2";
  EXPECT_FALSE(peak(device, Pipe::l1, 3e9));
  EXPECT_FALSE(peak(device, Pipe::l2, 3e9));
  device.microarchitecture = "";
  EXPECT_FALSE(cpu_l1_peak(device, 256, 3e9));
}

TEST(CpuPeak, UnknownStaysUnknown) {
  auto device = zen4(2);
  EXPECT_FALSE(peak(device, Pipe::fp32_fma, 0));
  EXPECT_FALSE(peak(device, Pipe::fp32_fma, std::nan("")));
  EXPECT_FALSE(rated_peak(device, Pipe::fp32_fma)) << "no rated clock";
  EXPECT_FALSE(peak(device, Pipe::l1, 0));
  for (const Pipe pipe : all_pipes())
    EXPECT_EQ(peak(device, pipe, 3e9).has_value(),
              pipe == Pipe::fp32_fma || pipe == Pipe::fp64_fma || pipe == Pipe::l1 || pipe == Pipe::l2)
        << name(pipe);
  device.microarchitecture = "zen9";
  EXPECT_FALSE(peak(device, Pipe::fp32_fma, 3.7e9));
  device = zen4(0);
  EXPECT_FALSE(peak(device, Pipe::fp32_fma, 3.7e9));
}

}  // namespace
}  // namespace peakproof::theory
