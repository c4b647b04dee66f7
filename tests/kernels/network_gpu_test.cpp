// The layers of networks that are no products, and convolutions by cuDNN, on a real device against FP64 on the host. Ends
// with 77 (skipped) where there is no device.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "kernels/network/cudnn_convolution.hpp"
#include "kernels/network/layers.hpp"
#include "tests/kernels/on_device.hpp"

namespace peakproof::kernels {
namespace {

using E = Element;
using on_device::Buffer;
using on_device::check;
using Numbers = std::vector<double>;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// ---- formats, by CUDA's own conversions on the host ----

template <class Value>
Value as(const std::byte* bytes) {
  Value value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}
double decoded(E element, const std::byte* bytes) {
  switch (element) {
    case E::f16:
      return static_cast<double>(__half2float(as<__half>(bytes)));
    case E::bf16:
      return static_cast<double>(__bfloat162float(as<__nv_bfloat16>(bytes)));
    case E::s8:
      return static_cast<double>(as<std::int8_t>(bytes));
    case E::s32:
      return static_cast<double>(as<std::int32_t>(bytes));
    case E::e4m3:
      return static_cast<double>(
          __half2float(__half(__nv_cvt_fp8_to_halfraw(as<__nv_fp8_storage_t>(bytes), __NV_E4M3))));
    default:
      return static_cast<double>(as<float>(bytes));
  }
}
template <class Value>
void append(std::vector<std::byte>& bytes, const Value& value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}
void append_as(std::vector<std::byte>& bytes, E element, float value) {
  switch (element) {
    case E::f16:
      return append(bytes, __float2half(value));
    case E::bf16:
      return append(bytes, __float2bfloat16(value));
    case E::s32:
      return append(bytes, static_cast<std::int32_t>(value));
    case E::s8:
      return append(bytes, static_cast<std::int8_t>(value));
    default:
      return append(bytes, value);
  }
}
std::size_t bytes_each(E element) { return static_cast<std::size_t>(bits_of(element) / 8); }

/// Numbers of one format on the device.
struct Array {
  E element;
  Buffer<std::byte> memory;
  Array(E format, std::int64_t count) : element(format), memory(static_cast<std::size_t>(count) * bytes_each(format)) {}
  Array(E format, const std::vector<float>& numbers) : Array(format, static_cast<std::int64_t>(numbers.size())) {
    std::vector<std::byte> bytes;
    for (const float number : numbers) append_as(bytes, format, number);
    check(cudaMemcpy(memory.get(), bytes.data(), bytes.size(), cudaMemcpyHostToDevice));
  }
  [[nodiscard]] Numbers numbers() const {
    on_device::synchronize();
    const auto bytes = memory.host();
    Numbers all;
    for (std::size_t at = 0; at < bytes.size(); at += bytes_each(element)) all.push_back(decoded(element, &bytes[at]));
    return all;
  }
};

std::vector<float> made(std::int64_t count, float reach, std::uint64_t seed) {
  std::vector<float> numbers;
  std::uint64_t state = seed * 0x9e3779b97f4a7c15ULL;
  for (std::int64_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    numbers.push_back(reach * (static_cast<float>(state >> 40U) * 0x1p-23F - 1));
  }
  return numbers;
}

/// What half a unit in the last place of the format is, relative.
double epsilon(E element) {
  switch (element) {
    case E::f16:
      return 0x1p-11;
    case E::bf16:
      return 0x1p-8;
    case E::e4m3:
      return 0x1p-4;
    default:
      return 0x1p-21;  // FP32, with a few operations before it
  }
}
void expect_near(const Numbers& found, const Numbers& expected, E element, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double about = std::fabs(expected[i]) + (element == E::f32 ? 3 : 0.02);  // of what was added up
    const double allowed = element == E::s8 ? 1 : epsilon(element) * about * 1.01;
    ASSERT_LE(std::fabs(found[i] - expected[i]), allowed) << what << ", number " << i;  // false for NaN
  }
}

double activated(double x, Activation activation) {
  if (activation == Activation::relu) return std::max(x, 0.0);
  return activation == Activation::gelu ? x / 2 * (1 + std::erf(x / std::sqrt(2.0))) : x;
}

// ---- what follows a product ----

struct FinishTest {
  E in;
  E wide;
  E narrow;
  Activation activation;
  std::int64_t rows;
  std::int64_t columns;
  std::int64_t stride;
};
class FinishOnDevice : public testing::TestWithParam<FinishTest> {};

TEST_P(FinishOnDevice, ScalesAddsAndActivates) {
  const auto& t = GetParam();
  const Array in(t.in, made(t.rows * t.stride, t.in == E::s32 ? 1000.0F : 2.0F, 1));
  const Array scale(E::f32, made(t.columns, t.in == E::s32 ? 0.002F : 1.5F, 2));
  const Array bias(E::f32, made(t.columns, 0.5F, 3));
  const Array wide(t.wide, t.rows * t.columns);
  const Array narrow(t.narrow, t.rows * t.columns);
  constexpr float kFactor = 20;
  check(finish_layer({.in = in.memory.get(),
                      .in_format = t.in,
                      .in_stride = t.stride,
                      .out = {.wide = wide.memory.get(),
                              .wide_format = t.wide,
                              .narrow = narrow.memory.get(),
                              .narrow_format = t.narrow,
                              .narrow_factor = kFactor},
                      .scale = reinterpret_cast<const float*>(scale.memory.get()),
                      .bias = reinterpret_cast<const float*>(bias.memory.get()),
                      .activation = t.activation,
                      .rows = t.rows,
                      .columns = t.columns},
                     nullptr));
  const Numbers x = in.numbers();
  const Numbers scales = scale.numbers();
  const Numbers biases = bias.numbers();
  Numbers expected;
  Numbers expected_narrow;
  for (std::int64_t row = 0; row < t.rows; ++row)
    for (std::int64_t column = 0; column < t.columns; ++column) {
      const auto c = static_cast<std::size_t>(column);
      const double y =
          activated(x[static_cast<std::size_t>(row * t.stride + column)] * scales[c] + biases[c], t.activation);
      expected.push_back(y);
      const double limit = t.narrow == E::s8 ? 127 : 448;
      expected_narrow.push_back(std::clamp(y * static_cast<double>(kFactor), -limit, limit));
    }
  expect_near(wide.numbers(), expected, t.wide, "wide");
  expect_near(narrow.numbers(), expected_narrow, t.narrow, "narrow");
}
INSTANTIATE_TEST_SUITE_P(All, FinishOnDevice,
                         testing::Values(FinishTest{E::f32, E::f32, E::s8, Activation::none, 3, 64, 64},
                                         FinishTest{E::f16, E::f16, E::e4m3, Activation::relu, 5, 24, 32},
                                         FinishTest{E::bf16, E::bf16, E::s8, Activation::gelu, 130, 1032, 1032},
                                         FinishTest{E::s32, E::f16, E::s8, Activation::relu, 17, 256, 256},
                                         FinishTest{E::bf16, E::f16, E::e4m3, Activation::gelu, 7, 10, 16},
                                         FinishTest{E::s32, E::f16, E::e4m3, Activation::none, 2, 13, 13},
                                         FinishTest{E::f32, E::f32, E::e4m3, Activation::gelu, 300, 8, 8},
                                         FinishTest{E::f16, E::f32, E::s8, Activation::none, 1, 100000, 100000}));

TEST(FinishOnDevice, NanStays) {
  for (const Activation activation : {Activation::none, Activation::relu, Activation::gelu}) {
    const Array in(E::f32, std::vector<float>(8, kNan));
    const Array out(E::f16, 8);
    const Array narrow(E::e4m3, 8);
    check(finish_layer({.in = in.memory.get(),
                        .in_stride = 8,
                        .out = {.wide = out.memory.get(), .narrow = narrow.memory.get(), .narrow_format = E::e4m3},
                        .activation = activation,
                        .rows = 1,
                        .columns = 8},
                       nullptr));
    for (const double number : out.numbers()) EXPECT_TRUE(std::isnan(number));
    for (const double number : narrow.numbers()) EXPECT_TRUE(std::isnan(number));
  }
}

/// Queries, keys and values head by head, and a head's numbers back beside the others'.
TEST(FinishOnDevice, SplitsAndMergesHeads) {
  constexpr std::int64_t kItems = 3;
  constexpr std::int64_t kTokens = 5;
  constexpr std::int64_t kHeads = 2;
  constexpr std::int64_t kWidth = 16;  // of a head
  constexpr std::int64_t kRow = kHeads * kWidth;
  constexpr std::int64_t kCount = kItems * kTokens * kRow;
  const auto numbers = made(3 * kCount, 1, 4);
  const Array in(E::f32, numbers);
  const Array split(E::f32, 3 * kCount);
  check(finish_layer({.in = in.memory.get(),
                      .in_stride = 3 * kRow,
                      .out = {.wide = split.memory.get(), .wide_format = E::f32},
                      .rows = kItems * kTokens,
                      .columns = 3 * kRow,
                      .order = HeadOrder::split,
                      .tokens = kTokens,
                      .heads = kHeads},
                     nullptr));
  Numbers expected;
  for (std::int64_t part = 0; part < 3; ++part)
    for (std::int64_t item = 0; item < kItems; ++item)
      for (std::int64_t head = 0; head < kHeads; ++head)
        for (std::int64_t token = 0; token < kTokens; ++token)
          for (std::int64_t i = 0; i < kWidth; ++i)
            expected.push_back(static_cast<double>(
                numbers[static_cast<std::size_t>(((item * kTokens + token) * 3 + part) * kRow + head * kWidth + i)]));
  EXPECT_EQ(split.numbers(), expected);

  const Array merged(E::f32, kCount);  // of the values
  check(finish_layer({.in = split.memory.get() + 2 * kCount * 4,
                      .out = {.wide = merged.memory.get(), .wide_format = E::f32},
                      .rows = kItems * kTokens,
                      .columns = kRow,
                      .order = HeadOrder::merge,
                      .tokens = kTokens,
                      .heads = kHeads},
                     nullptr));
  Numbers values;
  for (std::int64_t row = 0; row < kItems * kTokens; ++row)
    for (std::int64_t i = 0; i < kRow; ++i)
      values.push_back(static_cast<double>(numbers[static_cast<std::size_t>((row * 3 + 2) * kRow + i)]));
  EXPECT_EQ(merged.numbers(), values);
}

// ---- rows ----

class RowsOnDevice : public testing::TestWithParam<std::tuple<E, std::int64_t>> {};

TEST_P(RowsOnDevice, SoftmaxOfEachRow) {
  const auto [format, columns] = GetParam();
  constexpr std::int64_t kRows = 7;
  const Array in(format, made(kRows * columns, 30, 5));  // exponentials that overflow unless the largest is taken off
  const Array out(format, kRows * columns);
  check(softmax_rows(
      {.in = in.memory.get(), .out = out.memory.get(), .format = format, .rows = kRows, .columns = columns}, nullptr));
  Numbers expected = in.numbers();
  for (auto row = expected.begin(); row != expected.end(); row += columns) {
    const double largest = *std::max_element(row, row + columns);
    double sum = 0;
    std::for_each(row, row + columns, [&](double& x) { sum += x = std::exp(x - largest); });
    std::for_each(row, row + columns, [&](double& x) { x /= sum; });
  }
  expect_near(out.numbers(), expected, format, "softmax");
}

TEST_P(RowsOnDevice, NormalizesTheSum) {
  const auto [format, columns] = GetParam();
  constexpr std::int64_t kRows = 6;
  auto numbers = made(kRows * columns, 2, 6);
  std::fill(numbers.begin(), numbers.begin() + columns, 3.0F);  // a row without a variance
  auto others = made(kRows * columns, 1, 7);
  std::fill(others.begin(), others.begin() + columns, -1.0F);
  const Array x(format, numbers);
  const Array residual(format, others);
  const Array scale(E::f32, made(columns, 2, 8));
  const Array shift(E::f32, made(columns, 1, 9));
  const Array out(format, kRows * columns);
  const Array narrow(E::s8, kRows * columns);
  check(add_normalize({.x = x.memory.get(),
                       .residual = residual.memory.get(),
                       .format = format,
                       .scale = reinterpret_cast<const float*>(scale.memory.get()),
                       .shift = reinterpret_cast<const float*>(shift.memory.get()),
                       .out = {.wide = out.memory.get(),
                               .wide_format = format,
                               .narrow = narrow.memory.get(),
                               .narrow_format = E::s8,
                               .narrow_factor = 10},
                       .rows = kRows,
                       .columns = columns},
                      nullptr));
  Numbers expected = x.numbers();
  const Numbers added = residual.numbers();
  const Numbers scales = scale.numbers();
  const Numbers shifts = shift.numbers();
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += added[i];
  const auto width = static_cast<std::size_t>(columns);
  for (std::size_t first = 0; first < expected.size(); first += width) {
    double mean = 0;
    double variance = 0;
    for (std::size_t i = 0; i < width; ++i) mean += expected[first + i] / static_cast<double>(width);
    for (std::size_t i = 0; i < width; ++i)
      variance += (expected[first + i] - mean) * (expected[first + i] - mean) / static_cast<double>(width);
    for (std::size_t i = 0; i < width; ++i)
      expected[first + i] = (expected[first + i] - mean) / std::sqrt(variance + kNormEpsilon) * scales[i] + shifts[i];
  }
  Numbers expected_narrow;
  for (const double y : expected) expected_narrow.push_back(std::clamp(10 * y, -127.0, 127.0));
  // Differences from a mean that FP32 rounds: some 1e-7 of numbers of about 3.
  Numbers found = out.numbers();
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found[i], expected[i], epsilon(format) * (std::fabs(expected[i]) + 1) * 1.01 + 2e-6) << i;
  expect_near(narrow.numbers(), expected_narrow, E::s8, "narrow");
}
INSTANTIATE_TEST_SUITE_P(All, RowsOnDevice,
                         testing::Combine(testing::Values(E::f32, E::f16, E::bf16),
                                          testing::Values(std::int64_t{8}, std::int64_t{64}, std::int64_t{264},
                                                          std::int64_t{2048})));

// ---- pictures ----

TEST(PoolOnDevice, MeansOverPixels) {
  constexpr std::int64_t kItems = 3;
  constexpr std::int64_t kPixels = 35;
  constexpr std::int64_t kChannels = 40;
  const Array in(E::f16, made(kItems * kPixels * kChannels, 1, 10));
  const Array out(E::f16, kItems * kChannels);
  check(average_pool({.in = in.memory.get(),
                      .out = {.wide = out.memory.get()},
                      .items = kItems,
                      .pixels = kPixels,
                      .channels = kChannels},
                     nullptr));
  const Numbers x = in.numbers();
  Numbers expected(kItems * kChannels, 0);
  for (std::size_t i = 0; i < x.size(); ++i)
    expected[i / (kPixels * kChannels) * kChannels + i % kChannels] += x[i] / kPixels;
  expect_near(out.numbers(), expected, E::f16, "pool");
}

TEST(LayersOnDevice, RefuseWhatTheyCannot) {
  const Buffer<std::byte> memory(1 << 16);
  void* const some = memory.get();
  const auto* floats = reinterpret_cast<const float*>(memory.get());
  constexpr auto kRefused = cudaErrorInvalidValue;
  const LayerOut out{.wide = some};
  EXPECT_EQ(finish_layer({.in = some, .in_stride = 8, .out = {}, .rows = 1, .columns = 8}, nullptr), kRefused);
  EXPECT_EQ(finish_layer({.in = some, .in_stride = 4, .out = out, .rows = 1, .columns = 8}, nullptr), kRefused);
  EXPECT_EQ(finish_layer({.in = some, .in_stride = 8, .out = out, .rows = 0, .columns = 8}, nullptr), kRefused);
  EXPECT_EQ(
      finish_layer({.in = some, .in_format = E::s8, .in_stride = 8, .out = out, .rows = 1, .columns = 8}, nullptr),
      kRefused);
  EXPECT_EQ(finish_layer({.in = some,
                          .in_stride = 36,
                          .out = out,
                          .rows = 2,
                          .columns = 36,
                          .order = HeadOrder::split,
                          .tokens = 2,
                          .heads = 1},
                         nullptr),
            kRefused);
  EXPECT_EQ(softmax_rows({.in = some, .out = some, .rows = 1, .columns = 12}, nullptr), kRefused);
  EXPECT_EQ(softmax_rows({.in = some, .out = some, .rows = 1, .columns = 4096}, nullptr), kRefused);
  EXPECT_EQ(add_normalize({.x = some, .residual = some, .scale = floats, .out = out, .rows = 1, .columns = 8}, nullptr),
            kRefused);
  EXPECT_EQ(average_pool({.in = some, .out = out, .items = 1, .pixels = 4, .channels = 12}, nullptr), kRefused);
}

// ---- convolutions ----

class ConvolutionOnDevice : public testing::TestWithParam<E> {};

TEST_P(ConvolutionOnDevice, EveryCandidateIsExactOnSmallIntegers) {
  const E operand = GetParam();
  if (const auto why = cudnn_lacks()) GTEST_SKIP() << *why;
  if (operand == E::bf16 && on_device::compute_capability() < 80) GTEST_SKIP() << "the device lacks the type";
  for (const ConvolutionShape& shape :
       {ConvolutionShape{.items = 2, .height = 7, .width = 6, .in = 16, .out = 32, .kernel = 3, .stride = 2, .pad = 1},
        ConvolutionShape{.items = 1, .height = 4, .width = 5, .in = 32, .out = 16, .kernel = 1}}) {
    const auto integers = [](std::int64_t count, std::uint64_t seed) {  // -1, 0, 1: sums of 144 at most
      auto numbers = made(count, 1.4F, seed);
      for (float& number : numbers) number = std::nearbyint(number);
      return numbers;
    };
    const auto x = integers(shape.items * shape.height * shape.width * shape.in, 11);
    const auto w = integers(shape.out * shape.kernel * shape.kernel * shape.in, 12);
    Numbers expected;
    for (std::int64_t item = 0; item < shape.items; ++item)
      for (std::int64_t row = 0; row < shape.out_height(); ++row)
        for (std::int64_t column = 0; column < shape.out_width(); ++column)
          for (std::int64_t out = 0; out < shape.out; ++out) {
            double sum = 0;
            for (std::int64_t r = 0; r < shape.kernel; ++r)
              for (std::int64_t s = 0; s < shape.kernel; ++s) {
                const std::int64_t h = row * shape.stride + r - shape.pad;
                const std::int64_t v = column * shape.stride + s - shape.pad;
                if (h < 0 || h >= shape.height || v < 0 || v >= shape.width) continue;
                for (std::int64_t c = 0; c < shape.in; ++c)
                  sum +=
                      static_cast<double>(
                          x[static_cast<std::size_t>(((item * shape.height + h) * shape.width + v) * shape.in + c)]) *
                      static_cast<double>(
                          w[static_cast<std::size_t>(((out * shape.kernel + r) * shape.kernel + s) * shape.in + c)]);
              }
            expected.push_back(sum);
          }
    const Array in(operand, x);
    const Array weights(operand, w);
    CudnnConvolution convolution;
    ASSERT_EQ(convolution.open(operand, shape, std::size_t{64} << 20U, nullptr), "");
    ASSERT_GT(convolution.candidates(), 0);
    int run = 0;
    for (int candidate = 0; candidate < convolution.candidates(); ++candidate) {
      const Array out(convolution_out(operand), static_cast<std::int64_t>(expected.size()));
      const Buffer<std::byte> workspace(std::max<std::size_t>(1, convolution.workspace_bytes(candidate)));
      const auto failure =
          convolution.launch(candidate, in.memory.get(), weights.memory.get(), out.memory.get(), workspace.get());
      if (!failure.empty()) continue;  // an algorithm may be offered and not run after all
      EXPECT_EQ(out.numbers(), expected) << convolution.candidate_name(candidate);
      ++run;
    }
    EXPECT_GT(run, 0);
  }
}
INSTANTIATE_TEST_SUITE_P(All, ConvolutionOnDevice, testing::Values(E::f32, E::tf32, E::f16, E::bf16, E::s8),
                         [](const auto& instance) { return std::string(name_of(instance.param)); });

TEST(ConvolutionOnDevice, WhatIsNoneIsRefused) {
  CudnnConvolution convolution;
  const ConvolutionShape shape{.items = 1, .height = 4, .width = 4, .in = 16, .out = 16};
  EXPECT_NE(convolution.open(E::e4m3, shape, 0, nullptr), "");
  EXPECT_FALSE(cudnn_convolves(E::e4m3));
  EXPECT_NE(convolution.open(E::f16, {}, 0, nullptr), "");
  EXPECT_NE(convolution.launch(0, nullptr, nullptr, nullptr, nullptr), "");
}

}  // namespace
}  // namespace peakproof::kernels
