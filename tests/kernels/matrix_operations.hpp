// All operations of mma.sync and WMMA, for typed tests.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "kernels/tensor/mma.hpp"
#include "kernels/tensor/wmma.hpp"

namespace peakproof::kernels {

using MmaOperations =
    testing::Types<MmaF16K8, MmaF16K16, MmaF16Acc16K8, MmaF16Acc16K16, MmaBf16K8, MmaBf16K16, MmaSparseF16K16,
                   MmaSparseF16K32, MmaSparseBf16K16, MmaSparseBf16K32, MmaSparseF16Acc16K16, MmaSparseF16Acc16K32,
                   MmaTf32K4, MmaTf32K8, MmaSparseTf32K8, MmaSparseTf32K16, MmaF64M8K4, MmaF64K4, MmaF64K8, MmaF64K16,
                   MmaS8M8K16, MmaS8K16, MmaS8K32, MmaSparseS8K32, MmaSparseS8K64, MmaS4M8K32, MmaS4K32, MmaS4K64,
                   MmaSparseS4K64, MmaSparseS4K128, MmaB1XorM8K128, MmaB1XorK128, MmaB1XorK256, MmaB1AndM8K128,
                   MmaB1AndK128, MmaB1AndK256, MmaE4m3K16, MmaE4m3K32, MmaE4m3Acc16K16, MmaE4m3Acc16K32,
                   MmaSparseE4m3K64, MmaSparseE4m3Acc16K64>;
using MoreMmaOperations =
    testing::Types<MmaE5m2K16, MmaE5m2K32, MmaE5m2Acc16K16, MmaE5m2Acc16K32, MmaSparseE5m2K64, MmaSparseE5m2Acc16K64,
                   MmaE3m2K32, MmaSparseE3m2K64, MmaE2m3K32, MmaSparseE2m3K64, MmaE2m1K32, MmaSparseE2m1K64,
                   MmaMxE4m3K32, MmaMxE5m2K32, MmaMxE3m2K32, MmaMxE2m3K32, MmaMxE2m1K32, MmaMxf4K64, MmaNvf4K64,
                   MmaSparseMxf4K128, MmaSparseNvf4K128>;
using WmmaOperations =
    testing::Types<WmmaF16, WmmaF16Acc16, WmmaBf16, WmmaTf32, WmmaF64, WmmaS8, WmmaS4, WmmaB1Xor, WmmaB1And>;

}  // namespace peakproof::kernels
