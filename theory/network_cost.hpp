// What a network needs once: parameters, multiply-accumulates, operations and bytes, layer by layer. Every operator has
// its rule in one table; one that has none is named, never counted as zero in silence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "theory/network.hpp"
#include "theory/precision.hpp"

namespace peakproof::theory {

/// What a layer does to memory and arithmetic.
enum class LayerKind {
  matrix,       ///< convolutions and products: operations on the matrix pipe
  elementwise,  ///< one result for each element, from elements at the same place: can be part of the layer before
  reduction,    ///< softmax, normalisation, pooling: reads everything, computes little
  movement,     ///< transposes, concatenations, gathers: bytes, no operations
  free,         ///< reshapes: no work at all
  unknown,      ///< no rule
};
[[nodiscard]] std::string_view name(LayerKind kind);

class LayerView;  ///< what a rule sees of a layer: theory/layer_view.hpp

struct Operations {
  double macs = 0;
  double others = 0;
};

/// How an operator is counted.
struct OperatorRule {
  std::string_view operation;  ///< ONNX's name
  LayerKind kind = LayerKind::unknown;
  std::string_view
      rule;  ///< for people: "2 x MACs; MACs = output elements x input channels / groups x kernel elements"
  /// Nothing where the rule does not hold for this layer (an Einsum that is no plain product): it is unknown then.
  std::optional<Operations> (*count)(const LayerView&) = nullptr;
  std::string_view domain = "";  ///< empty: ONNX's own operators
};
/// The table, in alphabetical order.
[[nodiscard]] std::span<const OperatorRule> operator_rules();
/// Null where the table has none for this operator of this domain.
[[nodiscard]] const OperatorRule* find_rule(const Layer& layer);

struct LayerCost {
  std::size_t layer = 0;  ///< into Network::layers
  std::string name;
  std::string operation;
  LayerKind kind = LayerKind::unknown;
  std::int64_t parameters = 0;  ///< each counted once, at the layer that reads it first
  double macs = 0;
  double flops = 0;           ///< 2 x MACs, and the other operations by the operator's rule
  double weight_numbers = 0;  ///< that the layer reads: shared ones count at every layer
  double input_numbers = 0;   ///< activations that it reads
  double output_numbers = 0;
  std::vector<std::int64_t> output_shape;  ///< of its first output
};

struct NetworkCost {
  std::vector<LayerCost> layers;
  std::int64_t parameters = 0;
  double macs = 0;
  double flops = 0;
  double activation_numbers = 0;       ///< all outputs of all layers that do work
  double peak_activation_numbers = 0;  ///< the most that lives at one time, in the order of the layers
  std::map<std::string, int>
      unknown;  ///< operators without a rule, and how many layers have them: their operations are missing above
};

/// Throws std::invalid_argument, with the layer's name, where shapes contradict each other (a kernel of other rank, inner
/// dimensions that differ).
[[nodiscard]] NetworkCost cost(const Network& network);

/// Bytes that the parameters take at a precision, without scales or headers: 10 million at FP32 are 40 MB.
[[nodiscard]] double storage_bytes(std::int64_t parameters, Precision precision);

}  // namespace peakproof::theory
