// Which of the numbers that a file stores are parameters.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "models/onnx_node.hpp"
#include "models/onnx_types.hpp"
#include "models/onnx_walk.hpp"

namespace peakproof::models {
namespace {

// Inputs that set how an operator works: a scale, a bound, a size.
struct Setting {
  std::string_view operation;
  std::size_t first;
  std::size_t last;
};
constexpr std::array kSettings = {
    Setting{"Clip", 1, 2},           Setting{"ConvInteger", 2, 3},   Setting{"DequantizeLinear", 1, 2},
    Setting{"Dropout", 1, 2},        Setting{"MatMulInteger", 2, 3}, Setting{"NonMaxSuppression", 2, 4},
    Setting{"OneHot", 1, 2},         Setting{"Pad", 1, 3},           Setting{"QLinearConv", 1, 2},
    Setting{"QLinearConv", 4, 7},    Setting{"QLinearMatMul", 1, 2}, Setting{"QLinearMatMul", 4, 7},
    Setting{"QuantizeLinear", 1, 2}, Setting{"Range", 0, 2},         Setting{"Resize", 1, 3},
    Setting{"Upsample", 1, 1},
};

}  // namespace

bool may_be_weight(int type, const std::optional<std::vector<std::int64_t>>& shape) {
  const NumberClass kind = onnx_type_of(type).kind;
  const bool numbers = kind == NumberClass::real || kind == NumberClass::narrow_integer || kind == NumberClass::complex;
  return numbers && shape && !shape->empty();
}

bool reads_weight(const onnx::NodeProto& node, std::size_t input) {
  return !is_own(node) || std::none_of(kSettings.begin(), kSettings.end(), [&](const Setting& setting) {
    return setting.operation == node.op_type() && setting.first <= input && input <= setting.last;
  });
}

}  // namespace peakproof::models
