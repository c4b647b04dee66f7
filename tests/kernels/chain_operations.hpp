// All operations of kernels/arithmetic, for typed tests.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "kernels/arithmetic/bf16_fma.hpp"
#include "kernels/arithmetic/convert.hpp"
#include "kernels/arithmetic/dp4a.hpp"
#include "kernels/arithmetic/fp16_fma.hpp"
#include "kernels/arithmetic/fp32_fma.hpp"
#include "kernels/arithmetic/fp32_int32_mix.hpp"
#include "kernels/arithmetic/fp32x2_fma.hpp"
#include "kernels/arithmetic/fp64_fma.hpp"
#include "kernels/arithmetic/int32_add.hpp"
#include "kernels/arithmetic/int32_logic.hpp"
#include "kernels/arithmetic/int32_mad.hpp"
#include "kernels/arithmetic/sfu.hpp"
#include "kernels/arithmetic/sfu_latency.hpp"
#include "kernels/arithmetic/shuffle.hpp"

namespace peakproof::kernels {

template <class... Ops>
struct OperationList {
  using Types = testing::Types<Ops...>;
};

/// Those whose answer the host knows.
using AllReplayed =
    OperationList<Fp32Fma, Fp64Fma, Fp32x2Fma, Fp16x2Fma, Bf16x2Fma, Int32Mad, Int32Add, Int32AddTwo, Int32Logic, Dp4a,
                  Shuffle, Fp32Int32Mix, SfuEx2, SfuLg2, SfuRcp, SfuRsqrt, SfuSin, SfuTanh, ConvertF32ToS32,
                  ConvertS32ToF32, ConvertF32ToF16, ConvertS16ToS32, ConvertF64ToF32, ConvertF32ToF64, ConvertPack>;
/// Those that the device replays.
using AllLatency = OperationList<LatencyEx2, LatencyLg2, LatencyRcp, LatencyRsqrt, LatencySin, LatencyTanh>;

using ReplayedOperations = AllReplayed::Types;
using LatencyOperations = AllLatency::Types;

/// The name of a typed test's operation.
struct OperationName {
  template <class Op>
  static std::string GetName(int /*index*/) {  // NOLINT(readability-identifier-naming): GoogleTest's name
    return Op::name;
  }
};

}  // namespace peakproof::kernels
