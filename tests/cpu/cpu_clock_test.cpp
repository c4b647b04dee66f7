// The clock probe, and when a sample counts as contaminated: made-up readings.
#include "bench/harness/cpu_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/harness/cpu_runs.hpp"
#include "bench/harness/cpu_topology.hpp"
#include "bench/harness/host_timer.hpp"
#include "kernels/cpu/chain.hpp"
#include "kernels/cpu/cycle_chain.hpp"
#include "kernels/cpu/multiply_stream.hpp"

namespace {

using namespace peakproof::bench;  // NOLINT(google-build-using-namespace): the whole file is about it
using peakproof::kernels::cpu::CycleChain;
using peakproof::kernels::cpu::Fp32Fma;
using peakproof::kernels::cpu::MultiplyStream;

WorkerReading worker(int cpu, double seconds, double cpu_seconds, std::int64_t switches = 0) {
  return {cpu, seconds, cpu_seconds, switches, {3.6e9, 0.999}, {3.4e9, 0.998}};
}

// Two cores for 10 ms; nobody else there.
HostReadings quiet() {
  return {.pool = {0.010, {worker(0, 0.010, 0.010), worker(2, 0.010, 0.00999)}}, .stolen_seconds = {0, 0}};
}

TEST(Assess, AQuietSampleIsClean) {
  const HostAssessment result = assess(quiet());
  EXPECT_FALSE(result.contaminated) << result.reason;
  EXPECT_EQ(result.reason, "");
  EXPECT_NEAR(result.lost, 0.001, 1e-9);
  EXPECT_EQ(result.stolen_s, 0);
  EXPECT_DOUBLE_EQ(result.share, 0.998);
}

TEST(Assess, TheClockIsTheMeanOfBeforeAndAfterOverTheCores) {
  HostReadings readings = quiet();
  readings.pool.workers[1].before.clock_hz = 3.0e9;
  readings.pool.workers[1].after.clock_hz = 3.2e9;
  ASSERT_TRUE(assess(readings).clock_hz.has_value());
  EXPECT_DOUBLE_EQ(*assess(readings).clock_hz, (3.6e9 + 3.4e9 + 3.0e9 + 3.2e9) / 4);
}

TEST(Assess, OneUnknownClockMakesTheClockUnknown) {
  HostReadings readings = quiet();
  readings.pool.workers[1].after.clock_hz = 0;
  EXPECT_FALSE(assess(readings).clock_hz.has_value());
  EXPECT_FALSE(assess({}).clock_hz.has_value());
  EXPECT_FALSE(assess({}).contaminated);
}

TEST(Assess, AThreadThatWasOffItsCoreContaminates) {
  HostReadings readings = quiet();
  readings.pool.workers[1] = worker(2, 0.010, 0.0088, 2);
  const HostAssessment result = assess(readings);
  EXPECT_TRUE(result.contaminated);
  EXPECT_NEAR(result.lost, 0.12, 1e-9);
  EXPECT_EQ(result.reason, "CPU 2 ran 88.0 % of the time (2 involuntary switches)");
}

TEST(Assess, LostTimeCountsFromOnePercentOrLessWithASwitch) {
  HostReadings readings = quiet();
  readings.pool.workers[0] = worker(0, 0.010, 0.00993);
  EXPECT_FALSE(assess(readings).contaminated) << "0.7 %, nobody was switched in";
  readings.pool.workers[0].involuntary_switches = 1;
  EXPECT_TRUE(assess(readings).contaminated) << "0.7 %, somebody was";
  readings.pool.workers[0] = worker(0, 0.010, 0.00998, 1);
  EXPECT_FALSE(assess(readings).contaminated) << "a kernel thread for 20 us";
  readings.pool.workers[0] = worker(0, 0.010, 0.00989);
  EXPECT_TRUE(assess(readings).contaminated) << "1.1 % lost without a switch: interrupts or the hypervisor";
}

TEST(Assess, TheWorstCoreIsNamed) {
  HostReadings readings = quiet();
  readings.pool.workers[0] = worker(0, 0.010, 0.009);
  readings.pool.workers[1] = worker(2, 0.010, 0.005);
  EXPECT_THAT(assess(readings).reason, testing::StartsWith("CPU 2 ran 50.0 %"));
}

TEST(Assess, AStepOfTheStolenTimeContaminates) {
  HostReadings readings = quiet();
  readings.stolen_seconds = {0, 0.02};
  const HostAssessment result = assess(readings);
  EXPECT_DOUBLE_EQ(result.stolen_s, 0.02);
  EXPECT_TRUE(result.contaminated);
  EXPECT_EQ(result.reason, "the hypervisor took up to 20 ms");
  readings.stolen_seconds = {};
  EXPECT_FALSE(assess(readings).contaminated) << "nothing is known of it";
  readings.stolen_seconds = {-0.01, 0};
  EXPECT_FALSE(assess(readings).contaminated) << "counters of some hosts go back after a migration";
}

TEST(Assess, ASharedCoreContaminates) {
  HostReadings readings = quiet();
  readings.pool.workers[1].before.share = 0.60;
  const HostAssessment result = assess(readings);
  EXPECT_TRUE(result.contaminated);
  EXPECT_DOUBLE_EQ(result.share, 0.60);
  EXPECT_EQ(result.reason, "CPU 2 multiplied at 60.0 % of its rate: another hardware thread shares the core");
  readings.pool.workers[1].before.share = 0.97;
  EXPECT_FALSE(assess(readings).contaminated) << "within what the two clocks of a probe differ by";
  readings.pool.workers[0].after.share = 0.90;
  EXPECT_TRUE(assess(readings).contaminated) << "after it counts as well";
}

TEST(Assess, AnUnknownShareIsNoAccusation) {
  HostReadings readings = quiet();
  for (WorkerReading& reading : readings.pool.workers) reading.before.share = reading.after.share = 0;
  EXPECT_FALSE(assess(readings).contaminated);
  EXPECT_EQ(assess(readings).share, 1);
}

TEST(Assess, AllReasonsAreGiven) {
  HostReadings readings = quiet();
  readings.pool.workers[0] = worker(0, 0.010, 0.009);
  readings.stolen_seconds = {0.01, 0};
  EXPECT_EQ(assess(readings).reason,
            "CPU 0 ran 90.0 % of the time (0 involuntary switches); the hypervisor took up to 10 ms");
}

TEST(Assess, MoreCpuTimeThanTimeIsNoLoss) {
  HostReadings readings = quiet();
  readings.pool.workers[0] = worker(0, 0.010, 0.0101);
  readings.pool.workers[1] = worker(2, 0, 0);
  EXPECT_FALSE(assess(readings).contaminated);
  EXPECT_EQ(assess(readings).lost, 0);
}

TEST(CycleChain, AddsOnePerCycle) {
  EXPECT_EQ(CycleChain{3}.run(), 3U * 128U);
  EXPECT_EQ(CycleChain{1000}.cycles(), 128'000);
}

TEST(MultiplyStream, CountsItsCycles) {
  EXPECT_EQ(MultiplyStream{100}.cycles(), 6000);
  MultiplyStream{100}.run();
}

TEST(ProbeCore, IsPlausible) {
  if (!CycleChain::available) GTEST_SKIP() << "no chain of known length on this architecture";
  const CoreProbe probe = probe_core();
  EXPECT_GT(probe.clock_hz, 0.5e9);
  EXPECT_LT(probe.clock_hz, 7e9);
  EXPECT_EQ(probe.share > 0, MultiplyStream::available);
}

TEST(HostTimer, GivesThePoolsTimeAndAPlausibleClock) {
  WorkerPool pool(one_cpu_per_core(allowed_cpus(), "/"));
  std::atomic<int> jobs{0};
  {
    HostTimer timer(pool);
    for (int i = 0; i < 3; ++i) {
      timer.prepare();
      timer.start();
      pool.run([&](int) { ++jobs; });
      timer.stop();
      const auto sample = timer.sample();
      EXPECT_EQ(sample.seconds, pool.last().seconds);
      EXPECT_GT(sample.seconds, 0);
      EXPECT_EQ(sample.sm_clock_hz.has_value(), CycleChain::available);
      EXPECT_EQ(timer.core_clocks_hz().size(), static_cast<std::size_t>(pool.size()));
      EXPECT_EQ(sample.contaminated, timer.assessment().contaminated);
      for (const double clock_hz : timer.core_clocks_hz()) EXPECT_LT(clock_hz, 7e9);
    }
  }
  EXPECT_EQ(jobs, 3 * pool.size());
  pool.run([](int) {});
  EXPECT_EQ(pool.last().workers[0].before.clock_hz, 0) << "the probe ends with the timer";
}

TEST(CpuChainRun, EveryWorkerIsVerified) {
  const auto shape = Fp32Fma::shape();
  if (shape.lanes == 0) GTEST_SKIP() << "this CPU has no fused multiply-add";
  WorkerPool pool(one_cpu_per_core(allowed_cpus(), "/"));
  CpuChainRun<Fp32Fma> run(pool);
  run.set_trips(100);
  EXPECT_DOUBLE_EQ(run.operations(), Fp32Fma{.trips = 100}.operations_per_thread() * pool.size());

  const auto before = run.verify();
  EXPECT_EQ(before.mismatches, before.items) << "nothing ran yet";
  run.launch();
  const auto after = run.verify();
  EXPECT_EQ(after.items, static_cast<std::int64_t>(pool.size()) * shape.lanes);
  EXPECT_EQ(after.mismatches, 0);

  run.spoil();
  EXPECT_EQ(run.verify().mismatches, after.items) << "what has not run since is wrong";
  run.launch();
  EXPECT_EQ(run.verify().mismatches, 0);

  run.set_trips(101);  // the launch before was one trip short of it
  const auto mutant = run.verify();
  EXPECT_EQ(mutant.mismatches, mutant.items);
}

// A kernel with a fault on one core, to see that no core's answer is taken on trust.
struct OneBadWorker {
  using Bits = std::uint32_t;
  std::int64_t trips = 1;
  inline static std::atomic<int> runs{0};
  [[nodiscard]] double operations_per_thread() const { return static_cast<double>(trips); }
  [[nodiscard]] std::vector<Bits> run() const { return {7, runs++ == 0 ? 8U : 9U}; }
  [[nodiscard]] std::vector<Bits> answer() const { return {7, 9}; }
};

TEST(CpuChainRun, OneWrongLaneOfOneWorkerIsFound) {
  const int cpu = allowed_cpus().front();
  WorkerPool pool({cpu, cpu, cpu});
  CpuChainRun<OneBadWorker> run(pool);
  run.launch();
  EXPECT_EQ(run.verify().items, 6);
  EXPECT_EQ(run.verify().mismatches, 1);
}

}  // namespace
