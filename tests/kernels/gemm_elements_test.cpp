// The elements of matrices against CUDA's own conversions on the host.
#include "kernels/tensor/gemm_elements.hpp"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace

constexpr std::array kOperands = {Element::f64,  Element::f32,  Element::tf32, Element::f16, Element::bf16,
                                  Element::e4m3, Element::e5m2, Element::s8,   Element::s4,  Element::b1};

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// The number that the lowest bits are, by value_at.
template <Element element>
double value(std::uint64_t bits) {
  return value_at<element>(&bits, 0);
}
double value(Element element, std::uint64_t bits) {
  switch (element) {
    case Element::f64:
      return value<Element::f64>(bits);
    case Element::f32:
    case Element::tf32:
      return value<Element::f32>(bits);
    case Element::f16:
      return value<Element::f16>(bits);
    case Element::bf16:
      return value<Element::bf16>(bits);
    case Element::e4m3:
      return value<Element::e4m3>(bits);
    case Element::e5m2:
      return value<Element::e5m2>(bits);
    case Element::s8:
      return value<Element::s8>(bits);
    case Element::s4:
      return value<Element::s4>(bits);
    case Element::b1:
      return value<Element::b1>(bits);
    case Element::s32:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double fp8(__nv_fp8_storage_t bits, __nv_fp8_interpretation_t kind) {
  return static_cast<double>(__half2float(__half(__nv_cvt_fp8_to_halfraw(bits, kind))));
}

TEST(GemmElements, EveryCodeIsReadAsCudaReadsIt) {
  for (std::uint32_t bits = 0; bits < 0x100; ++bits) {
    const auto byte = static_cast<__nv_fp8_storage_t>(bits);
    EXPECT_TRUE(same(value<Element::e4m3>(bits), fp8(byte, __NV_E4M3))) << bits;
    EXPECT_TRUE(same(value<Element::e5m2>(bits), fp8(byte, __NV_E5M2))) << bits;
    EXPECT_EQ(value<Element::s8>(bits), static_cast<double>(static_cast<std::int8_t>(bits)));
  }
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto word = static_cast<unsigned short>(bits);
    ASSERT_TRUE(same(value<Element::bf16>(bits),
                     static_cast<double>(__bfloat162float(__nv_bfloat16(__nv_bfloat16_raw{word})))));
    ASSERT_TRUE(same(value<Element::f16>(bits), static_cast<double>(__half2float(__half(__half_raw{word})))));
  }
}

TEST(GemmElements, SeveralInAByteLieFromTheLowestBitOn) {
  constexpr std::array<std::uint8_t, 2> bytes = {0x8F, 0x71};
  const std::array nibbles = {-1.0, -8.0, 1.0, 7.0};
  for (std::size_t i = 0; i < nibbles.size(); ++i)
    EXPECT_EQ(value_at<Element::s4>(bytes.data(), static_cast<std::int64_t>(i)), nibbles.at(i));
  for (int i = 0; i < 16; ++i) EXPECT_EQ(value_at<Element::b1>(bytes.data(), i), 0x718F >> i & 1) << i;
}

TEST(GemmElements, IntegersAreThemselvesInEveryFormat) {
  for (const Element element : kOperands)
    for (const int integer : {-2, -1, 0, 1, 2})
      EXPECT_EQ(value(element, bits_of_integer(element, integer)),
                element == Element::b1 ? (integer != 0 ? 1 : 0) : integer)
          << name_of(element);
}

TEST(GemmElements, NoBitsBesideTheElement) {
  for (const Element element : kOperands)
    for (const auto data :
         {MatrixData::random, MatrixData::ones, MatrixData::small_integers, MatrixData::tiny_integers})
      for (std::uint64_t i = 0; i < 1000; ++i)
        ASSERT_TRUE(bits_of(element) == 64 || bits_at(data, element, 3, i) >> unsigned(bits_of(element)) == 0)
            << name_of(element);
}

TEST(GemmElements, RandomNumbersFillTheirRange) {
  constexpr std::uint64_t count = 100'000;
  for (const Element element : kOperands) {
    if (is_integer(element)) continue;
    SCOPED_TRACE(name_of(element));
    double sum = 0;
    double sum2 = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t bits = bits_at(MatrixData::random, element, 9, i);
      const double x = value(element, bits);
      ASSERT_GE(x, -1.0);
      ASSERT_LT(x, 1.0);
      if (element == Element::tf32) {
        ASSERT_EQ(bits & 0x1FFFU, 0U);
      }
      sum += x;
      sum2 += x * x;
    }
    const bool coarse = bits_of(element) == 8;  // cut towards zero
    EXPECT_NEAR(sum / count, 0.0, 0.01);
    EXPECT_NEAR(sum2 / count, 1.0 / 3.0, coarse ? 0.1 : 0.01);
  }
}

TEST(GemmElements, RandomIntegersTakeEveryValueAlike) {
  for (const Element element : {Element::s8, Element::s4, Element::b1}) {
    const int values = 1 << bits_of(element);
    std::map<double, int> seen;
    const int count = values * 1000;
    for (int i = 0; i < count; ++i)
      ++seen[value(element, bits_at(MatrixData::random, element, 5, static_cast<std::uint64_t>(i)))];
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(values));
    for (const auto& [x, times] : seen) EXPECT_NEAR(times, 1000, 200) << x;
  }
}

TEST(GemmElements, SmallAndTinyIntegersHaveTheirChances) {
  constexpr int count = 80'000;
  const auto chances = [](MatrixData data, Element element) {
    std::map<double, double> seen;
    for (int i = 0; i < count; ++i)
      seen[value(element, bits_at(data, element, 5, static_cast<std::uint64_t>(i)))] += 1.0 / count;
    return seen;
  };
  const auto near = [](const std::map<double, double>& seen, const std::map<double, double>& expected) {
    ASSERT_EQ(seen.size(), expected.size());
    for (const auto& [x, chance] : expected) EXPECT_NEAR(seen.at(x), chance, 0.01) << x;
  };
  near(chances(MatrixData::small_integers, Element::f16), {{-2, 0.2}, {-1, 0.2}, {0, 0.2}, {1, 0.2}, {2, 0.2}});
  near(chances(MatrixData::small_integers, Element::s4), {{-2, 0.2}, {-1, 0.2}, {0, 0.2}, {1, 0.2}, {2, 0.2}});
  near(chances(MatrixData::small_integers, Element::b1), {{0, 0.5}, {1, 0.5}});
  near(chances(MatrixData::tiny_integers, Element::e4m3), {{-1, 0.125}, {0, 0.75}, {1, 0.125}});
  near(chances(MatrixData::tiny_integers, Element::b1), {{0, 0.75}, {1, 0.25}});
}

TEST(GemmElements, RoundedOnceAsCudaRounds) {
  std::mt19937_64 random(1);  // NOLINT(cert-msc51-cpp): the same numbers in every run
  std::vector<double> numbers = {0.0,   -0.0, 65504, 65519.99, 65520, 1e300, 448,
                                 463.9, 464,  464.1, 57344,    61440, 3.4e38};
  for (int i = 0; i < 200'000; ++i) {
    const int exponent = static_cast<int>(random() % 60) - 40;
    numbers.push_back(std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())), exponent - 63));
    const double coarse = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random()) >> 50), exponent - 13);
    numbers.push_back(coarse);  // ties are common among these
  }
  for (const double x : numbers) {
    ASSERT_TRUE(same(rounded_to(Element::f32, x), static_cast<double>(static_cast<float>(x)))) << x;
    ASSERT_TRUE(same(rounded_to(Element::f16, x), static_cast<double>(__half2float(__double2half(x))))) << x;
    ASSERT_TRUE(same(rounded_to(Element::bf16, x), static_cast<double>(__bfloat162float(__double2bfloat16(x))))) << x;
    ASSERT_TRUE(
        same(rounded_to(Element::e4m3, x), fp8(__nv_cvt_double_to_fp8(x, __NV_SATFINITE, __NV_E4M3), __NV_E4M3)))
        << x;
    ASSERT_TRUE(
        same(rounded_to(Element::e5m2, x), fp8(__nv_cvt_double_to_fp8(x, __NV_SATFINITE, __NV_E5M2), __NV_E5M2)))
        << x;
    ASSERT_EQ(rounded_to(Element::f64, x), x);
  }
  EXPECT_EQ(rounded_to(Element::s32, -17), -17);
}

TEST(GemmElements, WhatIsNoResultIsNeverRight) {
  constexpr std::uint64_t bits = 0;
  for (const Element element : {Element::tf32, Element::s4, Element::b1})
    EXPECT_TRUE(std::isnan(result_at(element, &bits, 0)));
  for (const Element element : {Element::f64, Element::f32, Element::f16, Element::bf16, Element::e4m3, Element::e5m2,
                                Element::s32, Element::s8})
    EXPECT_EQ(result_at(element, &bits, 0), 0.0);
}

TEST(ExactData, IsTinyWhereSumsAreNarrow) {
  EXPECT_EQ(exact_data({Element::f16, Element::f32, Element::f32}), MatrixData::small_integers);
  EXPECT_EQ(exact_data({Element::f16, Element::f16, Element::f16}), MatrixData::tiny_integers);
  EXPECT_EQ(exact_data({Element::e4m3, Element::f32, Element::bf16}), MatrixData::tiny_integers);
  EXPECT_EQ(exact_data({Element::s8, Element::s32, Element::s32}), MatrixData::small_integers);
}

TEST(ExactData, TinySumsStayBelowWhatFp16HoldsExactly) {
  constexpr std::uint64_t k = kLargestExactK;
  for (std::uint64_t pair = 0; pair < 4; ++pair) {
    std::int64_t sum = 0;
    std::int64_t furthest = 0;
    for (std::uint64_t i = 0; i < k; ++i) {
      const auto a = static_cast<std::int64_t>(
          value(Element::f16, bits_at(MatrixData::tiny_integers, Element::f16, 2 * pair + 1, i)));
      const auto b = static_cast<std::int64_t>(
          value(Element::f16, bits_at(MatrixData::tiny_integers, Element::f16, 2 * pair + 2, i)));
      sum += a * b;
      furthest = std::max(furthest, std::abs(sum));
    }
    EXPECT_LT(furthest, 4 * 256) << "four sigma of a walk of steps of a chance of 1 to 16";
    EXPECT_GT(furthest, 256 / 8);
  }
}

}  // namespace
