// What the kernels on the chip answer, on the host: that each answer tells one trip from the next and every word from another,
// and what shared memory's addresses mean for its banks.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "kernels/memory/atomics.hpp"
#include "kernels/memory/constant_read.hpp"
#include "kernels/memory/dsmem.hpp"
#include "kernels/memory/shared_read.hpp"
#include "kernels/memory/shared_write.hpp"

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace

/// Every word differs from that after one trip less and one more.
template <class Kernel>
void expect_that_a_trip_shows(Kernel kernel) {
  for (const int trips : {2, 3, 4, 5, 64, 4'000, 123'456'789}) {
    kernel.trips = trips;
    const auto right = answer(kernel);
    for (const int off : {-1, 1}) {
      kernel.trips = trips + off;
      const auto wrong = answer(kernel);
      ASSERT_EQ(right.size(), wrong.size());
      for (std::size_t i = 0; i < right.size(); ++i) ASSERT_NE(right[i], wrong[i]) << trips << " trips, word " << i;
    }
  }
}

/// No two of the words are equal, so that a thread cannot stand in for another.
void expect_all_different(const std::vector<std::uint32_t>& words) {
  EXPECT_EQ(std::set(words.begin(), words.end()).size(), words.size());
}

TEST(SharedTile, HoldsDifferentWordsInAllRanks) {
  std::set<std::uint32_t> words;
  for (int rank = 0; rank < 8; ++rank)
    for (int i = 0; i < SharedTile::words; ++i) words.insert(SharedTile::word(rank, i));
  EXPECT_EQ(words.size(), 8U * SharedTile::words);
}

std::vector<SharedRead> every_read() {
  std::vector<SharedRead> all = {{}};
  for (const int ways : SharedRead::all_ways) all.push_back({.ways = ways});
  return all;
}

TEST(SharedRead, ShowsATripMoreOrLess) {
  for (const SharedRead& read : every_read()) expect_that_a_trip_shows(read);
}

TEST(SharedRead, TellsItsThreadsApart) {
  for (SharedRead read : every_read()) {
    read.trips = 5;
    const auto words = answer(read);
    EXPECT_EQ(words.size(), 128U);
    expect_all_different(words);
  }
}

TEST(SharedRead, ReadsTheWholeTileInFourTripsWhateverTheConflicts) {
  // The sum of all words is the same in whatever order they are read: undo the folding, and add up the four sums.
  const auto total = [](const SharedRead& read) {
    std::uint32_t sum = 0;
    for (int lane = 0; lane < 32; ++lane)
      for (int load = 0; load < SharedTile::lane_words; ++load) {
        const int ways = read.ways;
        const int word =
            ways == 0 ? load / 4 * 128 + lane * 4 + load % 4 : load / ways * ways * 32 + lane * ways + load % ways;
        sum += SharedTile::word(0, word);
      }
    return sum;
  };
  std::uint32_t whole = 0;
  for (int i = 0; i < SharedTile::section_words; ++i) whole += SharedTile::word(0, i);
  for (const SharedRead& read : every_read()) EXPECT_EQ(total(read), whole) << read.symbol();
}

TEST(SharedRead, AnswersOneTripByTheWordsThemselves) {
  SharedRead read{.ways = 32};
  read.trips = 1;
  // Thread 33 is lane 1 of warp 1: section 1, from word 32 on, one word after the other.
  FourSums sums{};
  for (int load = 0; load < 32; ++load)
    sums[static_cast<std::size_t>(load % 4)] += SharedTile::word(0, 1024 + 32 + load);
  EXPECT_EQ(answer(read)[33], fold_sums(sums));
}

TEST(SharedRead, CountsWhatComesToRegisters) {
  SharedRead read{.ways = 8, .blocks = 3};
  read.trips = 5;
  EXPECT_EQ(read.work(), 128.0 * 256 * 5 * 3);
  EXPECT_EQ(read.symbol(), "shared_read_32<8>");
  EXPECT_EQ(SharedRead{}.symbol(), "shared_read_128");
}

TEST(SharedWrite, ShowsATripMoreOrLessInEveryThread) {
  expect_that_a_trip_shows(SharedWrite{});
  const auto words = answer(SharedWrite{.trips = 7});
  EXPECT_EQ(words.size(), 256U);
  expect_all_different(words);
  EXPECT_EQ((SharedWrite{.blocks = 2, .trips = 3}).work(), 2.0 * 3 * 256 * 8 * 16);
}

TEST(DsmemRead, ShowsATripMoreOrLessAndTheNeighbour) {
  for (const int cluster : DsmemRead::all_clusters) {
    const DsmemRead read{.cluster = cluster, .blocks = cluster, .trips = 6};
    expect_that_a_trip_shows(read);
    const auto words = answer(read);
    ASSERT_EQ(words.size(), static_cast<std::size_t>(cluster) * DsmemRead::threads);
    // The blocks' answers differ, and those of the last rank are what a block reads of itself in a cluster of one.
    std::set<std::uint32_t> firsts;
    for (int rank = 0; rank < cluster; ++rank)
      firsts.insert(words[static_cast<std::size_t>(rank) * DsmemRead::threads]);
    EXPECT_EQ(firsts.size(), static_cast<std::size_t>(cluster));
    EXPECT_EQ(words[(static_cast<std::size_t>(cluster) - 1) * DsmemRead::threads], answer(SharedRead{.trips = 6})[0]);
  }
}

TEST(DsmemChase, EndsElsewhereAfterATripMoreOrLess) {
  for (const int steps : {DsmemChase::body, DsmemChase::body / 2})
    for (const int trips : {1, 2, 1021, 50'000'000}) {
      const std::uint32_t right = answer(DsmemChase{.steps = steps, .trips = trips});
      EXPECT_LT(right, 1021U);
      EXPECT_NE(right, answer(DsmemChase{.steps = steps, .trips = trips + 1}));
    }
  EXPECT_EQ(answer(DsmemChase{.steps = 64, .trips = 1}), 64U * 389 % 1021);
  EXPECT_EQ(DsmemChase{}.symbol(), "dsmem_chase<128>");
}

TEST(ConstantRead, ShowsATripMoreOrLess) {
  for (const int kib : {1, 4, 64})
    for (const int width : {4, 8}) expect_that_a_trip_shows(ConstantRead{.width = width, .set_bytes = kib * 1024});
  expect_that_a_trip_shows(ConstantRead{.set_bytes = 2048, .divergent = true});
}

TEST(ConstantRead, HasOneAnswerForAWarpUnlessItsLanesDiffer) {
  const auto same = answer(ConstantRead{.set_bytes = 32 * 1024, .trips = 3});
  ASSERT_EQ(same.size(), 32U * 32U);
  EXPECT_EQ(std::set(same.begin(), same.begin() + 32).size(), 1U);
  EXPECT_EQ(std::set(same.begin(), same.end()).size(), 32U);
  const auto different = answer(ConstantRead{.divergent = true, .trips = 3});
  ASSERT_EQ(different.size(), 32U);
  expect_all_different(different);
}

TEST(ConstantRead, CountsALoadOnceAWarpUnlessItsLanesDiffer) {
  EXPECT_EQ((ConstantRead{.width = 8, .blocks = 2, .trips = 3}).work(), 8.0 * 8 * 3 * 8 * 2);
  EXPECT_EQ((ConstantRead{.divergent = true, .blocks = 2, .trips = 3}).work(), 32.0 * 4 * 8 * 3 * 8 * 2);
}

TEST(Atomics, SumsAreExactAndTellATripAndAThread) {
  for (const auto type : {AtomicType::int32, AtomicType::int64, AtomicType::fp32}) {
    Atomics kernel{.type = type, .blocks = 2, .trips = 1000};
    const auto right = sums(kernel);
    ASSERT_EQ(right.size(), 512U);
    --kernel.trips;
    const auto wrong = sums(kernel);
    for (std::size_t i = 0; i < right.size(); ++i) EXPECT_NE(right[i], wrong[i]);
    const std::size_t least = type == AtomicType::fp32 ? 3U : 512U;
    EXPECT_EQ(std::set(right.begin(), right.end()).size(), least);
  }
}

TEST(Atomics, SumsByHand) {
  const auto thread_sum = [](std::uint32_t thread) { return 16 * 3 * (mix32(thread) | 1U); };
  EXPECT_EQ(sums(Atomics{.trips = 3})[7], thread_sum(7));
  std::uint32_t block = 0;
  for (std::uint32_t thread = 256; thread < 512; ++thread) block += thread_sum(thread);
  const Atomics shared{.memory = AtomicMemory::shared, .spread = false, .blocks = 3, .trips = 3};
  ASSERT_EQ(sums(shared).size(), 3U);
  EXPECT_EQ(sums(shared)[1], block);
  std::uint32_t all = 0;
  for (std::uint32_t thread = 0; thread < 768; ++thread) all += thread_sum(thread);
  EXPECT_EQ(sums(Atomics{.spread = false, .blocks = 3, .trips = 3}), std::vector<std::uint64_t>{all});
  EXPECT_GT(sums(Atomics{.type = AtomicType::int64, .trips = 3})[0] >> 32U, 0U) << "the upper half is added too";
}

TEST(Atomics, ResultsInUseAddUpToWhatWasThereBefore) {
  const Atomics kernel{.used = true, .trips = 2};
  std::uint32_t cell = 0;
  std::uint32_t sum = 0;
  for (int i = 0; i < 32; ++i) {
    sum += cell;
    cell += mix32(9) | 1U;
  }
  EXPECT_EQ(sum_of_results(kernel, 9), sum);
  EXPECT_EQ(sums(kernel)[9], cell);
}

TEST(Atomics, Fp32SumsStayWhole) {
  const Atomics kernel{.type = AtomicType::fp32, .trips = Atomics::most_fp32_trips};
  EXPECT_LT(3.0 * Atomics::steps * kernel.trips, 0x1p24);
}

}  // namespace
