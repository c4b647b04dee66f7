#include "tests/stand_in/graph.hpp"

#include <cstdio>
#include <map>
#include <utility>

#include "tests/stand_in/state.hpp"
#include "tests/stand_in/stream.hpp"

namespace peakproof::stand_in {
namespace {

/// Graphs by the handle that was given out; recorded ones and those ready to be launched.
std::map<void*, std::unique_ptr<Graph>>& recorded() {
  static std::map<void*, std::unique_ptr<Graph>> graphs;
  return graphs;
}
std::map<void*, std::unique_ptr<Graph>>& ready() {
  static std::map<void*, std::unique_ptr<Graph>> graphs;
  return graphs;
}

cudaError_t instantiate(cudaGraphExec_t* exec, cudaGraph_t graph) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  const auto found = recorded().find(graph);
  if (found == recorded().end()) return cudaErrorInvalidValue;
  auto copy = std::make_unique<Graph>(*found->second);
  void* handle = copy.get();
  ready()[handle] = std::move(copy);
  *exec = static_cast<cudaGraphExec_t>(handle);
  return cudaSuccess;
}

cudaError_t launch(cudaGraphExec_t exec, cudaStream_t stream) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  const auto found = ready().find(exec);
  if (found == ready().end()) return cudaErrorInvalidValue;
  if (const cudaError_t error = find_stream(stream); error != cudaSuccess) return error;
  if (recording_of(stream) != nullptr) return cudaErrorStreamCaptureUnsupported;  // a graph in a graph is not played
  return found->second->run(stream);
}

}  // namespace

cudaError_t Graph::add(const void* host_function, const Launch& launch, std::size_t shared_bytes) {
  const KernelModel* model = find_model(host_function);
  if (model == nullptr) return cudaErrorInvalidDeviceFunction;
  if (!model->argument_bytes) {
    std::fprintf(stderr, "stand-in: a graph with the kernel '%s': its model must say the bytes of its arguments\n",
                 model->name.c_str());
    return cudaErrorStreamCaptureUnsupported;
  }
  Node node{.host_function = host_function, .grid = launch.grid, .block = launch.block, .shared_bytes = shared_bytes};
  for (std::size_t i = 0; i < model->argument_bytes->size(); ++i) {
    const auto* first = static_cast<const std::byte*>(launch.arguments[i]);
    node.arguments.emplace_back(first, first + (*model->argument_bytes)[i]);
  }
  nodes_.push_back(std::move(node));
  return cudaSuccess;
}

cudaError_t Graph::run(cudaStream_t stream) const {
  settle(stream);
  for (const Node& node : nodes_) {
    std::vector<void*> arguments;
    for (const auto& argument : node.arguments) arguments.push_back(const_cast<std::byte*>(argument.data()));
    Launch launch{.grid = node.grid, .block = node.block, .arguments = arguments.data()};
    launch.launch_us = settings().graph_node_us;
    if (const cudaError_t error = launch_kernel(node.host_function, launch, node.shared_bytes); error != cudaSuccess)
      return error;
  }
  return cudaSuccess;
}

cudaGraph_t keep(std::unique_ptr<Graph> graph) {
  void* handle = graph.get();
  recorded()[handle] = std::move(graph);
  return static_cast<cudaGraph_t>(handle);
}

}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
namespace self = peakproof::stand_in;
extern "C" {

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long /*flags*/) {
  return self::remember(self::instantiate(exec, graph));
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
  return self::remember(self::launch(exec, stream));
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return self::remember(self::recorded().erase(graph) == 1 ? cudaSuccess : cudaErrorInvalidValue);
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  return self::remember(self::ready().erase(exec) == 1 ? cudaSuccess : cudaErrorInvalidValue);
}
}
// NOLINTEND(readability-identifier-naming)
