#include "theory/operator_counts.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace peakproof::theory::counts {
namespace {

/// Elements of the window that one output of a pool is made of.
double window(const LayerView& layer) {
  const auto kernel = layer.integers("kernel_shape");
  const auto& shape = layer.needed(0).shape;
  if (kernel.empty() || kernel.size() + 2 != shape.size())
    layer.fail("its kernel_shape " + shape_text(kernel) + " does not fit its input " + shape_text(shape));
  double elements = 1;
  for (const std::int64_t dimension : kernel) {
    if (dimension < 1) layer.fail("its kernel_shape " + shape_text(kernel) + " must be 1 or more everywhere");
    elements *= static_cast<double>(dimension);
  }
  return elements;
}

Count each_of(const LayerView& layer, double operations) { return Operations{0, operations * numbers(layer.output())}; }

int present(const LayerView& layer, std::size_t index) { return layer.has(index) ? 1 : 0; }

}  // namespace

Count none(const LayerView& /*layer*/) { return Operations{}; }

void check_broadcast(const LayerView& layer) {
  if (!layer.integers("broadcast").empty()) return;  // before opset 7 an attribute said where the second one lies
  const auto& shape = layer.output().shape;
  for (std::size_t i = 0; i < layer.inputs(); ++i) {
    const Tensor* const input = layer.input(i);
    if (input == nullptr) continue;
    const bool fits = input->shape.size() <= shape.size() &&
                      std::equal(input->shape.rbegin(), input->shape.rend(), shape.rbegin(),
                                 [](std::int64_t in, std::int64_t out) { return in == out || in == 1; });
    if (!fits)
      layer.fail("its input " + shape_text(input->shape) + " cannot be stretched to its output " + shape_text(shape));
  }
}

Count variadic(const LayerView& layer) {
  check_broadcast(layer);
  if (layer.inputs() == 0) layer.fail("it has no input");
  return each_of(layer, static_cast<double>(layer.inputs() - 1));
}

Count mean(const LayerView& layer) {
  check_broadcast(layer);
  return each_of(layer, static_cast<double>(layer.inputs()));
}

Count gelu(const LayerView& layer) { return each_of(layer, layer.text("approximate", "none") == "tanh" ? 9 : 5); }

Count fast_gelu(const LayerView& layer) { return each_of(layer, 9 + present(layer, 1)); }

Count batch_normalization(const LayerView& layer) {
  if (layer.integer("training_mode", 0) != 0) return std::nullopt;
  const auto& shape = layer.needed(0).shape;
  const std::int64_t channels = shape.size() > 1 ? shape[1] : 1;
  if (layer.integer("spatial", 1) != 0 && layer.needed(1).elements() != channels)
    layer.fail("its scale has " + std::to_string(layer.needed(1).elements()) + " elements for " +
               std::to_string(channels) + " channels");
  return each_of(layer, 2);
}

Count pool(const LayerView& layer) { return each_of(layer, window(layer)); }

Count lp_pool(const LayerView& layer) { return each_of(layer, 2 * window(layer) + 1); }

Count layer_normalization(const LayerView& layer) { return each_of(layer, 5 + present(layer, 1) + present(layer, 2)); }

Count skip_layer_normalization(const LayerView& layer) {
  return each_of(layer, 6 + present(layer, 2) + present(layer, 3) + present(layer, 4));
}

Count skip_rms_normalization(const LayerView& layer) { return each_of(layer, 5 + present(layer, 3)); }

Count local_response(const LayerView& layer) {
  const std::int64_t size = layer.integer("size", 0);
  if (size < 1) layer.fail("its attribute 'size' must be 1 or more");
  return each_of(layer, static_cast<double>(size) + 4);
}

Count resize(const LayerView& layer) {
  const std::string mode = layer.text("mode", "nearest");
  if (mode == "nearest") return Operations{};
  const double neighbours = mode == "linear" || mode == "bilinear" ? 2 : (mode == "cubic" ? 4 : 0);
  if (neighbours == 0) return std::nullopt;
  const auto& in = layer.needed(0).shape;
  const auto& out = layer.output().shape;
  if (in.size() != out.size())
    layer.fail("its input " + shape_text(in) + " and its output " + shape_text(out) + " differ in dimensions");
  int changed = 0;
  for (std::size_t i = 0; i < in.size(); ++i) changed += in[i] != out[i] ? 1 : 0;
  return each_of(layer, changed == 0 ? 0 : 2 * std::pow(neighbours, changed));
}

Count scatter(const LayerView& layer) {
  return layer.text("reduction", "none") == "none" ? Count(Operations{}) : std::nullopt;
}

}  // namespace peakproof::theory::counts
