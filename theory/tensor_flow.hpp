// Which layer makes each tensor of a network, which ones read it, and whose memory it is.
#pragma once

#include <cstddef>
#include <vector>

#include "theory/network.hpp"

namespace peakproof::theory {

struct TensorFlow {
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);  ///< an input or a constant
  /// By tensor: the one whose memory it is. Outputs of free layers (reshapes) are their input; all others themselves. The
  /// lists below are of homes.
  std::vector<std::size_t> home;
  std::vector<std::size_t> maker;                 ///< the layer that writes it, or nobody
  std::vector<std::vector<std::size_t>> readers;  ///< layers that do work, in order, each once
  std::vector<bool> leaves;                       ///< an output of the network

  /// Homes of the tensors in such a list, each once, without those left out.
  [[nodiscard]] std::vector<std::size_t> homes(const std::vector<std::size_t>& tensors) const;
};

/// Throws std::invalid_argument, with the layer's name, where a layer reads what nothing has made before it, where a
/// tensor is made twice, and where an index is none.
[[nodiscard]] TensorFlow tensor_flow(const Network& network);

/// Numbers that a layer reads of one of its inputs, by its home: all, but for lookups and slices, which read no more of
/// the first than they write. 128 words touch 128 rows of their table.
[[nodiscard]] double numbers_read(const Network& network, const Layer& layer, const TensorFlow& flow, std::size_t home);

}  // namespace peakproof::theory
