// Networks by hand, for tests: shapes in, indices out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "theory/network.hpp"
#include "theory/network_cost.hpp"

namespace peakproof::theory {

using Shape = std::vector<std::int64_t>;
using Integers = std::map<std::string, std::vector<std::int64_t>>;
using Texts = std::map<std::string, std::string>;

class NetworkBuilder {
 public:
  std::size_t input(Shape shape) {
    network.inputs.push_back(tensor("input", std::move(shape)));
    return network.inputs.back();
  }
  std::size_t weight(Shape shape) {
    const std::size_t index = tensor("weight", std::move(shape));
    network.tensors[index].parameter = network.tensors[index].constant = true;
    return index;
  }
  /// Shapes, indices and the like.
  std::size_t known(Shape shape) {
    const std::size_t index = tensor("known", std::move(shape));
    network.tensors[index].constant = true;
    network.tensors[index].type = "int64";
    return index;
  }
  /// Adds a layer and gives its output.
  std::size_t layer(const std::string& operation, std::vector<std::size_t> inputs, Shape output, Integers integers = {},
                    Texts texts = {}) {
    const std::size_t out = tensor("made", std::move(output));
    network.layers.push_back({.name = operation + std::to_string(network.layers.size()),
                              .operation = operation,
                              .domain = {},
                              .inputs = std::move(inputs),
                              .outputs = {out},
                              .integers = std::move(integers),
                              .texts = std::move(texts)});
    return out;
  }
  void output(std::size_t index) { network.outputs.push_back(index); }

  [[nodiscard]] const Shape& shape(std::size_t index) const { return network.tensors[index].shape; }

  /// A square convolution without bias.
  std::size_t conv(std::size_t in, std::int64_t channels, std::int64_t kernel, std::int64_t stride, std::int64_t pad,
                   std::int64_t group = 1, bool bias = false) {
    const Shape from = shape(in);
    const std::int64_t side = (from[2] + 2 * pad - kernel) / stride + 1;
    std::vector<std::size_t> inputs = {in, weight({channels, from[1] / group, kernel, kernel})};
    if (bias) inputs.push_back(weight({channels}));
    return layer("Conv", std::move(inputs), {from[0], channels, side, side},
                 {{"strides", {stride, stride}}, {"pads", {pad, pad, pad, pad}}, {"group", {group}}});
  }
  std::size_t same(const std::string& operation, std::size_t in) { return layer(operation, {in}, shape(in)); }
  std::size_t batch_norm(std::size_t in) {
    const std::int64_t channels = shape(in)[1];
    return layer("BatchNormalization",
                 {in, weight({channels}), weight({channels}), weight({channels}), weight({channels})}, shape(in));
  }
  std::size_t pool(std::size_t in, std::int64_t kernel, std::int64_t stride, std::int64_t pad = 0) {
    const Shape from = shape(in);
    const std::int64_t side = (from[2] + 2 * pad - kernel) / stride + 1;
    return layer("MaxPool", {in}, {from[0], from[1], side, side}, {{"kernel_shape", {kernel, kernel}}});
  }
  /// A fully connected layer with bias.
  std::size_t dense(std::size_t in, std::int64_t outputs) {
    const Shape from = shape(in);
    return layer("Gemm", {in, weight({outputs, from[1]}), weight({outputs})}, {from[0], outputs}, {{"transB", {1}}});
  }
  std::size_t flatten(std::size_t in) {
    const Shape from = shape(in);
    std::int64_t rest = 1;
    for (std::size_t i = 1; i < from.size(); ++i) rest *= from[i];
    return layer("Flatten", {in}, {from[0], rest});
  }

  Network network;

 private:
  std::size_t tensor(const std::string& name, Shape shape) {
    Tensor made;
    made.name = name + std::to_string(network.tensors.size());
    made.shape = std::move(shape);
    network.tensors.push_back(std::move(made));
    return network.tensors.size() - 1;
  }
};

/// Of the layer that was added last.
inline LayerCost last(const NetworkBuilder& b) { return cost(b.network).layers.back(); }

/// What std::invalid_argument says.
inline std::string message(const std::function<void()>& run) {
  try {
    run();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

inline std::string failure(const NetworkBuilder& b) {
  return message([&] { static_cast<void>(cost(b.network)); });
}

}  // namespace peakproof::theory
