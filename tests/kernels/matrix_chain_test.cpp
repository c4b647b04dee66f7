// The operands of mma.sync and WMMA as chains: exact in their formats, every element in its place, sums that stay exact,
// and answers that depend on every trip and chain.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "kernels/arithmetic/chain_answer.hpp"
#include "tests/kernels/chain_operations.hpp"
#include "tests/kernels/matrix_operations.hpp"

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace

// ---- number formats ----

/// What the bits of a floating-point element are, from the definition of its format.
double decoded(const NumberFormat& format, std::uint64_t bits) {
  bits >>= static_cast<unsigned>(format.shift);
  const auto fraction = static_cast<double>(bits & ((1ULL << unsigned(format.significand)) - 1));
  const auto exponent =
      static_cast<int>(bits >> unsigned(format.significand) & ((1ULL << unsigned(format.exponent)) - 1));
  const bool negative = (bits >> unsigned(format.significand + format.exponent) & 1U) != 0;
  const int bias = (1 << unsigned(format.exponent - 1)) - 1;
  const double scale = std::ldexp(1.0, -format.significand);
  const double value =
      exponent == 0 ? std::ldexp(fraction * scale, 1 - bias) : std::ldexp(1 + fraction * scale, exponent - bias);
  return negative ? -value : value;
}

TEST(NumberFormat, EncodesWholeNumbersExactly) {
  for (const auto& [format, largest] : {std::pair{Format::f64, 1 << 21},
                                        {Format::f32, 1000},
                                        {Format::f16, 2048},
                                        {Format::bf16, 128},
                                        {Format::e4m3, 16},
                                        {Format::e5m2, 8},
                                        {Format::e3m2, 8},
                                        {Format::e2m3, 7},
                                        {Format::e2m1, 4},
                                        {Format::e2m1x2, 4}}) {
    const NumberFormat f = number_format(format);
    for (int value = -largest; value <= largest; ++value) {
      ASSERT_EQ(decoded(f, f.encode(value)), value) << "format " << static_cast<int>(format);
      if (value != 0) {
        ASSERT_EQ(f.encode(value) ^ f.sign(), f.encode(-value));
      }
    }
  }
}

TEST(NumberFormat, HasTheBitsOfTheSpecifications) {
  EXPECT_EQ(number_format(Format::f16).encode(-3), 0xC200U);
  EXPECT_EQ(number_format(Format::bf16).encode(1), 0x3F80U);
  EXPECT_EQ(number_format(Format::f32).encode(1), 0x3F800000U);
  EXPECT_EQ(number_format(Format::e4m3).encode(1), 0x38U);
  EXPECT_EQ(number_format(Format::e5m2).encode(-2), 0xC0U);
  EXPECT_EQ(number_format(Format::e2m1).encode(-4), 0b0011'1000U) << "1 11 0, two bits up";
  EXPECT_EQ(number_format(Format::s8).encode(-1), 0xFFU);
  EXPECT_EQ(number_format(Format::s4).encode(-8), 0x8U);
  EXPECT_EQ(number_format(Format::s8).sign(), 0U);
}

// ---- operands ----

template <class Op>
class Matrices : public testing::Test {};
TYPED_TEST_SUITE(Matrices, MmaOperations, OperationName);
template <class Op>
class MoreMatrices : public testing::Test {};
TYPED_TEST_SUITE(MoreMatrices, MoreMmaOperations, OperationName);
template <class Op>
class WmmaMatrices : public testing::Test {};
TYPED_TEST_SUITE(WmmaMatrices, WmmaOperations, OperationName);

/// Whole numbers up to this one are exact in a sum. 8-bit formats: 14 bits (see matrix_chain.hpp); FP32: 24 bits; FP16: 11.
template <class Op>
double exact_limit() {
  const MatrixProduct product = Op::product();
  if (product.operand.integer()) return 0x1p62;
  if (product.accumulator.width == 16) return 2048;
  if (product.accumulator.width == 64) return 0x1p53;
  return product.operand.width <= 8 ? 0x1p13 : 0x1p24;
}

/// Every sum that a chain passes through, in both signs: start, walk, partial sums of four steps, the last step.
template <class Op>
void expect_exact_sums() {
  const MatrixProduct product = Op::product();
  double largest = 0;
  for (int row = 0; row < product.m; ++row) {
    for (int column = 0; column < product.n; ++column) {
      std::int64_t four = 0;
      double within = 0;
      for (int first = 0; first < 4; ++first) {  // neighbouring chains begin at another turn
        std::int64_t partial = 0;
        for (int step = 0; step < 8; ++step) {
          partial += product.dot((first + step) % 4, row, column);
          within = std::max(within, std::fabs(static_cast<double>(partial)));
          if (step == 3) four = partial;
        }
      }
      if (!product.operand.integer()) {
        ASSERT_EQ(four, 1) << "row " << row << ", column " << column;
      } else {
        ASSERT_NE(static_cast<std::uint32_t>(four), 0U) << "row " << row << ", column " << column;
      }
      largest = std::max(largest, within);
    }
  }
  const double walk = kTripsPerSign * Op::body / 4.0;
  EXPECT_LT(largest + walk + 128, exact_limit<Op>());
}

/// No operand beyond its format.
template <class Op>
void expect_exact_operands() {
  const MatrixProduct product = Op::product();
  const auto exact = [&](int value) {
    const NumberFormat f = product.operand;
    return f.integer() ? f.width == 1 || std::abs(value) <= 1 << (f.width - 1) : decoded(f, f.encode(value)) == value;
  };
  std::set<int> different;
  for (int set = 0; set < 2; ++set) {
    for (int row = 0; row < product.m; ++row)
      for (int column = 0; column < product.columns_of_a(); ++column) {
        ASSERT_TRUE(exact(product.a(set, row, column)));
        different.insert(product.a(set, row, column));
      }
    for (int row = 0; row < product.k; ++row)
      for (int column = 0; column < product.n; ++column) ASSERT_TRUE(exact(product.b(set, row, column)));
  }
  EXPECT_GE(different.size(), product.operand.width == 1 ? 2U : 6U);
}

template <class Op>
Chain<Op> with(int ilp, int trips) {
  Chain<Op> chain = Chain<Op>::with_ilp(ilp);
  chain.trips = trips;
  return chain;
}

template <class Op>
void expect_answers_to_differ() {
  for (const int ilp : {8, 1}) {
    auto before = answer(with<Op>(ilp, 1));
    for (int trips = 2; trips < 3 * kTripsPerSign; ++trips) {
      const auto now = answer(with<Op>(ilp, trips));
      for (std::size_t lane = 0; lane < now.size(); ++lane) ASSERT_NE(now[lane], before[lane]) << "trips " << trips;
      before = now;
    }
  }
  auto chain = with<Op>(8, 20);
  const auto right = answer(chain);
  --chain.chains;
  const auto fewer = answer(chain);
  ++chain.chains;
  chain.steps -= 4;
  const auto shorter = answer(chain);
  for (std::size_t lane = 0; lane < right.size(); ++lane) {
    EXPECT_NE(right[lane], fewer[lane]);
    EXPECT_NE(right[lane], shorter[lane]);
  }
  EXPECT_GE(std::set(right.begin(), right.end()).size(), 31U);
}

/// Every stored element of A and B is in exactly one register of one lane. Elements are told apart by taking the words
/// of another product that has the element's number as its value; here the rule itself is turned round.
template <class Op>
void expect_every_element_once() {
  const MatrixProduct product = Op::product();
  std::map<std::pair<int, int>, int> seen_a;
  std::map<std::pair<int, int>, int> seen_b;
  for (int lane = 0; lane < 32; ++lane) {
    for (int index = 0; index < Op::words_of_a; ++index)
      for (int i = 0; i < Op::per_word; ++i) {
        const int row = lane / 4 + index % Op::row_blocks * 8;
        const int column = (lane % 4 + index / Op::row_blocks * 4) * Op::per_word + i;
        ++seen_a[{row, column}];
        const auto bits = Op::word_of_a(1, index, lane) >> unsigned(i * product.operand.width) & product.operand.mask();
        ASSERT_EQ(bits, product.operand.encode(product.a(1, row, column)));
      }
    for (int index = 0; index < Op::words_of_b; ++index)
      for (int i = 0; i < Op::per_word; ++i) ++seen_b[{(lane % 4 + index * 4) * Op::per_word + i, lane / 4}];
  }
  EXPECT_EQ(seen_a.size(), static_cast<std::size_t>(product.m * product.columns_of_a()));
  EXPECT_EQ(seen_b.size(), static_cast<std::size_t>(product.k * product.n));
  for (const auto& [place, times] : seen_a) {
    EXPECT_EQ(times, 1);
    EXPECT_LT(place.first, product.m);
  }
  for (const auto& [place, times] : seen_b) EXPECT_EQ(times, 1);
}

TYPED_TEST(Matrices, OperandsAreExact) { expect_exact_operands<TypeParam>(); }
TYPED_TEST(Matrices, SumsStayExact) { expect_exact_sums<TypeParam>(); }
TYPED_TEST(Matrices, AnswersDependOnEveryTripStepAndChain) { expect_answers_to_differ<TypeParam>(); }
TYPED_TEST(Matrices, EveryElementIsInOneRegister) { expect_every_element_once<TypeParam>(); }
TYPED_TEST(MoreMatrices, OperandsAreExact) { expect_exact_operands<TypeParam>(); }
TYPED_TEST(MoreMatrices, SumsStayExact) { expect_exact_sums<TypeParam>(); }
TYPED_TEST(MoreMatrices, AnswersDependOnEveryTripStepAndChain) { expect_answers_to_differ<TypeParam>(); }
TYPED_TEST(MoreMatrices, EveryElementIsInOneRegister) { expect_every_element_once<TypeParam>(); }
TYPED_TEST(WmmaMatrices, OperandsAreExact) { expect_exact_operands<TypeParam>(); }
TYPED_TEST(WmmaMatrices, SumsStayExact) { expect_exact_sums<TypeParam>(); }
TYPED_TEST(WmmaMatrices, AnswersDependOnEveryTripStepAndChain) { expect_answers_to_differ<TypeParam>(); }

TEST(Matrices, WorkIsTwoForEveryMultiplyAdd) {
  EXPECT_EQ(MmaF16K16::operations, 2 * 16 * 8 * 16 / 32);
  EXPECT_EQ(MmaSparseF16K32::operations, 2 * 16 * 8 * 32 / 32) << "the zeros count, as in every data sheet";
  EXPECT_EQ(WmmaF16::operations, 2 * 16 * 16 * 16 / 32);
}

TEST(Matrices, SparseColumnsKeepTheirPlace) {
  const MatrixProduct of_four = MmaSparseF16K32::product();
  EXPECT_EQ(of_four.row_of_b(0), 1);
  EXPECT_EQ(of_four.row_of_b(1), 2);
  EXPECT_EQ(of_four.row_of_b(2), 5);
  const MatrixProduct of_two = MmaSparseTf32K16::product();
  EXPECT_EQ(of_two.row_of_b(0), 1);
  EXPECT_EQ(of_two.row_of_b(7), 15);
  const MatrixProduct pairs = MmaSparseS4K128::product();
  EXPECT_EQ(pairs.row_of_b(0), 2);
  EXPECT_EQ(pairs.row_of_b(1), 3);
  EXPECT_EQ(pairs.row_of_b(2), 4);
  EXPECT_EQ(pairs.row_of_b(4), 10);
}

}  // namespace
