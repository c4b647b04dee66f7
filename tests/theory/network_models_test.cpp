// Whole networks against what is published of them: parameters and MACs as torchvision lists them (num_params and _ops of
// the weights' metadata), https://docs.pytorch.org/vision/stable/models.html.
#include <gtest/gtest.h>

#include <array>

#include "tests/theory/network_builder.hpp"
#include "theory/network_cost.hpp"

namespace peakproof::theory {
namespace {

/// Without dropout, which counts nothing.
Network alexnet(std::int64_t batch) {
  NetworkBuilder b;
  std::size_t x = b.input({batch, 3, 224, 224});
  x = b.pool(b.same("Relu", b.conv(x, 64, 11, 4, 2, 1, true)), 3, 2);
  x = b.pool(b.same("Relu", b.conv(x, 192, 5, 1, 2, 1, true)), 3, 2);
  x = b.same("Relu", b.conv(x, 384, 3, 1, 1, 1, true));
  x = b.same("Relu", b.conv(x, 256, 3, 1, 1, 1, true));
  x = b.pool(b.same("Relu", b.conv(x, 256, 3, 1, 1, 1, true)), 3, 2);
  x = b.same("Relu", b.dense(b.flatten(x), 4096));
  x = b.same("Relu", b.dense(x, 4096));
  b.output(b.dense(x, 1000));
  return b.network;
}

Network vgg19(std::int64_t batch) {
  NetworkBuilder b;
  std::size_t x = b.input({batch, 3, 224, 224});
  constexpr std::array<std::array<int, 2>, 5> kStages = {{{64, 2}, {128, 2}, {256, 4}, {512, 4}, {512, 4}}};
  for (const auto& [channels, layers] : kStages) {
    for (int i = 0; i < layers; ++i) x = b.same("Relu", b.conv(x, channels, 3, 1, 1, 1, true));
    x = b.pool(x, 2, 2);
  }
  x = b.same("Relu", b.dense(b.flatten(x), 4096));
  x = b.same("Relu", b.dense(x, 4096));
  b.output(b.dense(x, 1000));
  return b.network;
}

std::size_t bottleneck(NetworkBuilder& b, std::size_t x, std::int64_t width, std::int64_t stride, bool project) {
  std::size_t y = b.same("Relu", b.batch_norm(b.conv(x, width, 1, 1, 0)));
  y = b.same("Relu", b.batch_norm(b.conv(y, width, 3, stride, 1)));
  y = b.batch_norm(b.conv(y, 4 * width, 1, 1, 0));
  const std::size_t shortcut = project ? b.batch_norm(b.conv(x, 4 * width, 1, stride, 0)) : x;
  return b.same("Relu", b.layer("Add", {y, shortcut}, b.shape(y)));
}

Network resnet50(std::int64_t batch) {
  NetworkBuilder b;
  std::size_t x = b.input({batch, 3, 224, 224});
  x = b.pool(b.same("Relu", b.batch_norm(b.conv(x, 64, 7, 2, 3))), 3, 2, 1);
  constexpr std::array<std::array<int, 2>, 4> kStages = {{{64, 3}, {128, 4}, {256, 6}, {512, 3}}};
  for (const auto& [width, blocks] : kStages)
    for (int i = 0; i < blocks; ++i) x = bottleneck(b, x, width, i == 0 && width > 64 ? 2 : 1, i == 0);
  x = b.layer("GlobalAveragePool", {x}, {batch, 2048, 1, 1});
  b.output(b.dense(b.flatten(x), 1000));
  return b.network;
}

TEST(Models, AlexNet) {
  const auto found = cost(alexnet(1));
  EXPECT_EQ(found.parameters, 61'100'840);
  EXPECT_NEAR(found.macs, 0.714e9, 0.0005e9);
  EXPECT_TRUE(found.unknown.empty());
}

TEST(Models, Vgg19) {
  const auto found = cost(vgg19(1));
  EXPECT_EQ(found.parameters, 143'667'240);
  EXPECT_NEAR(found.macs, 19.632e9, 0.0005e9);
}

TEST(Models, ResNet50) {
  const auto found = cost(resnet50(1));
  // torchvision's 25,557,032 leave out what training updates by itself: mean and variance of 26,560 channels.
  EXPECT_EQ(found.parameters, 25'557'032 + 2 * 26'560);
  EXPECT_NEAR(found.macs, 4.089e9, 0.0005e9);
  EXPECT_GT(found.flops, 2 * found.macs);
  EXPECT_LT(found.flops, 2.02 * found.macs);
}

TEST(Models, TwiceTheBatchIsTwiceTheWorkWithTheSameWeights) {
  for (const auto& make : {alexnet, vgg19, resnet50}) {
    const auto one = cost(make(1));
    const auto two = cost(make(2));
    EXPECT_EQ(two.macs, 2 * one.macs);
    EXPECT_EQ(two.flops, 2 * one.flops);
    EXPECT_EQ(two.activation_numbers, 2 * one.activation_numbers);
    EXPECT_EQ(two.peak_activation_numbers, 2 * one.peak_activation_numbers);
    EXPECT_EQ(two.parameters, one.parameters);
  }
}

TEST(Models, MostOfVggLivesInItsFirstConvolutions) {
  // Input and output of the second convolution, or of the ReLU after it: 64 channels of 224 x 224 each.
  EXPECT_EQ(cost(vgg19(1)).peak_activation_numbers, 2.0 * 64 * 224 * 224);
}

}  // namespace
}  // namespace peakproof::theory
