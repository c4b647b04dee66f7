// A network as its cost and its limits need it: tensors with shapes, layers in the order of computation. No numbers of
// weights, no file format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace peakproof::theory {

/// The format that a file gives a tensor, by ONNX's names in lower case: "float", "float16", "int64", "bool", …
struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;  ///< empty: a scalar
  std::string type = "float";
  bool parameter = false;  ///< a weight: an initializer, or made of constants alone; not an input or an activation
  bool constant = false;   ///< known before the network runs: parameters, and shapes, indices and the like
  /// Numbers that the file stores for this parameter, where they are not its elements: those of the whole table of which
  /// it is a slice, none where another parameter counts them already (a weight that is read as it is and transposed).
  std::optional<std::int64_t> stored;
  /// Throws std::invalid_argument where a dimension is negative or 64 bits cannot count them.
  [[nodiscard]] std::int64_t elements() const;
  /// What it adds to the network's parameters.
  [[nodiscard]] std::int64_t parameters() const { return parameter ? stored.value_or(elements()) : 0; }
};

/// One operator, with ONNX's name for what it does ("Conv", "Gemm", "MatMul", "Softmax", …), whose meaning of inputs,
/// outputs and attributes holds here too.
struct Layer {
  static constexpr std::size_t absent = static_cast<std::size_t>(-1);  ///< an optional input that is left out
  std::string name;
  std::string operation;
  std::string domain;                                         ///< empty: ONNX's own operators
  std::vector<std::size_t> inputs;                            ///< into Network::tensors, or absent
  std::vector<std::size_t> outputs;                           ///< into Network::tensors, or absent
  std::map<std::string, std::vector<std::int64_t>> integers;  ///< attributes of one or more integers
  std::map<std::string, std::string> texts;                   ///< attributes of text
};

struct Network {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Layer> layers;  ///< each after those whose outputs it reads; constant parts are no layers
  std::vector<std::size_t> inputs;
  std::vector<std::size_t> outputs;
};

}  // namespace peakproof::theory
