// What matrix products accept, by the host.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "kernels/tensor/cublas_gemm.hpp"
#include "kernels/tensor/gemm_check.hpp"
#include "kernels/tensor/wmma_gemm.hpp"

namespace {

using peakproof::kernels::GemmShape;
using peakproof::kernels::WmmaGemm;

bool fits(std::int64_t m, std::int64_t n, std::int64_t k) { return WmmaGemm{GemmShape{m, n, k}}.fits(); }
bool fits_in_tiles(std::int64_t m, std::int64_t n, std::int64_t k) {
  return fits(m * WmmaGemm::tile_m, n * WmmaGemm::tile_n, k * WmmaGemm::tile_k);
}

TEST(WmmaGemm, FitsMultiplesOfTheTile) {
  EXPECT_TRUE(fits_in_tiles(1, 1, 1));
  EXPECT_TRUE(fits(8192, 8192, 8192));
  EXPECT_TRUE(fits_in_tiles(3, 5, 7));
}

TEST(WmmaGemm, FitsNothingElse) {
  EXPECT_FALSE(fits(8192 + 64, 8192, 8192));
  EXPECT_FALSE(fits(8192, 8192 + 128, 8192));
  EXPECT_FALSE(fits(8192, 8192, 8192 + 32));
  EXPECT_FALSE(fits(0, 8192, 8192));
  EXPECT_FALSE(fits(8192, -WmmaGemm::tile_n, 8192));
  EXPECT_FALSE(fits(8192, 8192, 0));
  EXPECT_FALSE(fits(std::int64_t{1} << 31U, 256, 64));  // the kernel's extents are 32 bits wide
  EXPECT_FALSE(
      fits((std::int64_t{1} << 31U) - 128, (std::int64_t{1} << 31U) - 256, 64));  // more tiles than a grid holds
}

TEST(WmmaGemm, RefusesAShapeThatDoesNotFit) {
  EXPECT_EQ(launch(WmmaGemm{GemmShape{100, 100, 100}}, nullptr, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
}

TEST(GemmShape, CountsTwoPerMultiplyAdd) {
  EXPECT_DOUBLE_EQ((GemmShape{8192, 8192, 8192}.operations()), 2.0 * 8192 * 8192 * 8192);
}

TEST(GemmCheck, RefusesWhatIsNoMatrix) {
  peakproof::kernels::GemmErrors errors;
  EXPECT_EQ(check_gemm(GemmShape{0, 1, 1}, nullptr, nullptr, nullptr, &errors, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(check_gemm(GemmShape{1, 1, 1}, nullptr, nullptr, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(fill_matrix(peakproof::kernels::MatrixData::zero, 1, nullptr, 10, nullptr), cudaErrorInvalidValue);
}

TEST(CublasGemm, RefusesWhatIsNoMatrixAndNamesIt) {
  const int status = peakproof::kernels::launch_cublas(nullptr, GemmShape{1, 0, 1}, nullptr, nullptr, nullptr, nullptr);
  EXPECT_EQ(std::string(peakproof::kernels::cublas_status_name(status)), "CUBLAS_STATUS_INVALID_VALUE");
}

}  // namespace
