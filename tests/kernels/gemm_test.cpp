// What matrix products accept, by the host.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include "kernels/tensor/gemm_check.hpp"
#include "kernels/tensor/wmma_gemm.hpp"

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace

class WmmaGemms : public testing::TestWithParam<WmmaType> {
 protected:
  [[nodiscard]] static bool fits(std::int64_t m, std::int64_t n, std::int64_t k) {
    return WmmaGemm{GetParam(), {m, n, k}}.fits();
  }
  [[nodiscard]] static GemmTile tile() { return WmmaGemm{GetParam(), {}}.tile(); }
};

TEST_P(WmmaGemms, FitMultiplesOfTheTile) {
  EXPECT_TRUE(fits(tile().m, tile().n, tile().k));
  EXPECT_TRUE(fits(8192, 8192, 8192));
  EXPECT_TRUE(fits(std::int64_t{3} * tile().m, std::int64_t{5} * tile().n, std::int64_t{7} * tile().k));
}

TEST_P(WmmaGemms, FitNothingElse) {
  constexpr std::int64_t beyond = std::int64_t{1} << 31U;  // the kernel's extents are 32 bits wide
  EXPECT_FALSE(fits(8192 + tile().m / 2, 8192, 8192));
  EXPECT_FALSE(fits(8192, 8192 + tile().n / 2, 8192));
  EXPECT_FALSE(fits(8192, 8192, 8192 + tile().k / 2));
  EXPECT_FALSE(fits(0, 8192, 8192));
  EXPECT_FALSE(fits(8192, -tile().n, 8192));
  EXPECT_FALSE(fits(8192, 8192, 0));
  EXPECT_FALSE(fits(beyond, tile().n, tile().k));
  EXPECT_FALSE(fits(beyond - tile().m, beyond - tile().n, tile().k));  // more tiles than a grid holds
}

TEST_P(WmmaGemms, RefuseAShapeThatDoesNotFit) {
  const WmmaGemm gemm{GetParam(), {100, 100, 100}};
  EXPECT_EQ(launch(gemm, nullptr, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
}

TEST_P(WmmaGemms, HaveRowsThatEndWithAVector) {
  EXPECT_EQ(bytes_of(WmmaGemm{GetParam(), {}}.types().operand, tile().k), WmmaGemm::tile_bytes);
}

std::string name_of_type(const testing::TestParamInfo<WmmaType>& type) { return WmmaGemm{type.param, {}}.type_name(); }
INSTANTIATE_TEST_SUITE_P(Types, WmmaGemms, testing::ValuesIn(kWmmaTypes), name_of_type);

TEST(WmmaGemm, EveryTypeHasNamesOfItsOwn) {
  std::set<std::string> names;
  for (const WmmaType type : kWmmaTypes) {
    const WmmaGemm gemm{type, {}};
    names.insert(gemm.type_name());
    EXPECT_EQ(gemm.symbol(), std::string("wmma_gemm_") + gemm.type_name());
  }
  EXPECT_EQ(names.size(), kWmmaTypes.size());
}

TEST(WmmaGemm, KnowsWhereItIsNative) {
  const auto on = [](WmmaType type, int architecture) { return WmmaGemm{type, {}}.native().on(architecture); };
  for (const int architecture : {75, 80, 86, 89, 90, 100, 120}) {
    SCOPED_TRACE(architecture);
    const bool ampere = architecture >= 80;
    for (const WmmaType type : {WmmaType::fp16, WmmaType::fp16_acc16, WmmaType::int8})
      EXPECT_TRUE(on(type, architecture));
    for (const WmmaType type : {WmmaType::bf16, WmmaType::tf32, WmmaType::fp64})
      EXPECT_EQ(on(type, architecture), ampere);
    EXPECT_EQ(on(WmmaType::int4, architecture), architecture < 90);
    EXPECT_EQ(on(WmmaType::b1, architecture), ampere && architecture <= 90);
  }
}

TEST(GemmShape, CountsTwoPerMultiplyAdd) {
  EXPECT_DOUBLE_EQ((GemmShape{8192, 8192, 8192}.operations()), 2.0 * 8192 * 8192 * 8192);
}

TEST(GemmElement, BytesAreRoundedUp) {
  EXPECT_EQ(bytes_of(Element::f64, 3), 24);
  EXPECT_EQ(bytes_of(Element::s4, 3), 2);
  EXPECT_EQ(bytes_of(Element::b1, 9), 2);
}

TEST(GemmCheck, RefusesWhatIsNoMatrix) {
  GemmErrors errors;
  const auto check = [&](const GemmShape& shape, const GemmTypes& types, GemmErrors* to) {
    return check_gemm(shape, types, nullptr, nullptr, nullptr, to, nullptr);
  };
  constexpr GemmTypes halves{};
  EXPECT_EQ(check({0, 1, 1}, halves, &errors), cudaErrorInvalidValue);
  EXPECT_EQ(check({1, 1, std::int64_t{1} << 31U}, halves, &errors), cudaErrorInvalidValue);
  EXPECT_EQ(check({1, 1, 1}, halves, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(check({1, 1, 4}, {Element::b1, Element::s32, Element::s32}, &errors), cudaErrorInvalidValue);
  EXPECT_EQ(check({1, 1, 8}, {Element::s32, Element::s32, Element::s32}, &errors), cudaErrorInvalidValue);
  EXPECT_EQ(check({1, 1, 8}, {Element::tf32, Element::f32, Element::tf32}, &errors), cudaErrorInvalidValue);
}

TEST(FillMatrix, RefusesWhatIsNoMatrix) {
  char memory = 0;
  EXPECT_EQ(fill_matrix(MatrixData::zero, Element::f16, 1, nullptr, 10, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(fill_matrix(MatrixData::zero, Element::f16, 1, &memory, 0, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(fill_matrix(MatrixData::zero, Element::s32, 1, &memory, 8, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(fill_matrix(MatrixData::zero, Element::s4, 1, &memory, 3, nullptr), cudaErrorInvalidValue);
}

}  // namespace
