// Boards that the table of boards does not hold, described as `peakproof theory --spec` would: the dense figures of
// their public data sheets and whitepapers come out within 1.5 %.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "theory/peak.hpp"
#include "theory/units.hpp"

namespace peakproof::theory {
namespace {

struct Figure {
  Pipe pipe;
  double value;  // T(FL)OPS dense; GB/s for dram
};

struct Sheet {
  const char* name;
  ComputeCapability cc;
  Variant variant;
  int sms;
  double boost_mhz;
  double tensor_mhz;
  double data_rate_gbps;
  int bus_bits;
  std::vector<Figure> figures;
};

using enum Pipe;
using enum Variant;

std::vector<Sheet> sheets() {
  return {
      {"Tesla V100 SXM2 32GB",
       {7, 0},
       datacenter_pro,
       80,
       1530,
       0,
       1.755,
       4096,
       {{fp64_fma, 7.8}, {fp32_fma, 15.7}, {fp16x2_fma, 31.4}, {int32_mad, 15.7}, {tensor_fp16, 125}, {dram, 900}}},
      {"A100 SXM4 40GB",
       {8, 0},
       datacenter_pro,
       108,
       1410,
       0,
       2.43,
       5120,
       {{fp64_fma, 9.7},
        {fp32_fma, 19.5},
        {fp16x2_fma, 78},
        {bf16x2_fma, 39},
        {int32_mad, 19.5},
        {tensor_fp64, 19.5},
        {tensor_tf32, 156},
        {tensor_fp16, 312},
        {tensor_bf16, 312},
        {tensor_int8, 624},
        {tensor_int4, 1248},
        {tensor_fp16_sparse, 624},
        {dram, 1555}}},
      {"Quadro RTX 6000",
       {7, 5},
       datacenter_pro,
       72,
       1770,
       0,
       14,
       384,
       {{fp32_fma, 16.3},
        {fp16x2_fma, 32.6},
        {tensor_fp16, 130.5},
        {tensor_fp16_acc16, 130.5},
        {tensor_int8, 261},
        {tensor_int4, 522},
        {dram, 672}}},
      {"GeForce RTX 2080 Super",
       {7, 5},
       geforce,
       48,
       1815,
       0,
       15.5,
       256,
       {{fp32_fma, 11.2},
        {fp16x2_fma, 22.3},
        {tensor_fp16, 44.6},
        {tensor_fp16_acc16, 89.2},
        {tensor_int8, 178.4},
        {tensor_int4, 356.8},
        {dram, 496}}},
      {"A30",
       {8, 0},
       datacenter_pro,
       56,
       1440,
       0,
       2.43,
       3072,
       {{fp64_fma, 5.2},
        {tensor_fp64, 10.3},
        {fp32_fma, 10.3},
        {tensor_tf32, 82},
        {tensor_bf16, 165},
        {tensor_fp16, 165},
        {tensor_int8, 330},
        {tensor_int4, 661},
        {tensor_int4_sparse, 1321},
        {dram, 933}}},
      {"A40",
       {8, 6},
       datacenter_pro,
       84,
       1740,
       0,
       14.5,
       384,
       {{fp32_fma, 37.4},
        {tensor_tf32, 74.8},
        {tensor_fp16, 149.7},
        {tensor_bf16, 149.7},
        {tensor_int8, 299.3},
        {tensor_int4, 598.7},
        {tensor_fp16_sparse, 299.4},
        {dram, 696}}},
      {"A2",
       {8, 6},
       datacenter_pro,
       10,
       1770,
       0,
       12.5,
       128,
       {{fp32_fma, 4.5}, {tensor_tf32, 9}, {tensor_bf16, 18}, {tensor_int8, 36}, {tensor_int4, 72}, {dram, 200}}},
      {"RTX A4000",
       {8, 6},
       datacenter_pro,
       48,
       1560,
       0,
       14,
       256,
       {{fp32_fma, 19.2}, {tensor_fp16_sparse, 153.4}, {dram, 448}}},
      {"GeForce RTX 3090",
       {8, 6},
       geforce,
       82,
       1695,
       0,
       19.5,
       384,
       {{fp32_fma, 35.6},
        {fp16x2_fma, 35.6},
        {bf16x2_fma, 35.6},
        {tensor_fp16, 71},
        {tensor_fp16_acc16, 142},
        {tensor_bf16, 71},
        {tensor_tf32, 35.6},
        {tensor_int8, 284},
        {tensor_int4, 568},
        {dram, 936}}},
      {"GeForce RTX 3070",
       {8, 6},
       geforce,
       46,
       1725,
       0,
       14,
       256,
       {{fp32_fma, 20.3},
        {tensor_fp16, 40.6},
        {tensor_fp16_acc16, 81.3},
        {tensor_tf32, 20.3},
        {tensor_int8, 162.6},
        {tensor_int4, 325.2},
        {dram, 448}}},
      {"L4",
       {8, 9},
       datacenter_pro,
       58,
       2040,
       0,
       12.5,
       192,
       {{fp32_fma, 30.3},
        {tensor_tf32, 60},
        {tensor_fp16, 121},
        {tensor_bf16, 121},
        {tensor_fp8, 242.5},
        {tensor_int8, 242.5},
        {tensor_fp8_sparse, 485},
        {dram, 300}}},
      {"RTX 6000 Ada Generation",
       {8, 9},
       datacenter_pro,
       142,
       2505,
       0,
       20,
       384,
       {{fp32_fma, 91.1}, {tensor_fp8, 728.5}, {tensor_fp8_sparse, 1457}, {dram, 960}}},
      {"GeForce RTX 4080",
       {8, 9},
       geforce,
       76,
       2505,
       0,
       22.4,
       256,
       {{fp32_fma, 48.7},
        {fp16x2_fma, 48.7},
        {tensor_fp16, 97.5},
        {tensor_fp16_acc16, 194.9},
        {tensor_bf16, 97.5},
        {tensor_tf32, 48.7},
        {tensor_fp8, 194.9},
        {tensor_fp8_acc16, 389.9},
        {tensor_int8, 389.9},
        {tensor_int4, 779.8},
        {dram, 716.8}}},
      {"H100 PCIe",
       {9, 0},
       datacenter_pro,
       114,
       1755,
       1620,
       3.186,
       5120,
       {{fp64_fma, 25.6},
        {tensor_fp64, 51.2},
        {fp32_fma, 51.2},
        {fp16x2_fma, 102.4},
        {bf16x2_fma, 102.4},
        {tensor_tf32, 378},
        {tensor_fp16, 756},
        {tensor_bf16, 756},
        {tensor_fp8, 1513},
        {tensor_int8, 1513},
        {dram, 2039}}},
      {"GeForce RTX 5080",
       {12, 0},
       geforce,
       84,
       2617,
       0,
       30,
       256,
       {{fp32_fma, 56.3},
        {fp16x2_fma, 56.3},
        {tensor_fp16, 112.6},
        {tensor_fp16_acc16, 225.1},
        {tensor_bf16, 112.6},
        {tensor_fp8_acc16, 450.2},
        {tensor_fp4, 900.4},
        {tensor_fp4_sparse, 1801},
        {dram, 960}}},
      {"GeForce RTX 5060 Ti",
       {12, 0},
       geforce,
       36,
       2572,
       0,
       28,
       128,
       {{fp32_fma, 23.7}, {tensor_fp4_sparse, 759}, {dram, 448}}},
  };
}

TEST(DataSheets, DenseFiguresComeOutWithinOneAndAHalfPercent) {
  constexpr double tolerance = 0.015;
  for (const auto& sheet : sheets()) {
    DeviceSpec device;
    device.name = sheet.name;
    device.compute_capability = sheet.cc;
    device.variant = sheet.variant;
    device.sm_count = sheet.sms;
    device.sm_clock_hz = sheet.boost_mhz * 1e6;
    device.tensor_clock_hz = sheet.tensor_mhz * 1e6;
    device.memory_data_rate_bps = sheet.data_rate_gbps * 1e9;
    device.memory_bus_bits = sheet.bus_bits;
    EXPECT_EQ(variant_of_board(sheet.name), sheet.variant) << sheet.name;
    for (const auto& figure : sheet.figures) {
      const double published = figure.value * (figure.pipe == dram ? 1e9 : 1e12);
      const auto peak = rated_peak(device, figure.pipe);
      ASSERT_TRUE(peak) << sheet.name << ' ' << name(figure.pipe);
      EXPECT_NEAR(peak->per_second, published, tolerance * published)
          << sheet.name << ' ' << name(figure.pipe) << ": published " << si(published, unit(figure.pipe), 4)
          << ", theory " << si(peak->per_second, unit(figure.pipe), 4) << " = " << peak->formula;
    }
  }
}

}  // namespace
}  // namespace peakproof::theory
