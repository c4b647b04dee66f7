// Packed FP16 fused multiply-add rate: the operation. The kernel's data sheet is in fp16_fma.cu.
#pragma once

#include "kernels/arithmetic/half_pair.hpp"

namespace peakproof::kernels {

/// x <- x * x + c stays within +-2 for each of -1.734375, -1.556640625, -1.6142578125, -1.951171875.
/// All seeds are positive and below 0.5.
struct Fp16x2Fma : HalfPairFma<half_chain::Format::fp16, 0xbfcebe75be3abef0, 0x3000> {
  static constexpr const char* name = "Fp16x2Fma";
};

}  // namespace peakproof::kernels
