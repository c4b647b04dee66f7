// How far from FP64 a right product may be.
#include <gtest/gtest.h>

#include <cmath>

#include "bench/harness/cuda_gemm.hpp"

namespace {

using peakproof::bench::gemm_tolerance;
using peakproof::kernels::Element;
using peakproof::kernels::GemmTypes;

constexpr GemmTypes kHalf{Element::f16, Element::f32, Element::f32};

TEST(GemmTolerance, OfIntegersIsNone) {
  EXPECT_EQ(gemm_tolerance({Element::s8, Element::s32, Element::s32}, 8192), 0);
  EXPECT_EQ(gemm_tolerance({Element::b1, Element::s32, Element::s32}, 8192), 0);
}

TEST(GemmTolerance, GrowsWithTheDepth) {
  for (const GemmTypes& types :
       {kHalf, GemmTypes{Element::f16, Element::f16, Element::f16}, GemmTypes{Element::f64, Element::f64, Element::f64},
        GemmTypes{Element::e4m3, Element::f32, Element::bf16}})
    EXPECT_LT(gemm_tolerance(types, 1024), gemm_tolerance(types, 16384));
}

TEST(GemmTolerance, IsOrderedAsTheSumsAre) {
  constexpr std::int64_t k = 8192;
  const double fp64 = gemm_tolerance({Element::f64, Element::f64, Element::f64}, k);
  const double fp32 = gemm_tolerance(kHalf, k);
  const double fp8 = gemm_tolerance({Element::e4m3, Element::f32, Element::f32}, k);
  const double fp16 = gemm_tolerance({Element::f16, Element::f16, Element::f16}, k);
  EXPECT_LT(1e6 * fp64, fp32);
  EXPECT_LT(100 * fp32, fp8);
  EXPECT_LT(fp8, fp16);
  EXPECT_LT(fp16, 0.25);
}

TEST(GemmTolerance, HasRoomForTheRoundingOfC) {
  const double more = gemm_tolerance({Element::bf16, Element::f32, Element::bf16}, 8192) -
                      gemm_tolerance({Element::bf16, Element::f32, Element::f32}, 8192);
  EXPECT_DOUBLE_EQ(more, 0x1p-8);  // half a unit in the last of 8 bits
}

/// Products that are left out of sums of independent ones: n of k of them are sqrt(n / k) of the whole.
TEST(GemmTolerance, IsFarBelowOneStepLeftOut) {
  for (const std::int64_t k : {1024, 8192, 16384}) {
    const double step = std::sqrt(16.0 / static_cast<double>(k));
    EXPECT_LT(50 * gemm_tolerance(kHalf, k), step) << k;
    EXPECT_LT(50 * gemm_tolerance({Element::tf32, Element::f32, Element::f32}, k), step) << k;
  }
}

}  // namespace
