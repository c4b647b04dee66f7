#include "models/onnx_graph.hpp"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>

#include "models/names.hpp"
#include "models/onnx_network.hpp"
#include "models/onnx_node.hpp"

namespace peakproof::models {
namespace {

// Every name that a graph's own scope defines.
std::unordered_set<std::string> defined_names(const onnx::GraphProto& graph) {
  std::unordered_set<std::string> names;
  for (const auto& input : graph.input()) {
    names.insert(input.name());
  }
  for (const auto& stored : graph.initializer()) {
    names.insert(stored.name());
  }
  for (const auto& stored : graph.sparse_initializer()) {
    names.insert(stored.values().name());
  }
  for (const auto& node : graph.node()) {
    names.insert(node.output().begin(), node.output().end());
  }
  return names;
}

void collect_captured(const onnx::GraphProto& graph, std::vector<std::string>& names,
                      std::unordered_set<std::string>& seen) {
  const std::unordered_set<std::string> own = defined_names(graph);
  const auto add = [&](const std::string& name) {
    if (!name.empty() && !own.contains(name) && seen.insert(name).second) {
      names.push_back(name);
    }
  };
  for (const auto& node : graph.node()) {
    for (const auto& input : node.input()) {
      add(input);
    }
    for (const std::string& name : captured_names(node)) {
      add(name);
    }
  }
  for (const auto& output : graph.output()) {
    add(output.name());
  }
}

// Who makes each name: a node's index, or -1 for inputs, stored tensors and enclosing graphs.
std::unordered_map<std::string, int> makers_of(const onnx::GraphProto& graph,
                                               const std::unordered_set<std::string>& outside) {
  std::unordered_map<std::string, int> makers;
  for (const std::string& name : outside) {
    makers.emplace(name, -1);
  }
  std::unordered_set<std::string> inputs;
  for (const auto& input : graph.input()) {
    makers[input.name()] = -1;
    if (!inputs.insert(input.name()).second) {
      throw ModelError(fmt::format("two inputs have the name {}", in_quotes(input.name())));
    }
  }
  std::unordered_set<std::string> stored_names;
  const auto store = [&](const std::string& name) {
    makers[name] = -1;
    if (!stored_names.insert(name).second) {
      throw ModelError(fmt::format("two stored tensors have the name {}", in_quotes(name)));
    }
  };
  for (const auto& stored : graph.initializer()) {
    store(stored.name());
  }
  for (const auto& stored : graph.sparse_initializer()) {
    store(stored.values().name());
  }
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string& output : graph.node(i).output()) {
      if (output.empty()) {
        continue;
      }
      const auto [before, added] = makers.emplace(output, i);
      if (added) {
        continue;
      }
      throw ModelError(
          fmt::format("{} makes {}, which is made already by {}: names must be unique", layer_text(graph.node(i)),
                      in_quotes(output),
                      before->second < 0 ? "an input or a stored tensor" : layer_text(graph.node(before->second))));
    }
  }
  return makers;
}

struct Dependencies {
  std::vector<std::vector<int>> readers;  ///< of each node, by index
  std::vector<std::vector<int>> sources;
};

Dependencies dependencies_of(const onnx::GraphProto& graph, const std::unordered_map<std::string, int>& makers) {
  const auto count = static_cast<std::size_t>(graph.node_size());
  Dependencies result{std::vector<std::vector<int>>(count), std::vector<std::vector<int>>(count)};
  const auto depend = [&](int reader, const std::string& name) {
    if (name.empty()) {
      return;
    }
    const auto maker = makers.find(name);
    if (maker == makers.end()) {
      throw ModelError(fmt::format("{} reads {}, which nothing in the file makes: no input, no stored tensor, no layer",
                                   layer_text(graph.node(reader)), in_quotes(name)));
    }
    if (maker->second < 0) {
      return;
    }
    result.sources[static_cast<std::size_t>(reader)].push_back(maker->second);
    result.readers[static_cast<std::size_t>(maker->second)].push_back(reader);
  };
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string& input : graph.node(i).input()) {
      depend(i, input);
    }
    for (const std::string& name : captured_names(graph.node(i))) {
      depend(i, name);
    }
  }
  for (const auto& output : graph.output()) {
    if (!makers.contains(output.name())) {
      throw ModelError(fmt::format("the output {} is made by nothing in the file", in_quotes(output.name())));
    }
  }
  return result;
}

// Walks backwards from a node that waits for ever: each such node waits for another one, so a circle closes.
[[noreturn]] void fail_circle(const onnx::GraphProto& graph, const Dependencies& dependencies,
                              const std::vector<std::size_t>& waiting) {
  std::size_t at = 0;
  while (waiting[at] == 0) {
    ++at;
  }
  std::unordered_map<std::size_t, std::size_t> visited;
  std::vector<std::size_t> path;
  while (visited.emplace(at, path.size()).second) {
    path.push_back(at);
    for (const int source : dependencies.sources[at]) {
      if (waiting[static_cast<std::size_t>(source)] > 0) {
        at = static_cast<std::size_t>(source);
        break;
      }
    }
  }
  constexpr std::size_t kNamed = 6;
  std::string text = in_quotes(graph.node(static_cast<int>(at)).name());
  std::size_t named = 0;
  for (std::size_t i = path.size(); i-- > visited[at];) {
    if (++named == kNamed && i > visited[at]) {
      text += fmt::format(" -> ... ({} more)", i - visited[at]);
      i = visited[at];
    }
    text += " -> " + in_quotes(graph.node(static_cast<int>(path[i])).name());
  }
  throw ModelError(fmt::format("layers wait for each other in a circle: {}", text));
}

}  // namespace

void name_nodes(onnx::GraphProto& graph) {
  for (int i = 0; i < graph.node_size(); ++i) {
    onnx::NodeProto& node = *graph.mutable_node(i);
    if (node.name().empty()) {
      node.set_name(fmt::format("{}_{}", node.op_type(), i));
    }
  }
}

std::vector<std::string> captured_names(const onnx::NodeProto& node) {
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) {
      collect_captured(attribute.g(), names, seen);
    }
    for (const auto& graph : attribute.graphs()) {
      collect_captured(graph, names, seen);
    }
  }
  return names;
}

std::vector<int> topological_order(const onnx::GraphProto& graph, const std::unordered_set<std::string>& outside) {
  const Dependencies dependencies = dependencies_of(graph, makers_of(graph, outside));
  std::vector<std::size_t> waiting(dependencies.sources.size());
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;  // the first in the file first
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    waiting[i] = dependencies.sources[i].size();
    if (waiting[i] == 0) {
      ready.push(static_cast<int>(i));
    }
  }
  std::vector<int> order;
  while (!ready.empty()) {
    const int node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const int reader : dependencies.readers[static_cast<std::size_t>(node)]) {
      if (--waiting[static_cast<std::size_t>(reader)] == 0) {
        ready.push(reader);
      }
    }
  }
  if (order.size() < waiting.size()) {
    fail_circle(graph, dependencies, waiting);
  }
  return order;
}

}  // namespace peakproof::models
