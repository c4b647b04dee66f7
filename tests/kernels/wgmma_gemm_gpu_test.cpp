// The matrix product of Hopper on a real device. Ends with 77 (skipped) where there is none, and skips its tests on
// any other architecture.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/tensor/gemm_check.hpp"
#include "kernels/tensor/wgmma_gemm.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

constexpr std::size_t kBeyond = 1 << 20;  // bytes behind C that must stay as they are

struct Product {
  Element operand;
  GemmShape shape;
};
std::string name_of(const Product& product) {
  const auto& [m, n, k] = product.shape;
  return std::string(name_of(product.operand)) + "_" + std::to_string(m) + "x" + std::to_string(n) + "x" +
         std::to_string(k);
}
std::ostream& operator<<(std::ostream& out, const Product& product) { return out << name_of(product); }

std::size_t bytes(Element element, std::int64_t elements) {
  return static_cast<std::size_t>(bytes_of(element, elements));
}

struct Matrices {
  WgmmaGemm gemm;
  Buffer<std::byte> a;
  Buffer<std::byte> b;
  Buffer<std::byte> c;

  Matrices(const Product& product, MatrixData data)
      : gemm{product.operand, product.shape},
        a(bytes(product.operand, product.shape.m * product.shape.k)),
        b(bytes(product.operand, product.shape.n * product.shape.k)),
        c(bytes(Element::bf16, product.shape.m * product.shape.n) + kBeyond) {
    check(fill_matrix(data, product.operand, 1, a.get(), product.shape.m * product.shape.k, nullptr));
    check(fill_matrix(data, product.operand, 2, b.get(), product.shape.n * product.shape.k, nullptr));
  }
  void multiply() const {
    WgmmaGemmPlan plan;
    check(make_plan(gemm, a.get(), b.get(), c.get(), &plan));
    check(launch(plan, nullptr));
    synchronize();
  }
  [[nodiscard]] GemmErrors errors() const {
    Buffer<GemmErrors> found(1);
    found.fill_bytes(0);
    check(check_gemm(gemm.shape, gemm.types(), a.get(), b.get(), c.get(), found.get(), nullptr));
    synchronize();
    return found.host().front();
  }
  [[nodiscard]] bool untouched_beyond() const {
    const auto all = c.host();
    return std::all_of(all.end() - kBeyond, all.end(), [](std::byte value) { return value == std::byte{0xff}; });
  }
};

class WgmmaGemmOnDevice : public testing::TestWithParam<Product> {
 protected:
  void SetUp() override {
    if (compute_capability() != 90) GTEST_SKIP() << "needs compute capability 9.0";
  }
};

TEST_P(WgmmaGemmOnDevice, IsExactOnSmallIntegers) {
  const Matrices matrices(GetParam(), exact_data(WgmmaGemm{GetParam().operand, {}}.types()));
  matrices.multiply();
  const GemmErrors errors = matrices.errors();
  EXPECT_EQ(errors.mismatches, 0U);
  EXPECT_EQ(errors.compared, static_cast<unsigned long long>(matrices.gemm.shape.m * matrices.gemm.shape.n));
  EXPECT_GT(errors.sum_reference2, 0.0);
  EXPECT_TRUE(matrices.untouched_beyond());
}

/// BF16 keeps 8 bits of C, so that nearly all of the error is its rounding, of at most 2^-9. FP8 adds what sums of
/// about 14 bits lose: at most 2^-13 of the largest sum in each instruction of 32 k.
TEST_P(WgmmaGemmOnDevice, IsCloseOnRandomOperands) {
  const Matrices matrices(GetParam(), MatrixData::random);
  matrices.multiply();
  const GemmErrors errors = matrices.errors();
  const bool fp8 = GetParam().operand != Element::bf16;
  const double lost = fp8 ? 0x1p-13 * (static_cast<double>(GetParam().shape.k) / 32 + 8) : 0x1p-12;
  EXPECT_LE(std::sqrt(errors.sum_difference2 / errors.sum_reference2), 0x1p-9 + lost);
}

TEST_P(WgmmaGemmOnDevice, GivesTheSameTwice) {
  const Matrices matrices(GetParam(), MatrixData::random);
  matrices.multiply();
  const auto once = matrices.c.host();
  check(cudaMemset(matrices.c.get(), 0xff, matrices.c.count - kBeyond));
  matrices.multiply();
  EXPECT_TRUE(once == matrices.c.host());
}

std::vector<Product> products() {
  std::vector<Product> all;
  for (const Element operand : {Element::bf16, Element::e4m3, Element::e5m2}) {
    const GemmTile tile = WgmmaGemm{operand, {}}.tile();
    const auto in_tiles = [&](std::int64_t m, std::int64_t n, std::int64_t k) {
      all.push_back({operand, GemmShape{m * tile.m, n * tile.n, k * tile.k}});
    };
    // One tile, with less, as much and more of k than the ring holds.
    for (const int slabs : {1, 2, 3, 4, 5, 8, 9}) in_tiles(1, 1, slabs);
    in_tiles(1, 3, 7);
    in_tiles(3, 1, 6);
    in_tiles(5, 7, 3);    // each cluster one tile
    in_tiles(9, 8, 1);    // more tiles than an H100 holds clusters, of one slab each; a band of 8 and one of 1
    in_tiles(11, 13, 5);  // three turns, the last one for some
    in_tiles(17, 16, 33);
    all.push_back({operand, GemmShape{4096, 4096, 4096}});
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Products, WgmmaGemmOnDevice, testing::ValuesIn(products()),
                         [](const auto& test) { return name_of(test.param); });

TEST(WgmmaGemmPlanOnDevice, RefusesMatricesThatAreNotAligned) {
  if (compute_capability() != 90) GTEST_SKIP() << "needs compute capability 9.0";
  const Buffer<std::byte> memory(1 << 20);
  WgmmaGemmPlan plan;
  const WgmmaGemm gemm{Element::bf16, GemmShape{256, 256, 64}};
  EXPECT_EQ(make_plan(gemm, memory.get(), memory.get(), memory.get(), &plan), cudaSuccess);
  EXPECT_EQ(make_plan(gemm, memory.get() + 8, memory.get(), memory.get(), &plan), cudaErrorInvalidValue);
  EXPECT_EQ(make_plan(gemm, memory.get(), memory.get(), memory.get() + 2, &plan), cudaErrorInvalidValue);
}

}  // namespace
