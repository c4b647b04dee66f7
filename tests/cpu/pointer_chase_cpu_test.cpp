// The CPU's walk through memory, and the faults in it that must be found.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bench/harness/cpu_chase.hpp"
#include "bench/harness/cpu_clock.hpp"
#include "bench/harness/cpu_runs.hpp"
#include "bench/harness/cpu_topology.hpp"
#include "bench/harness/host_memory.hpp"
#include "kernels/cpu/cycle_chain.hpp"
#include "kernels/cpu/pointer_chase.hpp"

namespace {

using namespace peakproof::bench;  // NOLINT(google-build-using-namespace): the whole file is about it
using peakproof::kernels::cpu::ChaseLine;
using peakproof::kernels::cpu::CycleChain;
using peakproof::kernels::cpu::PointerChase;

TEST(CpuPointerChase, OrderIsOneCycleThroughAllLines) {
  for (const std::int64_t lines : {2, 3, 63, 64, 4097}) {
    const auto order = PointerChase::order(lines, 1);
    std::set<std::uint32_t> seen;
    std::uint32_t at = 0;
    for (std::int64_t step = 0; step < lines; ++step) {
      seen.insert(at);
      at = order[at];
    }
    EXPECT_EQ(at, 0U) << "back at the first line after " << lines << " steps";
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(lines)) << "and not before";
  }
}

TEST(CpuPointerChase, OrderIsRandomAndRepeats) {
  constexpr std::int64_t lines = 10'000;
  const auto order = PointerChase::order(lines, 1);
  EXPECT_EQ(order, PointerChase::order(lines, 1));
  EXPECT_NE(order, PointerChase::order(lines, 2));
  // Of a random successor one in thousands is a neighbour; and the mean distance of two random lines is a third of all.
  std::int64_t neighbours = 0;
  double distance = 0;
  for (std::int64_t i = 0; i < lines; ++i) {
    const std::int64_t apart = std::abs(std::int64_t{order[static_cast<std::size_t>(i)]} - i);
    neighbours += apart <= 1 ? 1 : 0;
    distance += static_cast<double>(apart);
  }
  EXPECT_LT(neighbours, 20);
  EXPECT_NEAR(distance / lines, lines / 3.0, lines * 0.02);
}

TEST(CpuPointerChase, EveryCycleOfFourLinesComesUp) {
  std::set<std::vector<std::uint32_t>> cycles;
  for (std::uint64_t seed = 0; seed < 200; ++seed) cycles.insert(PointerChase::order(4, seed));
  EXPECT_EQ(cycles.size(), 6U) << "3! of them";
}

TEST(CpuPointerChase, RefusesWhatIsNoCycle) {
  EXPECT_THROW((void)PointerChase::order(1, 1), std::invalid_argument);
  EXPECT_THROW((void)PointerChase::order((std::int64_t{1} << 32) + 1, 1), std::invalid_argument);
  std::vector<ChaseLine> lines(3);
  EXPECT_THROW(PointerChase::link(PointerChase::order(4, 1), lines), std::invalid_argument);
}

TEST(CpuPointerChase, WalksAsManyStepsAsItSays) {
  const auto order = PointerChase::order(1001, 7);
  std::vector<ChaseLine> lines(order.size());
  PointerChase::link(order, lines);
  for (const std::int64_t trips : {1, 2, 33, 1000}) {
    const PointerChase chase{.trips = trips};
    EXPECT_EQ(chase.steps(), trips * 32);
    std::size_t at = 5;
    for (std::int64_t step = 0; step < trips * 32; ++step) at = order[at];
    EXPECT_EQ(chase.walk(&lines[5]), &lines[at]);
    EXPECT_EQ(PointerChase::answer(order, 5, chase.steps()), at);
  }
}

class CpuChaseRunTest : public testing::Test {
 protected:
  WorkerPool pool{one_cpu_per_core(allowed_cpus(), "/")};
  CpuChaseRun run{pool, 1 << 20, Pages::base};
};

TEST_F(CpuChaseRunTest, ALaunchGoesOnWhereTheOneBeforeEnded) {
  EXPECT_EQ(run.lines(), (1 << 14) - 1) << "an odd number of lines";
  run.set_trips(10);
  for (int launch = 0; launch < 3; ++launch) {
    run.launch();
    EXPECT_EQ(run.verify().mismatches, 0);
    EXPECT_EQ(run.verify().items, run.lines() + 1);
  }
}

TEST_F(CpuChaseRunTest, OnlyTheFirstCoreWalks) {
  run.launch();
  ASSERT_EQ(pool.last().workers.size(), 1U);
  EXPECT_EQ(pool.last().workers.front().cpu, pool.cpus().front());
}

TEST_F(CpuChaseRunTest, AWalkThatDoesNothingIsFound) {
  run.set_trips(run.lines());  // a whole number of laps, if it were taken as it is
  run.spoil();
  EXPECT_EQ(run.verify().mismatches, 1);
  run.launch();
  EXPECT_EQ(run.verify().mismatches, 0);
}

TEST_F(CpuChaseRunTest, AWalkOfAnotherLengthIsFound) {
  run.set_trips(10);
  run.launch();
  run.set_trips(11);
  EXPECT_EQ(run.verify().mismatches, 1);
}

TEST_F(CpuChaseRunTest, ALineThatLeadsElsewhereIsFound) {
  run.launch();
  std::swap(run.memory()[3].next, run.memory()[4].next);  // two cycles now
  EXPECT_EQ(run.verify().mismatches, 2);
}

TEST_F(CpuChaseRunTest, CyclesComeFromTheWalkingCoresClock) {
  pool.set_probe([] { return CoreProbe{.clock_hz = 2e9, .share = 1}; });
  run.set_trips(1000);
  run.launch();
  const double seconds = pool.last().workers.front().seconds;
  EXPECT_DOUBLE_EQ(run.cycles_per_step(), seconds * 2e9 / run.steps());
  pool.set_probe({});
  run.launch();
  EXPECT_TRUE(std::isnan(run.cycles_per_step())) << "no clock, no cycles";
}

TEST_F(CpuChaseRunTest, TakesLongerInMemoryThanInTheFirstCache) {
  if (!CycleChain::available) GTEST_SKIP() << "no clock";
  pool.set_probe(probe_core);
  const auto cycles = [&](CpuChaseRun& walk) {
    double least = 1e9;
    walk.set_trips(2000);
    for (int turn = 0; turn < 5; ++turn) {
      walk.launch();
      least = std::min(least, walk.cycles_per_step());
    }
    return least;
  };
  CpuChaseRun first(pool, 8192, Pages::huge);
  CpuChaseRun far(pool, 256 << 20, Pages::base);
  const double near_cycles = cycles(first);
  EXPECT_GT(near_cycles, 2) << "no core loads a dependent value in two cycles";
  EXPECT_LT(near_cycles, 20);
  EXPECT_GT(cycles(far), 3 * near_cycles);
}

TEST(CpuChaseCache, IsHalfOfALevelAndNotMuchMoreThanTheOneBelow) {
  EXPECT_EQ(chase_cache_bytes(32 << 10, 0), 16 << 10);
  EXPECT_EQ(chase_cache_bytes(1 << 20, 32 << 10), 128 << 10);
  EXPECT_EQ(chase_cache_bytes(32 << 20, 1 << 20), 4 << 20);
  EXPECT_EQ(chase_cache_bytes(4 << 20, 1 << 20), 2 << 20);
}

TEST(CpuChaseMemory, IsFarBeyondTheCacheWhereThereIsRoom) {
  constexpr std::int64_t mib = std::int64_t{1} << 20;
  EXPECT_EQ(chase_memory_bytes(32 * mib, 65'536 * mib), 512 * mib);
  EXPECT_EQ(chase_memory_bytes(256 * mib, 65'536 * mib), 2048 * mib);
  EXPECT_EQ(chase_memory_bytes(256 * mib, 1024 * mib), 256 * mib) << "a quarter of the memory";
  EXPECT_EQ(chase_memory_bytes(0, 0), 0);
}

TEST(HostMemory, BeginsWithZerosAtAHugePagesAddress) {
  for (const Pages pages : {Pages::base, Pages::huge}) {
    const HostMemory memory(3 << 20, pages);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.data()) % HostMemory::alignment, 0U);
    EXPECT_EQ(memory.words().size(), (std::size_t{3} << 20) / 8);
    for (std::uint64_t& word : memory.words()) {
      EXPECT_EQ(word, 0U);
      word = 1;
    }
    EXPECT_TRUE(pages == Pages::huge || memory.huge_share().value_or(0) == 0);
  }
  EXPECT_THROW(HostMemory(std::int64_t{1} << 55), std::bad_alloc);
}

TEST(HostMemory, HugePagesAreReadFromTheMapping) {
  constexpr const char* smaps =
      "00400000-00600000 r-xp 00000000 08:01 1 /bin/x\nAnonHugePages:         0 kB\n"
      "7f0000000000-7f0000800000 rw-p 00000000 00:00 0 \nSize:   8192 kB\nAnonHugePages:      6144 kB\n"
      "7f0000800000-7f0000900000 rw-p 00000000 00:00 0 \nAnonHugePages:      2048 kB\n";
  EXPECT_EQ(huge_bytes(smaps, 0x7f0000400000), 6144 * 1024);
  EXPECT_EQ(huge_bytes(smaps, 0x7f0000800000), 2048 * 1024);
  EXPECT_EQ(huge_bytes(smaps, 0x400000), 0);
  EXPECT_EQ(huge_bytes(smaps, 0x1000), std::nullopt);
  EXPECT_EQ(huge_bytes("", 0x1000), std::nullopt);
}

}  // namespace
