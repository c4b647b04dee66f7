#include "theory/sm_resources.hpp"

#include <gtest/gtest.h>

#include <array>

#include "theory/throughput.hpp"

namespace peakproof::theory {
namespace {

// The columns of the guide's compute capability tables, transcribed once more, by quantity.
constexpr std::array<ComputeCapability, 12> kColumns = {
    {{7, 0}, {7, 5}, {8, 0}, {8, 6}, {8, 7}, {8, 9}, {9, 0}, {10, 0}, {10, 3}, {11, 0}, {12, 0}, {12, 1}}};
struct Quantity {
  const char* name;
  int SmResources::*field;
  std::array<int, kColumns.size()> values;
};

// clang-format off
const std::array kQuantities = {
    Quantity{"FP32 cores",   &SmResources::fp32_cores,   {64, 64, 64, 128, 128, 128, 128, 128, 128, 128, 128, 128}},
    Quantity{"FP64 cores",   &SmResources::fp64_cores,   {32, 2, 32, 2, 2, 2, 64, 64, 2, 2, 2, 2}},
    Quantity{"INT32 cores",  &SmResources::int32_cores,  {64, 64, 64, 64, 64, 64, 64, 64, 64, 0, 64, 64}},
    Quantity{"tensor cores", &SmResources::tensor_cores, {8, 8, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4}},
    Quantity{"SFUs", &SmResources::special_function_units, {16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16}},
    Quantity{"schedulers",   &SmResources::warp_schedulers, {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4}},
    Quantity{"warps",        &SmResources::max_warps,    {64, 32, 64, 48, 48, 48, 64, 64, 64, 64, 48, 48}},
    Quantity{"threads", &SmResources::max_threads,
             {2048, 1024, 2048, 1536, 1536, 1536, 2048, 2048, 2048, 2048, 1536, 1536}},
    Quantity{"blocks",       &SmResources::max_blocks,   {32, 16, 32, 16, 16, 24, 32, 32, 32, 32, 24, 24}},
    Quantity{"unified L1",   &SmResources::unified_l1_kib, {128, 96, 192, 128, 192, 128, 256, 256, 256, 256, 128, 128}},
    Quantity{"shared",       &SmResources::shared_kib,   {96, 64, 164, 100, 164, 100, 228, 228, 228, 228, 100, 100}},
    Quantity{"shared per block", &SmResources::shared_per_block_kib,
             {96, 64, 163, 99, 163, 99, 227, 227, 227, 227, 99, 99}},
};
// clang-format on

TEST(SmResources, AreThoseOfTheGuide) {
  ASSERT_EQ(sm_resources().size(), kColumns.size());
  for (const auto& quantity : kQuantities) {
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      const auto* row = find_sm_resources(kColumns.at(i));
      ASSERT_NE(row, nullptr) << to_string(kColumns.at(i));
      EXPECT_EQ(row->*quantity.field, quantity.values.at(i)) << quantity.name << ' ' << to_string(kColumns.at(i));
    }
  }
  for (const auto& row : sm_resources()) {
    EXPECT_EQ(row.registers, 65536);
    EXPECT_EQ(row.max_registers_per_thread, 255);
  }
}

TEST(SmResources, FloatingPointUnitsAreTheRates) {
  for (const auto& row : sm_resources()) {
    SCOPED_TRACE(to_string(row.compute_capability));
    const auto* fp32 = find_throughput(row.compute_capability, Variant::datacenter_pro, Pipe::fp32_fma);
    const auto* fp64 = find_throughput(row.compute_capability, Variant::datacenter_pro, Pipe::fp64_fma);
    ASSERT_TRUE(fp32 != nullptr && fp64 != nullptr);
    EXPECT_EQ(fp32->results_per_clk_per_sm, row.fp32_cores);
    EXPECT_EQ(fp64->results_per_clk_per_sm, row.fp64_cores);
  }
}

TEST(SmResources, UnknownIsNull) {
  EXPECT_EQ(find_sm_resources({6, 0}), nullptr);
  EXPECT_EQ(find_sm_resources({9, 1}), nullptr);
}

TEST(SmResources, Gtx16HasNoTensorCores) {
  const auto* turing = find_sm_resources({7, 5});
  ASSERT_NE(turing, nullptr);
  EXPECT_EQ(tensor_cores_per_sm(*turing, Variant::geforce), 8);
  EXPECT_EQ(tensor_cores_per_sm(*turing, Variant::gtx16), 0);
}

}  // namespace
}  // namespace peakproof::theory
