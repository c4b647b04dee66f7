// The roofline of layers, what is fused, and what a device's ceilings are.
#include "theory/network_time.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "tests/theory/network_builder.hpp"
#include "theory/boards.hpp"
#include "theory/roofline.hpp"

namespace peakproof::theory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Ceilings ceilings(double matrix, double bytes) {
  Ceilings made;
  made.matrix_per_second = matrix;
  made.bytes_per_second = bytes;
  return made;
}

DeviceSpec h200() { return device_spec(*find_board("H200 SXM").board); }

NetworkTime time_of(const Network& network, const Ceilings& given, TimeOptions options = {}) {
  return least_time(network, cost(network), given, options);
}

Network product(std::int64_t m, std::int64_t n, std::int64_t k) {
  NetworkBuilder b;
  b.output(b.layer("MatMul", {b.input({m, k}), b.weight({k, n})}, {m, n}));
  return b.network;
}

TEST(NetworkTime, AProductOnTheRoofline) {
  // 2 x 64^3 operations, 3 x 64^2 numbers of 2 bytes: 21.33 operations a byte.
  const auto network = product(64, 64, 64);
  const double operations = 2.0 * 64 * 64 * 64;
  const double bytes = 3.0 * 64 * 64 * 2;
  for (const double matrix : {1e9, 10e9, 100e9}) {
    const auto found = time_of(network, ceilings(matrix, 1e9));
    ASSERT_EQ(found.layers.size(), 1U);
    EXPECT_EQ(found.layers[0].flops, operations);
    EXPECT_EQ(found.layers[0].bytes, bytes);
    EXPECT_DOUBLE_EQ(found.seconds, operations / attainable(matrix, 1e9, operations / bytes).value());
    EXPECT_EQ(found.layers[0].bound, matrix < 21e9 ? Bound::compute : Bound::memory);
    EXPECT_EQ(found.compute_bound_s, matrix < 21e9 ? found.seconds : 0);
    EXPECT_EQ(found.memory_bound_s, matrix < 21e9 ? 0 : found.seconds);
  }
}

TEST(NetworkTime, TheBoundSwitchesAtTheRidge) {
  const auto network = product(64, 64, 64);
  const double intensity = 2.0 * 64 * 64 * 64 / (3.0 * 64 * 64 * 2);
  EXPECT_EQ(time_of(network, ceilings(intensity * 1e9 * 0.999, 1e9)).layers[0].bound, Bound::compute);
  EXPECT_EQ(time_of(network, ceilings(intensity * 1e9 * 1.001, 1e9)).layers[0].bound, Bound::memory);
}

TEST(NetworkTime, BytesFollowThePrecision) {
  const auto network = product(64, 64, 64);
  for (const Precision precision : kPrecisions) {
    const auto found = time_of(network, ceilings(1e9, 1e9), {.precision = precision});
    EXPECT_EQ(found.layers[0].bytes, 3.0 * 64 * 64 * bytes_per_number(precision)) << name(precision);
    EXPECT_EQ(found.bytes_needed, found.layers[0].bytes) << "weights and activations, all at once";
  }
}

TEST(NetworkTime, IntegersKeepTheirSize) {
  Tensor tensor;
  tensor.shape = {10};
  EXPECT_EQ(bytes_of(tensor, Precision::fp16), 20);
  tensor.type = "float";
  EXPECT_EQ(bytes_of(tensor, Precision::int4), 5);
  tensor.type = "int64";
  EXPECT_EQ(bytes_of(tensor, Precision::fp16), 80);
  tensor.type = "bool";
  EXPECT_EQ(bytes_of(tensor, Precision::fp32), 10);
  NetworkBuilder b;
  const auto words = b.input({7});
  b.network.tensors[words].type = "int64";
  b.output(b.layer("Gather", {b.weight({30'000, 64}), words}, {7, 64}));
  EXPECT_EQ(time_of(b.network, ceilings(1e9, 1e9)).layers[0].bytes, 2 * 7 * 64 * 2 + 7 * 8) << "rows, not the table";
}

/// conv -> BatchNormalization -> Relu -> conv -> Add (of the first Relu's output) -> Relu
struct Block {
  NetworkBuilder b;
  Block() {
    auto x = b.input({1, 8, 16, 16});
    x = b.same("Relu", b.batch_norm(b.conv(x, 8, 3, 1, 1)));
    const auto y = b.conv(x, 8, 3, 1, 1);
    b.output(b.same("Relu", b.layer("Add", {x, y}, b.shape(x))));
  }
};

TEST(NetworkTime, ElementwiseLayersAreFused) {
  const Block block;
  const auto found = time_of(block.b.network, ceilings(1e9, 1e9));
  ASSERT_EQ(found.layers.size(), 2U);
  EXPECT_EQ(found.layers[0].layer, 0U);
  EXPECT_THAT(found.layers[0].fused, ElementsAre(1, 2));
  EXPECT_EQ(found.layers[1].layer, 3U);
  EXPECT_THAT(found.layers[1].fused, ElementsAre(4, 5));
  const double activation = 8 * 16 * 16;
  EXPECT_EQ(found.layers[0].bytes, 2 * (2 * activation + 8 * 8 * 9 + 4 * 8));
  EXPECT_EQ(found.layers[1].bytes, 2 * (2 * activation + 8 * 8 * 9)) << "what is added is its input too";
  const double macs = activation * 8 * 9;
  EXPECT_EQ(found.layers[0].flops, 2 * macs + 3 * activation);
  EXPECT_EQ(found.layers[1].flops, 2 * macs + 2 * activation);
}

TEST(NetworkTime, WithoutFusionEveryLayerStandsAlone) {
  const Block block;
  const auto fused = time_of(block.b.network, ceilings(1e9, 1e9));
  const auto apart = time_of(block.b.network, ceilings(1e9, 1e9), {.fuse = false});
  ASSERT_EQ(apart.layers.size(), 6U);
  const auto costs = cost(block.b.network);
  for (const auto& layer : apart.layers) {
    const auto& of = costs.layers[layer.layer];
    EXPECT_TRUE(layer.fused.empty());
    EXPECT_EQ(layer.flops, of.flops);
    EXPECT_EQ(layer.bytes, 2 * (of.weight_numbers + of.input_numbers + of.output_numbers));
  }
  EXPECT_GT(apart.seconds, fused.seconds);
}

TEST(NetworkTime, WhatOthersReadIsNotFusedAway) {
  NetworkBuilder b;
  const auto x = b.conv(b.input({1, 8, 16, 16}), 8, 3, 1, 1);
  const auto y = b.same("Relu", x);
  b.output(b.conv(x, 8, 3, 1, 1));  // reads what lies between
  b.output(y);
  EXPECT_EQ(time_of(b.network, ceilings(1e9, 1e9)).layers.size(), 3U);

  NetworkBuilder told;
  const auto z = told.conv(told.input({1, 8, 16, 16}), 8, 3, 1, 1);
  told.output(z);
  told.output(told.same("Relu", z));
  EXPECT_EQ(time_of(told.network, ceilings(1e9, 1e9)).layers.size(), 2U) << "the network's output is written";
}

TEST(NetworkTime, WhatNobodyReadsIsWrittenNonetheless) {
  NetworkBuilder b;
  b.same("Relu", b.input({100}));
  EXPECT_EQ(time_of(b.network, ceilings(1e9, 1e9)).layers[0].bytes, 2 * 200);
}

TEST(NetworkTime, ADiamondOfElementwiseLayersIsFusedAsOne) {
  NetworkBuilder b;
  const auto x = b.conv(b.input({1, 8, 16, 16}), 8, 3, 1, 1);
  b.output(b.layer("Mul", {x, b.same("Sigmoid", x)}, b.shape(x)));
  const auto found = time_of(b.network, ceilings(1e9, 1e9));
  ASSERT_EQ(found.layers.size(), 1U);
  EXPECT_EQ(found.layers[0].bytes, 2 * (2 * 2048 + 576));
}

TEST(NetworkTime, OperandsThatComeLaterAreWaitedFor) {
  // The sum runs where its later input is made, and reads the other one.
  NetworkBuilder b;
  const auto in = b.input({1, 8, 16, 16});
  const auto first = b.conv(in, 8, 3, 1, 1);
  const auto second = b.conv(in, 8, 1, 1, 0);
  b.output(b.layer("Add", {first, second}, b.shape(first)));
  const auto found = time_of(b.network, ceilings(1e9, 1e9));
  ASSERT_EQ(found.layers.size(), 2U);
  EXPECT_TRUE(found.layers[0].fused.empty());
  EXPECT_THAT(found.layers[1].fused, ElementsAre(2));
  EXPECT_EQ(found.layers[1].bytes, 2 * (3 * 2048 + 64));
}

TEST(NetworkTime, SmallResultsAreNoHosts) {
  NetworkBuilder b;
  const auto x = b.input({4, 100});
  const auto mean = b.layer("ReduceMean", {x}, {4, 1});
  b.output(b.layer("Sub", {x, mean}, {4, 100}));
  EXPECT_EQ(time_of(b.network, ceilings(1e9, 1e9)).layers.size(), 2U);
}

TEST(NetworkTime, ReshapesAreTransparent) {
  NetworkBuilder b;
  auto x = b.dense(b.input({4, 16}), 32);
  x = b.layer("Reshape", {x, b.known({3})}, {4, 4, 8});
  b.output(b.same("Relu", x));
  const auto found = time_of(b.network, ceilings(1e9, 1e9));
  ASSERT_EQ(found.layers.size(), 1U);
  EXPECT_THAT(found.layers[0].fused, ElementsAre(2));
  EXPECT_EQ(found.layers[0].bytes, 2 * (4 * 16 + 16 * 32 + 32 + 4 * 32));
}

TEST(NetworkTime, VectorOperationsHaveTheirOwnCeiling) {
  NetworkBuilder b;
  b.output(b.layer("Softmax", {b.input({10, 100})}, {10, 100}));
  auto given = ceilings(1, 1e15);
  EXPECT_LT(time_of(b.network, given).seconds, 1e-9) << "no products: held against memory alone";
  given.vector_per_second = 1000;
  EXPECT_DOUBLE_EQ(time_of(b.network, given).seconds, 5.0);
  EXPECT_EQ(time_of(b.network, given).layers[0].bound, Bound::compute);
}

TEST(NetworkTime, LaunchesAreTheLeast) {
  auto given = ceilings(1e15, 1e15);
  given.launch_s = 3e-6;
  const Block block;
  const auto found = time_of(block.b.network, given);
  EXPECT_DOUBLE_EQ(found.seconds, 6e-6);
  EXPECT_EQ(found.layers[0].bound, Bound::launch);
  EXPECT_EQ(found.compute_bound_s + found.memory_bound_s, 0);
}

TEST(NetworkTime, UnknownAndFreeLayersTakeNoTimeAndAreTold) {
  NetworkBuilder b;
  const auto x = b.layer("Loop", {b.input({4, 16})}, {4, 16});
  b.output(b.layer("Reshape", {b.same("Relu", x)}, {64}));
  const auto found = time_of(b.network, ceilings(1e9, 1e9));
  ASSERT_EQ(found.layers.size(), 1U);
  EXPECT_EQ(found.layers[0].layer, 1U) << "not fused into what nobody knows";
  EXPECT_THAT(found.missing, ElementsAre("Loop"));
}

TEST(NetworkTime, NeverSlowerOnAFasterMachine) {
  const Block block;
  double before = std::numeric_limits<double>::infinity();
  for (double rate = 1e6; rate < 1e13; rate *= 3) {
    auto given = ceilings(rate, 1e10);
    given.vector_per_second = rate / 10;
    const double seconds = time_of(block.b.network, given).seconds;
    EXPECT_LE(seconds, before);
    before = seconds;
  }
  before = std::numeric_limits<double>::infinity();
  for (double rate = 1e6; rate < 1e13; rate *= 3) {
    const double seconds = time_of(block.b.network, ceilings(1e10, rate)).seconds;
    EXPECT_LE(seconds, before);
    before = seconds;
  }
}

TEST(NetworkTime, Fits) {
  const auto network = product(64, 64, 64);
  auto given = ceilings(1e9, 1e9);
  EXPECT_FALSE(time_of(network, given).fits.has_value());
  given.memory_bytes = std::int64_t{3} * 64 * 64 * 2;
  EXPECT_TRUE(time_of(network, given).fits.value());
  --given.memory_bytes;
  EXPECT_FALSE(time_of(network, given).fits.value());
}

TEST(NetworkTime, CeilingsThatAreNone) {
  const auto network = product(64, 64, 64);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {0.0, -1.0, nan, std::numeric_limits<double>::infinity()}) {
    EXPECT_THROW(time_of(network, ceilings(bad, 1e9)), std::invalid_argument) << bad;
    EXPECT_THROW(time_of(network, ceilings(1e9, bad)), std::invalid_argument) << bad;
    NetworkBuilder b;
    b.layer("Relu", {b.input({4})}, {4});
    EXPECT_NO_THROW(time_of(b.network, ceilings(bad, 1e9))) << "without products none is needed";
    auto given = ceilings(1e9, 1e9);
    given.vector_per_second = bad;
    if (bad != 0) {
      EXPECT_THROW(time_of(b.network, given), std::invalid_argument) << bad;
    }
    given.vector_per_second = 0;
    given.launch_s = bad;
    if (bad != 0) {
      EXPECT_THROW(time_of(b.network, given), std::invalid_argument) << bad;
    }
  }
  EXPECT_THROW(least_time(network, cost(Block().b.network), ceilings(1e9, 1e9), {}), std::invalid_argument);
}

TEST(RatedCeilings, AreThoseOfTheTable) {
  const auto device = h200();
  const auto fp16 = rated_ceilings(device, Precision::fp16).value();
  EXPECT_NEAR(fp16.matrix_per_second, 989e12, 1e12);
  EXPECT_NEAR(fp16.vector_per_second, 66.9e12, 0.1e12);
  EXPECT_NEAR(fp16.bytes_per_second, 4.8e12, 0.05e12);
  EXPECT_EQ(fp16.launch_s, 0);
  EXPECT_GT(fp16.memory_bytes, 140e9);
  EXPECT_THAT(fp16.matrix_source, HasSubstr("tensor_fp16: 132 SMs x"));
  EXPECT_THAT(fp16.vector_source, HasSubstr("fp32_fma: "));
  EXPECT_THAT(fp16.bytes_source, HasSubstr("dram: "));
  EXPECT_NEAR(rated_ceilings(device, Precision::fp64).value().vector_per_second, 33.5e12, 0.1e12);
  EXPECT_NEAR(rated_ceilings(device, Precision::fp32).value().matrix_per_second, 66.9e12, 0.1e12);
  EXPECT_FALSE(rated_ceilings(device, Precision::int4)) << "9.0 has no INT4 row";
  auto blind = device;
  blind.memory_bus_bits = 0;
  EXPECT_FALSE(rated_ceilings(blind, Precision::fp16)) << "no memory rate";
}

TEST(RatedCeilings, Fp64WithoutTensorCoresIsOnTheVectorUnits) {
  auto device = h200();
  device.compute_capability = {7, 5};
  EXPECT_THAT(rated_ceilings(device, Precision::fp64).value().matrix_source, HasSubstr("fp64_fma"));
  device.compute_capability = {8, 6};
  EXPECT_FALSE(rated_ceilings(device, Precision::fp64)) << "its tensor cores have FP64, at no rate that is sourced";
}

TEST(RatedCeilings, OfACpu) {
  DeviceSpec device;
  device.kind = DeviceKind::cpu;
  device.microarchitecture = "zen4";
  device.sm_count = 2;
  device.sm_clock_hz = 3e9;
  device.memory_data_rate_bps = 4.8e9;
  device.memory_bus_bits = 128;
  EXPECT_EQ(rated_ceilings(device, Precision::fp32).value().matrix_per_second, 2 * 16 * 2 * 3e9);
  EXPECT_FALSE(rated_ceilings(device, Precision::bf16));
}

}  // namespace
}  // namespace peakproof::theory
