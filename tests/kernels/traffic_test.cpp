// What is known without a device of the kernels that move data otherwise than STREAM: orders, shapes, and what the
// launchers refuse before they touch a device.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "kernels/memory/bulk_copy.hpp"
#include "kernels/memory/dram_mix.hpp"
#include "kernels/memory/in_flight.hpp"
#include "kernels/memory/scattered.hpp"

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

// ---- pieces far apart ----

/// How often each sector of the buffer is read by a launch.
template <class Order>
std::vector<int> visits(const Scattered& kernel, const Order& order) {
  std::vector<int> counts(static_cast<std::size_t>(kernel.bytes / Scattered::sector_bytes));
  for (std::int64_t piece = 0; piece < kernel.pieces(); ++piece) {
    const std::uint64_t offset = order.offset(static_cast<std::uint32_t>(piece));
    EXPECT_EQ(offset % static_cast<std::uint64_t>(kernel.piece_bytes), 0U);
    for (int within = 0; within < kernel.piece_bytes; within += Scattered::sector_bytes)
      ++counts.at((offset + static_cast<std::uint64_t>(within)) / Scattered::sector_bytes);
  }
  return counts;
}

TEST(RandomOrder, ReadsEverySectorOnce) {
  for (const int piece : {Scattered::sector_bytes, Scattered::line_bytes}) {
    for (const std::int64_t bytes : {kMiB, 2 * kMiB, 16 * kMiB}) {  // an even and an odd number of bits
      const Scattered kernel{.bytes = bytes, .piece_bytes = piece};
      ASSERT_TRUE(kernel.valid());
      EXPECT_EQ(kernel.useful_bytes(), bytes);
      for (const int count : visits(kernel, kernel.random_order())) ASSERT_EQ(count, 1);
    }
  }
}

TEST(RandomOrder, LeavesNoOrderBehind) {
  const Scattered kernel{.bytes = 16 * kMiB};
  const RandomOrder order = kernel.random_order();
  std::int64_t near = 0;
  std::int64_t ascending = 0;
  double sum = 0;
  for (std::uint32_t piece = 0; piece + 1 < kernel.pieces(); ++piece) {
    const auto from = static_cast<std::int64_t>(order.offset(piece));
    const auto to = static_cast<std::int64_t>(order.offset(piece + 1));
    if (std::abs(from - to) < 2048) ++near;  // a page of the memory
    if (to > from) ++ascending;
    sum += static_cast<double>(std::abs(from - to));
  }
  const auto count = static_cast<double>(kernel.pieces() - 1);
  EXPECT_LT(static_cast<double>(near) / count, 0.001);
  EXPECT_NEAR(static_cast<double>(ascending) / count, 0.5, 0.02);
  EXPECT_NEAR(sum / count / static_cast<double>(kernel.bytes), 1.0 / 3, 0.02);  // of two random places
}

TEST(RandomOrder, ReachesBeyond32Bits) {
  const Scattered kernel{.bytes = Scattered::most_bytes};
  const RandomOrder order = kernel.random_order();
  std::uint64_t highest = 0;
  for (std::uint32_t piece = 0; piece < 1000; ++piece) highest = std::max(highest, order.offset(piece));
  EXPECT_GT(highest, std::uint64_t{Scattered::most_bytes} / 2);
  EXPECT_LT(highest, std::uint64_t{Scattered::most_bytes});
}

TEST(StridedOrder, ReadsOneSectorOfEachStrideOrLineOnceAtItsStride) {
  for (int stride = 32; stride <= Scattered::most_stride; stride *= 2) {
    const Scattered kernel{.bytes = 2 * kMiB, .stride_bytes = stride};
    ASSERT_TRUE(kernel.valid());
    const StridedOrder order = kernel.strided_order();
    const int every = std::min(stride, Scattered::line_bytes);
    EXPECT_EQ(kernel.useful_bytes(), kernel.bytes / every * 32);
    const auto counts = visits(kernel, order);
    for (std::size_t sector = 0; sector < counts.size(); ++sector)
      ASSERT_EQ(counts[sector], sector * 32 % static_cast<std::size_t>(every) == 0 ? 1 : 0) << stride;
    std::int64_t jumps = 0;
    for (std::uint32_t piece = 0; piece + 1 < kernel.pieces(); ++piece)
      if (order.offset(piece + 1) != order.offset(piece) + static_cast<std::uint64_t>(stride)) ++jumps;
    EXPECT_EQ(jumps, stride / every - 1) << "the passes but the last";
  }
}

TEST(Scattered, PinsMoveNoMoreThanIsAskedForWhereThereIsNoGap) {
  EXPECT_TRUE((Scattered{.piece_bytes = 128}.moves_what_it_reads()));
  EXPECT_TRUE((Scattered{.stride_bytes = 32}.moves_what_it_reads()));
  EXPECT_FALSE((Scattered{.stride_bytes = 64}.moves_what_it_reads()));
  EXPECT_FALSE(Scattered().moves_what_it_reads());
}

TEST(Scattered, RefusesWhatIsNoPowerOfTwoOrTooFarApart) {
  for (const Scattered& kernel :
       {Scattered{.bytes = 0}, Scattered{.bytes = kMiB / 2}, Scattered{.bytes = 3 * kMiB},
        Scattered{.bytes = 2 * Scattered::most_bytes}, Scattered{.piece_bytes = 64}, Scattered{.stride_bytes = 16},
        Scattered{.stride_bytes = 96}, Scattered{.stride_bytes = 8192},
        Scattered{.piece_bytes = 128, .stride_bytes = 1024}}) {
    EXPECT_FALSE(kernel.valid());
    unsigned long long sums = 0;
    EXPECT_EQ(launch(kernel, &sums, &sums, nullptr), cudaErrorInvalidValue);
    Mismatches found;
    EXPECT_EQ(count_mismatches(kernel, Pattern{}, &sums, &found, nullptr), cudaErrorInvalidValue);
  }
}

// ---- bytes in flight ----

TEST(InFlight, NumbersAscendAndEachIsThereOnce) {
  for (std::size_t i = 1; i < kFlights.size(); ++i) EXPECT_GT(kFlights[i].bytes(), kFlights[i - 1].bytes());
  EXPECT_EQ(kFlights.front().bytes(), 512);
  EXPECT_EQ(kFlights.back().bytes(), 128 << 10);
  for (const Flight& flight : kFlights) {
    EXPECT_LE(flight.threads(), 1024);
    EXPECT_EQ(flight.bytes(), 512 * flight.loads * flight.warps);
  }
}

TEST(InFlight, IsSpreadEvenlyAndLeavesLittleOut) {
  for (const int sms : {1, 4, 132}) {
    for (const Flight& flight : kFlights) {
      const auto kernel = InFlight::over(flight, 4096 * kMiB, sms);
      EXPECT_EQ(kernel.blocks % sms, 0);
      EXPECT_EQ(kernel.blocks / sms, InFlight::most_waves);
      EXPECT_LE(kernel.bytes(), 4096 * kMiB);
      EXPECT_GT(kernel.bytes(), 4096 * kMiB * 9 / 10);
      EXPECT_EQ(kernel.bytes(), std::int64_t{flight.bytes()} * kernel.blocks * kernel.trips);
    }
  }
  const Flight most = kFlights.back();
  EXPECT_EQ(InFlight::over(most, std::int64_t{132} << 17, 132).trips, 1);
  EXPECT_EQ(InFlight::over(most, std::int64_t{132} << 17, 132).blocks, 132);
  EXPECT_EQ(InFlight::over(most, std::int64_t{131} << 17, 132).trips, 0) << "not even one trip";
}

TEST(InFlight, RefusesShapesThatAreNoKernel) {
  unsigned long long sums = 0;
  BlockTrace trace;
  for (const Flight& flight : {Flight{3, 1}, Flight{0, 1}, Flight{16, 1}, Flight{1, 0}, Flight{1, 33}}) {
    InFlight kernel{.flight = flight};
    EXPECT_EQ(launch(kernel, &sums, &sums, &trace, nullptr), cudaErrorInvalidValue);
    EXPECT_EQ(one_block_per_sm(kernel), cudaErrorInvalidValue);
  }
  EXPECT_EQ(launch({.blocks = 0}, &sums, &sums, &trace, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch({.trips = 0}, &sums, &sums, &trace, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch({}, nullptr, &sums, &trace, nullptr), cudaErrorInvalidValue);
}

// ---- reads and writes in a ratio ----

TEST(DramMix, PartsAddUp) {
  for (int writes = 0; writes <= DramMix::vectors; ++writes) {
    const DramMix kernel{.writes = writes, .bytes = 1001 * DramMix::block_bytes};
    EXPECT_EQ(kernel.bytes_read() + kernel.bytes_written(), kernel.bytes);
    EXPECT_EQ(kernel.write_percent(), 10 * writes);
    EXPECT_EQ(kernel.bytes_written(), kernel.blocks() * writes * 4096);
  }
}

TEST(DramMix, RefusesWhatDoesNotFit) {
  unsigned long long memory = 0;
  const MixOperands operands{.source = &memory, .destination = &memory, .sums = &memory};
  for (const DramMix& kernel :
       {DramMix{.writes = -1, .bytes = DramMix::block_bytes}, DramMix{.writes = 11, .bytes = DramMix::block_bytes},
        DramMix{.bytes = 0}, DramMix{.bytes = DramMix::block_bytes + 16}})
    EXPECT_EQ(launch(kernel, operands, nullptr), cudaErrorInvalidValue);
  for (const MixOperands& lacking :
       {MixOperands{.destination = &memory, .sums = &memory}, MixOperands{.source = &memory, .sums = &memory},
        MixOperands{.source = &memory, .destination = &memory}})
    EXPECT_EQ(launch({.writes = 5, .bytes = DramMix::block_bytes}, lacking, nullptr), cudaErrorInvalidValue);
}

// ---- TMA bulk copies ----

TEST(BulkCopy, CountsWhatIsReadAndWritten) {
  EXPECT_EQ((BulkCopy{BulkPattern::read, kMiB}.bytes_moved()), kMiB);
  EXPECT_EQ((BulkCopy{BulkPattern::write, kMiB}.bytes_moved()), kMiB);
  EXPECT_EQ((BulkCopy{BulkPattern::copy, kMiB}.bytes_moved()), 2 * kMiB);
  EXPECT_FALSE(BulkCopy::native.on(89));
  for (const int architecture : {90, 100, 120}) EXPECT_TRUE(BulkCopy::native.on(architecture));
}

TEST(BulkCopy, RefusesWhatDoesNotFit) {
  unsigned long long memory = 0;
  const BulkOperands all{.source = &memory, .destination = &memory, .sums = &memory};
  for (const BulkPattern pattern : kBulkPatterns) {
    BulkOperands operands = all;
    if (pattern != BulkPattern::read) operands.sums = nullptr;
    if (pattern == BulkPattern::write) operands.source = nullptr;
    if (pattern == BulkPattern::read) operands.destination = nullptr;
    for (const std::int64_t bytes : {std::int64_t{0}, BulkCopy::block_bytes / 2, BulkCopy::block_bytes + 16})
      EXPECT_EQ(launch({pattern, bytes}, operands, nullptr), cudaErrorInvalidValue);
    EXPECT_EQ(launch({pattern, BulkCopy::block_bytes}, all, nullptr), cudaErrorInvalidValue) << "one buffer too many";
    EXPECT_EQ(launch({pattern, BulkCopy::block_bytes}, {}, nullptr), cudaErrorInvalidValue);
  }
}

}  // namespace
