// THE TABLE of operators: what each counts as. ONNX's operators are defined in its Operators.md, those of com.microsoft in
// ONNX Runtime's ContribOperators.md. Outside products no standard says what an operation is; here it is one arithmetic
// operation, comparison, conversion or elementary function (exp, erf, tanh, log, a root, a power) of one number.
#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>

#include "theory/operator_counts.hpp"

namespace peakproof::theory {
namespace {

using namespace counts;  // NOLINT(google-build-using-namespace): the table is made of them

constexpr std::string_view kMicrosoft = "com.microsoft";
constexpr std::string_view kOne = "1 per output element";
constexpr std::string_view kOneIn = "1 per input element";
constexpr std::string_view kMoves = "none: it moves numbers";
constexpr std::string_view kMatMul = "2 x MACs; MACs = output elements x inner dimension";
constexpr std::string_view kConvolutionOnly =
    "2 x MACs; MACs = output elements x input channels / groups x kernel elements";
constexpr std::string_view kConvolution =
    "2 x MACs, and 1 per output element for a bias; MACs = output elements x input channels / groups x kernel elements";
constexpr std::string_view kGelu =
    "5 per output element: divide, erf, add, multiply twice; 9 where it is approximated by tanh";
constexpr std::string_view kRms = "4 per output element: square, add, multiply, scale";

// In the order of (operation, domain).
constexpr std::array kRules = {
    OperatorRule{"Abs", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Acos", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Acosh", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Add", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"And", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"ArgMax", LayerKind::reduction, "1 per input element: compare", reduce<1>},
    OperatorRule{"ArgMin", LayerKind::reduction, "1 per input element: compare", reduce<1>},
    OperatorRule{"Asin", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Asinh", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Atan", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Atanh", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Attention", LayerKind::matrix,
                 "2 x MACs, and per score 6 (scale, those of Softmax), 1 for a mask; MACs = batch x heads x queries x "
                 "keys x (depth of K + depth of V)",
                 attention},
    OperatorRule{"AveragePool", LayerKind::reduction, "kernel elements per output element", pool},
    OperatorRule{"BatchNormalization", LayerKind::elementwise,
                 "2 per output element: scale and shift, which are made of its constants before", batch_normalization},
    OperatorRule{"BiasGelu", LayerKind::elementwise, "6 per output element: the bias, and those of Gelu", each<6>,
                 kMicrosoft},
    OperatorRule{"BitShift", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"BitwiseAnd", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"BitwiseNot", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"BitwiseOr", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"BitwiseXor", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"Cast", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"CastLike", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Ceil", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Celu", LayerKind::elementwise, "5 per output element: compare, divide, exp, subtract, multiply",
                 each<5>},
    OperatorRule{"CenterCropPad", LayerKind::movement, kMoves, none},
    OperatorRule{"Clip", LayerKind::elementwise, "2 per output element: minimum and maximum", each<2>},
    OperatorRule{"Compress", LayerKind::movement, kMoves, none},
    OperatorRule{"Concat", LayerKind::movement, kMoves, none},
    OperatorRule{"Constant", LayerKind::free, "none: the same numbers under another shape, or known before", none},
    OperatorRule{"ConstantOfShape", LayerKind::movement, kMoves, none},
    OperatorRule{"Conv", LayerKind::matrix, kConvolution, convolution},
    OperatorRule{"ConvInteger", LayerKind::matrix, kConvolutionOnly, integer_convolution},
    OperatorRule{"ConvTranspose", LayerKind::matrix,
                 "2 x MACs, and 1 per output element for a bias; MACs = input elements x output channels / groups x "
                 "kernel elements",
                 transposed_convolution},
    OperatorRule{"Cos", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Cosh", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"CumSum", LayerKind::reduction, kOneIn, reduce<1>},
    OperatorRule{"DepthToSpace", LayerKind::movement, kMoves, none},
    OperatorRule{"DequantizeLinear", LayerKind::elementwise, "2 per output element: subtract the zero point, multiply",
                 each<2>},
    OperatorRule{"Div", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"Dropout", LayerKind::free, "none: outside training it passes its input on", none},
    OperatorRule{"DynamicQuantizeLinear", LayerKind::reduction,
                 "6 per input element: minimum, maximum, and those of QuantizeLinear", reduce<6>},
    OperatorRule{"Einsum", LayerKind::matrix,
                 "2 x MACs; MACs = product of the sizes of all labels; only of two inputs that share a summed label",
                 einsum},
    OperatorRule{"Elu", LayerKind::elementwise, "4 per output element: compare, exp, subtract, multiply", each<4>},
    OperatorRule{"Equal", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"Erf", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Exp", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Expand", LayerKind::movement, kMoves, none},
    OperatorRule{"EyeLike", LayerKind::movement, kMoves, none},
    OperatorRule{"FastGelu", LayerKind::elementwise,
                 "9 per output element: x / 2 x (1 + tanh(a x (x + b x^3))), and 1 for a bias", fast_gelu, kMicrosoft},
    OperatorRule{"Flatten", LayerKind::free, "none: the same numbers under another shape, or known before", none},
    OperatorRule{"Floor", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"FusedConv", LayerKind::matrix,
                 "those of Conv, and 1 per output element for the activation and for the sum", fused_convolution,
                 kMicrosoft},
    OperatorRule{"FusedGemm", LayerKind::matrix, "those of Gemm, and 1 per output element for the activation",
                 fused_gemm, kMicrosoft},
    OperatorRule{"FusedMatMul", LayerKind::matrix, kMatMul, fused_matmul, kMicrosoft},
    OperatorRule{"GRU", LayerKind::matrix,
                 "2 x MACs, and per hidden number and step 3 x (activation, bias) + 5; MACs = steps x batch x "
                 "(elements of W and R)",
                 recurrent},
    OperatorRule{"Gather", LayerKind::movement, kMoves, none},
    OperatorRule{"GatherElements", LayerKind::movement, kMoves, none},
    OperatorRule{"GatherND", LayerKind::movement, kMoves, none},
    OperatorRule{"Gelu", LayerKind::elementwise, kGelu, gelu},
    OperatorRule{"Gelu", LayerKind::elementwise, kGelu, gelu, kMicrosoft},
    OperatorRule{"Gemm", LayerKind::matrix,
                 "2 x MACs, and 1 per output element for C; MACs = M x N x K; alpha and beta are not counted", gemm},
    OperatorRule{"GlobalAveragePool", LayerKind::reduction, kOneIn, reduce<1>},
    OperatorRule{"GlobalLpPool", LayerKind::reduction, "2 per input element (power, add), 1 per output element (root)",
                 reduce<2, 1>},
    OperatorRule{"GlobalMaxPool", LayerKind::reduction, kOneIn, reduce<1>},
    OperatorRule{"Greater", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"GreaterOrEqual", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"GroupNormalization", LayerKind::reduction,
                 "7 per output element: add, subtract, square, add, multiply, scale, shift", each<7>},
    OperatorRule{"HardSigmoid", LayerKind::elementwise, "4 per output element: multiply, add, minimum, maximum",
                 each<4>},
    OperatorRule{"HardSwish", LayerKind::elementwise, "5 per output element: those of HardSigmoid, multiply", each<5>},
    OperatorRule{"Hardmax", LayerKind::reduction, "1 per input element: compare", reduce<1>},
    OperatorRule{"Identity", LayerKind::free, "none: the same numbers under another shape, or known before", none},
    OperatorRule{"InstanceNormalization", LayerKind::reduction,
                 "7 per output element: add, subtract, square, add, multiply, scale, shift", each<7>},
    OperatorRule{"IsInf", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"IsNaN", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"LRN", LayerKind::reduction,
                 "size + 4 per output element: square, size - 1 additions, multiply, add, power, divide, multiply",
                 local_response},
    OperatorRule{"LSTM", LayerKind::matrix,
                 "2 x MACs, and per hidden number and step 4 x (activation, bias) + 5, + 6 for peepholes; MACs = steps "
                 "x batch x (elements of W and R)",
                 recurrent},
    OperatorRule{"LayerNormalization", LayerKind::reduction,
                 "5 per output element (add, subtract, square, add, multiply), 1 for the scale, 1 for a bias",
                 layer_normalization},
    OperatorRule{"LeakyRelu", LayerKind::elementwise, "2 per output element: compare, multiply", each<2>},
    OperatorRule{"Less", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"LessOrEqual", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"Log", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"LogSoftmax", LayerKind::reduction, "5 per output element: maximum, subtract, exp, add, subtract",
                 each<5>},
    OperatorRule{"LpNormalization", LayerKind::reduction, "3 per output element: power, add, divide", each<3>},
    OperatorRule{"LpPool", LayerKind::reduction, "2 x kernel elements + 1 per output element: power, add; root",
                 lp_pool},
    OperatorRule{"MatMul", LayerKind::matrix, kMatMul, matmul},
    OperatorRule{"MatMulInteger", LayerKind::matrix, kMatMul, matmul},
    OperatorRule{"Max", LayerKind::elementwise, "inputs - 1 per output element", variadic},
    OperatorRule{"MaxPool", LayerKind::reduction, "kernel elements per output element", pool},
    OperatorRule{"MaxUnpool", LayerKind::movement, kMoves, none},
    OperatorRule{"Mean", LayerKind::elementwise, "inputs per output element: inputs - 1 additions, one division", mean},
    OperatorRule{"MeanVarianceNormalization", LayerKind::reduction,
                 "5 per output element: add, subtract, square, add, multiply", each<5>},
    OperatorRule{"Min", LayerKind::elementwise, "inputs - 1 per output element", variadic},
    OperatorRule{"Mish", LayerKind::elementwise, "5 per output element: those of Softplus, tanh, multiply", each<5>},
    OperatorRule{"Mod", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"Mul", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"Neg", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"NonZero", LayerKind::movement, kMoves, none},
    OperatorRule{"Not", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"OneHot", LayerKind::movement, kMoves, none},
    OperatorRule{"Or", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"PRelu", LayerKind::elementwise, "2 per output element: compare, multiply", each_pair<2>},
    OperatorRule{"Pad", LayerKind::movement, kMoves, none},
    OperatorRule{"Pow", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"QLinearConv", LayerKind::matrix,
                 "those of Conv, and 4 per output element: scale, round, add the zero point, saturate",
                 quantized_convolution},
    OperatorRule{"QLinearMatMul", LayerKind::matrix,
                 "those of MatMul, and 4 per output element: scale, round, add the zero point, saturate",
                 quantized_matmul},
    OperatorRule{"QuantizeLinear", LayerKind::elementwise,
                 "4 per output element: divide, round, add the zero point, saturate", each<4>},
    OperatorRule{"QuickGelu", LayerKind::elementwise, "6 per output element: multiply, those of Sigmoid, multiply",
                 each<6>, kMicrosoft},
    OperatorRule{"RMSNormalization", LayerKind::reduction, kRms, each<4>},
    OperatorRule{
        "RNN", LayerKind::matrix,
        "2 x MACs, and per hidden number and step activation and bias; MACs = steps x batch x (elements of W and R)",
        recurrent},
    OperatorRule{"Range", LayerKind::movement, kMoves, none},
    OperatorRule{"Reciprocal", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"ReduceL1", LayerKind::reduction, "2 per input element: absolute value or square, add", reduce<2>},
    OperatorRule{"ReduceL2", LayerKind::reduction, "2 per input element (square, add), 1 per output element (root)",
                 reduce<2, 1>},
    OperatorRule{"ReduceLogSum", LayerKind::reduction, "1 per input element, 1 per output element (log)", reduce<1, 1>},
    OperatorRule{"ReduceLogSumExp", LayerKind::reduction,
                 "4 per input element (maximum, subtract, exp, add), 2 per output element (log, add)", reduce<4, 2>},
    OperatorRule{"ReduceMax", LayerKind::reduction, kOneIn, reduce<1>},
    OperatorRule{"ReduceMean", LayerKind::reduction, "1 per input element, 1 per output element (divide)",
                 reduce<1, 1>},
    OperatorRule{"ReduceMin", LayerKind::reduction, kOneIn, reduce<1>},
    OperatorRule{"ReduceProd", LayerKind::reduction, kOneIn, reduce<1>},
    OperatorRule{"ReduceSum", LayerKind::reduction, kOneIn, reduce<1>},
    OperatorRule{"ReduceSumSquare", LayerKind::reduction, "2 per input element: absolute value or square, add",
                 reduce<2>},
    OperatorRule{"Relu", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Reshape", LayerKind::free, "none: the same numbers under another shape, or known before", none},
    OperatorRule{"Resize", LayerKind::reduction,
                 "per output element: nearest 0, linear 2 x 2^d, cubic 2 x 4^d (d: dimensions whose size changes)",
                 resize},
    OperatorRule{"ReverseSequence", LayerKind::movement, kMoves, none},
    OperatorRule{"RotaryEmbedding", LayerKind::reduction, "3 per output element: two multiplications, one addition",
                 each<3>},
    OperatorRule{"Round", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Scatter", LayerKind::movement, "none: it moves numbers; only without a reduction", scatter},
    OperatorRule{"ScatterElements", LayerKind::movement, "none: it moves numbers; only without a reduction", scatter},
    OperatorRule{"ScatterND", LayerKind::movement, "none: it moves numbers; only without a reduction", scatter},
    OperatorRule{"Selu", LayerKind::elementwise, "5 per output element: those of Elu, multiply", each<5>},
    OperatorRule{"Shape", LayerKind::free, "none: the same numbers under another shape, or known before", none},
    OperatorRule{"Shrink", LayerKind::elementwise, "2 per output element: compare, add the bias", each<2>},
    OperatorRule{"Sigmoid", LayerKind::elementwise, "4 per output element: negate, exp, add, divide", each<4>},
    OperatorRule{"Sign", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"SimplifiedLayerNormalization", LayerKind::reduction, kRms, each<4>},
    OperatorRule{"Sin", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Sinh", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Size", LayerKind::free, "none: the same numbers under another shape, or known before", none},
    OperatorRule{"SkipLayerNormalization", LayerKind::reduction,
                 "those of LayerNormalization, 1 for the skip, 1 for a bias", skip_layer_normalization, kMicrosoft},
    OperatorRule{"SkipSimplifiedLayerNormalization", LayerKind::reduction,
                 "5 per output element: the skip, square, add, multiply, scale; 1 for a bias", skip_rms_normalization,
                 kMicrosoft},
    OperatorRule{"Slice", LayerKind::movement, kMoves, none},
    OperatorRule{"Softmax", LayerKind::reduction, "5 per output element: maximum, subtract, exp, add, divide", each<5>},
    OperatorRule{"Softplus", LayerKind::elementwise, "3 per output element: exp, add, log", each<3>},
    OperatorRule{"Softsign", LayerKind::elementwise, "3 per output element: abs, add, divide", each<3>},
    OperatorRule{"SpaceToDepth", LayerKind::movement, kMoves, none},
    OperatorRule{"Split", LayerKind::movement, kMoves, none},
    OperatorRule{"Sqrt", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Squeeze", LayerKind::free, "none: the same numbers under another shape, or known before", none},
    OperatorRule{"Sub", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"Sum", LayerKind::elementwise, "inputs - 1 per output element", variadic},
    OperatorRule{"Swish", LayerKind::elementwise, "5 per output element: those of Sigmoid, multiply", each<5>},
    OperatorRule{"Tan", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"Tanh", LayerKind::elementwise, kOne, each<1>},
    OperatorRule{"TensorScatter", LayerKind::movement, kMoves, none},
    OperatorRule{"ThresholdedRelu", LayerKind::elementwise, "2 per output element: compare, choose", each<2>},
    OperatorRule{"Tile", LayerKind::movement, kMoves, none},
    OperatorRule{"TopK", LayerKind::reduction, "1 per input element: the least number of comparisons", reduce<1>},
    OperatorRule{"Transpose", LayerKind::movement, kMoves, none},
    OperatorRule{"Trilu", LayerKind::movement, kMoves, none},
    OperatorRule{"Unsqueeze", LayerKind::free, "none: the same numbers under another shape, or known before", none},
    OperatorRule{"Upsample", LayerKind::reduction,
                 "per output element: nearest 0, linear 2 x 2^d, cubic 2 x 4^d (d: dimensions whose size changes)",
                 resize},
    OperatorRule{"Where", LayerKind::elementwise, kOne, each_pair<1>},
    OperatorRule{"Xor", LayerKind::elementwise, kOne, each_pair<1>},
};

constexpr bool before(const OperatorRule& a, const OperatorRule& b) {
  return std::tie(a.operation, a.domain) < std::tie(b.operation, b.domain);
}
constexpr bool sorted_without_doubles() {
  for (std::size_t i = 1; i < kRules.size(); ++i)
    if (!before(kRules[i - 1], kRules[i])) return false;
  return true;
}
static_assert(sorted_without_doubles());

}  // namespace

std::string_view name(LayerKind kind) {
  switch (kind) {
    case LayerKind::matrix:
      return "matrix";
    case LayerKind::elementwise:
      return "elementwise";
    case LayerKind::reduction:
      return "reduction";
    case LayerKind::movement:
      return "movement";
    case LayerKind::free:
      return "free";
    case LayerKind::unknown:
      break;
  }
  return "unknown";
}

std::span<const OperatorRule> operator_rules() { return kRules; }

const OperatorRule* find_rule(const Layer& layer) {
  OperatorRule wanted;
  wanted.operation = layer.operation;
  if (layer.domain != "ai.onnx") wanted.domain = layer.domain;  // the two names of ONNX's own
  const auto* const found = std::lower_bound(kRules.begin(), kRules.end(), wanted, before);
  return found != kRules.end() && !before(wanted, *found) ? found : nullptr;
}

}  // namespace peakproof::theory
