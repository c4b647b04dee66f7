#include "theory/network_cost.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "theory/layer_view.hpp"
#include "theory/tensor_flow.hpp"

namespace peakproof::theory {
namespace {

void add_traffic(const Network& network, const Layer& layer, const TensorFlow& flow, LayerCost& cost) {
  for (const std::size_t output : flow.homes(layer.outputs)) cost.output_numbers += numbers(network.tensors[output]);
  for (const std::size_t home : flow.homes(layer.inputs)) {
    const Tensor& tensor = network.tensors[home];
    const double read = numbers_read(network, layer, flow, home);
    if (tensor.parameter) {
      cost.weight_numbers += read;
    } else if (!tensor.constant) {
      cost.input_numbers += read;
    }
  }
}

/// What lives at once: from the layer that makes it, or from the start, until its last reader is through; outputs of the
/// network stay. A layer's inputs and outputs live together.
double peak_activations(const Network& network, const TensorFlow& flow) {
  std::vector<double> born(network.layers.size() + 1);
  std::vector<double> dead(network.layers.size() + 1);  // after that layer
  std::vector<bool> input(network.tensors.size());
  for (const std::size_t tensor : network.inputs) input[tensor] = true;
  for (std::size_t t = 0; t < network.tensors.size(); ++t) {
    const Tensor& tensor = network.tensors[t];
    const std::size_t maker = flow.maker[t];
    const bool made = maker != TensorFlow::nobody;
    if (flow.home[t] != t || tensor.constant || tensor.parameter || (!made && !input[t])) continue;
    const std::size_t first = made ? maker : 0;
    std::size_t last = flow.readers[t].empty() ? first : flow.readers[t].back();
    if (flow.leaves[t]) last = network.layers.size();
    born[first] += numbers(tensor);
    dead[last] += numbers(tensor);
  }
  double alive = 0;
  double most = 0;
  for (std::size_t l = 0; l < born.size(); ++l) {
    alive += born[l];
    most = std::max(most, alive);
    alive -= dead[l];
  }
  return most;
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
  if (a > std::numeric_limits<std::int64_t>::max() - b)
    throw std::invalid_argument("the network has more parameters than 64 bits count");
  return a + b;
}

}  // namespace

NetworkCost cost(const Network& network) {
  const TensorFlow flow = tensor_flow(network);
  NetworkCost total;
  std::vector<bool> counted(network.tensors.size());
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    const LayerView view(network, layer);
    LayerCost cost;
    cost.layer = l;
    cost.name = layer.name;
    cost.operation = layer.operation;
    for (const auto* const list : {&layer.inputs, &layer.outputs})
      for (const std::size_t tensor : *list)
        if (tensor != Layer::absent) static_cast<void>(network.tensors[tensor].elements());  // or throws
    const OperatorRule* const rule = find_rule(layer);
    const auto operations = rule != nullptr ? rule->count(view) : std::nullopt;
    if (operations) {
      cost.kind = rule->kind;
      cost.macs = operations->macs;
      cost.flops = 2 * operations->macs + operations->others;
    } else {
      ++total.unknown[layer.domain.empty() || layer.domain == "ai.onnx" ? layer.operation
                                                                        : layer.domain + "::" + layer.operation];
    }
    for (const std::size_t input : layer.inputs) {
      if (input == Layer::absent || counted[input]) continue;
      counted[input] = true;
      cost.parameters = sum(cost.parameters, network.tensors[input].parameters());
    }
    const bool has_output = std::any_of(layer.outputs.begin(), layer.outputs.end(),
                                        [](std::size_t output) { return output != Layer::absent; });
    if (has_output) cost.output_shape = view.output().shape;
    if (cost.kind != LayerKind::free) add_traffic(network, layer, flow, cost);
    total.parameters = sum(total.parameters, cost.parameters);
    total.macs += cost.macs;
    total.flops += cost.flops;
    total.activation_numbers += cost.output_numbers;
    total.layers.push_back(std::move(cost));
  }
  total.peak_activation_numbers = peak_activations(network, flow);
  return total;
}

double storage_bytes(std::int64_t parameters, Precision precision) {
  return static_cast<double>(parameters) * bytes_per_number(precision);
}

}  // namespace peakproof::theory
