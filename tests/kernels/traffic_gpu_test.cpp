// The kernels that move data otherwise than STREAM on a real device: every answer, in full, and what the checks see.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/memory/bulk_copy.hpp"
#include "kernels/memory/dram_mix.hpp"
#include "kernels/memory/in_flight.hpp"
#include "kernels/memory/scattered.hpp"
#include "kernels/memory/stream_check.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

using Words = std::vector<unsigned long long>;

constexpr Pattern kPattern{.data = Data::random, .seed = 5};
constexpr WordSequence kSequence{.first = 11, .step = 0x9E3779B97F4A7C15};
constexpr std::size_t kBeyond = 64;  // words behind a buffer, which nothing may touch

/// A buffer of the pattern.
Buffer<unsigned long long> filled(std::int64_t bytes) {
  Buffer<unsigned long long> buffer(static_cast<std::size_t>(bytes / 8));
  check(fill(kPattern, buffer.get(), bytes, nullptr));
  return buffer;
}

std::uint64_t pattern_sum(std::int64_t first, std::int64_t count) {
  std::uint64_t sum = 0;
  for (std::int64_t i = first; i < first + count; ++i) sum += kPattern.word(static_cast<std::uint64_t>(i));
  return sum;
}

/// Whether each block's sum is that of its contiguous part.
void expect_sums(const Words& sums, std::int64_t words_of_block) {
  for (std::size_t block = 0; block < sums.size(); ++block)
    ASSERT_EQ(sums[block], pattern_sum(static_cast<std::int64_t>(block) * words_of_block, words_of_block)) << block;
}

/// Whether the words are the sequence, and what lies behind them is untouched.
void expect_sequence(const Words& words) {
  const std::size_t count = words.size() - kBeyond;
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(words[i], kSequence.first + i * kSequence.step) << i;
  for (std::size_t i = count; i < words.size(); ++i) ASSERT_EQ(words[i], ~0ULL) << "written beyond the end";
}

// ---- TMA bulk copies ----

class BulkOnDevice : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (!BulkCopy::native.on(compute_capability())) GTEST_SKIP() << "needs compute capability 9.0";
  }
  static std::int64_t bytes() { return GetParam() * BulkCopy::block_bytes; }
  static std::size_t words() { return static_cast<std::size_t>(bytes() / 8); }
};

TEST_P(BulkOnDevice, ReadsEveryWordOnce) {
  const auto source = filled(bytes());
  const BulkCopy kernel{BulkPattern::read, bytes()};
  const Buffer<unsigned long long> sums(static_cast<std::size_t>(kernel.blocks()));
  check(prepare(kernel));
  check(launch(kernel, {.source = source.get(), .sums = sums.get()}, nullptr));
  synchronize();
  expect_sums(sums.host(), BulkCopy::block_bytes / 8);
}

TEST_P(BulkOnDevice, WritesEveryWordAndNoMore) {
  const Buffer<unsigned long long> destination(words() + kBeyond);
  const BulkCopy kernel{BulkPattern::write, bytes()};
  check(prepare(kernel));
  check(launch(kernel, {.destination = destination.get(), .words = kSequence}, nullptr));
  synchronize();
  expect_sequence(destination.host());
}

TEST_P(BulkOnDevice, CopiesEveryWordAndNoMore) {
  const auto source = filled(bytes());
  const Buffer<unsigned long long> destination(words() + kBeyond);
  const BulkCopy kernel{BulkPattern::copy, bytes()};
  check(prepare(kernel));
  check(launch(kernel, {.source = source.get(), .destination = destination.get()}, nullptr));
  synchronize();
  const Words copy = destination.host();
  for (std::size_t i = 0; i < words(); ++i) ASSERT_EQ(copy[i], kPattern.word(i)) << i;
  for (std::size_t i = words(); i < copy.size(); ++i) ASSERT_EQ(copy[i], ~0ULL) << "written beyond the end";
}
INSTANTIATE_TEST_SUITE_P(Blocks, BulkOnDevice, testing::Values(1, 3, 61));

// ---- reads and writes in a ratio ----

TEST(DramMixOnDevice, ReadsAndWritesItsPartsInEveryRatio) {
  for (int writes = 0; writes <= DramMix::vectors; ++writes) {
    const DramMix kernel{.writes = writes, .bytes = 37 * DramMix::block_bytes};
    const auto source = filled(std::max<std::int64_t>(kernel.bytes_read(), 8));
    const Buffer<unsigned long long> destination(static_cast<std::size_t>(kernel.bytes_written() / 8) + kBeyond);
    const Buffer<unsigned long long> sums(static_cast<std::size_t>(kernel.blocks()));
    const MixOperands operands{
        .source = source.get(), .destination = destination.get(), .sums = sums.get(), .words = kSequence};
    check(launch(kernel, operands, nullptr));
    synchronize();
    expect_sequence(destination.host());
    if (kernel.reads() > 0) expect_sums(sums.host(), kernel.bytes_read() / 8 / kernel.blocks());
  }
}

// ---- bytes in flight ----

TEST(InFlightOnDevice, ReadsEveryWordOnceAndOneBlockAtATimeOnAnSm) {
  const std::int64_t bytes = std::int64_t{2} * sm_count() * InFlight::least_trips * kFlights.back().bytes();
  const auto source = filled(bytes);
  for (const Flight& flight : kFlights) {
    auto kernel = InFlight::over(flight, bytes, sm_count());
    check(one_block_per_sm(kernel));
    const Buffer<unsigned long long> sums(static_cast<std::size_t>(kernel.sums()));
    const Buffer<BlockTrace> traces(static_cast<std::size_t>(kernel.blocks));
    check(launch(kernel, source.get(), sums.get(), traces.get(), nullptr));
    synchronize();
    const Words found = sums.host();
    EXPECT_EQ(std::accumulate(found.begin(), found.end(), 0ULL), pattern_sum(0, kernel.bytes() / 8)) << flight.bytes();

    auto blocks = traces.host();
    std::sort(blocks.begin(), blocks.end(), [](const BlockTrace& one, const BlockTrace& other) {
      return std::pair(one.smid, one.begin_clk) < std::pair(other.smid, other.begin_clk);
    });
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      EXPECT_GT(blocks[i].end_clk, blocks[i].begin_clk);
      if (i > 0 && blocks[i].smid == blocks[i - 1].smid) {
        EXPECT_GE(blocks[i].begin_clk, blocks[i - 1].end_clk);
      }
    }
  }
}

// ---- accesses far apart ----

std::vector<Scattered> scattered_kernels() {
  std::vector<Scattered> kernels;
  for (const std::int64_t bytes : {Scattered::least_bytes, 8 * Scattered::least_bytes}) {
    for (const int piece : {Scattered::sector_bytes, Scattered::line_bytes})
      kernels.push_back({.bytes = bytes, .piece_bytes = piece});
    for (int stride = Scattered::sector_bytes; stride <= Scattered::most_stride; stride *= 2)
      kernels.push_back({.bytes = bytes, .stride_bytes = stride});
  }
  return kernels;
}

unsigned long long mismatches_of(const Scattered& kernel, const Buffer<unsigned long long>& sums) {
  Buffer<Mismatches> found(1);
  found.fill_bytes(0);
  check(count_mismatches(kernel, kPattern, sums.get(), found.get(), nullptr));
  synchronize();
  return found.host().front().count;
}

TEST(ScatteredOnDevice, EveryBlockReadsItsPieces) {
  for (const Scattered& kernel : scattered_kernels()) {
    const auto source = filled(kernel.bytes);
    Buffer<unsigned long long> sums(static_cast<std::size_t>(kernel.blocks()));
    check(launch(kernel, source.get(), sums.get(), nullptr));
    synchronize();
    const Words found = sums.host();
    const std::int64_t pieces = Scattered::block_bytes / kernel.piece_bytes;  // of a block
    for (std::int64_t block = 0; block < kernel.blocks(); ++block) {
      std::uint64_t sum = 0;
      for (std::int64_t i = block * pieces; i < (block + 1) * pieces; ++i) {
        const auto piece = static_cast<std::uint32_t>(i);
        const std::uint64_t offset =
            kernel.random() ? kernel.random_order().offset(piece) : kernel.strided_order().offset(piece);
        sum += pattern_sum(static_cast<std::int64_t>(offset / 8), kernel.piece_bytes / 8);
      }
      ASSERT_EQ(found[static_cast<std::size_t>(block)], sum) << kernel.symbol() << ", block " << block;
    }
    EXPECT_EQ(mismatches_of(kernel, sums), 0U);
    sums.set(sums.count - 1, found.back() ^ 1U);
    EXPECT_EQ(mismatches_of(kernel, sums), 1U);
  }
}

TEST(ScatteredOnDevice, AnotherOrderIsSeen) {
  const std::int64_t bytes = 8 * Scattered::least_bytes;
  const auto source = filled(bytes);
  const Scattered far{.bytes = bytes, .stride_bytes = 1024};
  const Scattered near{.bytes = bytes, .stride_bytes = 128};  // the same sectors, in another order
  const Buffer<unsigned long long> sums(static_cast<std::size_t>(far.blocks()));
  check(launch(near, source.get(), sums.get(), nullptr));
  EXPECT_GT(mismatches_of(far, sums), static_cast<unsigned long long>(far.blocks() / 2));
}

TEST(ScatteredOnDevice, ReachesBeyond32Bits) {
  std::size_t free = 0;
  std::size_t total = 0;
  const std::int64_t bytes = std::int64_t{8} << 30;
  check(cudaMemGetInfo(&free, &total));
  if (free < static_cast<std::size_t>(bytes) + (std::size_t{1} << 30)) GTEST_SKIP() << "too little free memory";
  const auto source = filled(bytes);
  for (const Scattered& kernel : {Scattered{.bytes = bytes}, Scattered{.bytes = bytes, .stride_bytes = 4096}}) {
    const Buffer<unsigned long long> sums(static_cast<std::size_t>(kernel.blocks()));
    check(launch(kernel, source.get(), sums.get(), nullptr));
    EXPECT_EQ(mismatches_of(kernel, sums), 0U);
  }
}

}  // namespace
