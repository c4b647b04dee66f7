// The counts behind the rules of theory/operator_rules.cpp. Each throws std::invalid_argument, with the layer's name,
// where shapes contradict each other, and gives nothing where its rule does not hold.
#pragma once

#include <optional>

#include "theory/layer_view.hpp"
#include "theory/network_cost.hpp"

namespace peakproof::theory::counts {

using Count = std::optional<Operations>;

Count none(const LayerView& layer);

// Products (theory/operator_products.cpp).
Count convolution(const LayerView& layer);
Count quantized_convolution(const LayerView& layer);
Count integer_convolution(const LayerView& layer);
Count fused_convolution(const LayerView& layer);
Count transposed_convolution(const LayerView& layer);
Count gemm(const LayerView& layer);
Count fused_gemm(const LayerView& layer);
Count matmul(const LayerView& layer);
Count fused_matmul(const LayerView& layer);
Count quantized_matmul(const LayerView& layer);
Count einsum(const LayerView& layer);
Count recurrent(const LayerView& layer);
Count attention(const LayerView& layer);

// One number at a time.
Count variadic(const LayerView& layer);
Count mean(const LayerView& layer);
Count gelu(const LayerView& layer);
Count fast_gelu(const LayerView& layer);
Count batch_normalization(const LayerView& layer);

// Sums over many.
Count pool(const LayerView& layer);
Count lp_pool(const LayerView& layer);
Count layer_normalization(const LayerView& layer);
Count skip_layer_normalization(const LayerView& layer);
Count skip_rms_normalization(const LayerView& layer);
Count local_response(const LayerView& layer);
Count resize(const LayerView& layer);
Count scatter(const LayerView& layer);

/// Throws where an input cannot be stretched to the output's shape.
void check_broadcast(const LayerView& layer);

/// So many for each element of the output.
template <int N>
Count each(const LayerView& layer) {
  return Operations{0, N * numbers(layer.output())};
}
/// The same for operators of several inputs that are stretched to one shape.
template <int N>
Count each_pair(const LayerView& layer) {
  check_broadcast(layer);
  return each<N>(layer);
}
/// So many for each element of the input, and so many for each of the output.
template <int N, int M = 0>
Count reduce(const LayerView& layer) {
  return Operations{0, N * numbers(layer.needed(0)) + M * numbers(layer.output())};
}

}  // namespace peakproof::theory::counts
