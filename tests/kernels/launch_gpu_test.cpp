// The kernels of launching on a real device. Ends with 77 (skipped) where there is none.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "kernels/launch/launch_cost.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

struct Counter : Buffer<unsigned long long> {
  Counter() : Buffer(1) { fill_bytes(0); }
  [[nodiscard]] unsigned long long value() const { return host().front(); }
};

TEST(LaunchCost, AChainOfEmptyKernelsCountsOnce) {
  const Counter counter;
  for (const int launches : {1, 2, 100}) check(launch_empty_chain(launches, counter.get(), nullptr));
  check(launch_empty_chain(100, nullptr, nullptr));
  synchronize();
  EXPECT_EQ(counter.value(), 3U);
}

TEST(LaunchCost, AChainOfCountingKernelsCountsEach) {
  const Counter counter;
  for (const int launches : {1, 2, 1000}) check(launch_counted_chain(launches, counter.get(), nullptr));
  synchronize();
  EXPECT_EQ(counter.value(), 1003U);
}

TEST(LaunchCost, WhatCannotBeIsRefused) {
  const Counter counter;
  EXPECT_EQ(launch_empty_chain(0, counter.get(), nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch_counted_chain(0, counter.get(), nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch_counted_chain(1, nullptr, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch_stamps(1, nullptr, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch_hold(-1, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch_hold(1'000'000'000, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(launch_ticks(nullptr, 1, nullptr), cudaErrorInvalidValue);
  synchronize();
  EXPECT_EQ(counter.value(), 0U);
}

TEST(LaunchCost, StampsNeverGoBack) {
  constexpr int kLaunches = 300;
  const Buffer<LaunchStamp> stamps(kLaunches);
  check(launch_stamps(kLaunches, stamps.get(), nullptr));
  synchronize();
  std::int64_t before = 0;
  for (const LaunchStamp& stamp : stamps.host()) {
    EXPECT_GT(stamp.begin_ns, 0);
    EXPECT_GE(stamp.begin_ns, before);
    EXPECT_GE(stamp.end_ns, stamp.begin_ns);
    before = stamp.end_ns;
  }
}

TEST(LaunchCost, AHoldLastsAsLongAsItSays) {
  cudaEvent_t begin = nullptr;
  cudaEvent_t end = nullptr;
  check(cudaEventCreate(&begin));
  check(cudaEventCreate(&end));
  check(cudaEventRecord(begin, nullptr));
  check(launch_hold(5'000'000, nullptr));
  check(cudaEventRecord(end, nullptr));
  synchronize();
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, begin, end));
  EXPECT_GE(milliseconds, 4.9F);
  EXPECT_LT(milliseconds, 10.0F);
  check(cudaEventDestroy(begin));
  check(cudaEventDestroy(end));
}

TEST(LaunchCost, TheGlobalTimerTicks) {
  constexpr int kTicks = 64;
  const Buffer<std::int64_t> ticks(kTicks);
  check(launch_ticks(ticks.get(), kTicks, nullptr));
  synchronize();
  for (const std::int64_t tick : ticks.host()) {
    EXPECT_GT(tick, 0);
    EXPECT_LE(tick, 2'000'000);  // the coarsest known step is 1 ms
  }
}

TEST(LaunchCost, AGraphHoldsEveryLaunch) {
  constexpr int kNodes = 100;
  const Counter counter;
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  for (const bool counted : {false, true}) {
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    check(counted ? launch_counted_chain(kNodes, counter.get(), stream)
                  : launch_empty_chain(kNodes, counter.get(), stream));
    cudaGraph_t graph = nullptr;
    check(cudaStreamEndCapture(stream, &graph));
    synchronize();
    const unsigned long long before = counter.value();
    cudaGraphExec_t exec = nullptr;
    check(cudaGraphInstantiate(&exec, graph, 0));
    for (int i = 0; i < 3; ++i) check(cudaGraphLaunch(exec, stream));
    check(cudaStreamSynchronize(stream));
    EXPECT_EQ(counter.value() - before, counted ? 3U * kNodes : 3U);
    check(cudaGraphExecDestroy(exec));
    check(cudaGraphDestroy(graph));
  }
  check(cudaStreamDestroy(stream));
}

}  // namespace
