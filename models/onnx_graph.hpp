// The graph of an ONNX file as a graph: its functions put in place, its order, its circles and loose ends.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

namespace onnx {
class GraphProto;
class ModelProto;
class NodeProto;
}  // namespace onnx

namespace peakproof::models {

/// Replaces every call of a function that the file itself defines by the function's nodes, named "call/node". Returns
/// notes for the reader. Throws ModelError where functions call each other in a circle.
std::vector<std::string> inline_functions(onnx::ModelProto& model);

/// Gives every node of the main graph that has none a name: "Conv_12", by its place in the file.
void name_nodes(onnx::GraphProto& graph);

/// What the subgraphs of a node (the branches of an If, the body of a Loop) read from outside, each name once.
[[nodiscard]] std::vector<std::string> captured_names(const onnx::NodeProto& node);

/// The nodes in an order in which each follows those whose results it reads, otherwise as in the file. `outside` are
/// names that enclosing graphs make. Throws ModelError for a name that two make, one that nothing makes, and a circle.
[[nodiscard]] std::vector<int> topological_order(const onnx::GraphProto& graph,
                                                 const std::unordered_set<std::string>& outside = {});

}  // namespace peakproof::models
