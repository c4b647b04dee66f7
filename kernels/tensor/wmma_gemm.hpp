// A whole matrix product through nvcuda::wmma, in every type that it has: parameters, work and launch. The kernels are
// in wmma_gemm.cuh, their data sheets in the .cu files that instantiate it.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/tensor/gemm.hpp"
#include "kernels/tensor/native.hpp"

namespace peakproof::kernels {

enum class WmmaType : int { fp16, fp16_acc16, bf16, tf32, fp64, int8, int4, b1 };
inline constexpr std::array kWmmaTypes = {WmmaType::fp16, WmmaType::fp16_acc16, WmmaType::bf16, WmmaType::tf32,
                                          WmmaType::fp64, WmmaType::int8,       WmmaType::int4, WmmaType::b1};

struct WmmaGemm {
  static constexpr int threads = 256;
  static constexpr int tile_bytes = 128;  ///< of k, a multiple of every architecture's slab
  WmmaType type = WmmaType::fp16;
  GemmShape shape;

  [[nodiscard]] constexpr GemmTypes types() const {
    switch (type) {
      case WmmaType::fp16:
        break;
      case WmmaType::fp16_acc16:
        return {Element::f16, Element::f16, Element::f16};
      case WmmaType::bf16:
        return {Element::bf16, Element::f32, Element::f32};
      case WmmaType::tf32:
        return {Element::tf32, Element::f32, Element::f32};
      case WmmaType::fp64:
        return {Element::f64, Element::f64, Element::f64};
      case WmmaType::int8:
        return {Element::s8, Element::s32, Element::s32};
      case WmmaType::int4:
        return {Element::s4, Element::s32, Element::s32};
      case WmmaType::b1:
        return {Element::b1, Element::s32, Element::s32};
    }
    return {Element::f16, Element::f32, Element::f32};
  }
  /// Of C, per block, and what k is a multiple of.
  [[nodiscard]] constexpr GemmTile tile() const {
    return {128, type == WmmaType::fp64 ? 128 : 256, 8 * tile_bytes / bits_of(types().operand)};
  }
  /// Where the machine code multiplies with an instruction of the type; elsewhere the kernel is a trap.
  [[nodiscard]] constexpr Native native() const {
    switch (type) {
      case WmmaType::fp16:
      case WmmaType::fp16_acc16:
      case WmmaType::int8:
        return {75};
      case WmmaType::bf16:
      case WmmaType::tf32:
      case WmmaType::fp64:
        break;
      case WmmaType::int4:  // made of INT8 from 9.0 on
        return {75, 89};
      case WmmaType::b1:  // AND; made of bytes from 10.0 on
        return {80, 90};
    }
    return {80};
  }
  /// "fp16", "fp16_acc16", "bf16" …, and the kernel's symbol.
  [[nodiscard]] const char* type_name() const;
  [[nodiscard]] const char* symbol() const;
  /// m, n and k are positive multiples of the tile, each below 2^31, and C has fewer than 2^31 tiles.
  [[nodiscard]] bool fits() const;
};

/// cudaErrorInvalidValue if the shape does not fit.
[[nodiscard]] cudaError_t launch(const WmmaGemm& gemm, const void* a, const void* b, void* c, cudaStream_t stream);

}  // namespace peakproof::kernels
