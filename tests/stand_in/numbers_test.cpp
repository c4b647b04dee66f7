// The stand-in's number formats against CUDA's own conversions on the host.
#include "tests/stand_in/models/numbers.hpp"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace {

using namespace peakproof::stand_in;  // NOLINT: a test of this namespace
using peakproof::kernels::Element;

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}

double fp8(__nv_fp8_storage_t bits, __nv_fp8_interpretation_t kind) {
  return static_cast<double>(__half2float(__half(__nv_cvt_fp8_to_halfraw(bits, kind))));
}
double bf16(std::uint64_t bits) {
  return static_cast<double>(__bfloat162float(__nv_bfloat16(__nv_bfloat16_raw{static_cast<unsigned short>(bits)})));
}
double f16(std::uint64_t bits) {
  return static_cast<double>(__half2float(__half(__half_raw{static_cast<unsigned short>(bits)})));
}

TEST(Numbers, EveryCodeIsReadAsCudaReadsIt) {
  for (std::uint64_t bits = 0; bits < 0x100; ++bits) {
    const auto byte = static_cast<__nv_fp8_storage_t>(bits);
    EXPECT_TRUE(same(value_of(Element::e4m3, bits), fp8(byte, __NV_E4M3))) << bits;
    EXPECT_TRUE(same(value_of(Element::e5m2, bits), fp8(byte, __NV_E5M2))) << bits;
    EXPECT_EQ(value_of(Element::s8, bits), static_cast<double>(static_cast<std::int8_t>(bits)));
  }
  for (std::uint64_t bits = 0; bits < 0x10000; ++bits) {
    ASSERT_TRUE(same(value_of(Element::f16, bits), f16(bits))) << bits;
    ASSERT_TRUE(same(value_of(Element::bf16, bits), bf16(bits))) << bits;
  }
  for (std::uint64_t bits = 0; bits < 16; ++bits)
    EXPECT_EQ(value_of(Element::s4, bits), static_cast<double>(bits) - (bits < 8 ? 0 : 16));
  EXPECT_EQ(value_of(Element::b1, 1), 1);
}

TEST(Numbers, EveryCodeComesBack) {
  for (const Element element :
       {Element::f16, Element::bf16, Element::e4m3, Element::e5m2, Element::s8, Element::s4, Element::b1})
    for (std::uint64_t bits = 0; bits < 1ULL << unsigned(width_of(element)); ++bits) {
      const double value = value_of(element, bits);
      if (std::isnan(value) || std::isinf(value)) continue;
      ASSERT_EQ(bits_of_value(element, value), bits) << value;
      ASSERT_EQ(bits_of_value(element, value, Rounding::towards_zero), bits) << value;
    }
}

TEST(Numbers, AreRoundedAsCudaRoundsThem) {
  std::mt19937_64 random(2);  // NOLINT(cert-msc51-cpp): the same numbers in every run
  std::vector<double> numbers = {0.0, -0.0, 65504, 65519.99, 65520, 448, 464, 464.1, 57344, 61440, 1e30, -1e30};
  for (int i = 0; i < 200'000; ++i) {
    const int exponent = static_cast<int>(random() % 60) - 40;
    numbers.push_back(std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())), exponent - 63));
    numbers.push_back(std::ldexp(static_cast<double>(static_cast<std::int64_t>(random()) >> 50), exponent - 13));
  }
  for (const double x : numbers) {
    const auto rounded = [x](Element element) { return value_of(element, bits_of_value(element, x)); };
    ASSERT_TRUE(same(rounded(Element::f32), static_cast<double>(static_cast<float>(x)))) << x;
    ASSERT_TRUE(same(rounded(Element::f64), x)) << x;
    ASSERT_TRUE(same(rounded(Element::f16), static_cast<double>(__half2float(__double2half(x))))) << x;
    ASSERT_TRUE(same(rounded(Element::bf16), static_cast<double>(__bfloat162float(__double2bfloat16(x))))) << x;
    ASSERT_TRUE(same(rounded(Element::e4m3), fp8(__nv_cvt_double_to_fp8(x, __NV_SATFINITE, __NV_E4M3), __NV_E4M3)))
        << x;
    ASSERT_TRUE(same(rounded(Element::e5m2), fp8(__nv_cvt_double_to_fp8(x, __NV_SATFINITE, __NV_E5M2), __NV_E5M2)))
        << x;
    if (std::fabs(x) >= 65520) continue;
    const auto cut = static_cast<__half_raw>(__float2half_rz(static_cast<float>(x)));
    if (static_cast<double>(static_cast<float>(x)) == x) {
      ASSERT_EQ(bits_of_value(Element::f16, x, Rounding::towards_zero), cut.x) << x;
    }
  }
}

TEST(Numbers, Tf32IsAFloatWithoutItsLowestBits) {
  std::mt19937_64 random(3);  // NOLINT(cert-msc51-cpp): the same numbers in every run
  for (int i = 0; i < 10'000; ++i) {
    const double x = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())), -63);
    const auto bits = static_cast<std::uint32_t>(bits_of_value(Element::tf32, x));
    ASSERT_EQ(bits & 0x1fffU, 0U);
    const auto whole = static_cast<double>(std::bit_cast<float>(bits));
    ASSERT_LE(std::fabs(whole - x), std::ldexp(std::fabs(x), -11));
    ASSERT_EQ(value_of(Element::tf32, bits), whole);
  }
}

TEST(Numbers, WhatIsNoNumber) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Element element : {Element::f64, Element::f32, Element::f16, Element::bf16, Element::e4m3, Element::e5m2})
    EXPECT_TRUE(std::isnan(value_of(element, bits_of_value(element, nan))));
  EXPECT_EQ(bits_of_value(Element::s32, nan), 0xffffffffU);
  EXPECT_EQ(bits_of_value(Element::s8, -1), 0xffU);
}

TEST(Numbers, SeveralInAByteLieFromTheLowestBitOn) {
  std::array<unsigned char, 2> bytes = {0xff, 0xff};
  write_bits(Element::s4, bytes.data(), 1, 0x3);
  EXPECT_EQ(bytes[0], 0x3f);
  write_bits(Element::b1, bytes.data(), 8, 0);
  EXPECT_EQ(bytes[1], 0xfe);
  EXPECT_EQ(read_bits(Element::s4, bytes.data(), 1), 0x3U);
  EXPECT_EQ(read_bits(Element::b1, bytes.data(), 8), 0U);
  EXPECT_EQ(read_bits(Element::b1, bytes.data(), 9), 1U);
}

}  // namespace
