// The raw rate of the tensor cores through mma.sync: the instructions, one line each. The kernels' data sheets are in
// mma_half.cu, mma_tf32.cu, mma_fp64.cu, mma_integer.cu, mma_fp8.cu and mma_fp4.cu.
#pragma once

#include <cstdint>

#include "kernels/tensor/mma_fragments.hpp"

namespace peakproof::kernels {

// FP16, sums in FP32 and in FP16

struct MmaF16K8 : Mma<MmaF16K8, 16, 8, 8, Format::f16, Format::f32, 127> {
  static constexpr const char* name = "MmaF16K8";
  static constexpr Native native{75};
};
struct MmaF16K16 : Mma<MmaF16K16, 16, 8, 16, Format::f16, Format::f32, 127> {
  static constexpr const char* name = "MmaF16K16";
  static constexpr Native native{80};
};
struct MmaF16Acc16K8 : Mma<MmaF16Acc16K8, 16, 8, 8, Format::f16, Format::f16> {
  static constexpr const char* name = "MmaF16Acc16K8";
  static constexpr Native native{75};
};
struct MmaF16Acc16K16 : Mma<MmaF16Acc16K16, 16, 8, 16, Format::f16, Format::f16> {
  static constexpr const char* name = "MmaF16Acc16K16";
  static constexpr Native native{80};
};
// BF16

struct MmaBf16K8 : Mma<MmaBf16K8, 16, 8, 8, Format::bf16, Format::f32, 127> {
  static constexpr const char* name = "MmaBf16K8";
  static constexpr Native native{80};
};
struct MmaBf16K16 : Mma<MmaBf16K16, 16, 8, 16, Format::bf16, Format::f32, 127> {
  static constexpr const char* name = "MmaBf16K16";
  static constexpr Native native{80};
};
// 2:4 sparse FP16 and BF16

struct MmaSparseF16K16 : Mma<MmaSparseF16K16, 16, 8, 16, Format::f16, Format::f32, 127, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseF16K16";
  static constexpr Native native{80};
};
struct MmaSparseF16K32 : Mma<MmaSparseF16K32, 16, 8, 32, Format::f16, Format::f32, 127, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseF16K32";
  static constexpr Native native{80};
};
struct MmaSparseBf16K16 : Mma<MmaSparseBf16K16, 16, 8, 16, Format::bf16, Format::f32, 127, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseBf16K16";
  static constexpr Native native{80};
};
struct MmaSparseBf16K32 : Mma<MmaSparseBf16K32, 16, 8, 32, Format::bf16, Format::f32, 127, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseBf16K32";
  static constexpr Native native{80};
};
struct MmaSparseF16Acc16K16 : Mma<MmaSparseF16Acc16K16, 16, 8, 16, Format::f16, Format::f16, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseF16Acc16K16";
  static constexpr Native native{80};
};
struct MmaSparseF16Acc16K32 : Mma<MmaSparseF16Acc16K32, 16, 8, 32, Format::f16, Format::f16, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseF16Acc16K32";
  static constexpr Native native{80};
};
// TF32

struct MmaTf32K4 : Mma<MmaTf32K4, 16, 8, 4, Format::f32, Format::f32, 127> {
  static constexpr const char* name = "MmaTf32K4";
  static constexpr Native native{80};
};
struct MmaTf32K8 : Mma<MmaTf32K8, 16, 8, 8, Format::f32, Format::f32, 127> {
  static constexpr const char* name = "MmaTf32K8";
  static constexpr Native native{80};
};
struct MmaSparseTf32K8 : Mma<MmaSparseTf32K8, 16, 8, 8, Format::f32, Format::f32, 127, Sparsity::one_of_two> {
  static constexpr const char* name = "MmaSparseTf32K8";
  static constexpr Native native{80};
};
struct MmaSparseTf32K16 : Mma<MmaSparseTf32K16, 16, 8, 16, Format::f32, Format::f32, 127, Sparsity::one_of_two> {
  static constexpr const char* name = "MmaSparseTf32K16";
  static constexpr Native native{80};
};
// FP64

struct MmaF64M8K4 : Mma<MmaF64M8K4, 8, 8, 4, Format::f64, Format::f64, 1 << 20> {
  static constexpr const char* name = "MmaF64M8K4";
  static constexpr Native native{80};
};
struct MmaF64K4 : Mma<MmaF64K4, 16, 8, 4, Format::f64, Format::f64, 1 << 20> {
  static constexpr const char* name = "MmaF64K4";
  static constexpr Native native{90, 90};
};
struct MmaF64K8 : Mma<MmaF64K8, 16, 8, 8, Format::f64, Format::f64, 1 << 20> {
  static constexpr const char* name = "MmaF64K8";
  static constexpr Native native{90, 90};
};
struct MmaF64K16 : Mma<MmaF64K16, 16, 8, 16, Format::f64, Format::f64, 1 << 20> {
  static constexpr const char* name = "MmaF64K16";
  static constexpr Native native{90, 90};
};
// INT8

struct MmaS8M8K16 : Mma<MmaS8M8K16, 8, 8, 16, Format::s8, Format::s32> {
  static constexpr const char* name = "MmaS8M8K16";
  static constexpr Native native{75, 90};
};
struct MmaS8K16 : Mma<MmaS8K16, 16, 8, 16, Format::s8, Format::s32> {
  static constexpr const char* name = "MmaS8K16";
  static constexpr Native native{80};
};
struct MmaS8K32 : Mma<MmaS8K32, 16, 8, 32, Format::s8, Format::s32> {
  static constexpr const char* name = "MmaS8K32";
  static constexpr Native native{80};
};
struct MmaSparseS8K32 : Mma<MmaSparseS8K32, 16, 8, 32, Format::s8, Format::s32, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseS8K32";
  static constexpr Native native{80};
};
struct MmaSparseS8K64 : Mma<MmaSparseS8K64, 16, 8, 64, Format::s8, Format::s32, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseS8K64";
  static constexpr Native native{80};
};
// INT4

struct MmaS4M8K32 : Mma<MmaS4M8K32, 8, 8, 32, Format::s4, Format::s32> {
  static constexpr const char* name = "MmaS4M8K32";
  static constexpr Native native{75, 89};
};
struct MmaS4K32 : Mma<MmaS4K32, 16, 8, 32, Format::s4, Format::s32> {
  static constexpr const char* name = "MmaS4K32";
  static constexpr Native native{80, 89};
};
struct MmaS4K64 : Mma<MmaS4K64, 16, 8, 64, Format::s4, Format::s32> {
  static constexpr const char* name = "MmaS4K64";
  static constexpr Native native{80, 89};
};
struct MmaSparseS4K64 : Mma<MmaSparseS4K64, 16, 8, 64, Format::s4, Format::s32, 3, Sparsity::two_of_four_pairs> {
  static constexpr const char* name = "MmaSparseS4K64";
  static constexpr Native native{80, 89};
};
struct MmaSparseS4K128 : Mma<MmaSparseS4K128, 16, 8, 128, Format::s4, Format::s32, 3, Sparsity::two_of_four_pairs> {
  static constexpr const char* name = "MmaSparseS4K128";
  static constexpr Native native{80, 89};
};
// Single bits: XOR and AND, counted

struct MmaB1XorM8K128 : Mma<MmaB1XorM8K128, 8, 8, 128, Format::b1, Format::s32, 3, Sparsity::dense, true> {
  static constexpr const char* name = "MmaB1XorM8K128";
  static constexpr Native native{75, 89};
};
struct MmaB1XorK128 : Mma<MmaB1XorK128, 16, 8, 128, Format::b1, Format::s32, 3, Sparsity::dense, true> {
  static constexpr const char* name = "MmaB1XorK128";
  static constexpr Native native{80, 89};
};
struct MmaB1XorK256 : Mma<MmaB1XorK256, 16, 8, 256, Format::b1, Format::s32, 3, Sparsity::dense, true> {
  static constexpr const char* name = "MmaB1XorK256";
  static constexpr Native native{80, 89};
};
struct MmaB1AndM8K128 : Mma<MmaB1AndM8K128, 8, 8, 128, Format::b1, Format::s32> {
  static constexpr const char* name = "MmaB1AndM8K128";
  static constexpr Native native{80, 90};
};
struct MmaB1AndK128 : Mma<MmaB1AndK128, 16, 8, 128, Format::b1, Format::s32> {
  static constexpr const char* name = "MmaB1AndK128";
  static constexpr Native native{80, 90};
};
struct MmaB1AndK256 : Mma<MmaB1AndK256, 16, 8, 256, Format::b1, Format::s32> {
  static constexpr const char* name = "MmaB1AndK256";
  static constexpr Native native{80, 90};
};
// FP8

struct MmaE4m3K16 : Mma<MmaE4m3K16, 16, 8, 16, Format::e4m3, Format::f32> {
  static constexpr const char* name = "MmaE4m3K16";
  static constexpr Native native = Native{89, 89, 120}.since(12080);
};
struct MmaE4m3K32 : Mma<MmaE4m3K32, 16, 8, 32, Format::e4m3, Format::f32> {
  static constexpr const char* name = "MmaE4m3K32";
  static constexpr Native native{89, 89, 120};
};
struct MmaE4m3Acc16K16 : Mma<MmaE4m3Acc16K16, 16, 8, 16, Format::e4m3, Format::f16> {
  static constexpr const char* name = "MmaE4m3Acc16K16";
  static constexpr Native native = Native{89, 89, 120}.since(12080);
};
struct MmaE4m3Acc16K32 : Mma<MmaE4m3Acc16K32, 16, 8, 32, Format::e4m3, Format::f16> {
  static constexpr const char* name = "MmaE4m3Acc16K32";
  static constexpr Native native = Native{89, 89, 120}.since(12080);
};
struct MmaSparseE4m3K64 : Mma<MmaSparseE4m3K64, 16, 8, 64, Format::e4m3, Format::f32, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseE4m3K64";
  static constexpr Native native{89, 89, 120};
};
struct MmaSparseE4m3Acc16K64
    : Mma<MmaSparseE4m3Acc16K64, 16, 8, 64, Format::e4m3, Format::f16, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseE4m3Acc16K64";
  static constexpr Native native{120};
};
struct MmaE5m2K16 : Mma<MmaE5m2K16, 16, 8, 16, Format::e5m2, Format::f32> {
  static constexpr const char* name = "MmaE5m2K16";
  static constexpr Native native = Native{89, 89, 120}.since(12080);
};
struct MmaE5m2K32 : Mma<MmaE5m2K32, 16, 8, 32, Format::e5m2, Format::f32> {
  static constexpr const char* name = "MmaE5m2K32";
  static constexpr Native native{89, 89, 120};
};
struct MmaE5m2Acc16K16 : Mma<MmaE5m2Acc16K16, 16, 8, 16, Format::e5m2, Format::f16> {
  static constexpr const char* name = "MmaE5m2Acc16K16";
  static constexpr Native native = Native{89, 89, 120}.since(12080);
};
struct MmaE5m2Acc16K32 : Mma<MmaE5m2Acc16K32, 16, 8, 32, Format::e5m2, Format::f16> {
  static constexpr const char* name = "MmaE5m2Acc16K32";
  static constexpr Native native = Native{89, 89, 120}.since(12080);
};
struct MmaSparseE5m2K64 : Mma<MmaSparseE5m2K64, 16, 8, 64, Format::e5m2, Format::f32, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseE5m2K64";
  static constexpr Native native{89, 89, 120};
};
struct MmaSparseE5m2Acc16K64
    : Mma<MmaSparseE5m2Acc16K64, 16, 8, 64, Format::e5m2, Format::f16, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseE5m2Acc16K64";
  static constexpr Native native{120};
};
// FP6 and FP4 at the width of FP8 (kind::f8f6f4)

struct MmaE3m2K32 : Mma<MmaE3m2K32, 16, 8, 32, Format::e3m2, Format::f32> {
  static constexpr const char* name = "MmaE3m2K32";
  static constexpr Native native{120};
};
struct MmaSparseE3m2K64 : Mma<MmaSparseE3m2K64, 16, 8, 64, Format::e3m2, Format::f32, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseE3m2K64";
  static constexpr Native native{120};
};
struct MmaE2m3K32 : Mma<MmaE2m3K32, 16, 8, 32, Format::e2m3, Format::f32> {
  static constexpr const char* name = "MmaE2m3K32";
  static constexpr Native native{120};
};
struct MmaSparseE2m3K64 : Mma<MmaSparseE2m3K64, 16, 8, 64, Format::e2m3, Format::f32, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseE2m3K64";
  static constexpr Native native{120};
};
struct MmaE2m1K32 : Mma<MmaE2m1K32, 16, 8, 32, Format::e2m1, Format::f32> {
  static constexpr const char* name = "MmaE2m1K32";
  static constexpr Native native{120};
};
struct MmaSparseE2m1K64 : Mma<MmaSparseE2m1K64, 16, 8, 64, Format::e2m1, Format::f32, 3, Sparsity::two_of_four> {
  static constexpr const char* name = "MmaSparseE2m1K64";
  static constexpr Native native{120};
};
// The same with a scale for every 32 of k (kind::mxf8f6f4), and FP4 at its own width (kind::mxf4, mxf4nvf4)

struct MmaMxE4m3K32 : Mma<MmaMxE4m3K32, 16, 8, 32, Format::e4m3, Format::f32> {
  static constexpr const char* name = "MmaMxE4m3K32";
  static constexpr Native native{120};
};
struct MmaMxE5m2K32 : Mma<MmaMxE5m2K32, 16, 8, 32, Format::e5m2, Format::f32> {
  static constexpr const char* name = "MmaMxE5m2K32";
  static constexpr Native native{120};
};
struct MmaMxE3m2K32 : Mma<MmaMxE3m2K32, 16, 8, 32, Format::e3m2, Format::f32> {
  static constexpr const char* name = "MmaMxE3m2K32";
  static constexpr Native native{120};
};
struct MmaMxE2m3K32 : Mma<MmaMxE2m3K32, 16, 8, 32, Format::e2m3, Format::f32> {
  static constexpr const char* name = "MmaMxE2m3K32";
  static constexpr Native native{120};
};
struct MmaMxE2m1K32 : Mma<MmaMxE2m1K32, 16, 8, 32, Format::e2m1, Format::f32> {
  static constexpr const char* name = "MmaMxE2m1K32";
  static constexpr Native native{120};
};
struct MmaMxf4K64 : Mma<MmaMxf4K64, 16, 8, 64, Format::e2m1x2, Format::f32> {
  static constexpr const char* name = "MmaMxf4K64";
  static constexpr Native native{120};
};
struct MmaNvf4K64 : Mma<MmaNvf4K64, 16, 8, 64, Format::e2m1x2, Format::f32> {
  static constexpr const char* name = "MmaNvf4K64";
  static constexpr bool scale_e4m3 = true;
  static constexpr Native native{120};
};
struct MmaSparseMxf4K128
    : Mma<MmaSparseMxf4K128, 16, 8, 128, Format::e2m1x2, Format::f32, 3, Sparsity::two_of_four_pairs> {
  static constexpr const char* name = "MmaSparseMxf4K128";
  static constexpr Native native{120};
};
struct MmaSparseNvf4K128
    : Mma<MmaSparseNvf4K128, 16, 8, 128, Format::e2m1x2, Format::f32, 3, Sparsity::two_of_four_pairs> {
  static constexpr const char* name = "MmaSparseNvf4K128";
  static constexpr bool scale_e4m3 = true;
  static constexpr Native native{120};
};

}  // namespace peakproof::kernels
