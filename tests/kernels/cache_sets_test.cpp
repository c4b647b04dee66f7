// What the benchmarks of caches expect, against what their kernels are said to do, done slowly: the order of a ring,
// the sums of sets that are read round and round.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <numeric>
#include <set>
#include <vector>

#include "kernels/memory/cache_read.hpp"
#include "kernels/memory/pattern.hpp"
#include "kernels/memory/permutation.hpp"
#include "kernels/memory/pointer_chase.hpp"
#include "kernels/memory/texture_read.hpp"

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace

// ---- rings ----

TEST(Permutation, VisitsEachNumberOnce) {
  for (const std::uint64_t count : {1U, 2U, 3U, 5U, 8U, 31U, 32U, 33U, 1000U, 4096U, 6144U, 100'003U}) {
    for (const std::uint64_t seed : {1U, 2U, 77U}) {
      const Permutation order{count, seed};
      std::vector<int> visits(count);
      for (std::uint64_t i = 0; i < count; ++i) {
        ASSERT_LT(order(i), count);
        ++visits[order(i)];
      }
      EXPECT_EQ(visits, std::vector<int>(count, 1)) << count << ", seed " << seed;
    }
  }
}

TEST(Permutation, LooksRandom) {
  constexpr std::uint64_t count = 1U << 16U;
  const Permutation order{count, 1};
  int near = 0;
  int as_before = 0;
  for (std::uint64_t i = 2; i < count; ++i) {
    const auto step = static_cast<std::int64_t>(order(i)) - static_cast<std::int64_t>(order(i - 1));
    const auto before = static_cast<std::int64_t>(order(i - 1)) - static_cast<std::int64_t>(order(i - 2));
    if (std::abs(step) <= 16) ++near;
    if (step == before) ++as_before;
  }
  EXPECT_LT(near, 64) << "32 are to be expected of chance";
  EXPECT_LT(as_before, 8);
  EXPECT_NE((Permutation{count, 2})(1), order(1)) << "the seed counts";
}

TEST(Permutation, NeedsNoMoreBitsThanTheCount) {
  EXPECT_EQ(Permutation::bits_of(1), 0);
  EXPECT_EQ(Permutation::bits_of(2), 1);
  EXPECT_EQ(Permutation::bits_of(3), 2);
  EXPECT_EQ(Permutation::bits_of(1ULL << 33U), 33);
  EXPECT_EQ(Permutation::bits_of((1ULL << 33U) + 1), 34);
  const Permutation large{(1ULL << 33U) + 12345, 1};
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_LT(large(large.count - 1 - i), large.count);
}

TEST(Ring, IsOneCycleThroughAllNodesEachInItsStride) {
  for (const Ring ring : {Ring{.nodes = 1}, Ring{.nodes = 3}, Ring{.nodes = 16, .stride_bytes = 8}, Ring{.nodes = 1000},
                          Ring{.nodes = 37, .stride_bytes = 2 << 20}}) {
    std::set<std::int64_t> places;
    for (std::int64_t step = 0; step < ring.nodes; ++step) {
      const std::int64_t place = ring.place(step);
      EXPECT_GE(place, 0);
      EXPECT_LE(place + std::min<std::int64_t>(ring.stride_bytes, Ring::line_bytes), ring.bytes());
      EXPECT_EQ(place % std::min<std::int64_t>(ring.stride_bytes, Ring::line_bytes), 0);
      places.insert(place / ring.stride_bytes);
    }
    EXPECT_EQ(places.size(), static_cast<std::size_t>(ring.nodes)) << "a node in each stride";
    EXPECT_EQ(ring.place(ring.nodes), ring.place(0)) << "and back";
  }
}

TEST(Ring, OfPagesDoesNotMeetTheSameLineOfEach) {
  const Ring ring{.nodes = 64, .stride_bytes = 2 << 20};
  std::set<std::int64_t> lines;
  for (std::int64_t step = 0; step < ring.nodes; ++step) lines.insert(ring.place(step) % ring.stride_bytes);
  EXPECT_GT(lines.size(), 60U);
}

// ---- sets that are read round and round ----

std::uint32_t word32(const Pattern& pattern, std::int64_t index) {
  return static_cast<std::uint32_t>(pattern.word(static_cast<std::uint64_t>(index / 2)) >> (index % 2 * 32));
}

/// Trip by trip and word by word.
std::vector<std::uint32_t> read_slowly(const CacheRead& kernel, const Pattern& pattern) {
  std::vector<std::uint32_t> out;
  const auto chunks = static_cast<std::uint32_t>(kernel.chunks());
  for (int block = 0; block < kernel.blocks; ++block) {
    for (int thread = 0; thread < CacheRead::threads; ++thread) {
      std::uint32_t sum = 0;
      std::int64_t chunk = CacheRead::first_chunk(static_cast<std::uint32_t>(block), chunks);
      for (int trip = 0; trip < kernel.trips; ++trip) {
        for (int load = 0; load < CacheRead::loads; ++load) {
          const std::int64_t vector = (chunk * CacheRead::loads + load) * CacheRead::threads + thread;
          for (int word = 0; word < 4; ++word) sum += word32(pattern, vector * 4 + word);
        }
        chunk = (chunk + 1) % chunks;
      }
      out.push_back(sum);
    }
  }
  return out;
}

TEST(CacheRead, AnswerIsTheSumOfWhatIsRead) {
  const Pattern pattern{.seed = 1};
  for (const std::int64_t chunks : {1, 2, 3, 7}) {
    for (const int trips : {1, 2, 3, 13, 14, 29}) {
      const CacheRead kernel{.bytes = chunks * CacheRead::chunk_bytes, .blocks = 5, .trips = trips};
      EXPECT_EQ(answer(kernel, pattern), read_slowly(kernel, pattern)) << chunks << " chunks, " << trips << " trips";
    }
  }
}

TEST(CacheRead, OneTripMoreOrAnotherPlaceIsAnotherAnswer) {
  const Pattern pattern{.seed = 1};
  CacheRead kernel{.bytes = 5 * CacheRead::chunk_bytes, .blocks = 3, .trips = 1'000'000'000};
  const auto right = answer(kernel, pattern);
  const auto differ_everywhere = [&](const std::vector<std::uint32_t>& other) {
    for (std::size_t i = 0; i < right.size(); ++i)
      if (other[i] == right[i]) return false;
    return true;
  };
  --kernel.trips;
  EXPECT_TRUE(differ_everywhere(answer(kernel, pattern)));
  ++kernel.trips;
  EXPECT_TRUE(differ_everywhere(answer(kernel, {.seed = 2})));
}

TEST(CacheRead, BlocksBeginApart) {
  std::set<std::uint32_t> first;
  for (std::uint32_t block = 0; block < 132; ++block) first.insert(CacheRead::first_chunk(block, 2304));
  EXPECT_GT(first.size(), 120U);
  EXPECT_EQ(CacheRead::first_chunk(3, 2), 1U);
}

TEST(CacheRead, CountsItsBytes) {
  const CacheRead kernel{.blocks = 3, .trips = 5};
  EXPECT_EQ(kernel.bytes_read(), 3.0 * 5 * 128 * 4 * 16);
}

/// Texel by texel.
std::vector<std::uint32_t> fetch_slowly(const TextureRead& kernel, const std::vector<float>& words) {
  std::vector<std::uint32_t> out;
  for (int block = 0; block < kernel.blocks; ++block) {
    for (int thread = 0; thread < TextureRead::threads; ++thread) {
      std::uint32_t sum = 0;
      int row = block * TextureRead::step_rows % kernel.rows();
      for (int trip = 0; trip < kernel.trips; ++trip) {
        for (int fetch = 0; fetch < TextureRead::fetches; ++fetch) {
          const int texel = (row + thread / 32 + 4 * fetch) * TextureRead::width + thread % 32;
          for (int word = 0; word < kernel.texel_words; ++word) {
            std::uint32_t bits = 0;
            const auto index = static_cast<std::size_t>(std::int64_t{texel} * kernel.texel_words + word);
            std::memcpy(&bits, &words[index], sizeof bits);
            sum += bits;
          }
        }
        row = (row + TextureRead::step_rows) % kernel.rows();
      }
      out.push_back(sum);
    }
  }
  return out;
}

TEST(TextureRead, AnswerIsTheSumOfWhatIsFetched) {
  for (const int words : {1, 4}) {
    for (const int trips : {1, 2, 7, 8, 9, 33}) {
      const TextureRead kernel{.texel_words = words, .blocks = 5, .trips = trips};
      const auto set = texels(kernel, 1);
      EXPECT_EQ(static_cast<std::int64_t>(set.size()) * 4, TextureRead::set_bytes);
      EXPECT_EQ(answer(kernel, 1), fetch_slowly(kernel, set)) << words << " words, " << trips << " trips";
    }
  }
}

TEST(TextureRead, TexelsAreWholeNumbersThatAFilterKeeps) {
  const auto set = texels({.texel_words = 4}, 1);
  for (const float each : set) {
    ASSERT_GE(each, 0);
    ASSERT_LT(each, 4096);
    ASSERT_EQ(each, static_cast<float>(static_cast<int>(each)));
  }
  EXPECT_GT(std::set<float>(set.begin(), set.end()).size(), 2000U);
}

}  // namespace
