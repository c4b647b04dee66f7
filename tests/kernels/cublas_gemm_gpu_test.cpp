// cuBLASLt on a real device: every algorithm that it offers, for every type, exact on small integers. Ends with 77
// (skipped) where there is no device.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/tensor/cublas_gemm.hpp"
#include "tests/kernels/on_device.hpp"

namespace peakproof::kernels {
namespace {

using E = Element;
using Bytes = std::vector<std::byte>;
using on_device::Buffer;
using on_device::check;

Buffer<std::byte> to_device(const Bytes& bytes) {
  Buffer<std::byte> memory(bytes.size());
  check(cudaMemcpy(memory.get(), bytes.data(), bytes.size(), cudaMemcpyHostToDevice));
  return memory;
}

template <class Value>
void append(Bytes& bytes, const Value& value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// An integer in the format, rounded to nearest; of FP8 -2 to 2.
void append_as(Bytes& bytes, Element element, int value) {
  switch (element) {
    case E::f64:
      return append(bytes, static_cast<double>(value));
    case E::f32:
    case E::tf32:
      return append(bytes, static_cast<float>(value));
    case E::f16:
      return append(bytes, __float2half(static_cast<float>(value)));
    case E::bf16:
      return append(bytes, __float2bfloat16(static_cast<float>(value)));
    case E::s32:
      return append(bytes, std::int32_t{value});
    case E::s8:
      return append(bytes, static_cast<std::int8_t>(value));
    case E::e4m3: {
      constexpr std::array<std::uint8_t, 3> kMagnitudes = {0x00, 0x38, 0x40};  // 0, 1 = 2^0, 2 = 2^1; the bias is 7
      const auto magnitude = kMagnitudes.at(static_cast<std::size_t>(value < 0 ? -value : value));
      return append(bytes, static_cast<std::uint8_t>(magnitude | (value < 0 ? 0x80U : 0U)));
    }
    default:
      throw std::runtime_error("no such operand here");
  }
}

/// Integers from `least` to 2, by a hash of the place.
struct Operand {
  std::uint64_t seed;
  int least;
  [[nodiscard]] int at(std::int64_t index) const;
};
int Operand::at(std::int64_t index) const {
  std::uint64_t bits = seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(index);
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebULL;
  return static_cast<int>((bits >> 33U) % static_cast<unsigned>(3 - least)) + least;
}

struct Product {
  Bytes a;
  Bytes b;
  Bytes expected;
};
Product product(const GemmTypes& types, const GemmShape& shape, int least) {
  const Operand a{1, least};
  const Operand b{2, least};
  Product out;
  for (std::int64_t i = 0; i < shape.m * shape.k; ++i) append_as(out.a, types.operand, a.at(i));
  for (std::int64_t i = 0; i < shape.n * shape.k; ++i) append_as(out.b, types.operand, b.at(i));
  for (std::int64_t row = 0; row < shape.m; ++row) {
    for (std::int64_t column = 0; column < shape.n; ++column) {
      int sum = 0;
      for (std::int64_t i = 0; i < shape.k; ++i) sum += a.at(row * shape.k + i) * b.at(column * shape.k + i);
      append_as(out.expected, types.out, sum);
    }
  }
  return out;
}

class CublasOnDevice : public testing::TestWithParam<GemmTypes> {};

TEST_P(CublasOnDevice, EveryCandidateIsExactOnSmallIntegers) {
  const GemmTypes types = GetParam();
  if (on_device::compute_capability() < cublas_least_architecture(types.operand))
    GTEST_SKIP() << "the device lacks the type";
  const Buffer<std::byte> workspace(CublasGemm::workspace_bytes);
  struct Made {
    GemmShape shape;
    int least;
  };
  // The deepest may be split. Its sums are about 512 and at most 2048: FP16 holds them, and BF16 rounds them, in which
  // parts that were rounded before they were added would show.
  for (const auto& [shape, least] : {Made{{128, 256, 64}, -2}, Made{{144, 272, 192}, -2}, Made{{32, 64, 512}, 0}}) {
    const Product host = product(types, shape, least);
    const auto a = to_device(host.a);
    const auto b = to_device(host.b);
    constexpr std::size_t kBeyond = 256;
    Buffer<std::byte> c(host.expected.size() + kBeyond);
    for (const bool fast : {true, false}) {
      CublasGemm gemm;
      const CublasStatus status = gemm.open(types, shape, {.fast_accumulation = fast});
      ASSERT_TRUE(status.ok()) << status.call << ": " << status.name();
      ASSERT_GT(gemm.candidates(), 0);
      for (int candidate = 0; candidate < gemm.candidates(); ++candidate) {
        c.fill_bytes(0xff);
        const CublasStatus launched = gemm.launch(candidate, a.get(), b.get(), c.get(), workspace.get(), nullptr);
        ASSERT_TRUE(launched.ok()) << "candidate " << candidate << ": " << launched.name();
        on_device::synchronize();
        const Bytes found = c.host();
        Bytes expected = host.expected;
        expected.resize(found.size(), std::byte{0xff});  // nothing is written behind C
        EXPECT_TRUE(found == expected) << "candidate " << candidate << " of " << gemm.candidates();
      }
    }
  }
}

// ---- what a caller may choose ----

/// Operands as the choices have them, and the product of every batch.
Product chosen_product(const GemmTypes& types, const GemmShape& shape, const CublasChoices& choices) {
  const Operand a{1, -2};
  const Operand b{2, -2};
  const Operand bias{3, -2};
  Product out;
  for (std::int64_t i = 0; i < choices.batches * shape.m * shape.k; ++i) append_as(out.a, types.operand, a.at(i));
  for (std::int64_t i = 0; i < choices.batches * shape.n * shape.k; ++i) append_as(out.b, types.operand, b.at(i));
  for (std::int64_t batch = 0; batch < choices.batches; ++batch) {
    for (std::int64_t row = 0; row < shape.m; ++row) {
      for (std::int64_t column = 0; column < shape.n; ++column) {
        int sum = 0;
        for (std::int64_t i = 0; i < shape.k; ++i)
          sum += a.at(batch * shape.m * shape.k + (choices.a_turned ? i * shape.m + row : row * shape.k + i)) *
                 b.at(batch * shape.n * shape.k + (choices.b_turned ? i * shape.n + column : column * shape.k + i));
        sum *= static_cast<int>(choices.factor);
        if (choices.ending != CublasEnding::none) sum += bias.at(column);
        if (choices.ending == CublasEnding::relu_bias && sum < 0) sum = 0;
        append_as(out.expected, types.out, sum);
      }
    }
  }
  return out;
}

class CublasChoicesOnDevice : public testing::TestWithParam<GemmTypes> {};

TEST_P(CublasChoicesOnDevice, AreExactOnSmallIntegers) {
  const GemmTypes types = GetParam();
  if (on_device::compute_capability() < cublas_least_architecture(types.operand))
    GTEST_SKIP() << "the device lacks the type";
  const Buffer<std::byte> workspace(CublasGemm::workspace_bytes);
  const GemmShape shape{48, 32, 16};  // sums of 64 at most, times 2: exact in BF16
  Bytes biases;
  for (std::int64_t i = 0; i < shape.n; ++i) append_as(biases, types.out, Operand{3, -2}.at(i));
  const auto bias = to_device(biases);
  for (const CublasChoices& choices :
       {CublasChoices{.a_turned = true}, CublasChoices{.b_turned = true},
        CublasChoices{.a_turned = true, .b_turned = true}, CublasChoices{.batches = 3},
        CublasChoices{.b_turned = true, .batches = 5, .factor = 2},
        CublasChoices{.ending = CublasEnding::bias, .bias = bias.get()},
        CublasChoices{.ending = CublasEnding::relu_bias, .bias = bias.get()},
        CublasChoices{.factor = 2, .ending = CublasEnding::relu_bias, .bias = bias.get()}}) {
    const Product host = chosen_product(types, shape, choices);
    const auto a = to_device(host.a);
    const auto b = to_device(host.b);
    Buffer<std::byte> c(host.expected.size());
    CublasGemm gemm;
    const CublasStatus status = gemm.open(types, shape, choices);
    ASSERT_TRUE(status.ok()) << status.call << ": " << status.name();
    for (int candidate = 0; candidate < gemm.candidates(); ++candidate) {
      c.fill_bytes(0xff);
      const CublasStatus launched = gemm.launch(candidate, a.get(), b.get(), c.get(), workspace.get(), nullptr);
      ASSERT_TRUE(launched.ok()) << "candidate " << candidate << ": " << launched.name();
      on_device::synchronize();
      EXPECT_TRUE(c.host() == host.expected)
          << "candidate " << candidate << " of " << gemm.candidates() << ", " << choices.batches << " batches, ending "
          << static_cast<int>(choices.ending) << ", turned " << choices.a_turned << choices.b_turned;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Types, CublasChoicesOnDevice,
                         testing::Values(GemmTypes{E::f32, E::f32, E::f32}, GemmTypes{E::f16, E::f32, E::f16},
                                         GemmTypes{E::bf16, E::f32, E::bf16}),
                         [](const auto& instance) { return std::string(name_of(instance.param.operand)); });

TEST(CublasChoices, ThatDoNotSuitTheFormatsAreRefused) {
  const Buffer<std::byte> bias(1024);
  const GemmTypes s8{E::s8, E::s32, E::s32};
  const GemmTypes f16{E::f16, E::f32, E::f16};
  const GemmShape shape{16, 16, 16};
  const auto refused = [&](const GemmTypes& types, const CublasChoices& choices) {
    CublasGemm gemm;
    return gemm.open(types, shape, choices).code == CUBLAS_STATUS_INVALID_VALUE;
  };
  EXPECT_TRUE(refused(s8, {.a_turned = true}));
  EXPECT_TRUE(refused(s8, {.b_turned = true}));
  EXPECT_TRUE(refused(s8, {.factor = 0.5F}));
  EXPECT_TRUE(refused(s8, {.ending = CublasEnding::bias, .bias = bias.get()}));
  EXPECT_TRUE(refused(f16, {.batches = 0}));
  EXPECT_TRUE(refused(f16, {.ending = CublasEnding::bias}));
  EXPECT_TRUE(refused(f16, {.bias = bias.get()}));
  EXPECT_TRUE(refused(f16, {.batches = 2, .ending = CublasEnding::bias, .bias = bias.get()}));
  EXPECT_FALSE(refused(f16, {.factor = 0.5F}));
}

INSTANTIATE_TEST_SUITE_P(Types, CublasOnDevice,
                         testing::Values(GemmTypes{E::f64, E::f64, E::f64}, GemmTypes{E::f32, E::f32, E::f32},
                                         GemmTypes{E::tf32, E::f32, E::f32}, GemmTypes{E::f16, E::f32, E::f32},
                                         GemmTypes{E::f16, E::f32, E::f16}, GemmTypes{E::f16, E::f16, E::f16},
                                         GemmTypes{E::bf16, E::f32, E::bf16}, GemmTypes{E::bf16, E::f32, E::f32},
                                         GemmTypes{E::e4m3, E::f32, E::bf16}, GemmTypes{E::e4m3, E::f32, E::f32},
                                         GemmTypes{E::s8, E::s32, E::s32}),
                         [](const auto& instance) {
                           const GemmTypes& types = instance.param;
                           return std::string(name_of(types.operand)) + "_" + std::string(name_of(types.accumulate)) +
                                  "_" + std::string(name_of(types.out));
                         });

}  // namespace
}  // namespace peakproof::kernels
