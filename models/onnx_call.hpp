// A node with the numbers that go into it, for the operators that are followed before the network runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "models/onnx_value.hpp"

namespace onnx {
class NodeProto;
}

namespace peakproof::models {

struct Call {
  const onnx::NodeProto& node;
  std::span<const Value* const> inputs;  ///< null: absent, or not known

  [[nodiscard]] const Value* input(std::size_t i) const { return i < inputs.size() ? inputs[i] : nullptr; }
  /// A list that is an input in newer versions of the operator and an attribute in older ones; empty where it is left
  /// out. Nothing: not known.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> list(std::size_t index, std::string_view name) const;
};

/// Nothing: not followed, with these inputs.
using Result = std::optional<Value>;

/// The place within a tensor of `shape` that element `index` of the broadcast `out` comes from.
[[nodiscard]] std::size_t place_of(std::size_t index, const std::vector<std::int64_t>& out,
                                   const std::vector<std::int64_t>& shape);

/// The operators that compute, by ONNX's names for them.
[[nodiscard]] Result evaluate_binary(const Call& call);
[[nodiscard]] Result evaluate_unary(const Call& call);
[[nodiscard]] Result evaluate_cast(const Call& call);
[[nodiscard]] Result evaluate_where(const Call& call);
[[nodiscard]] Result evaluate_range(const Call& call);
[[nodiscard]] Result evaluate_reduce(const Call& call);  ///< over all of a list

}  // namespace peakproof::models
