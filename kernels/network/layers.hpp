// The layers of a network that are no products, on a GPU: parameters and launch. The kernels and their data sheet are in
// layers.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/network/program.hpp"
#include "kernels/tensor/gemm.hpp"

namespace peakproof::kernels {

/// Where a layer's numbers go: as they are (`wide`), and scaled and rounded to 8 bits (`narrow`), which is what the next
/// product reads. Either may be null.
struct LayerOut {
  void* wide = nullptr;
  Element wide_format = Element::f16;
  void* narrow = nullptr;
  Element narrow_format = Element::s8;  ///< s8, or e4m3
  float narrow_factor = 1;              ///< narrow = rounded(wide x factor), cut to the largest number of the format
};

/// How the numbers of one row lie: side by side, or head by head.
enum class HeadOrder : int {
  none,
  split,  ///< out: of queries, keys and values in turn item x head x token x number; in: token by token
  merge,  ///< in: item x head x token x number; out: token by token
};

/// What follows a product: out = act(in x scale + bias), each column with its own scale and bias. rows x columns, dense
/// but for `in_stride`.
struct FinishLayer {
  const void* in = nullptr;
  Element in_format = Element::f32;  ///< f32, f16, bf16 or s32
  std::int64_t in_stride = 0;        ///< from one row to the next; of `merge` unused
  LayerOut out;
  const float* scale = nullptr;  ///< null: 1
  const float* bias = nullptr;   ///< null: 0
  Activation activation = Activation::none;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  HeadOrder order = HeadOrder::none;
  std::int64_t tokens = 1;  ///< of an item
  std::int64_t heads = 1;
};
/// cudaErrorInvalidValue for a shape or a format that is none of these, as of the others below. Every pointer lies on 16
/// bytes; with heads, a head has a multiple of 8 numbers.
[[nodiscard]] cudaError_t finish_layer(const FinishLayer& layer, cudaStream_t stream);

/// Numbers of a row that softmax and add_normalize take at most, and what they must be a multiple of.
inline constexpr std::int64_t kMostInRow = 2048;
inline constexpr std::int64_t kRowMultiple = 8;

/// out = exp(x - largest) / sum of each row.
struct SoftmaxRows {
  const void* in = nullptr;
  void* out = nullptr;
  Element format = Element::f16;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};
[[nodiscard]] cudaError_t softmax_rows(const SoftmaxRows& layer, cudaStream_t stream);

/// out = (s - mean) / sqrt(variance + epsilon) x scale + shift of each row of s = x + residual.
struct AddNormalize {
  const void* x = nullptr;
  const void* residual = nullptr;
  Element format = Element::f16;  ///< of both
  const float* scale = nullptr;
  const float* shift = nullptr;
  LayerOut out;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};
[[nodiscard]] cudaError_t add_normalize(const AddNormalize& layer, cudaStream_t stream);

/// out (items x channels) = the mean over the pixels of in (items x pixels x channels).
struct AveragePool {
  const void* in = nullptr;
  Element format = Element::f16;
  LayerOut out;
  std::int64_t items = 0;
  std::int64_t pixels = 0;
  std::int64_t channels = 0;  ///< a multiple of 8
};
[[nodiscard]] cudaError_t average_pool(const AveragePool& layer, cudaStream_t stream);

}  // namespace peakproof::kernels
