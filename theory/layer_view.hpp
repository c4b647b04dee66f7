// A layer with its tensors at hand, as the rules of theory/operator_rules.cpp read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "theory/network.hpp"

namespace peakproof::theory {

/// "[1, 64, 56, 56]".
[[nodiscard]] std::string shape_text(const std::vector<std::int64_t>& shape);

class LayerView {
 public:
  LayerView(const Network& network, const Layer& layer) : network_(network), layer_(layer) {}

  /// Null where it is left out.
  [[nodiscard]] const Tensor* input(std::size_t index) const { return tensor(layer_.inputs, index); }
  [[nodiscard]] bool has(std::size_t index) const { return input(index) != nullptr; }
  /// Throws std::invalid_argument where it is left out.
  [[nodiscard]] const Tensor& needed(std::size_t index) const;
  /// The first that is not left out; throws std::invalid_argument where there is none.
  [[nodiscard]] const Tensor& output() const;
  [[nodiscard]] std::size_t inputs() const { return layer_.inputs.size(); }
  [[nodiscard]] std::string_view operation() const { return layer_.operation; }

  [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
  /// Empty where the layer does not have it.
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& name) const;
  [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise) const;

  /// Throws std::invalid_argument: "layer 'conv1' (Conv): …".
  [[noreturn]] void fail(const std::string& what) const;

 private:
  [[nodiscard]] const Tensor* tensor(const std::vector<std::size_t>& indices, std::size_t index) const;

  const Network& network_;
  const Layer& layer_;
};

/// Elements as a number that does not overflow when it is multiplied on.
[[nodiscard]] inline double numbers(const Tensor& tensor) { return static_cast<double>(tensor.elements()); }

}  // namespace peakproof::theory
