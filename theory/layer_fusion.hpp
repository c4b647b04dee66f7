// Which elementwise layers become part of the layer before them.
#pragma once

#include <cstddef>
#include <vector>

#include "theory/network_cost.hpp"
#include "theory/tensor_flow.hpp"

namespace peakproof::theory {

/// By layer: the layer that it is computed in, itself where it is not fused. A host comes before what is fused into it,
/// and everything that the fused layers read is there when the host runs, or made within it.
[[nodiscard]] std::vector<std::size_t> fuse(const Network& network, const NetworkCost& cost, const TensorFlow& flow);

}  // namespace peakproof::theory
