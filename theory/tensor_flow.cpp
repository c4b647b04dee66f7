#include "theory/tensor_flow.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>

#include "theory/layer_view.hpp"
#include "theory/network_cost.hpp"

namespace peakproof::theory {
namespace {

bool known_before(const Tensor& tensor) { return tensor.constant || tensor.parameter; }

bool is_free(const Layer& layer) {
  const auto* const rule = find_rule(layer);
  return rule != nullptr && rule->kind == LayerKind::free;
}

void check_index(const Network& network, std::size_t tensor, const std::string& who) {
  if (tensor >= network.tensors.size())
    throw std::invalid_argument(who + " names a tensor that the network does not have");
}

bool reads_a_part(const Layer& layer) {
  constexpr std::array<std::string_view, 4> kOperations = {"Gather", "GatherElements", "GatherND", "Slice"};
  return find_rule(layer) != nullptr &&
         std::find(kOperations.begin(), kOperations.end(), layer.operation) != kOperations.end();
}

}  // namespace

std::vector<std::size_t> TensorFlow::homes(const std::vector<std::size_t>& tensors) const {
  std::vector<std::size_t> found;
  for (const std::size_t tensor : tensors) {
    if (tensor == Layer::absent) continue;
    if (std::find(found.begin(), found.end(), home[tensor]) == found.end()) found.push_back(home[tensor]);
  }
  return found;
}

TensorFlow tensor_flow(const Network& network) {
  const std::size_t count = network.tensors.size();
  TensorFlow flow;
  flow.home.resize(count);
  std::iota(flow.home.begin(), flow.home.end(), std::size_t{0});
  flow.maker.assign(count, TensorFlow::nobody);
  flow.readers.resize(count);
  flow.leaves.assign(count, false);
  std::vector<bool> there(count);
  for (std::size_t i = 0; i < count; ++i) there[i] = known_before(network.tensors[i]);
  for (const std::size_t input : network.inputs) {
    check_index(network, input, "an input of the network");
    there[input] = true;
  }
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    const LayerView view(network, layer);
    for (const std::size_t input : layer.inputs) {
      if (input == Layer::absent) continue;
      check_index(network, input, "layer '" + layer.name + "'");
      if (!there[input])
        view.fail("it reads the tensor '" + network.tensors[input].name + "', which nothing makes before it");
    }
    const bool free = is_free(layer);
    if (!free)
      for (const std::size_t home : flow.homes(layer.inputs)) flow.readers[home].push_back(l);
    bool first = true;
    for (const std::size_t output : layer.outputs) {
      if (output == Layer::absent) continue;
      check_index(network, output, "layer '" + layer.name + "'");
      if (there[output] && !known_before(network.tensors[output]))
        view.fail("it makes the tensor '" + network.tensors[output].name + "', which is there already");
      there[output] = true;
      flow.maker[output] = l;
      const Tensor* const source = free && first ? view.input(0) : nullptr;
      if (source != nullptr && !network.tensors[output].constant &&
          source->elements() == network.tensors[output].elements())
        flow.home[output] = flow.home[layer.inputs[0]];
      first = false;
    }
  }
  for (const std::size_t output : network.outputs) {
    check_index(network, output, "an output of the network");
    if (!there[output])
      throw std::invalid_argument("the network's output '" + network.tensors[output].name + "' is made by nothing");
    flow.leaves[flow.home[output]] = true;
  }
  return flow;
}

double numbers_read(const Network& network, const Layer& layer, const TensorFlow& flow, std::size_t home) {
  const double all = numbers(network.tensors[home]);
  const std::size_t first = layer.inputs.empty() ? Layer::absent : layer.inputs.front();
  if (first == Layer::absent || flow.home[first] != home || !reads_a_part(layer)) return all;
  return std::min(all, numbers(LayerView(network, layer).output()));
}

}  // namespace peakproof::theory
