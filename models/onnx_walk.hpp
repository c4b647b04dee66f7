// Through a graph in the order of computation: what is known of every tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/onnx_network.hpp"
#include "models/onnx_shapes.hpp"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace peakproof::models {

/// The inputs of a graph with every dimension known, and what that took.
struct BoundInputs {
  std::map<std::string, Known> inputs;             ///< those that are no stored tensors
  std::map<std::string, std::int64_t> dimensions;  ///< every named dimension of the inputs
  std::optional<std::int64_t> batch;               ///< as asked for
  std::optional<std::int64_t> batch_in_file;       ///< that the file fixes and `batch` replaces
  bool given = false;                              ///< whether a dimension has its value from the options
  std::vector<std::string> notes;
};
/// Throws ModelError for free dimensions without a value, and for values that nothing takes.
[[nodiscard]] BoundInputs bind_inputs(const onnx::GraphProto& graph, const ReadOptions& options);

/// A tensor of numbers that the file stores, or that it describes by a shape and one number (ConstantOfShape).
struct StoredWeight {
  std::string name;
  std::int64_t elements = 0;
};

struct Walk {
  std::unordered_map<std::string, Known> tensors;
  std::vector<int> order;  ///< of the graph's nodes
  std::vector<StoredWeight> weights;
  std::vector<std::string> notes;
};
/// Throws ModelError, with the layer.
[[nodiscard]] Walk walk(onnx::GraphProto& graph, const BoundInputs& bound,
                        const std::map<std::string, std::int64_t>& opsets);

/// Whether numbers of this format and shape may be learned: scalars are exponents, factors and the like.
[[nodiscard]] bool may_be_weight(int type, const std::optional<std::vector<std::int64_t>>& shape);
/// Whether this input of the node is one for numbers that are learned, and not a scale, a bound or a size.
[[nodiscard]] bool reads_weight(const onnx::NodeProto& node, std::size_t input);

}  // namespace peakproof::models
