// Cores, quotas and identities of made-up machines.
#include "bench/harness/cpu_device.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "bench/harness/cpu_topology.hpp"
#include "theory/cpu.hpp"

namespace {

using namespace peakproof::bench;  // NOLINT(google-build-using-namespace): the whole file is about it
using testing::ElementsAre;
using testing::IsEmpty;

// A tree of system files below a folder of its own.
class MadeUpMachine : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root = std::filesystem::temp_directory_path() /
           ("peakproof_cpu_" + std::to_string(getpid()) + "_" + std::string(test->name()));
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  void file(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  void cpu_file(int cpu, const std::string& path, const std::string& text) const {
    file("sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/" + path, text);
  }

  std::filesystem::path root;
};

TEST(CpuList, IsParsedAndPrinted) {
  EXPECT_THAT(parse_cpu_list("0-3,8"), ElementsAre(0, 1, 2, 3, 8));
  EXPECT_THAT(parse_cpu_list("5"), ElementsAre(5));
  EXPECT_THAT(parse_cpu_list(""), IsEmpty());
  EXPECT_THAT(parse_cpu_list("3-1"), IsEmpty());
  EXPECT_THAT(parse_cpu_list("a-b"), IsEmpty());
  EXPECT_THAT(parse_cpu_list("1,,2"), IsEmpty());
  EXPECT_EQ(to_cpu_list({0, 1, 2, 3, 8, 10, 11}), "0-3,8,10-11");
  EXPECT_EQ(to_cpu_list({}), "");
}

TEST(AllowedCpus, AreAtLeastOne) { EXPECT_FALSE(allowed_cpus().empty()); }

TEST_F(MadeUpMachine, OneThreadPerCore) {
  for (int cpu = 0; cpu < 4; ++cpu) {
    cpu_file(cpu, "topology/core_cpus_list", cpu % 2 == 0 ? "0,2\n" : "1,3\n");
  }
  EXPECT_THAT(one_cpu_per_core({0, 1, 2, 3}, root), ElementsAre(0, 1));
  EXPECT_THAT(one_cpu_per_core({3, 2}, root), ElementsAre(2, 3)) << "the first threads are not ours";
  EXPECT_THAT(one_cpu_per_core({7, 5}, root), ElementsAre(5, 7)) << "nothing is said of their siblings";
}

TEST_F(MadeUpMachine, OldKernelsNameTheSiblingsOtherwise) {
  cpu_file(0, "topology/thread_siblings_list", "0-1\n");
  cpu_file(1, "topology/thread_siblings_list", "0-1\n");
  EXPECT_THAT(one_cpu_per_core({0, 1}, root), ElementsAre(0));
}

TEST_F(MadeUpMachine, NoQuota) {
  EXPECT_FALSE(cpu_quota(root).has_value());
  file("proc/self/cgroup", "0::/\n");
  EXPECT_FALSE(cpu_quota(root).has_value());
  file("sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_FALSE(cpu_quota(root).has_value());
}

TEST_F(MadeUpMachine, TheSmallestQuotaOfVersion2OnTheWayCounts) {
  file("proc/self/cgroup", "0::/a/b\n");
  file("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  file("sys/fs/cgroup/a/b/cpu.max", "400000 100000\n");
  ASSERT_TRUE(cpu_quota(root).has_value());
  EXPECT_DOUBLE_EQ(*cpu_quota(root), 1.5);
}

TEST_F(MadeUpMachine, QuotaOfVersion1) {
  file("proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/job\n");
  file("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "250000\n");
  file("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  EXPECT_DOUBLE_EQ(cpu_quota(root).value_or(0), 2.5);
  file("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  EXPECT_FALSE(cpu_quota(root).has_value());
}

TEST(WithinQuota, KeepsWhatCanRunWithoutThrottling) {
  EXPECT_THAT(within_quota({0, 1, 2, 3}, std::nullopt), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(within_quota({0, 1, 2, 3}, 2.9), ElementsAre(0, 1));
  EXPECT_THAT(within_quota({0, 1, 2, 3}, 0.5), ElementsAre(0));
  EXPECT_THAT(within_quota({0, 1}, 64.0), ElementsAre(0, 1));
}

TEST_F(MadeUpMachine, LastLevelCachesAreCountedOnce) {
  for (int cpu = 0; cpu < 4; ++cpu) {
    cpu_file(cpu, "cache/index0/level", "1\n");
    cpu_file(cpu, "cache/index0/size", "32K\n");
    cpu_file(cpu, "cache/index1/level", "3\n");
    cpu_file(cpu, "cache/index1/size", "32768K\n");
    cpu_file(cpu, "cache/index1/shared_cpu_list", cpu < 2 ? "0-1\n" : "2-3\n");
  }
  EXPECT_EQ(last_level_cache_bytes({0, 1}, root), 32LL << 20);
  EXPECT_EQ(last_level_cache_bytes({0, 1, 2, 3}, root), 64LL << 20);
  EXPECT_EQ(last_level_cache_bytes({9}, root), 0);
}

TEST_F(MadeUpMachine, CachesOfACpuAndWhatFallsToEach) {
  for (int cpu = 0; cpu < 4; ++cpu) {
    cpu_file(cpu, "cache/index0/level", "1\n");
    cpu_file(cpu, "cache/index0/type", "Data\n");
    cpu_file(cpu, "cache/index0/size", "48K\n");
    cpu_file(cpu, "cache/index0/shared_cpu_list", std::to_string(cpu) + "\n");
    cpu_file(cpu, "cache/index1/level", "1\n");
    cpu_file(cpu, "cache/index1/type", "Instruction\n");
    cpu_file(cpu, "cache/index1/size", "64K\n");
    cpu_file(cpu, "cache/index2/level", "3\n");
    cpu_file(cpu, "cache/index2/type", "Unified\n");
    cpu_file(cpu, "cache/index2/size", cpu < 3 ? "24M\n" : "6M\n");
    cpu_file(cpu, "cache/index2/shared_cpu_list", cpu < 3 ? "0-2\n" : "3\n");
  }
  const std::vector<CacheLevel> caches = data_caches(1, root);
  ASSERT_EQ(caches.size(), 2U) << "no instruction cache, no second level";
  EXPECT_EQ(caches[0].level, 1);
  EXPECT_EQ(caches[0].bytes, 48 << 10);
  EXPECT_THAT(caches[0].shared_with, ElementsAre(1));
  EXPECT_EQ(caches[1].level, 3);
  EXPECT_THAT(caches[1].shared_with, ElementsAre(0, 1, 2));
  EXPECT_THAT(data_caches(9, root), IsEmpty());

  EXPECT_EQ(cache_share_bytes(1, {0, 1, 2, 3}, root), 48 << 10);
  EXPECT_EQ(cache_share_bytes(2, {0, 1}, root), 0);
  EXPECT_EQ(cache_share_bytes(3, {0, 1}, root), 12 << 20) << "the third that shares it is not used";
  EXPECT_EQ(cache_share_bytes(3, {0, 1, 2}, root), 8 << 20);
  EXPECT_EQ(cache_share_bytes(3, {0, 1, 2, 3}, root), 6 << 20) << "the smallest of all";
  EXPECT_EQ(cache_share_bytes(3, {0, 9}, root), 0) << "one of them is unknown";
  EXPECT_EQ(cache_share_bytes(1, {}, root), 0);
}

TEST_F(MadeUpMachine, StolenTimePerCpu) {
  file("proc/stat", "cpu  1 2 3 4 5 6 7 900 0 0\ncpu0 1 2 3 4 5 6 7 400 0 0\ncpu1 1 2 3 4 5 6 7 500 0 0\nintr 1\n");
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  EXPECT_THAT(stolen_seconds({1, 0}, root), ElementsAre(500 * tick, 400 * tick));
  EXPECT_THAT(stolen_seconds({0, 5}, root), IsEmpty()) << "one is not listed";
  EXPECT_THAT(stolen_seconds({0}, root / "nowhere"), IsEmpty());
}

TEST_F(MadeUpMachine, MemoryIsWhatTheGroupLeaves) {
  file("proc/meminfo", "MemTotal:       16000000 kB\nMemAvailable:   12000000 kB\n");
  EXPECT_EQ(meminfo_bytes("MemTotal", root), 16000000LL * 1024);
  EXPECT_EQ(meminfo_bytes("Mem", root), 0);
  EXPECT_EQ(available_memory_bytes(root), 12000000LL * 1024);
  file("proc/self/cgroup", "0::/job\n");
  file("sys/fs/cgroup/job/memory.max", "1000000000\n");
  file("sys/fs/cgroup/job/memory.current", "400000000\n");
  EXPECT_EQ(available_memory_bytes(root), 600000000);
}

constexpr const char* kTwoKinds =
    "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\n"
    "model name\t: AMD EPYC 9654 96-Core Processor\nmicrocode\t: 0xa101148\nflags\t\t: fpu hypervisor avx512f\n\n"
    "processor\t: 1\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\nmodel name\t: Xeon\n"
    "flags\t\t: fpu\n";

TEST(CpuIdentity, OfX86) {
  const CpuIdentity first = parse_cpu_identity(kTwoKinds, 0);
  EXPECT_EQ(first.name, "AMD EPYC 9654 96-Core Processor");
  EXPECT_EQ(first.vendor, "AuthenticAMD");
  EXPECT_EQ(first.family, 25);
  EXPECT_EQ(first.model, 17);
  EXPECT_EQ(first.microcode, "0xa101148");
  EXPECT_TRUE(first.hypervisor);
  const CpuIdentity second = parse_cpu_identity(kTwoKinds, 1);
  EXPECT_EQ(second.vendor, "GenuineIntel");
  EXPECT_EQ(second.model, 143);
  EXPECT_FALSE(second.hypervisor);
  EXPECT_EQ(parse_cpu_identity(kTwoKinds, 7), first) << "the first where it is not listed";
  EXPECT_EQ(parse_cpu_identity("", 0), CpuIdentity{});
}

TEST(CpuIdentity, OfArm) {
  const CpuIdentity arm = parse_cpu_identity(
      "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU architecture: 8\n"
      "CPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n",
      0);
  EXPECT_EQ(arm.implementer, 0x41);
  EXPECT_EQ(arm.part, 0xd0c);
  EXPECT_EQ(arm.vendor, "");
}

TEST_F(MadeUpMachine, BecomesADevice) {
  std::string cpuinfo;
  for (const int cpu : allowed_cpus()) {
    cpuinfo += "processor\t: " + std::to_string(cpu) +
               "\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: Made-Up Zen 4\n\n";
  }
  file("proc/cpuinfo", cpuinfo);
  file("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 500 kB\n");
  const int first = allowed_cpus().front();
  cpu_file(first, "cpufreq/cpuinfo_max_freq", "3700000\n");
  cpu_file(first, "cpufreq/scaling_governor", "performance\n");
  const CpuDevice device = query_cpu(root);
  EXPECT_EQ(device.spec.kind, peakproof::theory::DeviceKind::cpu);
  EXPECT_EQ(device.spec.name, "Made-Up Zen 4");
  EXPECT_EQ(device.spec.microarchitecture, "zen4");
  EXPECT_EQ(device.spec.sm_count, static_cast<int>(device.cpus.size()));
  EXPECT_EQ(device.cpus.size(), allowed_cpus().size()) << "nothing is said of siblings";
  EXPECT_DOUBLE_EQ(device.spec.sm_clock_hz, 3.7e9);
  EXPECT_EQ(device.spec.memory_bytes, 1000 * 1024);
  EXPECT_EQ(device.available_memory_bytes, 500 * 1024);
  EXPECT_EQ(device.facts.at("governor"), "performance");
  EXPECT_EQ(device.facts.at("quota"), "none");
  EXPECT_EQ(device.facts.at("frequency_driver"), "unknown");
  EXPECT_EQ(device.facts.at("caches"), "unknown");
  EXPECT_TRUE(device.cache_share_bytes.empty());
}

TEST_F(MadeUpMachine, OfWhichNothingIsKnownHasNoTheory) {
  const CpuDevice device = query_cpu(root);
  EXPECT_EQ(device.spec.microarchitecture, "");
  EXPECT_EQ(device.spec.sm_clock_hz, 0);
  EXPECT_EQ(device.spec.name, "unknown CPU");
  EXPECT_GT(device.spec.sm_count, 0);
}

TEST(QueryCpu, KnowsThisMachine) {
  const CpuDevice device = query_cpu();
  EXPECT_GT(device.spec.sm_count, 0);
  EXPECT_GT(device.spec.memory_bytes, 0);
  EXPECT_GT(device.available_memory_bytes, 0);
  EXPECT_FALSE(device.facts.at("simd").empty());
  const std::string& key = device.spec.microarchitecture;
  EXPECT_TRUE(key.empty() || peakproof::theory::find_cpu(key) != nullptr) << key;
}

}  // namespace
