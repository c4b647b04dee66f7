// The WMMA matrix products, and what fills and checks matrices, on a real device. Ends with 77 (skipped) where there is
// none.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "kernels/tensor/gemm_check.hpp"
#include "kernels/tensor/gemm_elements.hpp"
#include "kernels/tensor/wmma_gemm.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

constexpr std::size_t kBeyond = 4096;  // bytes behind C that must stay as they are

std::size_t bytes(Element element, std::int64_t elements) {
  return static_cast<std::size_t>(bytes_of(element, elements));
}

struct Matrices {
  GemmShape shape;
  GemmTypes types;
  Buffer<std::byte> a;
  Buffer<std::byte> b;
  Buffer<std::byte> c;

  Matrices(const GemmShape& s, const GemmTypes& t, MatrixData data)
      : shape(s),
        types(t),
        a(bytes(t.operand, s.m * s.k)),
        b(bytes(t.operand, s.n * s.k)),
        c(bytes(t.out, s.m * s.n) + kBeyond) {
    check(fill_matrix(data, t.operand, 1, a.get(), s.m * s.k, nullptr));
    check(fill_matrix(data, t.operand, 2, b.get(), s.n * s.k, nullptr));
  }
  [[nodiscard]] GemmErrors errors() const {
    Buffer<GemmErrors> result(1);
    result.fill_bytes(0);
    check(check_gemm(shape, types, a.get(), b.get(), c.get(), result.get(), nullptr));
    synchronize();
    return result.host().front();
  }
  [[nodiscard]] bool untouched_beyond() const {
    const auto all = c.host();
    return std::all_of(all.end() - kBeyond, all.end(), [](std::byte value) { return value == std::byte{0xff}; });
  }
};

// ---- what fills ----

constexpr std::array kOperands = {Element::f64,  Element::f32,  Element::tf32, Element::f16, Element::bf16,
                                  Element::e4m3, Element::e5m2, Element::s8,   Element::s4,  Element::b1};

TEST(FillMatrixOnDevice, WritesTheHostsElementsAndNoMore) {
  constexpr std::int64_t count = 100'008;
  for (const Element element : kOperands)
    for (const auto data : {MatrixData::random, MatrixData::zero, MatrixData::ones, MatrixData::small_integers,
                            MatrixData::tiny_integers}) {
      SCOPED_TRACE(std::string(name_of(element)) + ", data " + std::to_string(static_cast<int>(data)));
      const int bits = bits_of(element);
      const Buffer<std::byte> matrix(bytes(element, count) + 16);
      check(fill_matrix(data, element, 7, matrix.get(), count, nullptr));
      synchronize();
      const auto values = matrix.host();
      for (std::int64_t i = 0; i < count; ++i) {
        std::uint64_t found = 0;
        std::memcpy(&found, values.data() + i * bits / 8, static_cast<std::size_t>(std::max(bits, 8) / 8));
        if (bits < 8) found = found >> unsigned(i * bits % 8) & ((1U << unsigned(bits)) - 1);
        ASSERT_EQ(found, bits_at(data, element, 7, static_cast<std::uint64_t>(i))) << i;
      }
      for (std::size_t i = bytes(element, count); i < values.size(); ++i) ASSERT_EQ(values[i], std::byte{0xff});
    }
}

// ---- what checks ----

/// The number at this place, of a matrix on the host.
double number(Element element, const std::vector<std::byte>& matrix, std::int64_t index) {
  switch (element) {
    case Element::s4:
      return value_at<Element::s4>(matrix.data(), index);
    case Element::b1:
      return value_at<Element::b1>(matrix.data(), index);
    case Element::tf32:
      return value_at<Element::f32>(matrix.data(), index);
    default:
      return result_at(element, matrix.data(), index);
  }
}

TEST(GemmCheckOnDevice, AgreesWithTheHost) {
  for (const Element operand : kOperands)
    for (const Element out : {Element::f64, Element::f32, Element::f16, Element::bf16, Element::s32}) {
      if (operand == Element::s8 && out == Element::f16) continue;  // which does not hold such sums
      const GemmTypes types{operand, Element::f64, out};
      SCOPED_TRACE(std::string(name_of(operand)) + " to " + std::string(name_of(out)));
      const GemmShape shape{67, 131, 40};  // no multiple of a block, and whole bytes of any type
      Matrices matrices(shape, types, MatrixData::random);
      const auto a = matrices.a.host();
      const auto b = matrices.b.host();
      auto c = matrices.c.host();
      const auto elements = static_cast<std::size_t>(shape.m * shape.n);
      std::vector<double> reference(elements);
      for (std::size_t i = 0; i < elements; ++i)
        for (std::int64_t j = 0; j < shape.k; ++j)
          reference[i] += number(operand, a, static_cast<std::int64_t>(i) / shape.n * shape.k + j) *
                          number(operand, b, static_cast<std::int64_t>(i) % shape.n * shape.k + j);
      // Every third element is right, and the others are whole numbers nearby.
      for (std::size_t i = 0; i < elements; ++i) {
        const double value = i % 3 == 0 ? rounded_to(out, reference[i]) : std::rint(reference[i]) + 1;
        std::uint64_t bits = bits_of_integer(out, static_cast<int>(value));
        if (i % 3 == 0 && out == Element::f64) bits = bits_of_double(value);
        if (i % 3 == 0 && out == Element::f32) bits = bits_of_float(static_cast<float>(value));
        if (i % 3 == 0 && out == Element::bf16) bits = bits_of_float(static_cast<float>(value)) >> 16U;
        if (i % 3 == 0 && out == Element::f16) bits = bits_of_half(__float2half_rn(static_cast<float>(value)));
        std::memcpy(c.data() + i * bytes(out, 1), &bits, bytes(out, 1));
      }
      check(cudaMemcpy(matrices.c.get(), c.data(), c.size(), cudaMemcpyHostToDevice));

      GemmErrors expected;
      for (std::size_t i = 0; i < elements; ++i) {
        const double value = number(out, c, static_cast<std::int64_t>(i));
        const double difference = value - reference[i];
        expected.sum_difference2 += difference * difference;
        expected.sum_reference2 += reference[i] * reference[i];
        expected.sum_difference += std::fabs(difference);
        expected.max_difference = std::fmax(expected.max_difference, std::fabs(difference));
        if (value != rounded_to(out, reference[i])) ++expected.mismatches;
        ++expected.compared;
      }
      const GemmErrors errors = matrices.errors();
      EXPECT_NEAR(errors.sum_difference2, expected.sum_difference2, 1e-9 * expected.sum_difference2);
      EXPECT_NEAR(errors.sum_reference2, expected.sum_reference2, 1e-9 * expected.sum_reference2);
      EXPECT_NEAR(errors.sum_difference, expected.sum_difference, 1e-9 * expected.sum_difference);
      EXPECT_NEAR(errors.max_difference, expected.max_difference, 1e-9 * (1 + expected.max_difference));
      // A random FP64 product may be rounded otherwise here and there.
      if (operand != Element::f64 && out != Element::f64) {
        EXPECT_EQ(errors.mismatches, expected.mismatches);
      }
      EXPECT_EQ(errors.compared, expected.compared);
    }
}

// ---- the products ----

using Case = std::tuple<WmmaType, GemmTile>;  // tiles in m, n and k

class WmmaOnDevice : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!gemm().native().on(compute_capability())) GTEST_SKIP() << "the device lacks an instruction of the type";
  }
  [[nodiscard]] static WmmaGemm gemm() {
    const auto& [type, tiles] = GetParam();
    const GemmTile tile = WmmaGemm{type, {}}.tile();
    return {type, {std::int64_t{tiles.m} * tile.m, std::int64_t{tiles.n} * tile.n, std::int64_t{tiles.k} * tile.k}};
  }
  [[nodiscard]] static Matrices multiplied(MatrixData data) {
    Matrices matrices(gemm().shape, gemm().types(), data);
    check(launch(gemm(), matrices.a.get(), matrices.b.get(), matrices.c.get(), nullptr));
    synchronize();
    return matrices;
  }
};

TEST_P(WmmaOnDevice, IsExactOnSmallIntegers) {
  const Matrices matrices = multiplied(exact_data(gemm().types()));
  const GemmErrors errors = matrices.errors();
  EXPECT_EQ(errors.mismatches, 0U);
  EXPECT_EQ(errors.compared, static_cast<unsigned long long>(matrices.shape.m * matrices.shape.n));
  EXPECT_EQ(errors.max_difference, 0.0);
  EXPECT_GT(errors.sum_reference2, 0.0);
  EXPECT_TRUE(matrices.untouched_beyond());
}

/// What the accumulator may lose over k products: as much as the harness accepts (gemm_tolerance). A left-out step is
/// at least fifty times more, but for FP16 sums.
TEST_P(WmmaOnDevice, IsCloseOnRandomOperands) {
  const Matrices matrices = multiplied(MatrixData::random);
  const GemmErrors errors = matrices.errors();
  const auto deep = static_cast<double>(matrices.shape.k);
  const double relative = std::sqrt(errors.sum_difference2 / errors.sum_reference2);
  switch (gemm().types().accumulate) {
    case Element::s32:
      EXPECT_EQ(errors.mismatches, 0U);
      break;
    case Element::f64:
      EXPECT_LE(relative, 0x1p-52 * (deep / 4 + 16));
      break;
    case Element::f16:
      EXPECT_LE(relative, 0x1p-10 * (2 * std::sqrt(deep) + 16));
      break;
    default:
      EXPECT_LE(relative, 0x1p-23 * (deep / 4 + 16));
  }
}

TEST_P(WmmaOnDevice, OneWrongElementIsFound) {
  Matrices matrices = multiplied(exact_data(gemm().types()));
  const Element out = matrices.types.out;
  const std::size_t width = bytes(out, 1);
  const std::size_t where = (bytes(out, matrices.shape.m * matrices.shape.n) / width - 1) * width;
  auto c = matrices.c.host();
  const auto put = [&](std::uint64_t bits) {
    std::memcpy(c.data() + where, &bits, width);
    check(cudaMemcpy(matrices.c.get(), c.data(), c.size(), cudaMemcpyHostToDevice));
  };
  const auto right = static_cast<int>(number(out, c, matrices.shape.m * matrices.shape.n - 1));
  put(bits_of_integer(out, right + 1));
  const auto last = static_cast<unsigned long long>(matrices.shape.m * matrices.shape.n - 1);
  EXPECT_EQ(matrices.errors().mismatches, 1U);
  EXPECT_EQ(~matrices.errors().not_first, last);
  EXPECT_EQ(matrices.errors().end, last + 1);
  EXPECT_EQ(matrices.errors().not_numbers, 0U);
  EXPECT_EQ(matrices.errors().max_difference, 1.0);
  EXPECT_EQ(matrices.errors().sum_difference, 1.0);
  put(~std::uint64_t{0});  // NaN; of integers -1
  EXPECT_EQ(matrices.errors().mismatches, is_integer(out) && right == -1 ? 0U : 1U);
  EXPECT_EQ(std::isnan(matrices.errors().max_difference), !is_integer(out));
  EXPECT_EQ(matrices.errors().not_numbers, is_integer(out) ? 0U : 1U);
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  const auto& [type, tiles] = info.param;
  return std::string(WmmaGemm{type, {}}.type_name()) + "_" + std::to_string(tiles.m) + "_" + std::to_string(tiles.n) +
         "_" + std::to_string(tiles.k);
}
INSTANTIATE_TEST_SUITE_P(Shapes, WmmaOnDevice,
                         testing::Combine(testing::ValuesIn(kWmmaTypes),
                                          testing::Values(GemmTile{1, 1, 1}, GemmTile{1, 1, 2}, GemmTile{1, 1, 3},
                                                          GemmTile{1, 1, 5}, GemmTile{2, 1, 16}, GemmTile{3, 3, 1},
                                                          // one row of tiles more than a band of 16, and than two
                                                          GemmTile{17, 5, 15}, GemmTile{33, 3, 7},
                                                          GemmTile{32, 16, 32})),
                         name_of_case);

}  // namespace
