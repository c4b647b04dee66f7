#include "theory/peak.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "theory/boards.hpp"

namespace peakproof::theory {
namespace {

DeviceSpec board(const char* name) {
  const auto search = find_board(name);
  EXPECT_NE(search.board, nullptr) << search.error;
  return search.board != nullptr ? device_spec(*search.board) : DeviceSpec{};
}

double tera(const DeviceSpec& device, Pipe pipe) {
  const auto peak = rated_peak(device, pipe);
  return peak ? peak->per_second * 1e-12 : std::nan("");
}

std::string formula(const DeviceSpec& device, Pipe pipe) {
  const auto peak = rated_peak(device, pipe);
  return peak ? peak->formula : "none";
}

TEST(Peak, WorkedExampleA100) {
  const auto a100 = board("A100 SXM");
  EXPECT_EQ(a100.sm_count, 108);
  EXPECT_EQ(a100.sm_clock_hz, 1410e6);
  EXPECT_NEAR(tera(a100, Pipe::fp32_fma), 19.5, 0.05);
  EXPECT_NEAR(tera(a100, Pipe::fp64_fma), 9.7, 0.05);
  EXPECT_NEAR(tera(a100, Pipe::fp16x2_fma), 78, 0.5);
  EXPECT_NEAR(tera(a100, Pipe::bf16x2_fma), 39, 0.5);
  EXPECT_NEAR(tera(a100, Pipe::tensor_fp16), 312, 0.5);
  EXPECT_NEAR(tera(a100, Pipe::tensor_fp16_sparse), 624, 0.5);
  EXPECT_NEAR(tera(a100, Pipe::tensor_tf32), 156, 0.5);
  EXPECT_NEAR(tera(a100, Pipe::tensor_fp64), 19.5, 0.05);
  EXPECT_NEAR(tera(a100, Pipe::tensor_int8), 624, 0.5);
  EXPECT_NEAR(tera(a100, Pipe::dram), 2.039, 0.0005);
  EXPECT_EQ(formula(a100, Pipe::fp32_fma), "108 SMs x 64 results/clk/SM x 2 FLOP x 1.410 GHz");
  EXPECT_EQ(formula(a100, Pipe::tensor_int8), "108 SMs x 2048 results/clk/SM x 2 OP x 1.410 GHz");
  EXPECT_EQ(formula(a100, Pipe::int32_add), "108 SMs x 64 results/clk/SM x 1 OP x 1.410 GHz");
  EXPECT_EQ(formula(a100, Pipe::shared), "108 SMs x 128 B/clk/SM x 1.410 GHz");
  EXPECT_EQ(formula(a100, Pipe::l2), "5120 B/clk (whole GPU) x 1.410 GHz");
  EXPECT_EQ(formula(a100, Pipe::dram), "3.186 Gb/s per pin x 5120 bit / 8");
  EXPECT_DOUBLE_EQ(tera(a100, Pipe::fp32_fma), 108 * 64 * 2 * 1410e6 * 1e-12);
  EXPECT_DOUBLE_EQ(tera(a100, Pipe::shared), 108 * 128 * 1410e6 * 1e-12);
  EXPECT_DOUBLE_EQ(tera(a100, Pipe::l2), 5120 * 1410e6 * 1e-12);
}

TEST(Peak, ClockDomainsOfH100AndH200) {
  for (const char* name : {"H100 SXM", "H200"}) {
    const auto device = board(name);
    EXPECT_EQ(rated_clock_hz(device, Pipe::fp32_fma), 1980e6);
    EXPECT_EQ(rated_clock_hz(device, Pipe::tensor_bf16), 1830e6);
    EXPECT_EQ(rated_clock_hz(device, Pipe::tensor_fp8_sparse), 1830e6);
    EXPECT_EQ(rated_clock_hz(device, Pipe::mma_fp16), 1830e6);
    EXPECT_EQ(rated_clock_hz(device, Pipe::tensor_fp64), 1980e6) << "67 TFLOPS is at the vector clock";
    EXPECT_EQ(rated_clock_hz(device, Pipe::shared), 1980e6);
    EXPECT_EQ(rated_clock_hz(device, Pipe::dram), 0);
    EXPECT_NEAR(tera(device, Pipe::fp32_fma), 66.9, 0.05);
    EXPECT_NEAR(tera(device, Pipe::fp64_fma), 33.5, 0.05);
    EXPECT_NEAR(tera(device, Pipe::tensor_fp64), 66.9, 0.05);
    EXPECT_NEAR(tera(device, Pipe::tensor_bf16), 989.4, 0.1);
    EXPECT_NEAR(tera(device, Pipe::tensor_fp8), 1978.9, 0.1);
    EXPECT_NEAR(tera(device, Pipe::mma_fp16), 0.665 * 989.4, 0.5);
    EXPECT_EQ(formula(device, Pipe::tensor_bf16), "132 SMs x 2048 results/clk/SM x 2 FLOP x 1.830 GHz");
  }
  auto one_clock = board("H200");
  one_clock.tensor_clock_hz = 0;
  EXPECT_EQ(rated_clock_hz(one_clock, Pipe::tensor_bf16), 1980e6) << "no tensor clock known: the SM clock";
}

TEST(Peak, TheClockIsAnArgument) {
  const auto device = board("H200");
  const auto measured = peak(device, Pipe::fp32_fma, 1976.4321e6);
  ASSERT_TRUE(measured);
  EXPECT_DOUBLE_EQ(measured->per_second, 132.0 * 128 * 2 * 1976.4321e6);
  EXPECT_EQ(measured->clock_hz, 1976.4321e6);
  EXPECT_EQ(measured->formula, "132 SMs x 128 results/clk/SM x 2 FLOP x 1.976432 GHz");
  EXPECT_EQ(measured->pipe, Pipe::fp32_fma);
}

TEST(Peak, DeviceMemory) {
  const auto h200 = board("H200");
  EXPECT_NEAR(tera(h200, Pipe::dram), 4.8143, 0.0001);
  EXPECT_EQ(rated_peak(h200, Pipe::dram)->clock_hz, 0);
  EXPECT_EQ(peak(h200, Pipe::dram, 1e9)->per_second, rated_peak(h200, Pipe::dram)->per_second)
      << "memory does not follow the SM clock";

  auto by_clock = h200;
  by_clock.memory_data_rate_bps = 0;
  EXPECT_NEAR(tera(by_clock, Pipe::dram), 4.8143, 0.0001);
  EXPECT_EQ(formula(by_clock, Pipe::dram), "2 x 3201 MHz x 6016 bit / 8");

  by_clock.memory_type = "GDDR6X";
  EXPECT_FALSE(rated_peak(by_clock, Pipe::dram)) << "2 x clock holds for HBM only";
  by_clock.memory_type = "";
  EXPECT_FALSE(rated_peak(by_clock, Pipe::dram));
  auto no_bus = h200;
  no_bus.memory_bus_bits = 0;
  EXPECT_FALSE(rated_peak(no_bus, Pipe::dram));
}

TEST(Peak, UnknownStaysUnknown) {
  const auto known = board("A100 SXM");
  auto device = known;
  device.compute_capability = {9, 9};
  const auto follows_no_table = [](Pipe pipe) {
    return pipe == Pipe::dram || pipe == Pipe::pcie || pipe == Pipe::nvlink;
  };
  for (const Pipe pipe : all_pipes())
    EXPECT_EQ(rated_peak(device, pipe).has_value(), follows_no_table(pipe)) << name(pipe);
  device = known;
  device.sm_count = 0;
  EXPECT_FALSE(rated_peak(device, Pipe::fp32_fma));
  device.sm_count = -4;
  EXPECT_FALSE(rated_peak(device, Pipe::fp32_fma));
  device = known;
  device.sm_clock_hz = 0;
  EXPECT_FALSE(rated_peak(device, Pipe::fp32_fma));
  EXPECT_FALSE(rated_peak(device, Pipe::tensor_fp16));
  EXPECT_FALSE(rated_peak(device, Pipe::l2));
  EXPECT_FALSE(peak(known, Pipe::fp32_fma, 0));
  EXPECT_FALSE(peak(known, Pipe::fp32_fma, -1e9));
  EXPECT_FALSE(peak(known, Pipe::fp32_fma, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(peak(known, Pipe::fp32_fma, std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(rated_peak(known, Pipe::tensor_fp8)) << "no FP8 on 8.0";
  auto no_links = known;
  no_links.pcie_lanes = 0;
  no_links.nvlink_bytes_per_second = 0;
  EXPECT_FALSE(rated_peak(no_links, Pipe::pcie));
  EXPECT_FALSE(rated_peak(no_links, Pipe::nvlink));
  device = known;
  device.l2_bytes = 0;
  EXPECT_FALSE(rated_peak(device, Pipe::l2));
  EXPECT_TRUE(rated_peaks(DeviceSpec{}).empty());
}

TEST(Peak, VariantsOfOneArchitecture) {
  auto device = board("L40S");
  EXPECT_NEAR(tera(device, Pipe::tensor_fp16), 366.4, 0.1);
  device.variant = Variant::geforce;
  EXPECT_NEAR(tera(device, Pipe::tensor_fp16), 183.2, 0.1);
  device.variant = Variant::h20;
  EXPECT_FALSE(rated_peak(device, Pipe::tensor_fp16)) << "a variant of another architecture";
}

TEST(Peak, SourceNamesTheDocumentTheNoteAndTheSparsity) {
  const auto dense = rated_peak(board("A100 SXM"), Pipe::tensor_fp16);
  const auto sparse = rated_peak(board("A100 SXM"), Pipe::tensor_fp16_sparse);
  ASSERT_TRUE(dense && sparse);
  EXPECT_THAT(dense->source, testing::HasSubstr("A100"));
  EXPECT_THAT(sparse->source, testing::StartsWith(dense->source));
  EXPECT_THAT(sparse->source, testing::HasSubstr("2:4"));
  EXPECT_THAT(rated_peak(board("3090 Ti"), Pipe::fp16x2_fma)->source, testing::HasSubstr("disputed"));
}

TEST(Peak, RatedPeaksAreInOrderAndComplete) {
  for (const auto& b : boards()) {
    const auto device = device_spec(b);
    const auto peaks = rated_peaks(device);
    EXPECT_TRUE(
        std::is_sorted(peaks.begin(), peaks.end(), [](const Peak& x, const Peak& y) { return x.pipe < y.pipe; }));
    std::size_t expected = 0;
    for (const Pipe pipe : all_pipes()) expected += rated_peak(device, pipe) ? 1U : 0U;
    EXPECT_EQ(peaks.size(), expected) << b.name;
    for (const auto& peak : peaks) {
      EXPECT_GT(peak.per_second, 0);
      EXPECT_FALSE(peak.formula.empty());
      EXPECT_FALSE(peak.source.empty());
    }
  }
  EXPECT_EQ(rated_peaks(board("H200")).size(), 37U);
}

}  // namespace
}  // namespace peakproof::theory
