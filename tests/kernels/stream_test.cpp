// The STREAM patterns by the host: what is counted, what they work on, what their launchers refuse.
#include "kernels/memory/stream.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>

#include "kernels/memory/stream_check.hpp"
#include "kernels/memory/working_set.hpp"

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace

constexpr std::uint64_t kSome = 1 << 16;

double number(std::uint64_t bits) { return std::bit_cast<double>(bits); }

TEST(Stream, CountsEveryByteOnce) {
  constexpr std::int64_t bytes = std::int64_t{8} << 30U;
  const auto moved = [](StreamPattern pattern) {
    return StreamKernel{.pattern = pattern, .bytes = bytes}.bytes_moved() / double{bytes};
  };
  EXPECT_EQ(moved(StreamPattern::read), 1);
  EXPECT_EQ(moved(StreamPattern::write), 1);
  EXPECT_EQ(moved(StreamPattern::copy), 2);
  EXPECT_EQ(moved(StreamPattern::scale), 2);
  EXPECT_EQ(moved(StreamPattern::add), 3);
  EXPECT_EQ(moved(StreamPattern::triad), 3);
  EXPECT_EQ(moved(StreamPattern::dot), 2);
}

TEST(Stream, BlocksCoverTheBuffersExactly) {
  for (const auto pattern : kStreamPatterns) {
    const StreamKernel kernel{.pattern = pattern, .bytes = 5 * StreamKernel::granule};
    EXPECT_EQ(kernel.blocks() * kernel.block_bytes(), kernel.bytes) << kernel.symbol();
    EXPECT_EQ(kernel.output_bytes(), kernel.sums() ? 8 * kernel.blocks() : kernel.bytes);
    EXPECT_EQ(items(kernel), kernel.output_bytes() / 8);
  }
}

TEST(Stream, NamesItsKernel) {
  EXPECT_EQ((StreamKernel{.pattern = StreamPattern::triad}.symbol()), "stream<Triad>");
  std::set<std::string> symbols;
  for (const auto pattern : kStreamPatterns) symbols.insert(StreamKernel{.pattern = pattern}.symbol());
  EXPECT_EQ(symbols.size(), kStreamPatterns.size());
}

TEST(Stream, RefusesWhatItDoesNotCover) {
  char memory = 0;
  const StreamOperands operands{.x = &memory, .out = &memory};
  for (const std::int64_t bytes : {std::int64_t{0}, -StreamKernel::granule, StreamKernel::granule + 16,
                                   StreamKernel::granule / 2, (std::int64_t{1} << 31U) * StreamKernel::granule})
    EXPECT_EQ(launch({.pattern = StreamPattern::copy, .bytes = bytes}, operands, nullptr), cudaErrorInvalidValue);
  const auto of = [&](StreamPattern pattern, const StreamOperands& these) {
    return launch({.pattern = pattern, .bytes = StreamKernel::granule}, these, nullptr);
  };
  EXPECT_EQ(of(StreamPattern::copy, {.x = &memory}), cudaErrorInvalidValue) << "no output";
  EXPECT_EQ(of(StreamPattern::read, {.out = &memory}), cudaErrorInvalidValue) << "no input";
  EXPECT_EQ(of(StreamPattern::triad, operands), cudaErrorInvalidValue) << "one input";
  EXPECT_EQ(of(StreamPattern::write, operands), cudaErrorInvalidValue) << "an input too many";
}

TEST(StreamData, NumbersAreRandomAndStayNearOne) {
  const StreamData data;
  for (const auto pattern : {StreamPattern::scale, StreamPattern::dot}) {
    std::set<std::uint64_t> seen;
    std::int64_t negative = 0;
    for (std::uint64_t i = 0; i < kSome; ++i) {
      const double x = number(data.input(pattern, StreamInput::x, i));
      ASSERT_GE(std::abs(x), 1);
      ASSERT_LT(std::abs(x), 2);
      if (pattern == StreamPattern::dot) {
        ASSERT_EQ(std::ldexp(x, 19), std::rint(std::ldexp(x, 19)));
      }
      negative += x < 0 ? 1 : 0;
      seen.insert(std::bit_cast<std::uint64_t>(x));
    }
    EXPECT_NEAR(static_cast<double>(negative), kSome / 2.0, 6 * 128);  // six standard errors
    EXPECT_GT(seen.size(), 0.9 * kSome);
  }
}

TEST(StreamData, OutputsAreWhatThePatternsSay) {
  const StreamData data{.seed = 9};
  constexpr double scalar = 0.4;
  for (std::uint64_t i = 0; i < kSome; ++i) {
    const double x = number(data.input(StreamPattern::triad, StreamInput::x, i));
    const double y = number(data.input(StreamPattern::triad, StreamInput::y, i));
    ASSERT_NE(x, y);
    ASSERT_EQ(number(data.output(StreamPattern::scale, scalar, i)), scalar * x);
    ASSERT_EQ(number(data.output(StreamPattern::add, scalar, i)), x + y);
    ASSERT_EQ(number(data.output(StreamPattern::triad, scalar, i)), std::fma(scalar, y, x));
    ASSERT_EQ(data.output(StreamPattern::copy, scalar, i), (Pattern{Data::random, 9}.word(i)));
    ASSERT_EQ(data.output(StreamPattern::write, scalar, i), data.words().first + i * data.words().step);
  }
}

TEST(StreamData, NoTwoWrittenWordsAreTheSame) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t i = 0; i < kSome; ++i) seen.insert(StreamData{}.output(StreamPattern::write, 0, i));
  EXPECT_EQ(seen.size(), kSome);
  EXPECT_EQ(StreamData{}.words().step % 2, 1U) << "an odd step goes through all words";
}

TEST(StreamData, ConstantDataAreConstant) {
  for (const auto pattern : {StreamPattern::scale, StreamPattern::add, StreamPattern::triad}) {
    EXPECT_EQ(number(StreamData{.data = Data::zero}.output(pattern, 0.4, 77)), 0);
    EXPECT_EQ(number(StreamData{.data = Data::ones}.output(pattern, 0.5, 77)),
              pattern == StreamPattern::add ? 2 : (pattern == StreamPattern::scale ? 0.5 : 1.5));
  }
  EXPECT_EQ(StreamData{.data = Data::ones}.output(StreamPattern::write, 0, 77), ~0ULL);
  EXPECT_EQ(StreamData{.data = Data::zero}.output(StreamPattern::write, 0, 77), 0U);
  EXPECT_EQ(number(StreamData{.data = Data::ones}.sum(StreamPattern::dot, 5, 2048)), 2048);
}

/// A sum of a block in any order, as threads and warps make it.
TEST(StreamData, TheSumOfADotIsExactInAnyOrder) {
  const StreamKernel kernel{.pattern = StreamPattern::dot, .bytes = 4 * StreamKernel::granule};
  const auto count = static_cast<std::uint64_t>(kernel.block_bytes() / 8);
  for (const auto seed : {1U, 2U, 3U}) {
    const StreamData data{.seed = seed};
    for (std::uint64_t block = 0; block < 4; ++block) {
      double up = 0;
      double down = 0;
      for (std::uint64_t k = 0; k < count; ++k) {
        const auto product_at = [&](std::uint64_t i) {
          return number(data.input(StreamPattern::dot, StreamInput::x, i)) *
                 number(data.input(StreamPattern::dot, StreamInput::y, i));
        };
        up += product_at(block * count + k);
        down += product_at((block + 1) * count - 1 - k);
      }
      EXPECT_EQ(up, down);
      EXPECT_EQ(number(data.sum(StreamPattern::dot, block * count, count)), up);
    }
  }
}

TEST(StreamData, TheSumOfAReadIsThatOfItsWords) {
  const StreamData data{.seed = 4};
  std::uint64_t sum = 0;
  for (std::uint64_t i = 100; i < 300; ++i) sum += Pattern{Data::random, 4}.word(i);
  EXPECT_EQ(data.sum(StreamPattern::read, 100, 200), sum);
}

TEST(WorkingSet, BlocksComeByEveryTile) {
  for (const int most : {1, 2, 8, 63, 132 * 16, 108 * 16, 40 * 8})
    for (const std::int64_t tiles : {1, 2, 3, 4, 6, 12, 1024, 1536, 1 << 20}) {
      const WorkingSet kernel{.bytes = tiles * WorkingSet::tile_bytes};
      ASSERT_EQ(kernel.tiles(), tiles);
      const int blocks = coprime_blocks(kernel, most);
      EXPECT_EQ(std::gcd(std::int64_t{blocks}, tiles), 1);
      EXPECT_LE(blocks, most);
      EXPECT_GE(blocks, std::max(1, most - 5)) << "of sizes with no factors but 2 and 3";
    }
}

TEST(WorkingSet, RefusesPartsOfATile) {
  char memory = 0;
  for (const WorkingSet& kernel :
       {WorkingSet{.bytes = 0, .blocks = 1}, WorkingSet{.bytes = WorkingSet::tile_bytes + 16, .blocks = 1},
        WorkingSet{.pattern = WorkingSetPattern::copy, .bytes = WorkingSet::tile_bytes, .blocks = 1},
        WorkingSet{.bytes = WorkingSet::tile_bytes, .passes = 0, .blocks = 1},
        WorkingSet{.bytes = WorkingSet::tile_bytes, .blocks = 0},
        WorkingSet{.bytes = (std::int64_t{1} << 31U) * WorkingSet::tile_bytes, .blocks = 1}})
    EXPECT_EQ(launch(kernel, &memory, &memory, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ((WorkingSet{.bytes = 1 << 20, .passes = 3}.bytes_moved()), 3.0 * (1 << 20));
}

}  // namespace
