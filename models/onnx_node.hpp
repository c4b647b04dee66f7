// What every part that reads nodes asks of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace onnx {
class AttributeProto;
class NodeProto;
}  // namespace onnx

namespace peakproof::models {

/// Empty for ONNX's own operators, also where the file calls them by their other name, "ai.onnx" (ONNX's IR.md).
[[nodiscard]] std::string plain_domain(const std::string& domain);
/// Whether the operator is one of ONNX's own.
[[nodiscard]] bool is_own(const onnx::NodeProto& node);
/// "layer 'conv1' (Conv)".
[[nodiscard]] std::string layer_text(const onnx::NodeProto& node);
/// Whether it is an If, a Loop, a Scan or the like, with graphs within it.
[[nodiscard]] bool has_graphs(const onnx::NodeProto& node);

/// Null: the node has none of this name.
[[nodiscard]] const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name);
[[nodiscard]] std::int64_t integer_attribute(const onnx::NodeProto& node, std::string_view name,
                                             std::int64_t otherwise);

}  // namespace peakproof::models
