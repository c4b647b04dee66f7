// A whole matrix product through nvcuda::wmma: parameters, work and launch. The kernel and its data sheet are in
// wmma_gemm.cu.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

namespace peakproof::kernels {

/// C (FP32, m x n) = A (FP16, m x k) * B (FP16, k x n), all row-major and dense.
struct GemmShape {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  [[nodiscard]] double operations() const {
    return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  }
};

struct WmmaGemm {
  static constexpr const char* symbol = "wmma_gemm";
  static constexpr int tile_m = 128;  ///< of C, per block
  static constexpr int tile_n = 256;
  static constexpr int tile_k = 64;  ///< a multiple of every architecture's slab
  static constexpr int threads = 256;
  GemmShape shape;
  /// m, n and k are positive multiples of the tile, each below 2^31, and C has fewer than 2^31 tiles.
  [[nodiscard]] bool fits() const;
};
/// cudaErrorInvalidValue if the shape does not fit.
[[nodiscard]] cudaError_t launch(const WmmaGemm& gemm, const __half* a, const __half* b, float* c, cudaStream_t stream);

}  // namespace peakproof::kernels
