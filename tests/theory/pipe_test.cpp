#include "theory/pipe.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace peakproof::theory {
namespace {

TEST(Pipe, NamesRoundTripAndAreUnique) {
  std::set<std::string_view> names;
  for (const Pipe pipe : all_pipes()) {
    EXPECT_EQ(pipe_from_name(name(pipe)), pipe) << name(pipe);
    EXPECT_TRUE(names.insert(name(pipe)).second) << name(pipe);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Pipe::nvlink) + 1);
  EXPECT_EQ(pipe_from_name("fp32"), std::nullopt);
  EXPECT_EQ(pipe_from_name(""), std::nullopt);
  EXPECT_EQ(pipe_from_name("FP32_FMA"), std::nullopt);
}

TEST(Pipe, NamesAreThoseOfTheCommandLine) {
  const char* const expected[] = {"fp64_fma",
                                  "fp32_fma",
                                  "fp32x2_fma",
                                  "fp16x2_fma",
                                  "bf16x2_fma",
                                  "int32_mad",
                                  "int32_add",
                                  "int32_logic",
                                  "dp4a",
                                  "sfu",
                                  "shuffle",
                                  "convert",
                                  "convert_small_int",
                                  "convert_64bit",
                                  "convert_int_to_float",
                                  "convert_pack",
                                  "issue",
                                  "tensor_fp16",
                                  "tensor_fp16_acc16",
                                  "tensor_bf16",
                                  "tensor_tf32",
                                  "tensor_fp64",
                                  "tensor_int8",
                                  "tensor_int4",
                                  "tensor_b1",
                                  "tensor_fp8",
                                  "tensor_fp8_acc16",
                                  "tensor_fp6",
                                  "tensor_fp4",
                                  "tensor_fp16_sparse",
                                  "tensor_fp16_acc16_sparse",
                                  "tensor_bf16_sparse",
                                  "tensor_tf32_sparse",
                                  "tensor_int8_sparse",
                                  "tensor_int4_sparse",
                                  "tensor_fp8_sparse",
                                  "tensor_fp8_acc16_sparse",
                                  "tensor_fp6_sparse",
                                  "tensor_fp4_sparse",
                                  "mma_fp16",
                                  "mma_bf16",
                                  "mma_tf32",
                                  "mma_int8",
                                  "mma_fp8",
                                  "dram",
                                  "l2",
                                  "l1",
                                  "shared",
                                  "pcie",
                                  "nvlink"};
  std::size_t i = 0;
  for (const Pipe pipe : all_pipes()) EXPECT_EQ(name(pipe), expected[i++]);
  EXPECT_EQ(i, std::size(expected));
}

TEST(Pipe, OperationsPerResult) {
  for (const Pipe pipe : all_pipes()) {
    const std::string text(name(pipe));
    int expected = 2;  // fused multiply-add
    if (text == "dp4a") expected = 8;
    if (text == "int32_add" || text == "int32_logic" || text == "sfu" || text == "shuffle" || text == "issue" ||
        text.starts_with("convert"))
      expected = 1;
    if (text == "dram" || text == "l2" || text == "l1" || text == "shared" || text == "pcie" || text == "nvlink")
      expected = 0;
    EXPECT_EQ(operations_per_result(pipe), expected) << text;
  }
}

TEST(Pipe, Units) {
  for (const Pipe pipe : all_pipes()) {
    const std::string text(name(pipe));
    std::string_view expected = "FLOP/s";
    for (const char* part : {"int", "_b1", "dp4a", "sfu", "shuffle", "convert", "issue"})
      if (text.find(part) != std::string::npos) expected = "OP/s";
    if (operations_per_result(pipe) == 0) expected = "B/s";
    EXPECT_EQ(unit(pipe), expected) << text;
  }
}

TEST(Pipe, ClockDomains) {
  for (const Pipe pipe : all_pipes()) {
    const std::string text(name(pipe));
    auto expected = ClockDomain::vector;
    if (text.starts_with("tensor_") || text.starts_with("mma_")) expected = ClockDomain::tensor;
    if (text == "tensor_fp64") expected = ClockDomain::vector;
    if (text == "dram" || text == "pcie" || text == "nvlink") expected = ClockDomain::none;
    EXPECT_EQ(clock_domain(pipe), expected) << text;
  }
}

}  // namespace
}  // namespace peakproof::theory
