// Arithmetic on shapes: on lists of integers, and on the few real numbers that sizes are scaled by.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "models/names.hpp"
#include "models/onnx_call.hpp"
#include "models/onnx_node.hpp"
#include "models/onnx_types.hpp"

namespace peakproof::models {
namespace {

using Shape = std::vector<std::int64_t>;

double number_at(const Value& value, std::size_t i) {
  return value.real() ? value.reals[i] : static_cast<double>(value.integers[i]);
}

std::int64_t to_integer(double number) {
  constexpr double kMost = 9.2e18;
  return std::isnan(number) ? 0 : static_cast<std::int64_t>(std::clamp(number, -kMost, kMost));
}

// Wraps as the hardware's integers do, which for shapes never happens.
std::int64_t wrapped(std::string_view operation, std::int64_t a, std::int64_t b) {
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  return static_cast<std::int64_t>(operation == "Add" ? x + y : operation == "Sub" ? x - y : x * y);
}

std::optional<std::int64_t> integer_result(std::string_view operation, std::int64_t a, std::int64_t b, bool fmod) {
  if (operation == "Add" || operation == "Sub" || operation == "Mul") {
    return wrapped(operation, a, b);
  }
  if (operation == "Div" || operation == "Mod") {
    if (b == 0 || (a == std::numeric_limits<std::int64_t>::min() && b == -1)) {
      return std::nullopt;
    }
    if (operation == "Div") {
      return a / b;
    }
    const std::int64_t rest = a % b;
    return !fmod && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;  // the sign of the divisor, as Python's
  }
  if (operation == "Min") {
    return std::min(a, b);
  }
  if (operation == "Max") {
    return std::max(a, b);
  }
  if (operation == "And") {
    return a != 0 && b != 0;
  }
  if (operation == "Or") {
    return a != 0 || b != 0;
  }
  if (operation == "Equal") {
    return a == b;
  }
  if (operation == "Less") {
    return a < b;
  }
  if (operation == "LessOrEqual") {
    return a <= b;
  }
  if (operation == "Greater") {
    return a > b;
  }
  if (operation == "GreaterOrEqual") {
    return a >= b;
  }
  return std::nullopt;
}
std::optional<double> real_result(std::string_view operation, double a, double b) {
  if (operation == "Add") {
    return a + b;
  }
  if (operation == "Sub") {
    return a - b;
  }
  if (operation == "Mul") {
    return a * b;
  }
  if (operation == "Div") {
    return a / b;
  }
  if (operation == "Pow") {
    return std::pow(a, b);
  }
  if (operation == "Min") {
    return std::min(a, b);
  }
  if (operation == "Max") {
    return std::max(a, b);
  }
  if (operation == "Equal") {
    return a == b;
  }
  if (operation == "Less") {
    return a < b;
  }
  if (operation == "LessOrEqual") {
    return a <= b;
  }
  if (operation == "Greater") {
    return a > b;
  }
  if (operation == "GreaterOrEqual") {
    return a >= b;
  }
  return std::nullopt;
}
bool compares(std::string_view operation) {
  return operation == "Equal" || operation.starts_with("Less") || operation.starts_with("Greater");
}

}  // namespace

std::size_t place_of(std::size_t index, const Shape& out, const Shape& shape) {
  std::size_t place = 0;
  std::size_t stride = 1;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto size = static_cast<std::size_t>(out[out.size() - 1 - i]);
    if (i < shape.size()) {
      const auto own = static_cast<std::size_t>(shape[shape.size() - 1 - i]);
      if (own != 1) {
        place += index % size * stride;
      }
      stride *= own;
    }
    index /= size;
  }
  return place;
}

Result evaluate_binary(const Call& call) {
  const Value* a = call.input(0);
  const Value* b = call.input(1);
  if (a == nullptr || b == nullptr || call.node.input_size() != 2 || a->real() != b->real()) {
    return std::nullopt;
  }
  const std::string& operation = call.node.op_type();
  const auto shape = broadcast(a->shape, b->shape);
  if (!shape || element_count(*shape) < 0 || element_count(*shape) > kMostNumbers) {
    return std::nullopt;
  }
  Value out{compares(operation) ? onnx_type::kBool : a->type, *shape, {}, {}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(element_count(*shape)); ++i) {
    const std::size_t left = place_of(i, *shape, a->shape);
    const std::size_t right = place_of(i, *shape, b->shape);
    if (a->real()) {
      const auto number = real_result(operation, a->reals[left], b->reals[right]);
      if (!number) {
        return std::nullopt;
      }
      out.real() ? out.reals.push_back(*number) : out.integers.push_back(*number != 0);
    } else {
      const auto number = integer_result(operation, a->integers[left], b->integers[right],
                                         integer_attribute(call.node, "fmod", 0) != 0);
      if (!number) {
        return std::nullopt;
      }
      out.integers.push_back(*number);
    }
  }
  return out;
}

Result evaluate_unary(const Call& call) {
  if (call.input(0) == nullptr) {
    return std::nullopt;
  }
  Value out = *call.input(0);
  const std::string& operation = call.node.op_type();
  for (double& number : out.reals) {
    number = operation == "Floor"   ? std::floor(number)
             : operation == "Ceil"  ? std::ceil(number)
             : operation == "Round" ? std::nearbyint(number)
             : operation == "Sqrt"  ? std::sqrt(number)
             : operation == "Neg"   ? -number
                                    : std::abs(number);
  }
  for (std::int64_t& number : out.integers) {
    if (operation == "Not") {
      number = number == 0;
    } else if (operation == "Neg" || (operation == "Abs" && number < 0)) {
      number = wrapped("Sub", 0, number);
    } else if (operation != "Abs") {
      return std::nullopt;
    }
  }
  return out;
}

Result evaluate_cast(const Call& call) {
  const auto to = static_cast<int>(integer_attribute(call.node, "to", 0));
  if (call.input(0) == nullptr || !onnx_is_followed(to)) {
    return std::nullopt;
  }
  const Value& from = *call.input(0);
  Value out{to, from.shape, {}, {}};
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (onnx_is_real(to)) {
      out.reals.push_back(number_at(from, i));
    } else {
      const std::int64_t number = from.real() ? to_integer(from.reals[i]) : from.integers[i];
      out.integers.push_back(to == onnx_type::kBool ? number_at(from, i) != 0 : number);
    }
  }
  return out;
}

Result evaluate_where(const Call& call) {
  const Value* condition = call.input(0);
  const Value* a = call.input(1);
  const Value* b = call.input(2);
  if (condition == nullptr || a == nullptr || b == nullptr || condition->real() || a->type != b->type) {
    return std::nullopt;
  }
  const auto both = broadcast(a->shape, b->shape);
  const auto shape = both ? broadcast(*both, condition->shape) : std::nullopt;
  if (!shape || element_count(*shape) < 0 || element_count(*shape) > kMostNumbers) {
    return std::nullopt;
  }
  Value out{a->type, *shape, {}, {}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(element_count(*shape)); ++i) {
    const bool first = condition->integers[place_of(i, *shape, condition->shape)] != 0;
    const Value& from = first ? *a : *b;
    const std::size_t place = place_of(i, *shape, from.shape);
    from.real() ? out.reals.push_back(from.reals[place]) : out.integers.push_back(from.integers[place]);
  }
  return out;
}

Result evaluate_range(const Call& call) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (call.input(i) == nullptr || call.input(i)->size() != 1 || call.input(i)->real()) {
      return std::nullopt;
    }
  }
  const std::int64_t start = call.input(0)->integers[0];
  const std::int64_t step = call.input(2)->integers[0];
  const double count = std::ceil((static_cast<double>(call.input(1)->integers[0]) - static_cast<double>(start)) /
                                 static_cast<double>(step));
  if (!(count >= 0 && count <= static_cast<double>(kMostNumbers))) {
    return std::nullopt;
  }
  Value out{call.input(0)->type, {static_cast<std::int64_t>(count)}, {}, {}};
  for (std::int64_t i = 0; i < out.shape[0]; ++i) {
    out.integers.push_back(wrapped("Add", start, wrapped("Mul", i, step)));
  }
  return out;
}

// Over all of a list.
Result evaluate_reduce(const Call& call) {
  const auto axes = call.list(1, "axes");
  const Value* data = call.input(0);
  if (data == nullptr || data->real() || data->shape.size() != 1 || data->integers.empty() || !axes) {
    return std::nullopt;
  }
  if (axes->empty() && integer_attribute(call.node, "noop_with_empty_axes", 0) != 0) {
    return *data;
  }
  const std::string& operation = call.node.op_type();
  std::int64_t result = data->integers[0];
  for (std::size_t i = 1; i < data->integers.size(); ++i) {
    const std::int64_t next = data->integers[i];
    result = operation == "ReduceProd"  ? wrapped("Mul", result, next)
             : operation == "ReduceSum" ? wrapped("Add", result, next)
             : operation == "ReduceMax" ? std::max(result, next)
                                        : std::min(result, next);
  }
  return Value{data->type, integer_attribute(call.node, "keepdims", 1) != 0 ? Shape{1} : Shape{}, {result}, {}};
}

}  // namespace peakproof::models
