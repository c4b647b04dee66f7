// The formats of ONNX's tensors by the numbers that TensorProto.DataType gives them (onnx.proto3), those included that
// are newer than the library.
#pragma once

#include <string_view>

namespace peakproof::models {

namespace onnx_type {
inline constexpr int kFloat = 1;
inline constexpr int kUint8 = 2;
inline constexpr int kInt8 = 3;
inline constexpr int kInt32 = 6;
inline constexpr int kInt64 = 7;
inline constexpr int kString = 8;
inline constexpr int kBool = 9;
inline constexpr int kDouble = 11;
}  // namespace onnx_type

enum class NumberClass { none, real, integer, narrow_integer, complex, truth, text };

struct OnnxType {
  std::string_view name;  ///< in lower case, as theory::Tensor has it
  int bits = 0;           ///< of one number; 0: text
  NumberClass kind = NumberClass::none;
};

/// Nothing known of it (an empty name) where the number has no meaning.
[[nodiscard]] OnnxType onnx_type_of(int number);

/// Whose numbers a shape may be computed from: float and double, and those with the integers and truth values.
[[nodiscard]] bool onnx_is_real(int number);
[[nodiscard]] bool onnx_is_followed(int number);

}  // namespace peakproof::models
