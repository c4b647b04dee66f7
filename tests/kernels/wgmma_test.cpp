// The wgmma chains on the host: their answers depend on every trip and operand, and every sum stays exact.
#include "kernels/tensor/wgmma.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace
using wgmma::Type;

constexpr std::array kDatas = {WgmmaData::random, WgmmaData::zero, WgmmaData::ones};

/// Every type, dense and sparse, with A in either place, of one width.
std::vector<Wgmma> forms(int n) {
  std::vector<Wgmma> all;
  for (const Type type : Wgmma::types)
    for (const bool sparse : {false, true})
      for (const bool a_in_registers : {false, true})
        all.push_back({.type = type, .sparse = sparse, .a_in_registers = a_in_registers, .n = n});
  return all;
}

std::string name(const Wgmma& chain, WgmmaData data = WgmmaData::random) {
  return chain.symbol() + " " + std::to_string(static_cast<int>(data));
}

/// How many threads' answers differ.
int differing(const Wgmma& one, const Wgmma& other, const WgmmaMatrices& matrices, const WgmmaMatrices& others) {
  const auto right = wgmma_answer(one, matrices);
  const auto wrong = wgmma_answer(other, others);
  return std::inner_product(right.begin(), right.end(), wrong.begin(), 0, std::plus<>(), std::not_equal_to<>());
}
int differing(const Wgmma& one, const Wgmma& other, const WgmmaMatrices& matrices) {
  return differing(one, other, matrices, matrices);
}

Wgmma with_trips(Wgmma chain, int trips) {
  chain.trips = trips;
  return chain;
}

TEST(WgmmaAnswer, ShowsATripLessInEveryThread) {
  for (const int n : {8, 32}) {
    for (const Wgmma& chain : forms(n)) {
      for (const WgmmaData data : kDatas) {
        const auto matrices = wgmma_matrices(chain, data);
        for (const int trips : {1, 2, 80, 168, 174, 999, 13008})
          EXPECT_EQ(differing(with_trips(chain, trips), with_trips(chain, trips - 1), matrices), Wgmma::threads)
              << name(chain, data) << ", " << trips << " trips";
      }
    }
  }
}

TEST(WgmmaAnswer, ShowsHalfOfTheTrips) {
  for (const Type type : Wgmma::types) {
    const Wgmma chain{.type = type, .n = 8};
    const auto matrices = wgmma_matrices(chain, WgmmaData::random);
    for (int trips = 2; trips < 40000; trips = 2 * trips + 6)
      EXPECT_GT(differing(with_trips(chain, trips), with_trips(chain, trips / 2), matrices), Wgmma::threads / 2)
          << name(chain) << ", " << trips << " trips";
  }
}

/// Of all numbers of trips that a launch may have instead of the right one, hardly any gives the same walk.
TEST(WgmmaAnswer, NeverComesBackSoon) {
  for (const Type type : Wgmma::types) {
    std::vector<std::array<std::int64_t, 2>> walks;
    std::array<std::int64_t, 2> walk{};
    for (std::int64_t trip = 0; trip < 20000; ++trip) {
      walks.push_back(walk);
      const auto first = wgmma_numbers(type).turn(0) * static_cast<std::uint32_t>(trip);
      const auto second = wgmma_numbers(type).turn(1) * static_cast<std::uint32_t>(trip);
      walk[0] += first >> 31U == 0 ? 1 : -1;
      walk[1] += second >> 31U == 0 ? 1 : -1;
    }
    EXPECT_EQ(walk, wgmma_walk(type, 20000));
    std::sort(walks.begin(), walks.end());
    const auto distinct = std::unique(walks.begin(), walks.end()) - walks.begin();
    const auto& heights = wgmma_numbers(type).half_periods;
    const double places = heights[0] * heights[1] / 2.0;  // both walks are odd in odd trips
    EXPECT_GT(static_cast<double>(distinct), 0.9 * std::min(places, 20000.0)) << static_cast<int>(type);
  }
}

TEST(WgmmaAnswer, ShowsEveryElement) {
  for (const Wgmma& shape : forms(8)) {
    const Wgmma chain = with_trips(shape, 100);
    const auto right = wgmma_matrices(chain, WgmmaData::random);
    for (const std::size_t pair : {0U, 1U}) {
      for (int column = 0; column < right.stored_k; ++column) {
        auto wrong = right;
        for (int row = 0; row < wgmma::rows; ++row) {
          wrong.a[pair].at(row, column) -= 1;
          wrong.a[pair + 2].at(row, column) += 1;  // what cancelled out still does
        }
        EXPECT_EQ(differing(chain, chain, right, wrong), Wgmma::threads) << name(chain) << ", column " << column;
      }
      auto wrong = right;
      for (int& b : wrong.b[pair].values) b += 1;
      EXPECT_EQ(differing(chain, chain, right, wrong), Wgmma::threads) << name(chain);
    }
  }
}

TEST(WgmmaAnswer, DiffersFromThreadToThread) {
  for (const Wgmma& shape : forms(16)) {
    const Wgmma chain = with_trips(shape, 50);
    const auto threads = wgmma_answer(chain, wgmma_matrices(chain, WgmmaData::random));
    EXPECT_GT(std::set(threads.begin(), threads.end()).size(), 120U) << name(chain);
  }
}

/// The largest that any part of any sum can be, in any order of addition.
double largest_part(const Wgmma& chain, const WgmmaMatrices& m, std::array<std::int64_t, 2> furthest) {
  constexpr int rounds = Wgmma::steps / Wgmma::slices;
  double largest = 0;
  for (int row = 0; row < wgmma::rows; ++row) {
    for (int column = 0; column < chain.n; ++column) {
      std::array<double, Wgmma::slices> sum{};
      std::array<double, Wgmma::slices> magnitudes{};
      for (std::size_t slice = 0; slice < Wgmma::slices; ++slice) {
        for (int k = 0; k < m.stored_k; ++k) {
          const int row_of_b = m.row_of_b[slice % 2].at(row, k);
          const double product = double{1} * m.a[slice].at(row, k) * m.b[slice % 2].at(column, row_of_b);
          sum[slice] += product;
          magnitudes[slice] += std::abs(product);
        }
      }
      double walked = 1;
      for (const std::size_t pair : {0U, 1U})
        walked += rounds * static_cast<double>(furthest[pair]) * std::abs(sum[pair] + sum[pair + 2]);
      // Within a trip the two slices of B may have different signs.
      for (const double sign : {1.0, -1.0}) {
        const std::array<double, Wgmma::slices> before = {0, sum[0], sum[0] + sign * sum[1],
                                                          sum[0] + sign * sum[1] + sum[2]};
        for (std::size_t slice = 0; slice < Wgmma::slices; ++slice)
          largest = std::max(largest, walked + std::abs(before[slice]) + magnitudes[slice]);
      }
    }
  }
  return largest;
}

TEST(WgmmaNumbers, KeepEverySumExact) {
  for (const Type type : Wgmma::types) {
    const double limit = wgmma_numbers(type).limit;
    if (limit == 0) continue;  // integers wrap
    std::array<std::int64_t, 2> furthest{};
    for (std::size_t pair = 0; pair < 2; ++pair) {
      std::int64_t walk = 0;
      std::uint32_t turned = 0;
      for (int trip = 0; trip < 1 << 22; ++trip, turned += wgmma_numbers(type).turn(static_cast<int>(pair))) {
        walk += turned >> 31U == 0 ? 1 : -1;
        furthest[pair] = std::max(furthest[pair], std::abs(walk));
      }
    }
    for (const bool sparse : {false, true}) {
      const Wgmma chain{.type = type, .sparse = sparse};
      for (const WgmmaData data : kDatas)
        EXPECT_LT(largest_part(chain, wgmma_matrices(chain, data), furthest), limit) << name(chain, data);
    }
  }
}

TEST(WgmmaNumbers, AreThoseOfTheData) {
  for (const Wgmma& chain : forms(32)) {
    const auto numbers = wgmma_numbers(chain.type);
    const auto count = [](const WgmmaMatrix& matrix, int value) {
      return std::count(matrix.values.begin(), matrix.values.end(), value);
    };
    const auto random = wgmma_matrices(chain, WgmmaData::random);
    for (const std::size_t pair : {0U, 1U}) {
      EXPECT_EQ(count(random.a[pair], 0), 0);
      EXPECT_EQ(count(random.b[pair], 0), 0);
      const auto largest = [](const WgmmaMatrix& matrix) {
        const auto [low, high] = std::minmax_element(matrix.values.begin(), matrix.values.end());
        return std::max(-*low, *high);
      };
      for (const auto& [matrix, allowed] :
           {std::pair(random.a[pair], numbers.largest_a), {random.b[pair], numbers.largest_b}}) {
        EXPECT_LE(largest(matrix), allowed);
        EXPECT_GT(largest(matrix), 0.95 * allowed);
      }
    }
    const auto zero = wgmma_matrices(chain, WgmmaData::zero);
    const auto ones = wgmma_matrices(chain, WgmmaData::ones);
    const int elements = wgmma::rows * zero.stored_k;
    for (const std::size_t pair : {0U, 1U}) {
      EXPECT_EQ(count(zero.a[pair], 0), elements);
      EXPECT_EQ(count(zero.a[pair + 2], 0), elements - wgmma::rows / 2);
      const int kept = chain.sparse ? (chain.type == Type::tf32 ? 2 : 4) : 1;
      EXPECT_EQ(count(zero.b[pair], 0), chain.n * (zero.k - kept));
      EXPECT_EQ(count(ones.a[pair], 1), elements);
      EXPECT_EQ(count(ones.a[pair + 2], -1), elements - wgmma::rows / 2);
      EXPECT_EQ(count(ones.b[pair], 1), chain.n * ones.k);
    }
  }
}

TEST(WgmmaNumbers, AreStoredAsTheSparsityAllows) {
  for (const Wgmma& chain : forms(8)) {
    const auto m = wgmma_matrices(chain, WgmmaData::random);
    EXPECT_EQ(m.k, chain.sparse ? 2 * m.stored_k : m.stored_k);
    const int stored = !chain.sparse || chain.type == Type::tf32 ? 1 : 2;
    const int columns = !chain.sparse ? 1 : 2 * stored;
    for (const auto& row_of_b : m.row_of_b) {
      for (int row = 0; row < wgmma::rows; ++row) {
        for (int column = 0; column < m.stored_k; ++column) {
          EXPECT_EQ(row_of_b.at(row, column) / columns, column / stored);
          if (column % stored == 1) {
            EXPECT_GT(row_of_b.at(row, column), row_of_b.at(row, column - 1));
          }
        }
      }
      const std::set<int> met(row_of_b.values.begin(), row_of_b.values.end());
      EXPECT_EQ(met.size(), static_cast<std::size_t>(m.k));
    }
  }
}

/// Two elements of FP16, as they lie in a word.
std::uint32_t halves(int low, int high) {
  const auto half = [](int value) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    const std::uint32_t magnitude = ((bits & 0x7FFFFFFFU) >> 13U) - (112U << 10U);  // the exponent's bias is 112 less
    return value == 0 ? 0 : (bits >> 16U & 0x8000U) | magnitude;
  };
  return half(low) | half(high) << 16U;
}

TEST(WgmmaOperands, LieInRegistersAsPtxIsaHasThem) {
  const Wgmma chain{.type = Type::f16, .a_in_registers = true, .n = 8};
  const auto m = wgmma_matrices(chain, WgmmaData::random);
  const auto words = wgmma_operands(chain, m);
  const auto a = [&](std::size_t slice, int row, int column) { return m.a[slice].at(row, column); };
  // Thread 38 is lane 6 of warp 1: rows 16 + 1 and 8 below, columns 4 and 5, and 8 to the right.
  const std::size_t slice3 = 38 * 16 + 3 * 4;
  EXPECT_EQ(words[slice3], halves(a(3, 17, 4), a(3, 17, 5)));
  EXPECT_EQ(words[slice3 + 1], halves(a(3, 25, 4), a(3, 25, 5)));
  EXPECT_EQ(words[slice3 + 2], halves(a(3, 17, 12), a(3, 17, 13)));
  EXPECT_EQ(words[slice3 + 3], halves(a(3, 25, 12), a(3, 25, 13)));
}

TEST(WgmmaOperands, LieInTheSwizzleOf128Bytes) {
  const Wgmma chain{.type = Type::f16, .n = 16};
  const auto m = wgmma_matrices(chain, WgmmaData::random);
  const auto words = wgmma_operands(chain, m);
  const auto a = [&](std::size_t slice, int row, int column) { return m.a[slice].at(row, column); };
  const auto b = [&](std::size_t slice, int column, int k) { return m.b[slice].at(column, k); };
  // Row 13 is the fifth of its eight: 16-byte chunk 3 (the second half of slice 1) goes to chunk 3 ^ 5 = 6.
  const auto word = [](std::size_t row, std::size_t chunk) { return row * 32 + chunk * 4; };
  EXPECT_EQ(words[word(13, 6)], halves(a(1, 13, 8), a(1, 13, 9)));
  // Of B, behind A: slice 2 is slice 0 again. Column 10 is the second of its eight: chunk 4 goes to 4 ^ 2 = 6.
  const std::size_t first_b = word(64, 0);
  EXPECT_EQ(words[first_b + word(10, 6)], halves(b(0, 10, 0), b(0, 10, 1)));
  EXPECT_EQ(words[first_b + word(16, 0) + word(10, 6)], halves(-b(0, 10, 0), -b(0, 10, 1)));
  EXPECT_EQ(words.size(), first_b + word(32, 0));
}

TEST(WgmmaOperands, HaveTheMetadataOfEachRowWhereItIsAsked) {
  const auto nibble = [](const WgmmaMatrices& m, int row, int group) {
    const auto place = [&](int column) { return static_cast<std::uint32_t>(m.row_of_b[1].at(row, column) % 4); };
    return place(2 * group) | place(2 * group + 1) << 2U;
  };
  constexpr std::size_t first = std::size_t{64 + 2 * 8} * 32;
  // Thread 41 is lane 9 of warp 1, so of rows 16 + 2 and 8 below; of its two words the second is of slices 1 and 3.
  constexpr std::size_t thread = 2 * std::size_t{41} + 1;
  const Wgmma half{.type = Type::bf16, .sparse = true, .n = 8};
  const auto m16 = wgmma_matrices(half, WgmmaData::random);
  std::uint32_t expected = 0;
  for (int group = 0; group < 4; ++group) {
    expected |= nibble(m16, 18, 4 + group) << static_cast<unsigned>(4 * group);
    expected |= nibble(m16, 26, 4 + group) << static_cast<unsigned>(4 * group + 16);
  }
  EXPECT_EQ(wgmma_operands(half, m16)[first + thread], expected);

  const Wgmma byte{.type = Type::e4m3, .sparse = true, .n = 8};
  const auto m8 = wgmma_matrices(byte, WgmmaData::random);
  expected = 0;
  for (int group = 0; group < 8; ++group) expected |= nibble(m8, 26, group) << static_cast<unsigned>(4 * group);
  EXPECT_EQ(wgmma_operands(byte, m8)[first + thread], expected);

  const Wgmma word{.type = Type::tf32, .sparse = true, .n = 8};
  const auto m32 = wgmma_matrices(word, WgmmaData::random);
  expected = 0;
  for (int group = 0; group < 4; ++group) {
    for (const int below : {0, 8}) {
      const int column = m32.row_of_b[1].at(18 + below, 4 + group);
      expected |= (column % 2 == 0 ? 0x4U : 0xEU) << static_cast<unsigned>(4 * group + 2 * below);
    }
  }
  EXPECT_EQ(wgmma_operands(word, m32)[first + thread], expected);
}

TEST(Wgmma, CountsItsWorkAndNamesItsKernel) {
  Wgmma chain{.type = Type::e5m2, .sparse = true, .a_in_registers = true, .n = 64, .trips = 1000, .blocks = 132};
  EXPECT_DOUBLE_EQ(chain.operations(), 2.0 * 64 * 64 * 64 * 8 * 1000 * 132);
  EXPECT_EQ(chain.symbol(), "wgmma_chain<WgmmaE5m2SparseRegisters, 64, 8>");
  chain = {.type = Type::f16_acc16, .n = 8};
  EXPECT_DOUBLE_EQ(chain.operations(), 2.0 * 64 * 8 * 16 * 8);
  EXPECT_EQ(chain.symbol(), "wgmma_chain<WgmmaFp16Acc16Shared, 8, 8>");
  std::set<std::string> symbols;
  for (const int n : Wgmma::widths)
    for (const Wgmma& form : forms(n)) symbols.insert(form.symbol());
  EXPECT_EQ(symbols.size(), 7U * 2 * 2 * 6);
}

TEST(Wgmma, KnowsWhereSharedMemoryIsTooSlow) {
  const auto percent = [](int n, bool sparse, bool a_in_registers) {
    return std::round(100 * Wgmma{.sparse = sparse, .a_in_registers = a_in_registers, .n = n}.shared_memory_share());
  };
  const std::vector<double> dense = {22, 40, 67, 100, 100, 100};
  const std::vector<double> sparse = {20, 33, 50, 67, 80, 89};
  for (std::size_t i = 0; i < Wgmma::widths.size(); ++i) {
    EXPECT_EQ(percent(Wgmma::widths[i], false, false), dense[i]);
    EXPECT_EQ(percent(Wgmma::widths[i], true, false), sparse[i]);
    EXPECT_EQ(percent(Wgmma::widths[i], false, true), 100);
    EXPECT_EQ(percent(Wgmma::widths[i], true, true), 100);
  }
}

TEST(Wgmma, RefusesWhatNoKernelHas) {
  for (const int n : {0, 24, 96, 512, -8}) {
    EXPECT_EQ(prepare({.n = n}), cudaErrorInvalidValue) << n;
    EXPECT_EQ(launch({.n = n}, nullptr, nullptr, nullptr, nullptr), cudaErrorInvalidValue) << n;
  }
  EXPECT_EQ(launch({.trips = 0}, nullptr, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch({.blocks = 0}, nullptr, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
}

}  // namespace
