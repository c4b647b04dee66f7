#include "models/onnx_node.hpp"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>

#include "models/names.hpp"

namespace peakproof::models {

std::string plain_domain(const std::string& domain) { return domain == "ai.onnx" ? std::string() : domain; }

bool is_own(const onnx::NodeProto& node) { return plain_domain(node.domain()).empty(); }

std::string layer_text(const onnx::NodeProto& node) {
  const std::string domain = is_own(node) ? "" : printable(node.domain()) + "::";
  if (node.name().empty() && node.output_size() > 0) {
    return fmt::format("the layer that makes {} ({}{})", in_quotes(node.output(0)), domain, printable(node.op_type()));
  }
  return fmt::format("layer {} ({}{})", in_quotes(node.name()), domain, printable(node.op_type()));
}

bool has_graphs(const onnx::NodeProto& node) {
  return std::any_of(node.attribute().begin(), node.attribute().end(),
                     [](const auto& attribute) { return attribute.has_g() || attribute.graphs_size() > 0; });
}

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name) {
  const auto found = std::find_if(node.attribute().begin(), node.attribute().end(),
                                  [&](const auto& attribute) { return attribute.name() == name; });
  return found == node.attribute().end() ? nullptr : &*found;
}

std::int64_t integer_attribute(const onnx::NodeProto& node, std::string_view name, std::int64_t otherwise) {
  const auto* found = find_attribute(node, name);
  return found != nullptr && found->has_i() ? found->i() : otherwise;
}

}  // namespace peakproof::models
