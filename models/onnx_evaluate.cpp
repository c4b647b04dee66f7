// The operators that exporters write around shapes, by ONNX's Operators.md: those that move and pick numbers, and the
// table of all that are followed.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "models/names.hpp"
#include "models/onnx_call.hpp"
#include "models/onnx_node.hpp"
#include "models/onnx_types.hpp"
#include "models/onnx_value.hpp"

namespace peakproof::models {
namespace {

using Shape = std::vector<std::int64_t>;

// A value of `shape` whose elements are those of `source` at places(i); nothing where it would be too large.
std::optional<Value> gathered(const Value& source, Shape shape, const std::function<std::size_t(std::size_t)>& places) {
  const std::int64_t count = element_count(shape);
  if (count < 0 || count > kMostNumbers) {
    return std::nullopt;
  }
  Value out{source.type, std::move(shape), {}, {}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::size_t place = places(i);
    if (place >= source.size()) {
      return std::nullopt;
    }
    if (source.real()) {
      out.reals.push_back(source.reals[place]);
    } else {
      out.integers.push_back(source.integers[place]);
    }
  }
  return out;
}

Result reshaped(const Value& from, Shape shape) {
  if (element_count(shape) != static_cast<std::int64_t>(from.size())) {
    return std::nullopt;
  }
  Value out = from;
  out.shape = std::move(shape);
  return out;
}

Result reshape(const Call& call) {
  const auto target = call.list(1, "shape");
  if (call.input(0) == nullptr || !target) {
    return std::nullopt;
  }
  Shape shape = *target;
  std::int64_t known = 1;
  std::size_t free = shape.size();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && integer_attribute(call.node, "allowzero", 0) == 0 && i < call.input(0)->shape.size()) {
      shape[i] = call.input(0)->shape[i];
    }
    if (shape[i] == -1 && free == shape.size()) {
      free = i;
    } else if (shape[i] < 0 || shape[i] > kMostNumbers || (known *= shape[i]) > kMostNumbers) {
      return std::nullopt;
    }
  }
  if (free < shape.size()) {
    if (known == 0) {
      return std::nullopt;
    }
    shape[free] = static_cast<std::int64_t>(call.input(0)->size()) / known;
  }
  return reshaped(*call.input(0), std::move(shape));
}

Result unsqueeze(const Call& call) {
  auto axes = call.list(1, "axes");
  if (call.input(0) == nullptr || !axes) {
    return std::nullopt;
  }
  const auto rank = static_cast<std::int64_t>(call.input(0)->shape.size() + axes->size());
  for (std::int64_t& axis : *axes) {
    if (axis < 0) {
      axis += rank;
    }
    if (axis < 0 || axis >= rank) {
      return std::nullopt;
    }
  }
  std::sort(axes->begin(), axes->end());
  if (std::adjacent_find(axes->begin(), axes->end()) != axes->end()) {
    return std::nullopt;
  }
  Shape shape = call.input(0)->shape;
  for (const std::int64_t axis : *axes) {
    shape.insert(shape.begin() + axis, 1);
  }
  return reshaped(*call.input(0), std::move(shape));
}

Result squeeze(const Call& call) {
  const auto axes = call.list(1, "axes");
  if (call.input(0) == nullptr || !axes) {
    return std::nullopt;
  }
  const auto rank = static_cast<std::int64_t>(call.input(0)->shape.size());
  Shape shape;
  for (std::int64_t i = 0; i < rank; ++i) {
    const std::int64_t dimension = call.input(0)->shape[static_cast<std::size_t>(i)];
    const bool named =
        std::any_of(axes->begin(), axes->end(), [&](auto axis) { return axis == i || axis == i - rank; });
    if (!(axes->empty() ? dimension == 1 : named)) {
      shape.push_back(dimension);
    }
  }
  return reshaped(*call.input(0), std::move(shape));
}

Result gather(const Call& call) {
  const Value* data = call.input(0);
  const Value* indices = call.input(1);
  if (data == nullptr || indices == nullptr || indices->real() || data->shape.empty() ||
      integer_attribute(call.node, "axis", 0) != 0) {
    return std::nullopt;
  }
  const std::int64_t rows = data->shape[0];
  Shape shape = indices->shape;
  shape.insert(shape.end(), data->shape.begin() + 1, data->shape.end());
  const std::size_t row = rows > 0 ? data->size() / static_cast<std::size_t>(rows) : 0;
  return row == 0 ? std::nullopt : gathered(*data, std::move(shape), [&](std::size_t i) {
    const std::int64_t index = indices->integers[i / row];
    const std::int64_t place = index < 0 ? index + rows : index;
    return place < 0 ? data->size() : static_cast<std::size_t>(place) * row + i % row;
  });
}

Result concat(const Call& call) {
  if (call.inputs.empty() || call.input(0) == nullptr || call.input(0)->shape.size() != 1) {
    return std::nullopt;
  }
  Value out{call.input(0)->type, {0}, {}, {}};
  for (const Value* part : call.inputs) {
    if (part == nullptr || part->shape.size() != 1 || part->type != out.type) {
      return std::nullopt;
    }
    out.integers.insert(out.integers.end(), part->integers.begin(), part->integers.end());
    out.reals.insert(out.reals.end(), part->reals.begin(), part->reals.end());
  }
  out.shape[0] = static_cast<std::int64_t>(out.size());
  return out.shape[0] > kMostNumbers ? std::nullopt : Result(std::move(out));
}

// Of lists (one dimension).
Result slice(const Call& call) {
  const auto starts = call.list(1, "starts");
  const auto ends = call.list(2, "ends");
  const auto axes = call.list(3, "axes");
  const auto steps = call.list(4, "steps");
  const Value* data = call.input(0);
  if (data == nullptr || data->shape.size() != 1 || !starts || !ends || !axes || !steps || starts->size() != 1 ||
      ends->size() != 1 || steps->size() > 1 || axes->size() > 1) {
    return std::nullopt;
  }
  if (!axes->empty() && axes->front() != 0 && axes->front() != -1) {
    return std::nullopt;
  }
  const std::int64_t size = data->shape[0];
  const std::int64_t step = steps->empty() ? 1 : steps->front();
  if (step == 0 || step == std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  // Operators.md, "Slice": negative from the end, then clamped, to [-1, size - 1] for the end of a negative step.
  const auto bounded = [&](std::int64_t place, std::int64_t least, std::int64_t most) {
    return std::clamp(place < 0 ? place + size : place, least, most);
  };
  const std::int64_t start = step > 0 ? bounded(starts->front(), 0, size) : bounded(starts->front(), 0, size - 1);
  const std::int64_t end = step > 0 ? bounded(ends->front(), 0, size) : bounded(ends->front(), -1, size - 1);
  const std::int64_t reach = step > 0 ? end - start : start - end;
  const std::int64_t stride = step > 0 ? step : -step;
  const std::int64_t count = reach <= 0 ? 0 : 1 + (reach - 1) / stride;
  return gathered(*data, {count},
                  [&](std::size_t i) { return static_cast<std::size_t>(start + static_cast<std::int64_t>(i) * step); });
}

Result constant_of_shape(const Call& call) {
  if (call.input(0) == nullptr || call.input(0)->real()) {
    return std::nullopt;
  }
  Value fill{onnx_type::kFloat, {1}, {}, {0.0}};
  if (const auto* given = find_attribute(call.node, "value"); given != nullptr) {
    const auto value = value_of(given->t());
    if (!value || value->size() != 1) {
      return std::nullopt;
    }
    fill = *value;
  }
  return gathered(fill, call.input(0)->integers, [](std::size_t) { return std::size_t{0}; });
}

Result expand(const Call& call) {
  if (call.input(0) == nullptr || call.input(1) == nullptr || call.input(1)->real()) {
    return std::nullopt;
  }
  const auto shape = broadcast(call.input(0)->shape, call.input(1)->integers);
  if (!shape || element_count(*shape) < 0) {
    return std::nullopt;
  }
  return gathered(*call.input(0), *shape, [&](std::size_t i) { return place_of(i, *shape, call.input(0)->shape); });
}

Result constant(const Call& call) {
  if (const auto* tensor = find_attribute(call.node, "value"); tensor != nullptr) {
    return value_of(tensor->t());
  }
  for (const auto& attribute : call.node.attribute()) {
    const Shape list{attribute.name() == "value_ints" ? attribute.ints_size() : attribute.floats_size()};
    if (attribute.name() == "value_int") {
      return Value{onnx_type::kInt64, {}, {attribute.i()}, {}};
    }
    if (attribute.name() == "value_float") {
      return Value{onnx_type::kFloat, {}, {}, {attribute.f()}};
    }
    if (attribute.name() == "value_ints") {
      return Value{onnx_type::kInt64, list, {attribute.ints().begin(), attribute.ints().end()}, {}};
    }
    if (attribute.name() == "value_floats") {
      return Value{onnx_type::kFloat, list, {}, {attribute.floats().begin(), attribute.floats().end()}};
    }
  }
  return std::nullopt;
}

Result identity(const Call& call) { return call.input(0) == nullptr ? std::nullopt : Result(*call.input(0)); }

struct Operator {
  std::string_view name;
  Result (*evaluate)(const Call&);
};
constexpr Operator kOperators[] = {
    {"Abs", evaluate_unary},
    {"Add", evaluate_binary},
    {"And", evaluate_binary},
    {"Cast", evaluate_cast},
    {"Ceil", evaluate_unary},
    {"Concat", concat},
    {"Constant", constant},
    {"Div", evaluate_binary},
    {"ConstantOfShape", constant_of_shape},
    {"Equal", evaluate_binary},
    {"Expand", expand},
    {"Floor", evaluate_unary},
    {"Gather", gather},
    {"Greater", evaluate_binary},
    {"GreaterOrEqual", evaluate_binary},
    {"Identity", identity},
    {"Less", evaluate_binary},
    {"LessOrEqual", evaluate_binary},
    {"Max", evaluate_binary},
    {"Min", evaluate_binary},
    {"Mod", evaluate_binary},
    {"Mul", evaluate_binary},
    {"Neg", evaluate_unary},
    {"Not", evaluate_unary},
    {"Or", evaluate_binary},
    {"Pow", evaluate_binary},
    {"Range", evaluate_range},
    {"ReduceMax", evaluate_reduce},
    {"ReduceMin", evaluate_reduce},
    {"ReduceProd", evaluate_reduce},
    {"ReduceSum", evaluate_reduce},
    {"Reshape", reshape},
    {"Round", evaluate_unary},
    {"Slice", slice},
    {"Sqrt", evaluate_unary},
    {"Squeeze", squeeze},
    {"Sub", evaluate_binary},
    {"Unsqueeze", unsqueeze},
    {"Where", evaluate_where},
};

}  // namespace

std::optional<Shape> Call::list(std::size_t index, std::string_view name) const {
  if (const Value* value = input(index); value != nullptr) {
    return value->real() ? std::nullopt : std::optional(value->integers);
  }
  if (index < static_cast<std::size_t>(node.input_size()) && !node.input(static_cast<int>(index)).empty()) {
    return std::nullopt;  // given, and not known
  }
  if (const auto* found = find_attribute(node, name); found != nullptr) {
    return Shape(found->ints().begin(), found->ints().end());
  }
  return Shape{};
}

std::optional<Value> evaluate(const onnx::NodeProto& node, std::span<const Value* const> inputs) {
  if (node.output_size() != 1 || !is_own(node)) {
    return std::nullopt;
  }
  const auto found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                  [&](const Operator& known) { return known.name == node.op_type(); });
  return found == std::end(kOperators) ? std::nullopt : found->evaluate({node, inputs});
}

}  // namespace peakproof::models
