// FP32 fused multiply-add rate: parameters, work, launch and answer. The kernel and its data sheet are in fp32_fma.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

struct Fp32Fma {
  static constexpr const char* symbol = "fp32_fma";
  static constexpr int lanes = 32;           ///< a seed depends on the lane and the chain only
  static constexpr int chains = 8;           ///< independent accumulators per thread (ILP)
  static constexpr int steps_per_trip = 64;  ///< unrolled: one trip of the loop is chains x steps_per_trip FFMA
  static constexpr int threads = 1024;
  static constexpr float c = -1.9F;  ///< x <- x * x + c stays within +-2 and is chaotic

  int blocks = 1;
  int trips = 1;

  /// FLOP of one launch: an FMA counts 2.
  [[nodiscard]] double operations() const { return 2.0 * chains * steps_per_trip * trips * threads * blocks; }
  /// What a thread writes: the bits of its chains, xor-folded. One value per lane, by std::fma on the host.
  [[nodiscard]] std::array<std::uint32_t, lanes> answer() const;
};
/// The blocks that fill one SM; cudaErrorLaunchOutOfResources and the like where none fits.
[[nodiscard]] cudaError_t blocks_per_sm(const Fp32Fma& kernel, int* blocks);
/// `out` has blocks x threads values, `trace` one record per block.
[[nodiscard]] cudaError_t launch(const Fp32Fma& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream);

}  // namespace peakproof::kernels
