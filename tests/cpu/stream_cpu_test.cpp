// The CPU's STREAM patterns, and the faults in them that must be found.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "bench/harness/cpu_runs.hpp"
#include "bench/harness/cpu_stream.hpp"
#include "bench/harness/cpu_topology.hpp"
#include "bench/harness/errors.hpp"
#include "kernels/cpu/pattern.hpp"
#include "kernels/cpu/stream.hpp"
#include "tests/cpu/simd_targets.hpp"

namespace {

using peakproof::bench::allowed_cpus;
using peakproof::bench::cache_is_no_level;
using peakproof::bench::CpuStreamRun;
using peakproof::bench::curve_sizes;
using peakproof::bench::memory_array_bytes;
using peakproof::bench::UsageError;
using peakproof::bench::WorkerPool;
using peakproof::kernels::cpu::Data;
using peakproof::kernels::cpu::memory_patterns;
using peakproof::kernels::cpu::Pattern;
using peakproof::kernels::cpu::Stream;
using peakproof::kernels::cpu::StreamPattern;

constexpr std::int64_t kMib = std::int64_t{1} << 20;
constexpr std::int64_t kGib = std::int64_t{1} << 30;
constexpr std::size_t kBlockWords = Stream::block_bytes / sizeof(std::uint64_t);
constexpr std::array kAllPatterns = {StreamPattern::read,  StreamPattern::write,      StreamPattern::copy,
                                     StreamPattern::scale, StreamPattern::add,        StreamPattern::triad,
                                     StreamPattern::dot,   StreamPattern::copy_cached};

struct Words {
  static constexpr std::size_t size = 4 * kBlockWords;
  struct alignas(Stream::alignment) Storage {
    std::uint64_t words[size];
  };
  std::unique_ptr<Storage> storage = std::make_unique<Storage>();
  [[nodiscard]] std::span<std::uint64_t> all() const { return storage->words; }
};

TEST(CpuPattern, DependsOnThePositionAndTheSeed) {
  const Pattern one{.seed = 1};
  EXPECT_NE(one.word(0), one.word(1));
  EXPECT_NE(one.word(7), (Pattern{.seed = 99}.word(7)));
  EXPECT_EQ((Pattern{.seed = 0}.word(0)), 0xE220A8397B1DCDAFU) << "SplitMix64's first value from seed 0";
  EXPECT_EQ(Pattern{.data = Data::zero}.word(5), 0U);
  EXPECT_EQ(Pattern{.data = Data::ones}.word(5), ~std::uint64_t{0});
}

TEST(CpuStream, HasTheArraysOfStream) {
  const auto of = [](StreamPattern pattern) { return Stream{.pattern = pattern}; };
  EXPECT_EQ(of(StreamPattern::read).bytes_moved(4096), 4096);
  EXPECT_EQ(of(StreamPattern::write).bytes_moved(4096), 4096);
  EXPECT_EQ(of(StreamPattern::copy).bytes_moved(4096), 2 * 4096);
  EXPECT_EQ(of(StreamPattern::scale).bytes_moved(4096), 2 * 4096);
  EXPECT_EQ(of(StreamPattern::add).bytes_moved(4096), 3 * 4096);
  EXPECT_EQ(of(StreamPattern::triad).bytes_moved(4096), 3 * 4096);
  EXPECT_EQ(of(StreamPattern::dot).bytes_moved(4096), 2 * 4096);
  EXPECT_EQ(memory_patterns.size(), 7U) << "copy_cached is for the caches";
}

// What each pattern makes of its inputs, written down once more.
std::uint64_t made(StreamPattern pattern, std::uint64_t a, std::uint64_t b) {
  const auto x = std::bit_cast<double>(a);
  const auto y = std::bit_cast<double>(b);
  if (pattern == StreamPattern::scale) return std::bit_cast<std::uint64_t>(x * 3);
  if (pattern == StreamPattern::add) return std::bit_cast<std::uint64_t>(y + x);
  if (pattern == StreamPattern::triad) return std::bit_cast<std::uint64_t>(3 * y + x);
  return a;
}

TEST(CpuStream, AnswersFollowFromTheInputs) {
  for (const StreamPattern pattern : kAllPatterns) {
    const Stream stream{.pattern = pattern};
    std::uint64_t sum = 0;
    int same = 0;
    for (std::uint64_t i = 100; i < 1100; ++i) {
      const std::uint64_t a = stream.input(0, i);
      const std::uint64_t b = stream.input(1, i);
      same += a == b ? 1 : 0;
      if (stream.is_fp64()) {
        EXPECT_EQ(std::bit_cast<double>(a), static_cast<double>(static_cast<int>(std::bit_cast<double>(a)) & 1023));
        sum += static_cast<std::uint64_t>(std::bit_cast<double>(a) * std::bit_cast<double>(b));
      } else {
        sum += a;
      }
      if (stream.writes() && pattern != StreamPattern::write) {
        EXPECT_EQ(stream.output(i), made(pattern, a, b));
      }
    }
    EXPECT_LT(same, 10) << "two arrays that could be exchanged unseen";
    if (!stream.writes()) {
      EXPECT_EQ(stream.sum(100, 1000), sum);
    }
  }
  const Stream write{.pattern = StreamPattern::write};
  EXPECT_NE(write.output(0), write.output(1));
  EXPECT_EQ((Stream{.pattern = StreamPattern::write, .data = Data::ones}.output(5)), ~std::uint64_t{0});
  EXPECT_EQ((Stream{.pattern = StreamPattern::write, .data = Data::zero}.output(5)), 0U);
}

TEST(CpuStream, WorksOnItsPartAndNothingElseOnEverySimdTarget) {
  constexpr std::size_t first = kBlockWords;
  constexpr std::size_t count = 2 * kBlockWords;
  constexpr std::int64_t passes = 3;
  peakproof::tests::on_every_simd_target([] {
    for (const StreamPattern pattern : kAllPatterns) {
      const ::testing::ScopedTrace trace(__FILE__, __LINE__, std::string(name(pattern)));
      for (const Data data : {Data::random, Data::zero, Data::ones}) {
        const Stream stream{.pattern = pattern, .data = data};
        const Words a;
        const Words b;
        const Words c;
        for (std::size_t i = 0; i < Words::size; ++i) {
          a.all()[i] = stream.input(0, i);
          b.all()[i] = stream.input(1, i);
          c.all()[i] = ~stream.output(i);
        }
        const std::uint64_t sum = stream.run(a.all().subspan(first, count), b.all().subspan(first, count),
                                             c.all().subspan(first, count), first, passes);
        EXPECT_EQ(sum, stream.writes() ? 0 : passes * stream.sum(first, count));
        for (std::size_t i = 0; i < Words::size; ++i) {
          const bool written = stream.writes() && i >= first && i < first + count;
          ASSERT_EQ(c.all()[i], written ? stream.output(i) : ~stream.output(i)) << "word " << i;
          ASSERT_EQ(a.all()[i], stream.input(0, i));
        }
      }
    }
  });
}

TEST(CpuStream, TheLargestSumsAreExact) {
  // All products are 1023 x 1023; the partial sums of a part of 64 GiB stay whole numbers below 2^53.
  const Stream dot{.pattern = StreamPattern::dot, .data = Data::ones};
  EXPECT_EQ(dot.sum(0, 1000), 1000U * 1023 * 1023);
  EXPECT_LT(static_cast<double>(Stream::most_bytes) / 8 * 1023 * 1023, 0x1p53);
}

TEST(CpuStream, RefusesOddSizesAndAddresses) {
  const Words a;
  const Words c;
  const Stream copy;
  const auto run = [&](std::span<std::uint64_t> from, std::span<std::uint64_t> to) {
    return copy.run(from, {}, to, 0, 1);
  };
  EXPECT_THROW((void)run(a.all().first(kBlockWords), c.all().first(2 * kBlockWords)), std::invalid_argument);
  EXPECT_THROW((void)run(a.all().first(100), c.all().first(100)), std::invalid_argument);
  EXPECT_THROW((void)run(a.all().subspan(1, kBlockWords), c.all().first(kBlockWords)), std::invalid_argument);
  EXPECT_THROW((void)run({}, c.all().first(kBlockWords)), std::invalid_argument);
  const Stream add{.pattern = StreamPattern::add};
  EXPECT_THROW((void)add.run(a.all(), {}, c.all(), 0, 1), std::invalid_argument) << "it has two inputs";
}

TEST(CpuStream, PlansAWorkingSetBeyondTheCache) {
  EXPECT_EQ(Stream::plan_bytes(32 * kMib, 64 * kGib), 512 * kMib);
  EXPECT_EQ(Stream::plan_bytes(384 * kMib, 64 * kGib), 1536 * kMib) << "four times the cache";
  EXPECT_EQ(Stream::plan_bytes(32 * kMib, 1 * kGib), 256 * kMib) << "a quarter of the memory";
  EXPECT_EQ(Stream::plan_bytes(32 * kMib, 100 * kMib), 0) << "too little for a working set beyond the cache";
  EXPECT_EQ(Stream::plan_bytes(32 * kMib, 0), 0);
  EXPECT_EQ(Stream::plan_bytes(0, 4'000'012) % Stream::block_bytes, 0);
}

std::string refusal(std::int64_t asked) {
  try {
    (void)memory_array_bytes(asked, 32 * kMib, 8 * kGib);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(CpuMemorySize, IsWhatTheUserSaysOrARefusalThatHelps) {
  EXPECT_EQ(memory_array_bytes(std::nullopt, 32 * kMib, 8 * kGib), Stream::plan_bytes(32 * kMib, 8 * kGib));
  EXPECT_EQ(memory_array_bytes(64 * kMib, 32 * kMib, 8 * kGib), 64 * kMib);
  EXPECT_NE(refusal(64 * kMib - 4096).find("too small"), std::string::npos);
  EXPECT_NE(refusal(3 * kGib).find("too large"), std::string::npos);
  EXPECT_NE(refusal(64 * kMib + 1).find("give " + std::to_string(64 * kMib + 4096)), std::string::npos);
  EXPECT_EQ(refusal(64 * kMib + 4096), "");
}

TEST(CpuCacheLevel, IsMeasuredWhereItsShareIsBeyondTheLevelBelow) {
  EXPECT_FALSE(cache_is_no_level(1, 32 << 10, 0));
  EXPECT_FALSE(cache_is_no_level(2, 1 << 20, 32 << 10));
  EXPECT_FALSE(cache_is_no_level(3, 16 << 20, 1 << 20));
  EXPECT_TRUE(cache_is_no_level(3, 0, 1 << 20)) << "unknown";
  EXPECT_TRUE(cache_is_no_level(3, 1408 << 10, 1 << 20)) << "Skylake-SP: a core's slice hardly exceeds its L2";
  EXPECT_TRUE(cache_is_no_level(1, 4096, 0));
}

TEST(CurveSizes, GoTwoAnOctaveToTheFirstThatIsEnough) {
  EXPECT_EQ(curve_sizes(100, 900, 10'000), (std::vector<std::int64_t>{100, 200, 300, 400, 600, 800, 1200}));
  EXPECT_EQ(curve_sizes(100, 900, 700), (std::vector<std::int64_t>{100, 200, 300, 400, 600})) << "no more memory";
  EXPECT_EQ(curve_sizes(100, 50, 10'000), (std::vector<std::int64_t>{100}));
  EXPECT_TRUE(curve_sizes(100, 900, 50).empty());
}

class CpuStreamRunTest : public testing::TestWithParam<StreamPattern> {
 protected:
  static constexpr std::int64_t bytes = (std::int64_t{1} << 20) + Stream::block_bytes;  // parts that are not equal
  WorkerPool pool{peakproof::bench::one_cpu_per_core(allowed_cpus(), "/")};
  Stream stream{.pattern = GetParam()};
  CpuStreamRun run{pool, stream, bytes};

  [[nodiscard]] std::int64_t items() const { return stream.writes() ? bytes / 8 : pool.size(); }
};

TEST_P(CpuStreamRunTest, CountsReadAndWrittenBytes) {
  EXPECT_DOUBLE_EQ(run.bytes_moved(), stream.arrays() * static_cast<double>(bytes));
  run.set_passes(3);
  EXPECT_DOUBLE_EQ(run.bytes_moved(), 3 * stream.arrays() * static_cast<double>(bytes));
}

TEST_P(CpuStreamRunTest, NothingIsRightBeforeTheFirstLaunch) {
  const auto verification = run.verify();
  EXPECT_EQ(verification.items, items());
  EXPECT_EQ(verification.mismatches, verification.items);
}

TEST_P(CpuStreamRunTest, ALaunchIsRight) {
  for (const std::int64_t passes : {1, 5}) {
    run.set_passes(passes);
    run.spoil();
    run.launch();
    const auto verification = run.verify();
    EXPECT_EQ(verification.items, items());
    EXPECT_EQ(verification.mismatches, 0);
  }
}

TEST_P(CpuStreamRunTest, OneWrongWordIsFound) {
  constexpr std::uint64_t lowest_bit_of_a_number = std::uint64_t{1} << 43U;  // of 512 to 1023; 0 has none that matters
  const int array = stream.arrays() - 1;                                     // the output, or the last input of a sum
  for (const std::size_t at : {std::size_t{0}, run.array(array).size() / 2, run.array(array).size() - 1}) {
    run.launch();
    const std::uint64_t right = run.array(array)[at];
    if (stream.writes()) {
      run.array(array)[at] ^= std::uint64_t{1} << 63U;
    } else {
      run.array(array)[at] = right == 0 ? std::bit_cast<std::uint64_t>(1.0) : right ^ lowest_bit_of_a_number;
      if (stream.is_fp64()) run.array(0)[at] = std::bit_cast<std::uint64_t>(7.0);  // not times 0
      run.launch();
    }
    EXPECT_EQ(run.verify().mismatches, 1) << "word " << at;
    if (!stream.writes()) {
      run.array(array)[at] = right;
      run.array(0)[at] = stream.input(0, at);
    }
  }
}

TEST_P(CpuStreamRunTest, APassThatIsMissingIsFoundInASum) {
  run.set_passes(2);
  run.launch();
  run.set_passes(3);
  EXPECT_EQ(run.verify().mismatches, stream.writes() ? 0 : pool.size()) << "an output shows the latest pass only";
}

TEST_P(CpuStreamRunTest, WhatIsNotDoneAgainIsFound) {
  run.launch();
  run.spoil();
  EXPECT_EQ(run.verify().mismatches, items());
}

TEST_P(CpuStreamRunTest, ASizeThatLeavesACoreWithoutABlockIsAnError) {
  EXPECT_THROW(CpuStreamRun(pool, stream, Stream::block_bytes * (pool.size() - 1)), std::invalid_argument);
  EXPECT_THROW(CpuStreamRun(pool, stream, bytes + 8), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(EveryPattern, CpuStreamRunTest, testing::ValuesIn(kAllPatterns),
                         [](const auto& tested) { return std::string(name(tested.param)); });

}  // namespace
