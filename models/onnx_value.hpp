// Small tensors whose numbers are known before the network runs: shapes, axes, sizes, and the arithmetic on them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace onnx {
class NodeProto;
class TensorProto;
}  // namespace onnx

namespace peakproof::models {

struct Value {
  int type = 0;  ///< onnx::TensorProto::DataType
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> integers;  ///< of integers and truth values
  std::vector<double> reals;           ///< of float and double
  [[nodiscard]] bool real() const;
  [[nodiscard]] std::size_t size() const { return real() ? reals.size() : integers.size(); }
};

/// Values of more numbers are not followed.
inline constexpr std::int64_t kMostNumbers = 1 << 16;

/// Nothing where its numbers are not there any more, or in a format that no shape is made of.
[[nodiscard]] std::optional<Value> value_of(const onnx::TensorProto& tensor);
[[nodiscard]] std::shared_ptr<onnx::TensorProto> tensor_of(const Value& value);

/// As ONNX's Broadcasting.md has it; nothing where the shapes do not fit each other.
[[nodiscard]] std::optional<std::vector<std::int64_t>> broadcast(const std::vector<std::int64_t>& a,
                                                                 const std::vector<std::int64_t>& b);

/// What the node makes of these inputs (null: absent, or not known); nothing where its operator is not followed. Shape
/// and Size are not among them: they need no numbers.
[[nodiscard]] std::optional<Value> evaluate(const onnx::NodeProto& node, std::span<const Value* const> inputs);

}  // namespace peakproof::models
