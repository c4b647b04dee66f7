// FP32 fused multiply-add rate: parameters, work, launch and answer. The kernel and its data sheet are in fp32_fma.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/arithmetic/chain.hpp"
#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

struct Fp32Fma : Chain<Fp32Fma> {
  static constexpr const char* symbol = "fp32_fma";
  using Bits = std::uint32_t;
  static constexpr int chains = 8;
  static constexpr int steps_per_trip = 64;
  static constexpr int operations_per_step = 2;
  static constexpr int threads = 1024;
  static constexpr float c = -1.9F;  ///< x <- x * x + c stays within +-2 and is chaotic

  [[nodiscard]] std::array<Bits, lanes> answer() const;
};
/// The blocks that fill one SM; cudaErrorLaunchOutOfResources and the like where none fits.
[[nodiscard]] cudaError_t blocks_per_sm(const Fp32Fma& kernel, int* blocks);
/// `out` has blocks x threads values, `trace` one record per block.
[[nodiscard]] cudaError_t launch(const Fp32Fma& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream);

}  // namespace peakproof::kernels
