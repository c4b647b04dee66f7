// Pinned workers: each runs once, on its CPU, at the same time as the others, and tells what happened.
#include "bench/harness/worker_pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "bench/harness/cpu_topology.hpp"

namespace {

using peakproof::bench::allowed_cpus;
using peakproof::bench::CoreProbe;
using peakproof::bench::WorkerPool;
using peakproof::bench::WorkerReading;

// Two workers at least, also where there is one CPU.
std::vector<int> some_cpus() {
  std::vector<int> cpus = allowed_cpus();
  if (cpus.size() == 1) cpus.push_back(cpus.front());
  return cpus;
}

TEST(WorkerPool, RunsOnceOnEveryCpu) {
  WorkerPool pool(some_cpus());
  ASSERT_EQ(pool.size(), static_cast<int>(some_cpus().size()));
  std::vector<int> calls(some_cpus().size(), 0);
  std::vector<int> seen(some_cpus().size(), -1);
  for (int run = 1; run <= 3; ++run) {
    pool.run([&](int worker) {
      ++calls[static_cast<std::size_t>(worker)];
      seen[static_cast<std::size_t>(worker)] = sched_getcpu();
    });
    EXPECT_EQ(seen, some_cpus());
    EXPECT_THAT(calls, testing::Each(run));
  }
}

TEST(WorkerPool, AllWorkersRunAtTheSameTime) {
  WorkerPool pool(some_cpus());
  std::atomic<int> inside{0};
  std::atomic<int> alone{0};
  pool.run([&](int) {
    ++inside;
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (inside < pool.size()) {
      std::this_thread::yield();
      if (std::chrono::steady_clock::now() > patience) {
        ++alone;
        return;
      }
    }
  });
  EXPECT_EQ(alone, 0);
}

TEST(WorkerPool, TimesFromTheFirstStartToTheLastEnd) {
  WorkerPool pool(some_cpus());
  pool.run([](int worker) { std::this_thread::sleep_for(std::chrono::milliseconds(worker == 0 ? 20 : 1)); });
  const auto& last = pool.last();
  ASSERT_EQ(last.workers.size(), some_cpus().size());
  for (const WorkerReading& worker : last.workers) {
    EXPECT_GT(worker.seconds, 0.0009);
    EXPECT_LE(worker.seconds, last.seconds);
  }
  EXPECT_GE(last.workers[0].seconds, 0.0199);
  EXPECT_LT(last.workers[0].cpu_seconds, last.workers[0].seconds) << "it slept";
}

TEST(WorkerPool, ProbesBeforeAndAfterEveryJob) {
  WorkerPool pool(some_cpus());
  std::atomic<int> probes{0};
  std::atomic<int> early{0};
  pool.set_probe([&] { return CoreProbe{static_cast<double>(++probes), 0.5}; });
  pool.run([&](int) { early += probes < pool.size() ? 1 : 0; });
  EXPECT_EQ(probes, 2 * pool.size());
  EXPECT_EQ(early, 0) << "a job began before all workers had probed";
  for (const WorkerReading& worker : pool.last().workers) {
    EXPECT_GE(worker.before.clock_hz, 1);
    EXPECT_LE(worker.before.clock_hz, pool.size());
    EXPECT_EQ(worker.before.share, 0.5);
    EXPECT_GT(worker.after.clock_hz, pool.size());
  }
  pool.set_probe({});
  pool.run([](int) {});
  EXPECT_EQ(probes, 2 * pool.size());
  EXPECT_EQ(pool.last().workers[0].before.clock_hz, 0);
  EXPECT_EQ(pool.last().workers[0].after.clock_hz, 0);
}

TEST(WorkerPool, RunsOnSomeWhileTheOthersSleep) {
  WorkerPool pool(some_cpus());
  std::atomic<int> probes{0};
  pool.set_probe([&] { return CoreProbe{static_cast<double>(++probes), 1}; });
  std::vector<int> calls(some_cpus().size(), 0);
  for (int run = 0; run < 3; ++run) pool.run([&](int worker) { ++calls[static_cast<std::size_t>(worker)]; }, 1);
  EXPECT_EQ(calls.front(), 3);
  EXPECT_EQ(calls.back(), 0);
  EXPECT_EQ(probes, 6) << "of the one that works";
  ASSERT_EQ(pool.last().workers.size(), 1U);
  EXPECT_EQ(pool.last().workers.front().cpu, some_cpus().front());
  EXPECT_EQ(pool.last().seconds, pool.last().workers.front().seconds);
  pool.run([&](int worker) { ++calls[static_cast<std::size_t>(worker)]; });
  EXPECT_EQ(calls.back(), 1) << "and all of them again";
  EXPECT_EQ(pool.last().workers.size(), some_cpus().size());
  EXPECT_EQ(pool.cpus(), some_cpus());
  EXPECT_THROW(pool.run([](int) {}, 0), std::invalid_argument);
  EXPECT_THROW(pool.run([](int) {}, pool.size() + 1), std::invalid_argument);
}

TEST(WorkerPool, WhatAJobThrowsComesOutAndThePoolGoesOn) {
  WorkerPool pool(some_cpus());
  EXPECT_THROW(pool.run([](int worker) {
    if (worker == 1) throw std::domain_error("one of them");
  }),
               std::domain_error);
  std::atomic<int> calls{0};
  pool.run([&](int) { ++calls; });
  EXPECT_EQ(calls, pool.size());
}

TEST(WorkerPool, TwoWorkersOnOneCpuDoNotWaitForEver) {
  const int cpu = allowed_cpus().front();
  WorkerPool pool({cpu, cpu});
  std::atomic<int> calls{0};
  for (int run = 0; run < 5; ++run) pool.run([&](int) { ++calls; });
  EXPECT_EQ(calls, 10);
}

TEST(WorkerPool, ACpuThatIsNotThereIsAnError) {
  EXPECT_THROW(WorkerPool({}), std::invalid_argument);
  EXPECT_THROW(WorkerPool({allowed_cpus().front(), 100'000}), std::system_error);
}

}  // namespace
