// What a network needs as a whole, and what cannot be counted.
#include "theory/network_cost.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/theory/network_builder.hpp"

namespace peakproof::theory {
namespace {

TEST(NetworkCost, EveryRuleCanBeFoundAndRead) {
  for (const auto& rule : operator_rules()) {
    Layer layer;
    layer.operation = rule.operation;
    layer.domain = rule.domain;
    EXPECT_EQ(find_rule(layer), &rule) << rule.operation;
    EXPECT_FALSE(rule.rule.empty()) << rule.operation;
    EXPECT_NE(rule.count, nullptr) << rule.operation;
    EXPECT_NE(rule.kind, LayerKind::unknown) << rule.operation;
    layer.domain = "org.example";
    EXPECT_EQ(find_rule(layer), nullptr) << rule.operation;
  }
  Layer layer;
  layer.operation = "Relu";
  layer.domain = "ai.onnx";
  EXPECT_NE(find_rule(layer), nullptr) << "the other name of ONNX's own operators";
}

TEST(NetworkCost, UnknownOperatorsAreNamed) {
  NetworkBuilder b;
  auto x = b.input({4, 10});
  for (const std::string operation : {"If", "Loop", "Loop", "Nonsense"}) x = b.layer(operation, {x}, {4, 10});
  x = b.layer("Relu", {x}, {4, 10});
  b.network.layers.back().domain = "org.example";
  b.layer("ScatterND", {x, x, x}, {4, 10}, {}, {{"reduction", "add"}});
  b.layer("BatchNormalization", {x, b.weight({10})}, {4, 10}, {{"training_mode", {1}}});
  const auto found = cost(b.network);
  EXPECT_THAT(found.unknown,
              testing::ElementsAre(testing::Pair("BatchNormalization", 1), testing::Pair("If", 1),
                                   testing::Pair("Loop", 2), testing::Pair("Nonsense", 1),
                                   testing::Pair("ScatterND", 1), testing::Pair("org.example::Relu", 1)));
  EXPECT_EQ(found.flops, 0);
  EXPECT_EQ(found.layers[0].output_numbers, 40) << "its memory is known";
}

TEST(NetworkCost, SharedWeightsCountOnceAndAreReadTwice) {
  NetworkBuilder b;
  const auto w = b.weight({10, 10});
  const auto x = b.layer("MatMul", {b.input({4, 10}), w}, {4, 10});
  b.layer("MatMul", {x, w}, {4, 10});
  const auto found = cost(b.network);
  EXPECT_EQ(found.parameters, 100);
  EXPECT_EQ(found.layers[0].parameters, 100);
  EXPECT_EQ(found.layers[1].parameters, 0);
  EXPECT_EQ(found.layers[1].weight_numbers, 100);
}

TEST(NetworkCost, AWeightThatIsAnActivation) {
  NetworkBuilder b;
  b.layer("Conv", {b.input({1, 2, 4, 4}), b.input({3, 2, 1, 1})}, {1, 3, 4, 4});
  EXPECT_EQ(last(b).parameters, 0);
  EXPECT_EQ(last(b).weight_numbers, 0);
  EXPECT_EQ(last(b).input_numbers, 32 + 6);
}

TEST(NetworkCost, PeakActivations) {
  NetworkBuilder b;
  const auto x = b.input({100});
  const auto a = b.layer("Relu", {x}, {100});        // x, a
  const auto r = b.layer("Reshape", {a}, {10, 10});  // the same memory as a
  const auto s = b.layer("ReduceSum", {r}, {10});    // a, s
  const auto t = b.layer("Tile", {s}, {10, 20});     // s, t, and a, which the last layer reads
  const auto u = b.layer("Slice", {t, a}, {5, 5});   // a, t, u
  b.output(u);
  EXPECT_EQ(cost(b.network).peak_activation_numbers, 100 + 200 + 25);
  b.output(s);
  EXPECT_EQ(cost(b.network).peak_activation_numbers, 100 + 10 + 200 + 25) << "an output of the network stays";
  b.network.outputs = {r};
  b.network.layers.back().inputs = {t};
  EXPECT_EQ(cost(b.network).peak_activation_numbers, 100 + 200 + 25) << "under its other shape, too";
  b.network.outputs = {u};
  EXPECT_EQ(cost(b.network).peak_activation_numbers, 200 + 25) << "t and u";
}

TEST(NetworkCost, Storage) {
  EXPECT_EQ(storage_bytes(10'000'000, Precision::fp32), 40e6);
  EXPECT_EQ(storage_bytes(10'000'000, Precision::int4), 5e6);
  EXPECT_EQ(storage_bytes(0, Precision::fp64), 0);
}

TEST(NetworkCost, ContradictionsNameTheLayer) {
  const auto fails = [](const std::string& operation, const Shape& a, const Shape& w, const Shape& out,
                        const Integers& integers = {}) {
    NetworkBuilder b;
    b.layer(operation, {b.input(a), b.weight(w)}, out, integers);
    return failure(b);
  };
  using testing::HasSubstr;
  EXPECT_THAT(fails("MatMul", {5, 7}, {8, 3}, {5, 3}), HasSubstr("layer 'MatMul0' (MatMul): the inner dimensions"));
  EXPECT_THAT(fails("MatMul", {5, 7}, {7, 3}, {5, 4}), HasSubstr("do not give the output [5, 4]"));
  EXPECT_THAT(fails("MatMul", {2, 5, 7}, {3, 7, 3}, {2, 5, 3}), HasSubstr("cannot be stretched"));
  EXPECT_THAT(fails("MatMul", {}, {7, 3}, {3}), HasSubstr("at least one dimension"));
  EXPECT_THAT(fails("Gemm", {2, 5, 7}, {7, 3}, {5, 3}), HasSubstr("two dimensions"));
  EXPECT_THAT(fails("Conv", {1, 3, 8, 8}, {4, 3, 3}, {1, 4, 6, 6}), HasSubstr("same number of dimensions"));
  EXPECT_THAT(fails("Conv", {1, 3, 8, 8}, {4, 2, 3, 3}, {1, 4, 6, 6}), HasSubstr("3 channels in 1 groups"));
  EXPECT_THAT(fails("Conv", {1, 3, 8, 8}, {4, 3, 3, 3}, {1, 4, 7, 6}), HasSubstr("do not give the output"));
  EXPECT_THAT(fails("Conv", {1, 3, 8, 8}, {4, 3, 3, 3}, {1, 5, 6, 6}), HasSubstr("does not fit"));
  EXPECT_THAT(fails("Conv", {1, 3, 8, 8}, {4, 3, 3, 3}, {1, 4, 6, 6}, {{"group", {0}}}), HasSubstr("'group' is 0"));
  EXPECT_THAT(fails("Conv", {1, 3, 8, 8}, {4, 3, 3, 3}, {1, 4, 6, 6}, {{"strides", {1}}}),
              HasSubstr("'strides' has 1"));
  EXPECT_THAT(fails("Conv", {1, 3, 8, 8}, {4, 3, 3, 3}, {1, 4, 6, 6}, {{"kernel_shape", {3, 1}}}),
              HasSubstr("kernel_shape is [3, 1]"));
  EXPECT_THAT(fails("ConvTranspose", {1, 6, 4, 4}, {5, 2, 3, 3}, {1, 4, 9, 9}), HasSubstr("does not fit its weight"));
  EXPECT_THAT(fails("Add", {4, 10}, {3}, {4, 10}), HasSubstr("[3] cannot be stretched to its output [4, 10]"));
  EXPECT_THAT(fails("MaxPool", {1, 3, 8, 8}, {1}, {1, 3, 4, 4}), HasSubstr("kernel_shape [] does not fit"));
  EXPECT_THAT(fails("BatchNormalization", {1, 3, 8, 8}, {4}, {1, 3, 8, 8}), HasSubstr("4 elements for 3 channels"));
  NetworkBuilder biased;
  biased.layer("Conv", {biased.input({1, 3, 8, 8}), biased.weight({4, 3, 3, 3}), biased.weight({3})}, {1, 4, 6, 6});
  EXPECT_THAT(failure(biased), HasSubstr("its bias has 3 elements for 4 channels"));
  EXPECT_THAT(fails("Einsum", {3, 3}, {3, 3}, {3, 3}), HasSubstr("nothing was thrown")) << "unknown, not wrong";
  EXPECT_THAT(fails("LSTM", {10, 2, 6}, {1, 32, 6}, {10, 1, 2, 8}), HasSubstr("input 3 is missing"));
}

TEST(NetworkCost, SizesThatCannotBe) {
  constexpr std::int64_t huge = std::int64_t{1} << 32;
  Tensor tensor;
  tensor.name = "t";
  EXPECT_EQ(tensor.elements(), 1) << "a scalar";
  tensor.shape = {huge, huge, 0};
  EXPECT_EQ(tensor.elements(), 0);
  tensor.shape = {std::numeric_limits<std::int64_t>::max()};
  EXPECT_EQ(tensor.elements(), std::numeric_limits<std::int64_t>::max());
  tensor.shape = {huge, huge};
  EXPECT_THAT(message([&] { static_cast<void>(tensor.elements()); }), testing::HasSubstr("tensor 't': its shape"));
  tensor.shape = {4, -1};
  EXPECT_THAT(message([&] { static_cast<void>(tensor.elements()); }), testing::HasSubstr("negative"));

  NetworkBuilder large;  // 2^61 numbers each, 2^91 MACs
  large.layer("MatMul", {large.input({huge / 2, huge / 4}), large.weight({huge / 4, huge / 2})}, {huge / 2, huge / 2});
  EXPECT_EQ(cost(large.network).macs, 0x1p92);
  large.layer("MatMul", {0, large.weight({huge / 4, huge / 2})}, {huge / 2, huge / 2});
  large.layer("MatMul", {0, large.weight({huge / 4, huge / 2})}, {huge / 2, huge / 2});
  large.layer("MatMul", {0, large.weight({huge / 4, huge / 2})}, {huge / 2, huge / 2});
  EXPECT_THAT(failure(large), testing::HasSubstr("more parameters than 64 bits"));
}

TEST(NetworkCost, NetworksThatAreNone) {
  NetworkBuilder b;
  const auto x = b.input({4});
  const auto y = b.layer("Relu", {x}, {4});
  b.layer("Relu", {y}, {4});
  auto network = b.network;
  std::swap(network.layers[0], network.layers[1]);
  EXPECT_THAT(message([&] { static_cast<void>(cost(network)); }), testing::HasSubstr("which nothing makes before it"));
  network = b.network;
  network.layers[1].outputs = {y};
  EXPECT_THAT(message([&] { static_cast<void>(cost(network)); }), testing::HasSubstr("which is there already"));
  network = b.network;
  network.layers[1].inputs = {77};
  EXPECT_THAT(message([&] { static_cast<void>(cost(network)); }), testing::HasSubstr("does not have"));
  network = b.network;
  network.outputs = {77};
  EXPECT_THAT(message([&] { static_cast<void>(cost(network)); }), testing::HasSubstr("does not have"));
  EXPECT_EQ(cost(Network{}).flops, 0);
}

}  // namespace
}  // namespace peakproof::theory
