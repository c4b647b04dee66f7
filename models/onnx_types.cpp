#include "models/onnx_types.hpp"

#include <array>
#include <cstddef>

namespace peakproof::models {

OnnxType onnx_type_of(int number) {
  using enum NumberClass;
  // narrow_integer: the formats of quantised weights.
  static constexpr std::array kTypes = {
      OnnxType{"", 0, none},
      OnnxType{"float", 32, real},
      OnnxType{"uint8", 8, narrow_integer},
      OnnxType{"int8", 8, narrow_integer},
      OnnxType{"uint16", 16, integer},
      OnnxType{"int16", 16, integer},
      OnnxType{"int32", 32, integer},
      OnnxType{"int64", 64, integer},
      OnnxType{"string", 0, text},
      OnnxType{"bool", 8, truth},
      OnnxType{"float16", 16, real},
      OnnxType{"double", 64, real},
      OnnxType{"uint32", 32, integer},
      OnnxType{"uint64", 64, integer},
      OnnxType{"complex64", 64, complex},
      OnnxType{"complex128", 128, complex},
      OnnxType{"bfloat16", 16, real},
      OnnxType{"float8e4m3fn", 8, real},
      OnnxType{"float8e4m3fnuz", 8, real},
      OnnxType{"float8e5m2", 8, real},
      OnnxType{"float8e5m2fnuz", 8, real},
      OnnxType{"uint4", 4, narrow_integer},
      OnnxType{"int4", 4, narrow_integer},
      OnnxType{"float4e2m1", 4, real},
      OnnxType{"float8e8m0", 8, real},
      OnnxType{"uint2", 2, narrow_integer},
      OnnxType{"int2", 2, narrow_integer},
  };
  return number > 0 && static_cast<std::size_t>(number) < kTypes.size() ? kTypes[static_cast<std::size_t>(number)]
                                                                        : kTypes[0];
}

bool onnx_is_real(int number) { return number == onnx_type::kFloat || number == onnx_type::kDouble; }

bool onnx_is_followed(int number) {
  const NumberClass kind = onnx_type_of(number).kind;
  const bool bytes = number == onnx_type::kUint8 || number == onnx_type::kInt8;
  return onnx_is_real(number) || bytes || kind == NumberClass::integer || kind == NumberClass::truth;
}

}  // namespace peakproof::models
