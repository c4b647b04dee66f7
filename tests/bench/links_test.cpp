// Links without a device: readings under load, NVLinks between two GPUs, a GPU's place in the machine, host batches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "bench/harness/cuda_p2p.hpp"
#include "bench/harness/gpu_place.hpp"
#include "bench/harness/host_batches.hpp"
#include "bench/harness/link_watch.hpp"
#include "tests/bench/fake_gpu.hpp"

namespace peakproof::bench {
namespace {

using testing::HasSubstr;
using testing::Not;
using theory::PcieLink;

/// A GPU whose link is at rest until something moves.
struct MadeUpGpu final : fakes::SilentGpu {
  mutable bool busy = false;
  std::optional<PcieLink> resting = PcieLink{1, 16};
  std::vector<std::optional<PcieLink>> loaded = {PcieLink{5, 16}};  ///< one reading after the other, the last for ever
  mutable std::size_t readings = 0;
  std::optional<PcieLink> best = PcieLink{5, 16};
  std::optional<int> own = 5;
  mutable std::uint64_t replays = 3;
  std::vector<NvLink> links;
  std::optional<double> line = 26.562e9;

  [[nodiscard]] std::optional<PcieLink> pcie_link() const override {
    return busy ? loaded.at(std::min(readings++, loaded.size() - 1)) : resting;
  }
  [[nodiscard]] std::optional<PcieLink> best_pcie_link() const override { return best; }
  [[nodiscard]] std::optional<int> own_pcie_generation() const override { return own; }
  [[nodiscard]] std::optional<std::uint64_t> pcie_replays() const override { return replays; }
  [[nodiscard]] std::vector<NvLink> nvlinks() const override { return links; }
  [[nodiscard]] std::optional<double> nvlink_bytes_per_second() const override { return line; }
};

/// Looks once; the load lasts through `enough` of its copies and no less.
int look(LinkWatch& watch, const std::vector<const MadeUpGpu*>& gpus, int enough = 1) {
  int copies = 0;
  int before = 0;
  const auto set = [&](bool busy) {
    for (const auto* gpu : gpus) gpu->busy = busy;
  };
  watch.look(
      [&] {
        ++copies;
        set(true);
      },
      [&] {
        const bool still = copies - before >= enough;
        before = copies;
        set(false);
        return still;
      });
  return copies;
}

TEST(LinkWatch, ReadsUnderLoad) {
  const MadeUpGpu gpu;
  LinkWatch watch({{"", &gpu}});
  EXPECT_FALSE(watch.link());
  EXPECT_THAT(watch.text(), HasSubstr("did not tell it while copies were under way"));
  EXPECT_EQ(look(watch, {&gpu}), 1);
  EXPECT_EQ(watch.link(), (PcieLink{5, 16}));
  EXPECT_EQ(watch.text(), "PCIe link under load: Gen5 x16, all that GPU and slot can do; at rest Gen1 x16");
}

TEST(LinkWatch, AReadingAfterTheLoadDoesNotCount) {
  const MadeUpGpu gpu;
  LinkWatch watch({{"", &gpu}});
  EXPECT_EQ(look(watch, {&gpu}, 5), 1 + 2 + 4 + 8);
  EXPECT_EQ(watch.link(), (PcieLink{5, 16}));
  LinkWatch never({{"", &gpu}});
  EXPECT_EQ(look(never, {&gpu}, 1000), 127);
  EXPECT_FALSE(never.link());
}

TEST(LinkWatch, NamesALinkBelowWhatGpuAndSlotCanDo) {
  MadeUpGpu gpu;
  gpu.loaded = {PcieLink{4, 8}};
  gpu.resting = PcieLink{4, 8};
  LinkWatch watch({{"", &gpu}});
  look(watch, {&gpu});
  EXPECT_THAT(watch.text(), HasSubstr("Gen4 x8 of Gen5 x16 that GPU and slot can do"));
  EXPECT_THAT(watch.text(), Not(HasSubstr("at rest")));
}

TEST(LinkWatch, NamesASlotBelowTheGpu) {
  MadeUpGpu gpu;
  gpu.loaded = {PcieLink{4, 16}};
  gpu.best = PcieLink{4, 16};
  LinkWatch watch({{"", &gpu}});
  look(watch, {&gpu});
  EXPECT_THAT(watch.text(),
              HasSubstr("all that GPU and slot can do; the slot stops at Gen4, the GPU alone could Gen5"));
}

TEST(LinkWatch, ALinkThatChangesCountsAtItsBestAndIsSaid) {
  MadeUpGpu gpu;
  gpu.loaded = {PcieLink{1, 16}, PcieLink{5, 16}, PcieLink{3, 16}};
  LinkWatch watch({{"", &gpu}});
  for (int i = 0; i < 5; ++i) look(watch, {&gpu});
  EXPECT_EQ(watch.link(), (PcieLink{5, 16}));
  EXPECT_THAT(watch.text(), HasSubstr("it changed: Gen1 x16 Gen5 x16 Gen3 x16"));
}

TEST(LinkWatch, OfTwoTheNarrowerCounts) {
  const MadeUpGpu wide;
  MadeUpGpu narrow;
  narrow.loaded = {PcieLink{4, 16}};
  LinkWatch watch({{"cuda:0", &wide}, {"cuda:1", &narrow}});
  look(watch, {&wide, &narrow});
  EXPECT_EQ(watch.link(), (PcieLink{4, 16}));
  EXPECT_THAT(watch.text(), HasSubstr("PCIe link of cuda:1 under load: Gen4 x16"));
  LinkWatch half({{"cuda:0", &wide}, {"cuda:1", nullptr}});
  look(half, {&wide});
  EXPECT_FALSE(half.link());
  EXPECT_THAT(half.text(), HasSubstr("PCIe link of cuda:1 unknown: NVML does not answer"));
}

TEST(LinkWatch, CountsReplays) {
  const MadeUpGpu gpu;
  LinkWatch watch({{"", &gpu}});
  look(watch, {&gpu});
  EXPECT_THAT(watch.text(), Not(HasSubstr("sent again")));
  gpu.replays = 8;
  EXPECT_THAT(watch.text(), HasSubstr("5 packets were sent again"));
}

TEST(NvLinks, GenerationsByNvmlsNumbers) {
  const std::vector<int> expected = {0, 1, 2, 2, 3, 3, 4, 5, 0};
  for (unsigned version = 0; version < expected.size(); ++version)
    EXPECT_EQ(nvlink_generation(version), expected[version]) << version;
}

TEST(NvLinks, ThoseThatEndAtTheOtherGpu) {
  MadeUpGpu from;
  const MadeUpGpu to;
  from.links = {{.generation = 3, .remote_address = "00000000:AB:00.0"},
                {.generation = 3, .remote_address = "00000000:27:00.0"},
                {.generation = 3, .remote_address = "00000000:AB:00.0"}};
  const auto links = nvlinks_between(from, to, "00000000:ab:00.0");
  ASSERT_TRUE(links);
  EXPECT_EQ(links->links, 2);
  EXPECT_EQ(links->generation, 3);
  EXPECT_EQ(links->line_bytes_per_second, 26.562e9);
  EXPECT_FALSE(nvlinks_between(from, to, "00000000:37:00.0"));
  EXPECT_FALSE(nvlinks_between(to, from, "00000000:ab:00.0"));
}

TEST(NvLinks, ByWayOfSwitchesAsManyAsBothHave) {
  MadeUpGpu from;
  MadeUpGpu to;
  from.line = {};
  from.links.assign(18, {.generation = 4, .to_switch = true, .remote_address = "00000000:01:00.0"});
  to.links.assign(17, {.generation = 4, .to_switch = true, .remote_address = "00000000:01:00.0"});
  const auto links = nvlinks_between(from, to, "00000000:ab:00.0");
  ASSERT_TRUE(links);
  EXPECT_EQ(links->links, 17);
  EXPECT_EQ(links->line_bytes_per_second, 0);
  to.links.clear();
  EXPECT_FALSE(nvlinks_between(from, to, "00000000:ab:00.0"));
}

/// A made-up /sys.
class Place : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root = std::filesystem::path(testing::TempDir()) / (std::string("peakproof_place_") + test->name());
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root / "sys/bus/pci/devices");
  }
  void TearDown() override { std::filesystem::remove_all(root); }
  void write(const std::string& file, const std::string& text) const {
    const auto path = root / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text << '\n';
  }
  /// The GPU below a port.
  void build() const {
    const std::string port = "sys/devices/pci0000:16/0000:16:01.0";
    write(port + "/max_link_speed", "32.0 GT/s PCIe");
    write(port + "/max_link_width", "16");
    write(port + "/0000:17:00.0/numa_node", "1");
    std::filesystem::create_symlink("../../../devices/pci0000:16/0000:16:01.0/0000:17:00.0",
                                    root / "sys/bus/pci/devices/0000:17:00.0");
  }
  std::filesystem::path root;
};

TEST_F(Place, NodeAndPort) {
  build();
  const GpuPlace place = gpu_place("00000000:17:00.0", root);
  EXPECT_EQ(place.numa_node, 1);
  EXPECT_EQ(place.port, (PcieLink{5, 16}));
}

TEST_F(Place, WhatIsNotTold) {
  EXPECT_FALSE(gpu_place("00000000:17:00.0", root).port);
  build();
  EXPECT_FALSE(gpu_place("00000001:17:00.0", root).numa_node);
  write("sys/devices/pci0000:16/0000:16:01.0/0000:17:00.0/numa_node", "-1");  // one node only
  write("sys/devices/pci0000:16/0000:16:01.0/max_link_speed", "Unknown");
  EXPECT_FALSE(gpu_place("00000000:17:00.0", root).numa_node);
  EXPECT_FALSE(gpu_place("00000000:17:00.0", root).port);
}

TEST(Speed, AsTheKernelWritesIt) {
  EXPECT_EQ(pcie_generation("2.5 GT/s PCIe"), 1);
  EXPECT_EQ(pcie_generation("5.0 GT/s PCIe"), 2);
  EXPECT_EQ(pcie_generation("8.0 GT/s"), 3);
  EXPECT_EQ(pcie_generation("16.0 GT/s PCIe"), 4);
  EXPECT_EQ(pcie_generation("32.0 GT/s PCIe"), 5);
  EXPECT_EQ(pcie_generation("64.0 GT/s PCIe"), 6);
  for (const char* text : {"", "Unknown", "32.0", "32.0 GB/s", "7.0 GT/s PCIe"}) EXPECT_EQ(pcie_generation(text), 0);
}

TEST(MemoryNode, OfAPageThatIsThere) {
  const std::vector<int> page(1024, 1);
  const auto node = memory_node(page.data());
  EXPECT_GE(node.value_or(0), 0);  // a container may forbid the question
  EXPECT_FALSE(memory_node(nullptr));
}

TEST(HostBatches, ADisturbedBatchDoesNotCount) {
  HostBatches batches;
  constexpr std::chrono::milliseconds kShort{2};
  constexpr std::chrono::milliseconds kLong{60};
  for (int i = 0; i < 5; ++i) batches.time(10, [&] { std::this_thread::sleep_for(i == 2 ? kLong : kShort); });
  EXPECT_GE(batches.seconds(), 5 * 0.002);
  EXPECT_LT(batches.seconds(), 0.06);
}

}  // namespace
}  // namespace peakproof::bench
