// Layers of each family, counted by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/theory/network_builder.hpp"
#include "theory/network_cost.hpp"

namespace peakproof::theory {
namespace {

constexpr std::size_t kNone = Layer::absent;

/// MACs of one layer of two inputs.
double macs(const std::string& operation, const Shape& a, const Shape& b, const Shape& out,
            const Integers& integers = {}, const Texts& texts = {}) {
  NetworkBuilder net;
  net.layer(operation, {net.input(a), net.weight(b)}, out, integers, texts);
  const auto found = last(net);
  EXPECT_EQ(found.kind, LayerKind::matrix) << operation;
  EXPECT_EQ(found.flops, 2 * found.macs) << operation;
  return found.macs;
}

/// Operations of one layer that multiplies nothing.
double flops(const std::string& operation, const Shape& in, const Shape& out, const Integers& integers = {},
             const Texts& texts = {}) {
  NetworkBuilder net;
  net.layer(operation, {net.input(in)}, out, integers, texts);
  EXPECT_EQ(last(net).macs, 0) << operation;
  return last(net).flops;
}

TEST(OperatorCounts, Convolution) {
  NetworkBuilder b;
  b.conv(b.input({2, 3, 8, 8}), 16, 3, 1, 1, 1, true);
  const auto found = last(b);
  EXPECT_EQ(found.macs, 2.0 * 16 * 8 * 8 * 3 * 9);
  EXPECT_EQ(found.flops, 2 * found.macs + 2 * 16 * 8 * 8) << "the bias";
  EXPECT_EQ(found.parameters, 16 * 3 * 9 + 16);
  EXPECT_EQ(found.weight_numbers, 16 * 3 * 9 + 16);
  EXPECT_EQ(found.input_numbers, 2 * 3 * 8 * 8);
  EXPECT_EQ(found.output_numbers, 2 * 16 * 8 * 8);
  EXPECT_THAT(found.output_shape, testing::ElementsAre(2, 16, 8, 8));
}

TEST(OperatorCounts, ConvolutionsOfOtherShapes) {
  EXPECT_EQ(macs("Conv", {1, 32, 10, 10}, {32, 1, 3, 3}, {1, 32, 8, 8}, {{"group", {32}}}), 32 * 64 * 9.0)
      << "depthwise";
  EXPECT_EQ(macs("Conv", {1, 8, 10, 10}, {4, 4, 1, 1}, {1, 4, 10, 10}, {{"group", {2}}}), 4 * 100 * 4.0);
  EXPECT_EQ(macs("Conv", {1, 2, 9}, {5, 2, 3}, {1, 5, 5}, {{"dilations", {2}}}), 5 * 5 * 2 * 3.0) << "one dimension";
  EXPECT_EQ(macs("Conv", {1, 2, 4, 4, 4}, {3, 2, 2, 2, 2}, {1, 3, 3, 3, 3}), 3 * 27 * 16.0) << "three";
  EXPECT_EQ(macs("Conv", {1, 1, 7, 7}, {1, 1, 3, 3}, {1, 1, 4, 4}, {{"strides", {2, 2}}}, {{"auto_pad", "SAME_UPPER"}}),
            16 * 9.0);
  EXPECT_EQ(macs("Conv", {1, 1, 7, 7}, {1, 1, 3, 3}, {1, 1, 3, 3}, {{"strides", {2, 2}}}, {{"auto_pad", "VALID"}}),
            81.0);
  EXPECT_EQ(macs("Conv", {1, 1, 6, 6}, {1, 1, 3, 3}, {1, 1, 5, 4}, {{"pads", {0, 0, 1, 0}}}), 20 * 9.0) << "one side";
  EXPECT_EQ(macs("Conv", {0, 1, 6, 6}, {1, 1, 3, 3}, {0, 1, 4, 4}), 0) << "an empty batch";
  EXPECT_EQ(macs("ConvInteger", {1, 3, 4, 4}, {2, 3, 1, 1}, {1, 2, 4, 4}), 2 * 16 * 3.0);
  EXPECT_EQ(macs("ConvTranspose", {1, 6, 4, 4}, {6, 2, 3, 3}, {1, 4, 9, 9}, {{"group", {2}}, {"strides", {2, 2}}}),
            6 * 16 * 2 * 9.0);
}

TEST(OperatorCounts, QuantizedProducts) {
  NetworkBuilder b;
  const auto s = b.known({});
  const auto x = b.input({1, 3, 4, 4});
  const auto y = b.layer("QLinearConv", {x, s, s, b.weight({8, 3, 1, 1}), s, s, s, s, b.weight({8})}, {1, 8, 4, 4});
  EXPECT_EQ(last(b).macs, 8 * 16 * 3);
  EXPECT_EQ(last(b).flops, 2 * 8 * 16 * 3 + (1 + 4) * 8 * 16);
  EXPECT_EQ(last(b).parameters, 8 * 3 + 8);
  const auto flat = b.flatten(y);
  b.layer("QLinearMatMul", {flat, s, s, b.weight({128, 10}), s, s, s, s}, {1, 10});
  EXPECT_EQ(last(b).macs, 1280);
  EXPECT_EQ(last(b).flops, 2 * 1280 + 4 * 10);
}

TEST(OperatorCounts, MatrixProducts) {
  EXPECT_EQ(macs("MatMul", {5, 7}, {7, 3}, {5, 3}), 105);
  EXPECT_EQ(macs("MatMul", {2, 12, 5, 7}, {2, 12, 7, 3}, {2, 12, 5, 3}), 24 * 105);
  EXPECT_EQ(macs("MatMul", {2, 1, 5, 7}, {4, 7, 3}, {2, 4, 5, 3}), 8 * 105) << "both sides are stretched";
  EXPECT_EQ(macs("MatMul", {7}, {7, 3}, {3}), 21) << "a row";
  EXPECT_EQ(macs("MatMul", {4, 5, 7}, {7}, {4, 5}), 140) << "a column";
  EXPECT_EQ(macs("MatMul", {7}, {7}, {}), 7) << "a scalar";
  EXPECT_EQ(macs("MatMul", {5, 0}, {0, 3}, {5, 3}), 0) << "an empty sum";
  EXPECT_EQ(macs("MatMulInteger", {5, 7}, {7, 3}, {5, 3}), 105);
  EXPECT_EQ(macs("Gemm", {5, 7}, {7, 3}, {5, 3}), 105);
  EXPECT_EQ(macs("Gemm", {7, 5}, {3, 7}, {5, 3}, {{"transA", {1}}, {"transB", {1}}}), 105);
}

TEST(OperatorCounts, GemmAddsItsThirdInput) {
  NetworkBuilder b;
  b.dense(b.input({4, 10}), 20);
  EXPECT_EQ(last(b).macs, 800);
  EXPECT_EQ(last(b).flops, 1600 + 80);
  EXPECT_EQ(last(b).parameters, 220);
}

TEST(OperatorCounts, Einsum) {
  EXPECT_EQ(macs("Einsum", {2, 5, 7}, {7, 3}, {2, 5, 3}, {}, {{"equation", "abc, cd -> abd"}}), 210);
  EXPECT_EQ(macs("Einsum", {2, 4, 5, 7}, {2, 4, 6, 7}, {2, 4, 5, 6}, {}, {{"equation", "bhqd,bhkd->bhqk"}}), 8 * 210);
  for (const std::string equation :
       {"ij,ij->ij", "ii,ij->ij", "ij,jk", "...j,jk->...k", "ij,kl->il", "ij,jk->iz", ""}) {
    NetworkBuilder b;
    b.layer("Einsum", {b.input({3, 3}), b.input({3, 3})}, {3, 3}, {}, {{"equation", equation}});
    const auto found = cost(b.network);
    EXPECT_EQ(found.layers.back().kind, LayerKind::unknown) << equation;
    EXPECT_EQ(found.unknown.at("Einsum"), 1) << equation;
  }
}

TEST(OperatorCounts, EinsumOfOtherSizes) {
  NetworkBuilder b;
  b.layer("Einsum", {b.input({2, 3}), b.input({1, 4})}, {2, 4}, {}, {{"equation", "ij,jk->ik"}});
  EXPECT_EQ(last(b).kind, LayerKind::unknown) << "a label of size 1 is stretched";
  b.layer("Einsum", {b.input({2, 3}), b.input({3, 4})}, {2, 4, 5}, {}, {{"equation", "ij,jk->ikl"}});
  EXPECT_EQ(last(b).kind, LayerKind::unknown) << "a label that no input has";
  b.layer("Einsum", {b.input({2, 3}), b.input({5, 4})}, {2, 4}, {}, {{"equation", "ij,jk->ik"}});
  EXPECT_THAT(failure(b), testing::HasSubstr("sizes of 3 and 5"));
  b.network.layers.back().texts["equation"] = "ijk,jk->ik";
  EXPECT_THAT(failure(b), testing::HasSubstr("does not fit the shape [2, 3]"));
}

TEST(OperatorCounts, OperatorsOfOnnxRuntime) {
  NetworkBuilder b;
  const Shape s = {2, 10};
  const auto x = b.input(s);
  const auto w = b.weight({10});
  const auto add = [&](const std::string& operation, std::vector<std::size_t> inputs, const Shape& out,
                       const Integers& integers = {}, const Texts& texts = {}) {
    b.layer(operation, std::move(inputs), out, integers, texts);
    b.network.layers.back().domain = "com.microsoft";
    return last(b);
  };
  EXPECT_EQ(add("Gelu", {x}, s).flops, 5 * 20);
  EXPECT_EQ(add("FastGelu", {x}, s).flops, 9 * 20);
  EXPECT_EQ(add("FastGelu", {x, w}, s).flops, 10 * 20);
  EXPECT_EQ(add("BiasGelu", {x, w}, s).flops, 6 * 20);
  EXPECT_EQ(add("QuickGelu", {x}, s).flops, 6 * 20);
  EXPECT_EQ(add("SkipLayerNormalization", {x, x, w}, s).flops, 7 * 20);
  EXPECT_EQ(add("SkipLayerNormalization", {x, x, w, w, w}, s).flops, 9 * 20);
  EXPECT_EQ(add("SkipSimplifiedLayerNormalization", {x, x, w}, s).flops, 5 * 20);
  EXPECT_EQ(add("SkipSimplifiedLayerNormalization", {x, x, w, w}, s).flops, 6 * 20);
  const auto v = b.weight({4, 10});
  EXPECT_EQ(add("FusedMatMul", {x, v}, {2, 4}, {{"transB", {1}}}).macs, 80);
  EXPECT_EQ(add("FusedMatMul", {x, v}, {2, 4}, {{"transB", {1}}, {"transBatchA", {1}}}).kind, LayerKind::unknown);
  EXPECT_EQ(add("FusedGemm", {x, v}, {2, 4}, {{"transB", {1}}}, {{"activation", "Relu"}}).flops, 160 + 8);
  const auto image = b.input({1, 3, 4, 4});
  const auto sum = b.input({1, 2, 4, 4});
  const auto kernel = b.weight({2, 3, 1, 1});
  EXPECT_EQ(add("FusedConv", {image, kernel, kNone, sum}, {1, 2, 4, 4}, {}, {{"activation", "Relu"}}).flops,
            2 * 96 + 32 + 32);
  EXPECT_EQ(add("Attention", {x, v}, s).kind, LayerKind::unknown) << "not ONNX's";
}

TEST(OperatorCounts, RecurrentLayers) {
  const std::map<std::string, std::pair<std::int64_t, std::int64_t>> gates = {
      {"LSTM", {4, 5}}, {"GRU", {3, 5}}, {"RNN", {1, 0}}};
  for (const auto& [operation, numbers] : gates) {
    const auto [gate, more] = numbers;
    NetworkBuilder b;
    const auto x = b.input({10, 2, 6});  // steps, batch, inputs
    b.layer(operation, {x, b.weight({2, gate * 8, 6}), b.weight({2, gate * 8, 8}), b.weight({2, 2 * gate * 8})},
            {10, 2, 2, 8});
    const auto counts = static_cast<double>(gate);
    EXPECT_EQ(last(b).macs, 10 * 2 * 2 * counts * 8 * (6 + 8)) << operation;
    EXPECT_EQ(last(b).flops, 2 * last(b).macs + 10 * 2 * 2 * 8 * (2 * counts + static_cast<double>(more))) << operation;
    EXPECT_EQ(last(b).parameters, 2 * gate * 8 * (6 + 8 + 2)) << operation;
  }
  NetworkBuilder b;
  const auto x = b.input({10, 2, 6});
  b.layer("LSTM", {x, b.weight({1, 32, 6}), b.weight({1, 32, 8}), kNone, kNone, kNone, kNone, b.weight({1, 24})},
          {10, 1, 2, 8});
  EXPECT_EQ(last(b).flops, 2 * last(b).macs + 10 * 2 * 8 * (4 + 5 + 6)) << "with peepholes, without a bias";
}

TEST(OperatorCounts, Attention) {
  NetworkBuilder b;
  const auto q = b.input({2, 8, 5, 16});
  const auto k = b.input({2, 2, 7, 16});
  const auto v = b.input({2, 2, 7, 4});
  const auto past = b.input({2, 2, 3, 16});
  b.layer("Attention", {q, k, v}, {2, 8, 5, 4});
  EXPECT_EQ(last(b).macs, 2 * 8 * 5 * 7 * (16 + 4));
  EXPECT_EQ(last(b).flops, 2 * last(b).macs + 6 * 2 * 8 * 5 * 7);
  b.layer("Attention", {q, k, v, kNone, past}, {2, 8, 5, 4});
  EXPECT_EQ(last(b).macs, 2 * 8 * 5 * 10 * (16 + 4));
  const auto q3 = b.input({2, 5, 128});
  const auto k3 = b.input({2, 7, 32});
  const auto v3 = b.input({2, 7, 8});
  b.layer("Attention", {q3, k3, v3, b.input({5, 7})}, {2, 5, 32}, {{"q_num_heads", {8}}, {"kv_num_heads", {2}}});
  EXPECT_EQ(last(b).macs, 2 * 8 * 5 * 7 * (16 + 4));
  EXPECT_EQ(last(b).flops, 2 * last(b).macs + 7 * 2 * 8 * 5 * 7) << "with a mask";
  b.layer("Attention", {q3, k3, v3}, {2, 5, 32});
  EXPECT_THAT(failure(b), testing::HasSubstr("0 heads of queries"));
}

TEST(OperatorCounts, ElementwiseLayers) {
  const Shape s = {2, 3, 4};
  const std::map<std::string, int> each = {{"Relu", 1}, {"Clip", 2}, {"LeakyRelu", 2}, {"Sigmoid", 4}, {"HardSwish", 5},
                                           {"Gelu", 5}, {"Erf", 1},  {"Tanh", 1},      {"Sqrt", 1},    {"Softplus", 3},
                                           {"Elu", 4},  {"Cast", 1}, {"Max", 0}};
  for (const auto& [operation, count] : each) EXPECT_EQ(flops(operation, s, s), count * 24) << operation;
  EXPECT_EQ(flops("Gelu", s, s, {}, {{"approximate", "tanh"}}), 9 * 24);
  NetworkBuilder b;
  const auto x = b.input(s);
  b.layer("Mul", {x, b.weight({4})}, s);
  EXPECT_EQ(last(b).flops, 24);
  EXPECT_EQ(last(b).weight_numbers, 4);
  b.layer("Add", {x, b.weight({3, 1})}, s);
  EXPECT_EQ(last(b).flops, 24);
  b.layer("Sum", {x, x, x}, s);
  EXPECT_EQ(last(b).flops, 48);
  EXPECT_EQ(last(b).input_numbers, 24) << "one tensor is read once";
  b.layer("Mean", {x, x, x}, s);
  EXPECT_EQ(last(b).flops, 72);
  b.layer("Pow", {x, b.known({})}, s);
  EXPECT_EQ(last(b).input_numbers, 24) << "what is known before is no activation";
}

TEST(OperatorCounts, NormalisationsPoolsAndReductions) {
  EXPECT_EQ(flops("Softmax", {2, 10}, {2, 10}), 100);
  EXPECT_EQ(flops("MaxPool", {1, 3, 8, 8}, {1, 3, 4, 4}, {{"kernel_shape", {3, 3}}}), 48 * 9);
  EXPECT_EQ(flops("AveragePool", {1, 3, 8, 8}, {1, 3, 4, 4}, {{"kernel_shape", {2, 2}}}), 48 * 4);
  EXPECT_EQ(flops("GlobalAveragePool", {1, 3, 8, 8}, {1, 3, 1, 1}), 192);
  EXPECT_EQ(flops("ReduceMean", {4, 10}, {4, 1}), 44);
  EXPECT_EQ(flops("ReduceSum", {4, 10}, {4}), 40);
  EXPECT_EQ(flops("ReduceL2", {4, 10}, {4}), 84);
  EXPECT_EQ(flops("ArgMax", {4, 10}, {4}), 40);
  EXPECT_EQ(flops("LRN", {1, 8, 2, 2}, {1, 8, 2, 2}, {{"size", {5}}}), 9 * 32);
  EXPECT_EQ(flops("RMSNormalization", {4, 10}, {4, 10}), 160);
  EXPECT_EQ(flops("Resize", {1, 3, 4, 4}, {1, 3, 8, 8}), 0);
  EXPECT_EQ(flops("Resize", {1, 3, 4, 4}, {1, 3, 8, 8}, {}, {{"mode", "linear"}}), 192 * 8);
  NetworkBuilder b;
  const auto x = b.input({4, 10});
  b.layer("LayerNormalization", {x, b.weight({10}), b.weight({10})}, {4, 10});
  EXPECT_EQ(last(b).flops, 7 * 40);
  b.layer("LayerNormalization", {x, b.weight({10})}, {4, 10});
  EXPECT_EQ(last(b).flops, 6 * 40);
  b.batch_norm(x);
  EXPECT_EQ(last(b).flops, 2 * 40);
  EXPECT_EQ(last(b).parameters, 40);
}

TEST(OperatorCounts, MovementAndFreeLayers) {
  NetworkBuilder b;
  const auto x = b.input({4, 10});
  const auto t = b.layer("Transpose", {x}, {10, 4});
  EXPECT_EQ(last(b).kind, LayerKind::movement);
  EXPECT_EQ(last(b).flops, 0);
  EXPECT_EQ(last(b).input_numbers + last(b).output_numbers, 80);
  b.layer("Reshape", {t, b.known({2})}, {2, 20});
  EXPECT_EQ(last(b).kind, LayerKind::free);
  EXPECT_EQ(last(b).input_numbers + last(b).output_numbers, 0);
  EXPECT_THAT(last(b).output_shape, testing::ElementsAre(2, 20));
  b.layer("Gather", {b.weight({30'000, 64}), b.known({7})}, {7, 64});
  EXPECT_EQ(last(b).parameters, 30'000 * 64);
  EXPECT_EQ(last(b).weight_numbers, 7 * 64) << "of the table it reads the rows that it looks up";
  EXPECT_EQ(cost(b.network).activation_numbers, 40 + 7 * 64);
}

}  // namespace
}  // namespace peakproof::theory
