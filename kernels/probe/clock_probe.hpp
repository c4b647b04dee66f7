// Reads every SM's clock counter beside the global timer: two readings around a launch give each SM's clock in between.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace peakproof::kernels {

struct ClockReading {
  std::int64_t clk = 0;    ///< clock64, cycles of this SM; free-running across kernels
  std::int64_t ns = 0;     ///< %globaltimer at the same moment (read on its tick)
  std::int64_t smid = -1;  ///< %smid; -1: never written
};

struct ClockProbe {
  static constexpr const char* symbol = "clock_probe";
  static constexpr int threads = 32;
  static constexpr int blocks_per_sm = 4;  ///< more than one, and each waits a moment: so that every SM gets one
  int sm_count = 1;
  [[nodiscard]] int blocks() const { return sm_count * blocks_per_sm; }
};
/// One reading per block into `out`, of ClockProbe::blocks() elements.
[[nodiscard]] cudaError_t launch(const ClockProbe& probe, ClockReading* out, cudaStream_t stream);

/// The kernel that does nothing: what a launch costs.
[[nodiscard]] cudaError_t launch_empty(cudaStream_t stream);

}  // namespace peakproof::kernels
