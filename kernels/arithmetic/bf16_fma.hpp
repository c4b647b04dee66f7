// Packed BF16 fused multiply-add rate: the operation. The kernel's data sheet is in bf16_fma.cu.
#pragma once

#include "kernels/arithmetic/half_pair.hpp"

namespace peakproof::kernels {

/// x <- x * x + c stays within +-2 for each of -1.9765625, -1.921875, -1.84375, -1.6640625.
/// All seeds are positive and below 0.5.
struct Bf16x2Fma : HalfPairFma<half_chain::Format::bf16, 0xbfd5bfecbff6bffd, 0x3d00> {
  static constexpr const char* name = "Bf16x2Fma";
};

}  // namespace peakproof::kernels
