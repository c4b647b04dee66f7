// The pure parts of the CUDA side: no GPU, no driver.
#include <gtest/gtest.h>

#include "bench/harness/audit.hpp"
#include "bench/harness/cuda.hpp"
#include "bench/harness/cuda_device.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/event_timer.hpp"
#include "bench/harness/sm_rates.hpp"

namespace peakproof::bench {
namespace {

const std::vector<GpuName> kGpus = {
    {.index = 0, .uuid = "GPU-11112222-aaaa-bbbb-cccc-000000000000", .pci_bus_id = "00000000:17:00.0", .name = "A"},
    {.index = 1, .uuid = "GPU-11113333-aaaa-bbbb-cccc-000000000000", .pci_bus_id = "00000000:ca:00.0", .name = "B"}};

TEST(SelectGpu, ByIndexUuidAndPciAddress) {
  EXPECT_EQ(select_gpu(kGpus, "").index, 0);
  EXPECT_EQ(select_gpu(kGpus, "cuda:1").index, 1);
  EXPECT_EQ(select_gpu(kGpus, "GPU-11113333-aaaa-bbbb-cccc-000000000000").index, 1);
  EXPECT_EQ(select_gpu(kGpus, "gpu-11113333").index, 1);
  EXPECT_EQ(select_gpu(kGpus, "CA:00.0").index, 1);
  EXPECT_EQ(select_gpu(kGpus, "0000:17:00.0").index, 0);
}

TEST(SelectGpu, RefusesWhatIsUnknownOrAmbiguous) {
  for (const char* bad :
       {"cuda:2", "cuda:-1", "cuda:01", "cuda:1x", "GPU-", "GPU-1111", "17", ":00.0", "00.0", "gpu0", "tpu"})
    EXPECT_THROW(static_cast<void>(select_gpu(kGpus, bad)), UsageError) << bad;
}

GpuFacts h200() {
  return {.driver = {.name = "NVIDIA H200",
                     .compute_capability = {9, 0},
                     .sm_count = 132,
                     .sm_clock_hz = 1980e6,
                     .memory_clock_hz = 3201e6,
                     .memory_bus_bits = 6144,
                     .memory_bytes = 150'000'000'000,
                     .l2_bytes = 60 << 20},
          .nvml_max_sm_clock_hz = 1980e6,
          .nvml_max_memory_clock_hz = 3201e6,
          .nvml_memory_bus_bits = 6016};
}

TEST(ConcludeSpec, TheSmallerBusCountsAndBothAreSaid) {
  reports::Texts notes;
  const auto spec = conclude_spec(h200(), notes);
  EXPECT_EQ(spec.memory_bus_bits, 6016);
  EXPECT_NE(notes.at("disagreement.memory_bus").find("6144"), std::string::npos);
  EXPECT_NE(notes.at("disagreement.memory_bus").find("6016"), std::string::npos);
  EXPECT_EQ(notes.count("disagreement.sm_clock"), 0U);
  EXPECT_NEAR(theory::rated_peak(spec, theory::Pipe::dram)->per_second, 4814.3e9, 0.1e9);
  EXPECT_EQ(spec.tensor_clock_hz, 1830e6);
  EXPECT_NEAR(theory::rated_peak(spec, theory::Pipe::fp32_fma)->per_second, 66.9e12, 0.05e12);
}

TEST(ConcludeSpec, WithoutNvmlTheDriverCounts) {
  GpuFacts facts = h200();
  facts.nvml_memory_bus_bits.reset();
  facts.nvml_max_sm_clock_hz.reset();
  facts.nvml_max_memory_clock_hz.reset();
  reports::Texts notes;
  EXPECT_EQ(conclude_spec(facts, notes).memory_bus_bits, 6144);
}

TEST(ConcludeSpec, AMigSliceHasNoMemoryTheory) {
  GpuFacts facts = h200();
  facts.mig = true;
  reports::Texts notes;
  EXPECT_FALSE(theory::rated_peak(conclude_spec(facts, notes), theory::Pipe::dram));
  EXPECT_EQ(notes["mig"], "on");
  EXPECT_NE(notes["mig_slice"].find("no memory theory"), std::string::npos);
}

GpuFacts rtx4090(double memory_clock_hz) {
  return {.driver = {.name = "NVIDIA GeForce RTX 4090",
                     .compute_capability = {8, 9},
                     .sm_count = 128,
                     .sm_clock_hz = 2520e6,
                     .memory_clock_hz = memory_clock_hz,
                     .memory_bus_bits = 384}};
}

TEST(ConcludeSpec, TheSheetsRateOfGddrCountsOnlyIfTheDriversClockAgrees) {
  reports::Texts notes;
  EXPECT_NEAR(theory::rated_peak(conclude_spec(rtx4090(10501e6), notes), theory::Pipe::dram)->per_second, 1008e9, 1e9);
  EXPECT_EQ(notes.count("disagreement.memory_rate"), 0U);
  EXPECT_FALSE(theory::rated_peak(conclude_spec(rtx4090(9501e6), notes), theory::Pipe::dram));
  EXPECT_EQ(notes.count("disagreement.memory_rate"), 1U);
}

TEST(ConcludeSpec, AnUnknownNarrowCardHasNoMemoryTheory) {
  GpuFacts facts = h200();
  facts.driver.name = "NVIDIA Something New";
  facts.driver.memory_bus_bits = 512;
  facts.nvml_memory_bus_bits = 512;
  reports::Texts notes;
  const auto spec = conclude_spec(facts, notes);
  EXPECT_FALSE(theory::rated_peak(spec, theory::Pipe::dram));  // what a GDDR pin moves per clock is not told
  EXPECT_TRUE(theory::rated_peak(spec, theory::Pipe::fp32_fma));
}

TEST(SmClocks, FromTwoReadingsOfEverySm) {
  const std::vector<kernels::ClockReading> before = {{100, 1000, 0}, {500, 1000, 1}, {0, 0, -1}, {7, 1000, 2}};
  const std::vector<kernels::ClockReading> after = {{2100, 2000, 0}, {1500, 2000, 1}, {1, 2000, 3}, {5, 2000, 2}};
  const auto map = sm_clocks(before, after);
  EXPECT_EQ(map.unit, (std::vector<int>{0, 1}));  // SM 2 ran backwards, SM 3 was not seen before
  EXPECT_DOUBLE_EQ(map.value[0], 2e9);
  EXPECT_DOUBLE_EQ(map.value[1], 1e9);
  EXPECT_DOUBLE_EQ(*median_clock_hz(map), 1.5e9);
  EXPECT_FALSE(median_clock_hz({}));
}

TEST(ViolatedShare, OfTheTimeBetweenTwoReadings) {
  EXPECT_DOUBLE_EQ(violated_share({.at_s = 10, .lowered_s = 3}, {.at_s = 14, .lowered_s = 4}), 0.25);
  EXPECT_DOUBLE_EQ(violated_share({.at_s = 10, .lowered_s = 3}, {.at_s = 10, .lowered_s = 4}), 0);
  EXPECT_DOUBLE_EQ(violated_share({.at_s = 10, .lowered_s = 3}, {.at_s = 11, .lowered_s = 9}), 1);
  EXPECT_DOUBLE_EQ(violated_share({.at_s = 10, .lowered_s = 3}, {.at_s = 11, .lowered_s = 2}), 0);
}

TEST(SmRates, ASlowSmShows) {
  const auto map = sm_rates({{0, 100, 0}, {0, 100, 0}, {50, 250, 1}, {50, 150, 1}, {0, 0, -1}}, 1000);
  EXPECT_EQ(map.unit, (std::vector<int>{0, 1}));
  EXPECT_DOUBLE_EQ(map.value[0], 20);
  EXPECT_DOUBLE_EQ(map.value[1], 10);
}

TEST(UnevenBlocks, AreToldWithTheirSms) {
  EXPECT_FALSE(uneven_blocks({{0, 1, 0}, {0, 1, 1}, {0, 1, 1}, {0, 1, 0}}, 2));
  EXPECT_FALSE(uneven_blocks({}, 2));
  const auto two_on_one = uneven_blocks({{0, 1, 0}, {0, 1, 0}, {0, 1, 1}}, 2);
  ASSERT_TRUE(two_on_one);
  EXPECT_EQ(two_on_one->value, (std::vector<double>{2, 1}));
  EXPECT_TRUE(uneven_blocks({{0, 1, 0}, {0, 1, 0}}, 2)) << "an SM without any";
}

TEST(SmMaps, HaveTheUnitOfTheWork) {
  const auto even = sm_maps({{0, 100, 0}, {0, 50, 1}}, 1000, 2, "B/s");
  ASSERT_EQ(even.size(), 1U);
  EXPECT_EQ(even[0].quantity, "bytes_per_clk");
  EXPECT_EQ(even[0].value, (std::vector<double>{10, 20}));
  const auto uneven = sm_maps({{0, 100, 0}, {0, 100, 0}, {0, 100, 1}}, 1000, 2);
  ASSERT_EQ(uneven.size(), 2U);
  EXPECT_EQ(uneven[0].quantity, "operations_per_clk");
  EXPECT_EQ(uneven[1].quantity, "blocks");
}

TEST(NoMachineCode, IsTheReasonOfNothingElse) {
  EXPECT_TRUE(no_machine_code(cudaErrorNoKernelImageForDevice));
  EXPECT_TRUE(no_machine_code(cudaErrorInvalidDeviceFunction));
  for (const auto other : {cudaSuccess, cudaErrorInvalidValue, cudaErrorLaunchOutOfResources})
    EXPECT_FALSE(no_machine_code(other));
}

const std::vector<EmbeddedImage> kImages = {{"sm_75", "a"},  {"sm_80", "b"},   {"sm_86", "c"},  {"sm_89", "d"},
                                            {"sm_90a", "e"}, {"sm_100a", "f"}, {"sm_120a", "g"}};

TEST(LoadedArch, ExactSpecificTargetsElseTheHighestMinorBelow) {
  EXPECT_EQ(loaded_arch({7, 5}, kImages), "sm_75");
  EXPECT_EQ(loaded_arch({8, 7}, kImages), "sm_86");
  EXPECT_EQ(loaded_arch({8, 9}, kImages), "sm_89");
  EXPECT_EQ(loaded_arch({9, 0}, kImages), "sm_90a");
  EXPECT_EQ(loaded_arch({10, 0}, kImages), "sm_100a");
  EXPECT_EQ(loaded_arch({10, 3}, kImages), "");  // an "a" target runs on its own capability alone
  EXPECT_EQ(loaded_arch({7, 0}, kImages), "");
  EXPECT_EQ(loaded_arch({12, 1}, kImages), "");
}

TEST(LookUpAudit, OnlyTheVeryBytesThatWereAuditedCount) {
  const std::vector<AuditRow> table = {{"fp32_fma", "sm_90a", "e", "audited", 0.006, "FFMA=512 BRA=1", "fine"},
                                       {"fp32_fma", "sm_89", "other", "audited", 0.006, "FFMA=512", ""},
                                       {"stream<Copy>", "sm_90a", "e", "failed", 0, "LDG=7", "LDG.E.128 is 7, not 8"},
                                       {"fp32x2_fma", "sm_90a", "e", "absent", -1, "", "lacks the instruction"}};
  const auto good = look_up_audit("fp32_fma", {9, 0}, table, kImages, false);
  EXPECT_EQ(good.status, "audited");
  EXPECT_EQ(good.arch, "sm_90a");
  EXPECT_EQ(good.cubin_sha256, "e");
  EXPECT_EQ(good.counts.at("FFMA"), 512);
  EXPECT_DOUBLE_EQ(*good.overhead, 0.006);
  EXPECT_EQ(look_up_audit("stream<Copy>", {9, 0}, table, kImages, false).status, "failed");
  EXPECT_EQ(look_up_audit("fp32x2_fma", {9, 0}, table, kImages, false).status, "failed") << "it ran all the same";
  EXPECT_EQ(look_up_audit("fp32_fma", {8, 9}, table, kImages, false).status, "unaudited");  // another hash
  EXPECT_EQ(look_up_audit("fp32_fma", {9, 0}, table, kImages, true).status, "unaudited");   // driver-compiled PTX
  EXPECT_EQ(look_up_audit("fp32_fma", {10, 3}, table, kImages, false).status, "unaudited");
  EXPECT_EQ(look_up_audit("new_kernel", {9, 0}, table, kImages, false).status, "unaudited");
  EXPECT_EQ(look_up_audit("fp32_fma", {9, 0}, {}, kImages, false).status, "unaudited");
}

}  // namespace
}  // namespace peakproof::bench
