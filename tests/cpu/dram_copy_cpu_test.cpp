// The CPU's copy, and the faults in it that must be found.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>

#include "bench/harness/cpu_runs.hpp"
#include "bench/harness/cpu_topology.hpp"
#include "kernels/cpu/dram_copy.hpp"
#include "kernels/cpu/pattern.hpp"
#include "tests/cpu/simd_targets.hpp"

namespace {

using peakproof::bench::allowed_cpus;
using peakproof::bench::CpuCopyRun;
using peakproof::bench::WorkerPool;
using peakproof::kernels::cpu::count_mismatches;
using peakproof::kernels::cpu::Data;
using peakproof::kernels::cpu::DramCopy;
using peakproof::kernels::cpu::fill;
using peakproof::kernels::cpu::fill_inverse;
using peakproof::kernels::cpu::Pattern;

constexpr std::size_t kBlockWords = DramCopy::block_bytes / sizeof(std::uint64_t);

struct Words {
  static constexpr std::size_t size = 4 * kBlockWords;
  struct alignas(DramCopy::alignment) Storage {
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

TEST(CpuPattern, CountsWordsOfAPartThatBeginsAnywhere) {
  const Words words;
  const Pattern pattern;
  fill(pattern, 1000, words.all());
  EXPECT_EQ(count_mismatches(pattern, 1000, words.all()), 0);
  EXPECT_EQ(count_mismatches(pattern, 1000 + 10, words.all().subspan(10)), 0);
  EXPECT_EQ(count_mismatches(pattern, 1001, words.all()), static_cast<std::int64_t>(Words::size)) << "shifted by one";
  fill_inverse(pattern, 1000, words.all());
  EXPECT_EQ(count_mismatches(pattern, 1000, words.all()), static_cast<std::int64_t>(Words::size));
}

TEST(CpuDramCopy, CopiesItsPartAndNothingElseOnEverySimdTarget) {
  peakproof::tests::on_every_simd_target([] {
    const Words source;
    const Words destination;
    const Pattern pattern;
    fill(pattern, 0, source.all());
    fill_inverse(pattern, 0, destination.all());
    DramCopy::copy(source.all().subspan(kBlockWords, 2 * kBlockWords),
                   destination.all().subspan(kBlockWords, 2 * kBlockWords));
    EXPECT_EQ(count_mismatches(pattern, kBlockWords, destination.all().subspan(kBlockWords, 2 * kBlockWords)), 0);
    EXPECT_EQ(count_mismatches(pattern, 0, destination.all()), static_cast<std::int64_t>(2 * kBlockWords))
        << "the first and the last block are not part of it";
  });
}

TEST(CpuDramCopy, RefusesOddSizesAndAddresses) {
  const Words source;
  const Words destination;
  EXPECT_THROW(DramCopy::copy(source.all().first(kBlockWords), destination.all().first(2 * kBlockWords)),
               std::invalid_argument);
  EXPECT_THROW(DramCopy::copy(source.all().first(100), destination.all().first(100)), std::invalid_argument);
  EXPECT_THROW(DramCopy::copy(source.all().subspan(1, kBlockWords), destination.all().first(kBlockWords)),
               std::invalid_argument);
}

TEST(CpuDramCopy, PlansAWorkingSetBeyondTheCache) {
  constexpr std::int64_t mib = std::int64_t{1} << 20;
  constexpr std::int64_t gib = std::int64_t{1} << 30;
  EXPECT_EQ(DramCopy::plan_bytes(32 * mib, 64 * gib), 512 * mib) << "1 GiB in both buffers";
  EXPECT_EQ(DramCopy::plan_bytes(384 * mib, 64 * gib), 1536 * mib) << "four times the cache";
  EXPECT_EQ(DramCopy::plan_bytes(32 * mib, 1 * gib), 256 * mib) << "a quarter of the memory";
  EXPECT_EQ(DramCopy::plan_bytes(32 * mib, 100 * mib), 0) << "too little for a working set beyond the cache";
  EXPECT_EQ(DramCopy::plan_bytes(32 * mib, 0), 0);
  EXPECT_EQ(DramCopy::plan_bytes(0, 4'000'012) % DramCopy::block_bytes, 0);
}

class CpuCopyRunTest : public testing::Test {
 protected:
  static constexpr std::int64_t bytes = std::int64_t{4} << 20;
  WorkerPool pool{peakproof::bench::one_cpu_per_core(allowed_cpus(), "/")};
  CpuCopyRun run{pool, bytes};
};

TEST_F(CpuCopyRunTest, CountsReadAndWrittenBytes) {
  EXPECT_GT(run.buffer_bytes(), bytes - DramCopy::block_bytes * pool.size());
  EXPECT_DOUBLE_EQ(run.bytes_moved(), 2.0 * static_cast<double>(run.buffer_bytes()));
}

TEST_F(CpuCopyRunTest, NothingIsRightBeforeTheFirstCopy) {
  const auto verification = run.verify();
  EXPECT_EQ(verification.items, run.buffer_bytes() / 8);
  EXPECT_EQ(verification.mismatches, verification.items);
}

TEST_F(CpuCopyRunTest, ACopyIsRight) {
  run.launch();
  const auto verification = run.verify();
  EXPECT_EQ(verification.items, run.buffer_bytes() / 8);
  EXPECT_EQ(verification.mismatches, 0);
}

TEST_F(CpuCopyRunTest, OneWrongElementIsFound) {
  for (const std::size_t at : {std::size_t{0}, run.destination().size() / 2, run.destination().size() - 1}) {
    run.launch();
    run.destination()[at] ^= std::uint64_t{1} << 63U;
    EXPECT_EQ(run.verify().mismatches, 1) << "word " << at;
  }
}

TEST_F(CpuCopyRunTest, WhatIsNotCopiedAgainIsFound) {
  run.launch();
  run.spoil_destination();
  EXPECT_EQ(run.verify().mismatches, run.buffer_bytes() / 8);
}

TEST_F(CpuCopyRunTest, ALaunchOfSeveralCopiesIsOneRunOfThePool) {
  const double once = run.bytes_moved();
  run.set_repeats(3);
  EXPECT_EQ(run.bytes_moved(), 3 * once);
  run.launch();
  EXPECT_EQ(run.verify().mismatches, 0);
}

TEST_F(CpuCopyRunTest, NoRoomForOneBlockPerCoreIsAnError) {
  EXPECT_THROW(CpuCopyRun(pool, DramCopy::block_bytes * pool.size() - 1), std::invalid_argument);
}

}  // namespace
