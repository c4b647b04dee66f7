#include "theory/layer_view.hpp"

#include <stdexcept>

namespace peakproof::theory {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t dimension : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(dimension);
  }
  return text + "]";
}

const Tensor& LayerView::needed(std::size_t index) const {
  const Tensor* const found = input(index);
  if (found == nullptr) fail("its input " + std::to_string(index + 1) + " is missing");
  return *found;
}

const Tensor& LayerView::output() const {
  for (std::size_t i = 0; i < layer_.outputs.size(); ++i)
    if (const Tensor* const found = tensor(layer_.outputs, i)) return *found;
  fail("it has no output");
}

std::int64_t LayerView::integer(const std::string& name, std::int64_t otherwise) const {
  const auto found = layer_.integers.find(name);
  if (found == layer_.integers.end()) return otherwise;
  if (found->second.size() != 1) fail("its attribute '" + name + "' must be one integer");
  return found->second.front();
}

std::vector<std::int64_t> LayerView::integers(const std::string& name) const {
  const auto found = layer_.integers.find(name);
  return found == layer_.integers.end() ? std::vector<std::int64_t>() : found->second;
}

std::string LayerView::text(const std::string& name, const std::string& otherwise) const {
  const auto found = layer_.texts.find(name);
  return found == layer_.texts.end() ? otherwise : found->second;
}

void LayerView::fail(const std::string& what) const {
  throw std::invalid_argument("layer '" + layer_.name + "' (" + layer_.operation + "): " + what);
}

const Tensor* LayerView::tensor(const std::vector<std::size_t>& indices, std::size_t index) const {
  if (index >= indices.size() || indices[index] == Layer::absent) return nullptr;
  if (indices[index] >= network_.tensors.size()) fail("it names a tensor that the network does not have");
  return &network_.tensors[indices[index]];
}

}  // namespace peakproof::theory
