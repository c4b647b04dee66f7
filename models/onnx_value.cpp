#include "models/onnx_value.hpp"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "models/names.hpp"
#include "models/onnx_types.hpp"

namespace peakproof::models {
namespace {

// --- numbers out of a TensorProto ------------------------------------------------------------------------------------

template <typename Stored, typename Number>
void read_raw(const std::string& raw, std::vector<Number>& numbers) {
  for (std::size_t i = 0; i + sizeof(Stored) <= raw.size(); i += sizeof(Stored)) {
    Stored number{};
    std::memcpy(&number, raw.data() + i, sizeof number);
    numbers.push_back(static_cast<Number>(number));
  }
}
template <typename Field, typename Number>
void read_field(const Field& field, std::vector<Number>& numbers) {
  for (const auto number : field) {
    numbers.push_back(static_cast<Number>(number));
  }
}

void read_numbers(const onnx::TensorProto& tensor, Value& value) {
  using Tensor = onnx::TensorProto;
  const bool raw = tensor.has_raw_data();
  const std::string& bytes = tensor.raw_data();
  switch (tensor.data_type()) {
    case Tensor::FLOAT:
      raw ? read_raw<float>(bytes, value.reals) : read_field(tensor.float_data(), value.reals);
      break;
    case Tensor::DOUBLE:
      raw ? read_raw<double>(bytes, value.reals) : read_field(tensor.double_data(), value.reals);
      break;
    case Tensor::INT64:
      raw ? read_raw<std::int64_t>(bytes, value.integers) : read_field(tensor.int64_data(), value.integers);
      break;
    case Tensor::UINT64:
      raw ? read_raw<std::uint64_t>(bytes, value.integers) : read_field(tensor.uint64_data(), value.integers);
      break;
    case Tensor::UINT32:
      raw ? read_raw<std::uint32_t>(bytes, value.integers) : read_field(tensor.uint64_data(), value.integers);
      break;
    case Tensor::INT32:
      raw ? read_raw<std::int32_t>(bytes, value.integers) : read_field(tensor.int32_data(), value.integers);
      break;
    case Tensor::INT16:
      raw ? read_raw<std::int16_t>(bytes, value.integers) : read_field(tensor.int32_data(), value.integers);
      break;
    case Tensor::UINT16:
      raw ? read_raw<std::uint16_t>(bytes, value.integers) : read_field(tensor.int32_data(), value.integers);
      break;
    case Tensor::INT8:
      raw ? read_raw<std::int8_t>(bytes, value.integers) : read_field(tensor.int32_data(), value.integers);
      break;
    case Tensor::UINT8:
    case Tensor::BOOL:
      raw ? read_raw<std::uint8_t>(bytes, value.integers) : read_field(tensor.int32_data(), value.integers);
      break;
    default:
      break;
  }
}

}  // namespace

bool Value::real() const { return onnx_is_real(type); }

std::optional<Value> value_of(const onnx::TensorProto& tensor) {
  Value value{tensor.data_type(), {tensor.dims().begin(), tensor.dims().end()}, {}, {}};
  const std::int64_t count = element_count(value.shape);
  if (!onnx_is_followed(value.type) || count < 0 || count > kMostNumbers ||
      tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    return std::nullopt;
  }
  read_numbers(tensor, value);
  return static_cast<std::int64_t>(value.size()) == count ? std::optional(std::move(value)) : std::nullopt;
}

std::shared_ptr<onnx::TensorProto> tensor_of(const Value& value) {
  auto tensor = std::make_shared<onnx::TensorProto>();
  tensor->set_data_type(value.type);
  for (const std::int64_t dimension : value.shape) {
    tensor->add_dims(dimension);
  }
  switch (value.type) {
    case onnx::TensorProto::FLOAT:
      for (const double number : value.reals) {
        tensor->add_float_data(static_cast<float>(number));
      }
      break;
    case onnx::TensorProto::DOUBLE:
      for (const double number : value.reals) {
        tensor->add_double_data(number);
      }
      break;
    case onnx::TensorProto::INT64:
      for (const std::int64_t number : value.integers) {
        tensor->add_int64_data(number);
      }
      break;
    case onnx::TensorProto::UINT64:
    case onnx::TensorProto::UINT32:
      for (const std::int64_t number : value.integers) {
        tensor->add_uint64_data(static_cast<std::uint64_t>(number));
      }
      break;
    default:
      for (const std::int64_t number : value.integers) {
        tensor->add_int32_data(static_cast<std::int32_t>(number));
      }
      break;
  }
  return tensor;
}

std::optional<std::vector<std::int64_t>> broadcast(const std::vector<std::int64_t>& a,
                                                   const std::vector<std::int64_t>& b) {
  std::vector<std::int64_t> out(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t left = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t right = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (left != right && left != 1 && right != 1) {
      return std::nullopt;
    }
    out[out.size() - 1 - i] = left == 1 ? right : left;
  }
  return out;
}

}  // namespace peakproof::models
