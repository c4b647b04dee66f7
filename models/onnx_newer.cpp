// Operators that came, or changed, after the oldest ONNX library that PeakProof is built with (1.12: version 17 of the
// operators), by ONNX's Operators.md. Their costs are theory's business, their shapes are here.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "models/onnx_node.hpp"
#include "models/onnx_shapes.hpp"

namespace peakproof::models {
namespace {

using Shape = std::vector<std::int64_t>;
using Outputs = std::optional<std::vector<Known>>;

constexpr std::int64_t kMostPad = std::int64_t{1} << 40;

struct Node {
  const onnx::NodeProto& node;
  std::span<const Known* const> inputs;

  [[nodiscard]] const Known* input(std::size_t i) const { return i < inputs.size() ? inputs[i] : nullptr; }
  [[nodiscard]] const Shape* shape(std::size_t i) const {
    return input(i) != nullptr && input(i)->shape ? &*input(i)->shape : nullptr;
  }
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const {
    return integer_attribute(node, name, otherwise);
  }
  [[nodiscard]] std::vector<Known> outputs() const {
    return std::vector<Known>(static_cast<std::size_t>(node.output_size()));
  }
};

Known tensor(int type, Shape shape) {
  Known known;
  known.type = type;
  known.shape = std::move(shape);
  return known;
}

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
  const auto ranks = static_cast<std::int64_t>(rank);
  if (axis < -ranks || axis >= ranks) {
    throw std::invalid_argument("axis " + std::to_string(axis) + " is not there");
  }
  return static_cast<std::size_t>(axis < 0 ? axis + ranks : axis);
}

// The result is as the first input.
Outputs same(const Node& call) {
  auto outputs = call.outputs();
  if (call.shape(0) == nullptr || outputs.empty()) {
    return std::nullopt;
  }
  outputs[0] = tensor(call.input(0)->type, *call.shape(0));
  return outputs;
}

// To a format that the library does not know.
Outputs cast(const Node& call) {
  auto outputs = same(call);
  if (outputs) {
    outputs->front().type = static_cast<int>(call.integer("to", 0));
  }
  return outputs;
}

Outputs broadcasted(const Node& call) {
  auto outputs = call.outputs();
  if (call.shape(0) == nullptr || call.shape(1) == nullptr || outputs.empty()) {
    return std::nullopt;
  }
  auto out = broadcast(*call.shape(0), *call.shape(1));
  if (!out) {
    throw std::invalid_argument("the shapes do not broadcast");
  }
  outputs[0] = tensor(call.input(0)->type, std::move(*out));
  return outputs;
}

// Since version 18 the axes of every reduction are an input.
Outputs reduce(const Node& call) {
  auto outputs = call.outputs();
  if (call.shape(0) == nullptr || outputs.empty()) {
    return std::nullopt;
  }
  const Shape& shape = *call.shape(0);
  Shape axes;
  if (const Known* given = call.input(1); given != nullptr) {
    if (!given->value) {
      return std::nullopt;
    }
    axes = given->value->integers;
  }
  if (axes.empty() && call.integer("noop_with_empty_axes", 0) != 0) {
    return same(call);
  }
  std::vector<bool> reduced(shape.size(), axes.empty());
  for (const std::int64_t axis : axes) {
    reduced[axis_of(axis, shape.size())] = true;
  }
  Shape out;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (!reduced[i]) {
      out.push_back(shape[i]);
    } else if (call.integer("keepdims", 1) != 0) {
      out.push_back(1);
    }
  }
  outputs[0] = tensor(call.input(0)->type, std::move(out));
  return outputs;
}

// Since version 18 by the number of parts, the last one smaller where they don't come out even.
Outputs split(const Node& call) {
  auto outputs = call.outputs();
  const auto parts = static_cast<std::int64_t>(outputs.size());
  if (call.shape(0) == nullptr || parts == 0 || call.input(1) != nullptr) {
    return std::nullopt;
  }
  if (call.integer("num_outputs", parts) != parts) {
    throw std::invalid_argument("num_outputs is another number");
  }
  Shape shape = *call.shape(0);
  const std::size_t axis = axis_of(call.integer("axis", 0), shape.size());
  const std::int64_t whole = shape[axis];
  const std::int64_t part = whole / parts + (whole % parts != 0 ? 1 : 0);
  for (std::int64_t i = 0; i < parts; ++i) {
    shape[axis] = std::clamp<std::int64_t>(whole - i * part, 0, part);
    outputs[static_cast<std::size_t>(i)] = tensor(call.input(0)->type, shape);
  }
  return outputs;
}

// Since version 18 of some axes only.
Outputs pad(const Node& call) {
  auto outputs = call.outputs();
  const Known* pads = call.input(1);
  const Known* given = call.input(3);
  if (call.shape(0) == nullptr || outputs.empty() || pads == nullptr || !pads->value) {
    return std::nullopt;
  }
  if (given != nullptr && !given->value) {
    return std::nullopt;
  }
  Shape shape = *call.shape(0);
  Shape axes;
  if (given != nullptr) {
    axes = given->value->integers;
  } else {
    for (std::size_t i = 0; i < shape.size(); ++i) {
      axes.push_back(static_cast<std::int64_t>(i));
    }
  }
  const Shape& amounts = pads->value->integers;
  if (amounts.size() != 2 * axes.size()) {
    throw std::invalid_argument("the pads are not two for each axis");
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (std::abs(amounts[i]) > kMostPad || std::abs(amounts[i + axes.size()]) > kMostPad) {
      return std::nullopt;
    }
    shape[axis_of(axes[i], shape.size())] += amounts[i] + amounts[i + axes.size()];
  }
  outputs[0] = tensor(call.input(0)->type, std::move(shape));
  return outputs;
}

// Q, K and V with the heads in a dimension of their own, or within the last one and counted by attributes.
Outputs attention(const Node& call) {
  auto outputs = call.outputs();
  const Shape* query = call.shape(0);
  const Shape* key = call.shape(1);
  const Shape* value = call.shape(2);
  if (query == nullptr || key == nullptr || value == nullptr || outputs.empty()) {
    return std::nullopt;
  }
  const int type = call.input(0)->type;
  const bool flat = query->size() == 3;
  if ((!flat && query->size() != 4) || key->size() != query->size() || value->size() != query->size()) {
    throw std::invalid_argument("Q, K and V must all have 3 or all have 4 dimensions");
  }
  const std::int64_t heads = flat ? call.integer("q_num_heads", 0) : (*query)[1];
  const std::int64_t key_heads = flat ? call.integer("kv_num_heads", 0) : (*key)[1];
  if (heads < 1 || key_heads < 1) {
    throw std::invalid_argument("Q and K need a number of heads");
  }
  if (flat && ((*query)[2] % heads != 0 || (*key)[2] % key_heads != 0 || (*value)[2] % key_heads != 0)) {
    throw std::invalid_argument("the width is no multiple of the heads");
  }
  const std::int64_t batch = (*query)[0];
  const std::int64_t length = flat ? (*query)[1] : (*query)[2];
  const std::int64_t key_width = flat ? (*key)[2] / key_heads : (*key)[3];
  const std::int64_t value_width = flat ? (*value)[2] / key_heads : (*value)[3];
  if ((flat ? (*query)[2] / heads : (*query)[3]) != key_width) {
    throw std::invalid_argument("Q and K have heads of different width");
  }
  std::int64_t all = flat ? (*key)[1] : (*key)[2];  // of the keys, those before included
  if (const Shape* past = call.shape(4); past != nullptr && past->size() == 4) {
    all += (*past)[2];
  }
  outputs[0] =
      flat ? tensor(type, {batch, length, heads * value_width}) : tensor(type, {batch, heads, length, value_width});
  if (outputs.size() > 1) {
    outputs[1] = tensor(type, {batch, key_heads, all, key_width});
  }
  if (outputs.size() > 2) {
    outputs[2] = tensor(type, {batch, key_heads, all, value_width});
  }
  if (outputs.size() > 3) {
    outputs[3] = tensor(type, {batch, heads, length, all});
  }
  return outputs;
}

struct Rule {
  std::string_view operation;
  Outputs (*infer)(const Node&);
};
constexpr std::array kRules = {
    Rule{"Attention", attention},
    Rule{"BitwiseAnd", broadcasted},
    Rule{"BitwiseNot", same},
    Rule{"BitwiseOr", broadcasted},
    Rule{"BitwiseXor", broadcasted},
    Rule{"Cast", cast},
    Rule{"Gelu", same},
    Rule{"GroupNormalization", same},
    Rule{"MeanVarianceNormalization", same},
    Rule{"Mish", same},
    Rule{"Pad", pad},
    Rule{"RMSNormalization", same},
    Rule{"ReduceL1", reduce},
    Rule{"ReduceL2", reduce},
    Rule{"ReduceLogSum", reduce},
    Rule{"ReduceLogSumExp", reduce},
    Rule{"ReduceMax", reduce},
    Rule{"ReduceMean", reduce},
    Rule{"ReduceMin", reduce},
    Rule{"ReduceProd", reduce},
    Rule{"ReduceSumSquare", reduce},
    Rule{"RotaryEmbedding", same},
    Rule{"Split", split},
    Rule{"Swish", same},
    Rule{"TensorScatter", same},
};

}  // namespace

Outputs infer_newer(const onnx::NodeProto& node, std::span<const Known* const> inputs) {
  if (!is_own(node)) {
    return std::nullopt;
  }
  const auto rule =
      std::find_if(kRules.begin(), kRules.end(), [&](const Rule& known) { return known.operation == node.op_type(); });
  return rule == kRules.end() ? std::nullopt : rule->infer({node, inputs});
}

}  // namespace peakproof::models
