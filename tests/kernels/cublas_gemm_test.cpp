// What products cuBLASLt is asked for, by the host alone: the library itself needs a device.
#include "kernels/tensor/cublas_gemm.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace peakproof::kernels {
namespace {

using E = Element;

TEST(CublasFormats, EveryTypeIsAskedForInItsOwnArithmetic) {
  struct Row {
    GemmTypes types;
    cudaDataType_t operand;
    cudaDataType_t out;
    cudaDataType_t scale;
    cublasComputeType_t compute;
  };
  for (const Row& row : std::initializer_list<Row>{
           {{E::f64, E::f64, E::f64}, CUDA_R_64F, CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F},
           {{E::f32, E::f32, E::f32}, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F},
           {{E::tf32, E::f32, E::f32}, CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32},
           {{E::f16, E::f32, E::f32}, CUDA_R_16F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F},
           {{E::f16, E::f32, E::f16}, CUDA_R_16F, CUDA_R_16F, CUDA_R_32F, CUBLAS_COMPUTE_32F},
           {{E::f16, E::f16, E::f16}, CUDA_R_16F, CUDA_R_16F, CUDA_R_16F, CUBLAS_COMPUTE_16F},
           {{E::bf16, E::f32, E::f32}, CUDA_R_16BF, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F},
           {{E::bf16, E::f32, E::bf16}, CUDA_R_16BF, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F},
           {{E::e4m3, E::f32, E::bf16}, CUDA_R_8F_E4M3, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F},
           {{E::s8, E::s32, E::s32}, CUDA_R_8I, CUDA_R_32I, CUDA_R_32I, CUBLAS_COMPUTE_32I}}) {
    const auto formats = cublas_formats(row.types);
    ASSERT_TRUE(formats.has_value()) << name_of(row.types.operand);
    EXPECT_EQ(formats->operand, row.operand);
    EXPECT_EQ(formats->out, row.out);
    EXPECT_EQ(formats->scale, row.scale);
    EXPECT_EQ(formats->compute, row.compute);
  }
}

TEST(CublasFormats, WhatTheLibraryLacksHasNone) {
  for (const GemmTypes& types : std::initializer_list<GemmTypes>{{E::e5m2, E::f32, E::bf16},
                                                                 {E::e4m3, E::f16, E::f16},
                                                                 {E::bf16, E::bf16, E::bf16},
                                                                 {E::s4, E::s32, E::s32},
                                                                 {E::b1, E::s32, E::s32},
                                                                 {E::s8, E::s32, E::f32},
                                                                 {E::f32, E::f32, E::f16},
                                                                 {E::f64, E::f64, E::f32}}) {
    EXPECT_FALSE(cublas_formats(types).has_value()) << name_of(types.operand) << " to " << name_of(types.out);
  }
}

TEST(CublasTile, EightBitOperandsNeedSixteenBytes) {
  for (const Element operand : {E::e4m3, E::s8}) {
    const GemmTile tile = cublas_tile({operand, E::f32, E::f32});
    EXPECT_EQ(tile.m, 16);
    EXPECT_EQ(tile.n, 16);
    EXPECT_EQ(tile.k, 16);
  }
  for (const Element operand : {E::f64, E::f32, E::tf32, E::f16, E::bf16}) {
    const GemmTile tile = cublas_tile({operand, E::f32, E::f32});
    EXPECT_EQ(tile.m * tile.n * tile.k, 1) << name_of(operand);
  }
}

TEST(CublasLeastArchitecture, IsThatOfTheTensorCores) {
  EXPECT_EQ(cublas_least_architecture(E::e4m3), 89);
  EXPECT_EQ(cublas_least_architecture(E::bf16), 80);
  EXPECT_EQ(cublas_least_architecture(E::tf32), 80);
  for (const Element operand : {E::f64, E::f32, E::f16, E::s8}) EXPECT_EQ(cublas_least_architecture(operand), 0);
}

TEST(CublasGemm, RefusesWhatIsNoProductBeforeItAsksTheLibrary) {
  CublasGemm gemm;
  for (const GemmShape& shape : {GemmShape{0, 16, 16}, GemmShape{16, -16, 16}, GemmShape{16, 16, 8}}) {
    const CublasStatus status = gemm.open({E::s8, E::s32, E::s32}, shape);
    EXPECT_EQ(std::string(status.name()), "CUBLAS_STATUS_INVALID_VALUE");
    EXPECT_FALSE(status.ok());
  }
  EXPECT_EQ(std::string(gemm.open({E::e5m2, E::f32, E::bf16}, {16, 16, 16}).name()), "CUBLAS_STATUS_NOT_SUPPORTED");
  EXPECT_EQ(gemm.candidates(), 0);
}

TEST(CublasGemm, LaunchesNothingThatWasNotOffered) {
  const CublasGemm gemm;
  EXPECT_EQ(gemm.launch(0, nullptr, nullptr, nullptr, nullptr, nullptr).code, CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(gemm.launch(-1, nullptr, nullptr, nullptr, nullptr, nullptr).code, CUBLAS_STATUS_INVALID_VALUE);
}

TEST(CublasVersion, IsThatOfTheLoadedLibrary) {
  const CublasVersion version = cublas_version();
  EXPECT_GE(version.major, 12);
  EXPECT_EQ(static_cast<std::size_t>(version.major * 10'000 + version.minor * 100 + version.patch),
            cublasLtGetVersion());
}

}  // namespace
}  // namespace peakproof::kernels
