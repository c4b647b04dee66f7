// What each operator makes of its inputs: format and shape, by the ONNX library's own rules; by ours where a file is
// newer than the library.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/onnx_value.hpp"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace peakproof::models {

/// What is known of a tensor before the network runs.
struct Known {
  int type = 0;                                    ///< onnx::TensorProto::DataType; 0: not known
  std::optional<std::vector<std::int64_t>> shape;  ///< nothing: not known, also where one dimension is not
  std::shared_ptr<const Value> value;              ///< its numbers; null: not known or too many
  bool constant = false;                           ///< the same in every run
  bool stored = false;                             ///< of what the file stores alone, not of the shapes of activations
  std::vector<std::size_t> weights;                ///< the stored weights that it is made of, in ascending order
};

/// What a subgraph makes of these inputs, one for each of its outputs.
using InferGraph = std::function<std::vector<Known>(onnx::GraphProto& graph, const std::vector<Known>& inputs)>;

/// How far the library goes: the newest version of a domain's operators that it knows; 0: it does not know the domain.
[[nodiscard]] std::int64_t newest_known(const std::string& domain);

/// Format and shape of each output; not known where no rule tells. Null inputs are absent. Throws ModelError, with the
/// layer, where the inputs contradict the operator.
[[nodiscard]] std::vector<Known> infer(onnx::NodeProto& node, std::span<const Known* const> inputs,
                                       const std::map<std::string, std::int64_t>& opsets, const InferGraph& subgraph);

/// The same for operators that the library does not know, or knows in an older version that does not fit the node;
/// nothing where it is none of them.
[[nodiscard]] std::optional<std::vector<Known>> infer_newer(const onnx::NodeProto& node,
                                                            std::span<const Known* const> inputs);

}  // namespace peakproof::models
