// Which matrix instructions a device has, and why not.
#include <gtest/gtest.h>

#include "bench/harness/cuda_matrix_chain.hpp"
#include "kernels/tensor/mma.hpp"

namespace peakproof::bench {
namespace {

using theory::ComputeCapability;
constexpr ComputeCapability kHopper{9, 0};

TEST(CodeArchitecture, IsThatOfTheCubinOrOfThePtx) {
  EXPECT_EQ(code_architecture("sm_90a"), kHopper);
  EXPECT_EQ(code_architecture("sm_120a"), (ComputeCapability{12, 0}));
  EXPECT_EQ(code_architecture(""), (ComputeCapability{8, 0}));
}

TEST(WhyNotNative, IsEmptyForWhatTheDeviceHas) {
  EXPECT_EQ(why_not_native(kernels::MmaF16K16::native, kHopper, kHopper), "");
  EXPECT_EQ(why_not_native(kernels::MmaF64K16::native, kHopper, kHopper), "");
  EXPECT_EQ(why_not_native(kernels::MmaE4m3K32::native, {12, 0}, {12, 0}), "");
}

TEST(WhyNotNative, SaysWhatIsTooNewOrEmulated) {
  EXPECT_EQ(why_not_native(kernels::MmaBf16K16::native, {7, 5}, {7, 5}), "needs compute capability 8.0");
  EXPECT_EQ(why_not_native(kernels::MmaMxf4K64::native, kHopper, kHopper), "needs compute capability 12.0");
  EXPECT_NE(why_not_native(kernels::MmaE4m3K32::native, kHopper, kHopper).find("emulated"), std::string::npos);
  EXPECT_NE(why_not_native(kernels::MmaS4K64::native, kHopper, kHopper).find("emulated"), std::string::npos);
  EXPECT_NE(why_not_native(kernels::MmaB1AndK256::native, {10, 0}, {10, 0}).find("emulated"), std::string::npos);
}

TEST(WhyNotNative, LooksAtTheMachineCodeAsWell) {
  // 12.1 runs PTX of 8.0: the trap of a kernel that 8.0 lacks is there too, and what 12.1 lacks the driver emulates.
  EXPECT_NE(why_not_native(kernels::MmaE4m3K32::native, {12, 1}, {8, 0}).find("lacks the instruction"),
            std::string::npos);
  EXPECT_NE(why_not_native(kernels::MmaS4K64::native, {12, 1}, {8, 0}).find("emulated"), std::string::npos);
  EXPECT_EQ(why_not_native(kernels::MmaF16K16::native, {12, 1}, {8, 0}), "");
}

TEST(MmaFloor, HasASourceAndNoneElsewhere) {
  const auto a100 = mma_floor({8, 0}, theory::Pipe::tensor_fp16);
  ASSERT_TRUE(a100);
  EXPECT_GT(a100->issue, 0.9);
  EXPECT_NE(a100->source.find("published"), std::string::npos);
  EXPECT_FALSE(mma_floor(kHopper, theory::Pipe::tensor_fp16_sparse));
  EXPECT_FALSE(mma_floor(kHopper, theory::Pipe::tensor_fp64));
}

}  // namespace
}  // namespace peakproof::bench
