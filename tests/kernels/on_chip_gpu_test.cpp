// The kernels on the chip on a real device: every answer, in full, and every request that must be refused. Ends with 77
// (skipped) where there is no device.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernels/memory/atomics.hpp"
#include "kernels/memory/constant_read.hpp"
#include "kernels/memory/dsmem.hpp"
#include "kernels/memory/shared_read.hpp"
#include "kernels/memory/shared_write.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

struct Outcome {
  std::vector<std::uint32_t> words;
  std::vector<BlockTrace> trace;
};

template <class Kernel>
Outcome run(const Kernel& kernel) {
  const auto blocks = static_cast<std::size_t>(kernel.blocks);
  const Buffer<std::uint32_t> out(blocks * Kernel::threads);
  const Buffer<BlockTrace> trace(blocks);
  check(launch(kernel, out.get(), trace.get(), nullptr));
  synchronize();
  return {out.host(), trace.host()};
}

std::size_t mismatches(const std::vector<std::uint32_t>& words, const std::vector<std::uint32_t>& expected) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] != expected[i % expected.size()]) ++count;
  return count;
}

/// On all SMs, as many blocks as fit: the answer for several numbers of trips, and that one trip less is another.
template <class Kernel>
void expect_right_answers(Kernel kernel) {
  int per_sm = 0;
  check(blocks_per_sm(kernel, &per_sm));
  kernel.blocks = per_sm * sm_count();
  for (const int trips : {1, 2, 5, 1000}) {
    kernel.trips = trips;
    const Outcome outcome = run(kernel);
    EXPECT_EQ(mismatches(outcome.words, answer(kernel)), 0U) << kernel.symbol() << ", " << trips << " trips";
    for (const BlockTrace& block : outcome.trace) {
      EXPECT_GE(block.smid, 0);
      EXPECT_GT(block.end_clk, block.begin_clk);
    }
    kernel.trips = trips + 1;
    EXPECT_EQ(mismatches(outcome.words, answer(kernel)), outcome.words.size());
  }
}

TEST(SharedReadOnDevice, AnswersInEveryThread) {
  expect_right_answers(SharedRead{});
  for (const int ways : SharedRead::all_ways) expect_right_answers(SharedRead{.ways = ways});
}

TEST(SharedReadOnDevice, AConflictTakesItsTime) {
  if (compute_capability() < 80) GTEST_SKIP() << "an SM moves half of what its banks have";
  const auto clocks = [](int ways) {
    SharedRead read{.ways = ways, .blocks = sm_count(), .trips = 2000};
    const BlockTrace block = run(read).trace.front();
    return static_cast<double>(block.end_clk - block.begin_clk);
  };
  for (const int ways : {8, 16, 32}) EXPECT_NEAR(clocks(ways) / clocks(4), ways / 4.0, 0.15 * ways / 4) << ways;
}

TEST(SharedReadOnDevice, RefusesWhatNoKernelHas) {
  EXPECT_EQ(launch(SharedRead{.ways = 3}, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch(SharedRead{.trips = 0}, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch(SharedRead{.blocks = 0}, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
}

TEST(SharedWriteOnDevice, AnswersInEveryThread) { expect_right_answers(SharedWrite{}); }

TEST(ConstantReadOnDevice, AnswersInEveryThread) {
  for (const int kib : {1, 2, 32, 64})
    for (const int width : {4, 8}) expect_right_answers(ConstantRead{.width = width, .set_bytes = kib * 1024});
  for (const int kib : {1, 64}) expect_right_answers(ConstantRead{.set_bytes = kib * 1024, .divergent = true});
}

TEST(ConstantReadOnDevice, RefusesWhatNoKernelHas) {
  for (const ConstantRead& wrong :
       {ConstantRead{.width = 16}, ConstantRead{.set_bytes = 3 * 1024}, ConstantRead{.set_bytes = 128 * 1024},
        ConstantRead{.set_bytes = 512}, ConstantRead{.width = 8, .divergent = true}, ConstantRead{.trips = 0}})
    EXPECT_EQ(launch(wrong, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
}

class DsmemOnDevice : public testing::Test {
 protected:
  void SetUp() override {
    if (compute_capability() < 90) GTEST_SKIP() << "clusters need compute capability 9.0";
  }
};

TEST_F(DsmemOnDevice, EveryBlockReadsTheNextOne) {
  for (const int cluster : DsmemRead::all_clusters) {
    DsmemRead read{.cluster = cluster};
    int clusters = 0;
    check(clusters_at_once(read, &clusters));
    if (clusters < 1) continue;  // a small device
    read.blocks = clusters * cluster;
    for (const int trips : {1, 2, 500}) {
      read.trips = trips;
      const Outcome outcome = run(read);
      EXPECT_EQ(mismatches(outcome.words, answer(read)), 0U) << cluster << " blocks, " << trips << " trips";
      std::set<std::int64_t> sms;
      for (const BlockTrace& block : outcome.trace) sms.insert(block.smid);
      EXPECT_EQ(sms.size(), outcome.trace.size()) << "two blocks were on one SM";
    }
  }
}

TEST_F(DsmemOnDevice, AChaseEndsWhereItShouldOnAnotherSm) {
  std::map<int, double> cycles;
  for (const int steps : {DsmemChase::body, DsmemChase::body / 2}) {
    const DsmemChase chase{.steps = steps, .trips = 1003};
    const Buffer<std::uint32_t> out(1);
    const Buffer<BlockTrace> trace(DsmemChase::cluster);
    check(prepare(chase));
    check(launch(chase, out.get(), trace.get(), nullptr));
    synchronize();
    EXPECT_EQ(out.host().front(), answer(chase));
    const auto blocks = trace.host();
    EXPECT_NE(blocks[0].smid, blocks[1].smid);
    cycles[steps] = static_cast<double>(blocks[0].end_clk - blocks[0].begin_clk) / 1003;
  }
  const double step = (cycles[128] - cycles[64]) / 64;
  EXPECT_GT(step, 60) << "no load from another SM comes so fast";
  EXPECT_LT(step, 1000);
}

TEST_F(DsmemOnDevice, RefusesWhatNoKernelHas) {
  EXPECT_EQ(launch(DsmemRead{.cluster = 3, .blocks = 3}, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch(DsmemRead{.cluster = 4, .blocks = 6}, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch(DsmemChase{.steps = 32}, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
}

TEST(AtomicsOnDevice, LeaveExactSums) {
  std::vector<Atomics> all;
  for (const bool spread : {false, true}) {
    all.push_back({.memory = AtomicMemory::shared, .spread = spread});
    all.push_back({.memory = AtomicMemory::global, .spread = spread});
    all.push_back({.type = AtomicType::int64, .spread = spread});
  }
  all.push_back({.type = AtomicType::fp32});
  all.push_back({.memory = AtomicMemory::shared, .used = true});
  all.push_back({.memory = AtomicMemory::global, .used = true});
  for (Atomics kernel : all) {
    int per_sm = 0;
    check(blocks_per_sm(kernel, &per_sm));
    kernel.blocks = per_sm * sm_count();
    kernel.trips = 50;
    const auto expected = sums(kernel);
    const auto width = static_cast<std::size_t>(kernel.cell_bytes());
    Buffer<unsigned char> cells(expected.size() * width);
    cells.fill_bytes(0);
    const Buffer<std::uint32_t> out(static_cast<std::size_t>(kernel.blocks) * Atomics::threads);
    const Buffer<BlockTrace> trace(static_cast<std::size_t>(kernel.blocks));
    check(launch(kernel, cells.get(), out.get(), trace.get(), nullptr));
    synchronize();
    const auto bytes = cells.host();
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (std::memcmp(&bytes[i * width], &expected[i], width) != 0) ++wrong;
    EXPECT_EQ(wrong, 0U) << kernel.symbol() << (kernel.spread ? ", spread" : ", one");
    if (!kernel.used) continue;
    const auto words = out.host();
    for (std::size_t i = 0; i < words.size(); ++i)
      ASSERT_EQ(words[i], sum_of_results(kernel, static_cast<std::uint32_t>(i))) << i;
  }
}

TEST(AtomicsOnDevice, RefuseWhatNoKernelHas) {
  for (const Atomics& wrong :
       {Atomics{.memory = AtomicMemory::shared, .type = AtomicType::fp32},
        Atomics{.type = AtomicType::int64, .used = true}, Atomics{.spread = false, .used = true},
        Atomics{.type = AtomicType::fp32, .spread = false},
        Atomics{.type = AtomicType::fp32, .trips = Atomics::most_fp32_trips + 1}, Atomics{.trips = 0}})
    EXPECT_EQ(launch(wrong, nullptr, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
}

}  // namespace
