// A whole matrix product by Hopper's warpgroup instructions: parameters, work, plan and launch. The kernels and their
// data sheet are in wgmma_gemm.cu.
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/tensor/gemm.hpp"
#include "kernels/tensor/tile_order.hpp"

namespace peakproof::kernels {

/// C (BF16) = A x B with FP32 sums; operands of BF16, E4M3 or E5M2.
struct WgmmaGemm {
  static constexpr int cluster = 2;  ///< CTAs that share their columns of B
  static constexpr int cta_m = 128;  ///< rows of C of a CTA
  static constexpr int tile_m = cluster * cta_m;
  static constexpr int tile_n = 256;
  static constexpr int slab_bytes = 128;  ///< of k, in a stage
  static constexpr int stages = 4;
  static constexpr int threads = 3 * 128;  ///< a producer's warpgroup and two consumers'
  static constexpr int band = 8;           ///< rows of tiles

  static constexpr int stage_bytes = (cta_m + tile_n) * slab_bytes;
  static constexpr int staging_bytes = 8 * 2 * 16 * slab_bytes;  ///< two boxes of 16 rows of C for every consumer warp
  static constexpr int alignment = 1024;                         ///< of the 128-byte swizzle
  static constexpr int barrier_bytes = 2 * stages * 8;
  static constexpr int shared_bytes = alignment + stages * stage_bytes + staging_bytes + barrier_bytes;

  /// A warp stores 16 rows of C by way of boxes of 16 rows x 64 columns in shared memory, swizzled by 128 bytes. For
  /// the `step`-th 16 columns, lane `lane` names 8 of them in one row: lanes 0-15 the first 8 of row lane, the others
  /// the second 8 of row lane - 16. This is where they lie, in bytes from the first box on.
  [[nodiscard]] static constexpr int staged(int lane, int step) {
    constexpr int box_bytes = 16 * slab_bytes;
    constexpr int steps_of_box = 4;
    const int chunk = step % steps_of_box * 2 + lane / 16;
    return step / steps_of_box * box_bytes + lane % 16 * slab_bytes + (chunk ^ (lane % 8)) * 16;
  }

  Element operand = Element::bf16;
  GemmShape shape;

  /// Of bf16, e4m3 and e5m2: the multiples that m, n and k are of.
  [[nodiscard]] constexpr GemmTile tile() const { return {tile_m, tile_n, slab_bytes * 8 / bits_of(operand)}; }
  [[nodiscard]] constexpr GemmTypes types() const { return {operand, Element::f32, Element::bf16}; }
  /// The kernel's name.
  [[nodiscard]] const char* symbol() const;
  /// The operand is one of the three; m, n and k are positive multiples of the tile, each below 2^31, and C has at most
  /// 2^30 tiles.
  [[nodiscard]] bool fits() const;
  [[nodiscard]] constexpr BandedOrder order() const {
    return {static_cast<int>(shape.m / tile_m), static_cast<int>(shape.n / tile_n), band};
  }
};

/// A product of these matrices on the current device: what the launch needs, made once.
struct WgmmaGemmPlan {
  WgmmaGemm gemm;
  CUtensorMap a{};
  CUtensorMap b{};
  CUtensorMap c{};
  int clusters = 0;
};
/// The matrices are aligned to 16 bytes. cudaErrorInvalidValue if the shape does not fit; what make_tensor_map says.
[[nodiscard]] cudaError_t make_plan(const WgmmaGemm& gemm, const void* a, const void* b, void* c, WgmmaGemmPlan* plan);
/// On any architecture but sm_90a the kernel is a trap.
[[nodiscard]] cudaError_t launch(const WgmmaGemmPlan& plan, cudaStream_t stream);

}  // namespace peakproof::kernels
