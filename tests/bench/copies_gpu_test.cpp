// Copies in several lanes on real devices: everything has ended when the timed stream has. Ends with 77 (skipped) where
// there is no device.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "bench/harness/copy_lanes.hpp"

namespace peakproof::bench {
namespace {

constexpr std::int64_t kWords = 1 << 20;
constexpr int kTimes = 4;

std::vector<std::uint64_t> words(std::uint64_t first) {
  std::vector<std::uint64_t> all;
  for (std::int64_t i = 0; i < kWords; ++i) all.push_back(first + static_cast<std::uint64_t>(i));
  return all;
}

double seconds_of(const CopyLanes& lanes, cudaStream_t stream) {
  const Event begin = make_event();
  const Event end = make_event();
  check(cudaEventRecord(begin.get(), stream));
  lanes.run(kTimes);
  check(cudaEventRecord(end.get(), stream));
  wait_for(end.get());
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, begin.get(), end.get()));
  return 1e-3 * static_cast<double>(milliseconds);
}

/// One buffer on each side.
struct Ends {
  PinnedBuffer<std::uint64_t> host{kWords};
  DeviceBuffer<std::uint64_t> gpu{kWords};
};

TEST(CopyLanes, BothWaysAtOnceAndAllOfItThere) {
  const Stream stream = make_stream();
  const Ends in;
  const Ends out;
  const auto sent = words(1);
  const auto fetched = words(1'000'000'000);
  std::copy(sent.begin(), sent.end(), in.host.data());
  check(cudaMemcpyAsync(out.gpu.data(), fetched.data(), out.gpu.bytes(), cudaMemcpyHostToDevice, stream.get()));
  wait_for(stream.get());

  const CopyLanes::Copy send = [&](cudaStream_t on) {
    check(cudaMemcpyAsync(in.gpu.data(), in.host.data(), in.gpu.bytes(), cudaMemcpyHostToDevice, on));
  };
  const CopyLanes::Copy fetch = [&](cudaStream_t on) {
    check(cudaMemcpyAsync(out.host.data(), out.gpu.data(), out.gpu.bytes(), cudaMemcpyDeviceToHost, on));
  };
  CopyLanes one(stream.get());
  one.add(send);
  CopyLanes both(stream.get());
  both.add(send);
  both.add(0, fetch);
  static_cast<void>(seconds_of(both, stream.get()));  // the link wakes up
  const double alone_s = seconds_of(one, stream.get());
  const double both_s = seconds_of(both, stream.get());
  EXPECT_GE(both_s, 0.9 * alone_s);
  EXPECT_LT(both_s, 1.7 * alone_s) << "two directions that wait for each other would take twice as long";
  EXPECT_EQ(in.gpu.to_host(stream.get()), sent);
  EXPECT_EQ(std::vector(out.host.data(), out.host.data() + kWords), fetched);
}

TEST(CopyLanes, FromOneGpuToAnother) {
  int count = 0;
  check(cudaGetDeviceCount(&count));
  if (count < 2) GTEST_SKIP() << "one device";
  const Stream stream = make_stream();
  const DeviceBuffer<std::uint64_t> here(kWords);
  const DeviceBuffer<std::uint64_t> there = [] {
    const OnGpu on(1);
    return DeviceBuffer<std::uint64_t>(kWords);
  }();
  const auto sent = words(7);
  check(cudaMemcpyAsync(here.data(), sent.data(), here.bytes(), cudaMemcpyHostToDevice, stream.get()));
  wait_for(stream.get());
  CopyLanes lanes(stream.get());
  lanes.add(0, [&](cudaStream_t on) { check(cudaMemcpyPeerAsync(there.data(), 1, here.data(), 0, here.bytes(), on)); });
  EXPECT_GT(seconds_of(lanes, stream.get()), 0);
  const OnGpu on(1);
  const Stream other = make_stream();
  EXPECT_EQ(there.to_host(other.get()), sent);
}

TEST(OnGpu, GivesTheFormerOneBack) {
  int count = 0;
  check(cudaGetDeviceCount(&count));
  int current = -1;
  {
    const OnGpu on(count - 1);
    check(cudaGetDevice(&current));
    EXPECT_EQ(current, count - 1);
  }
  check(cudaGetDevice(&current));
  EXPECT_EQ(current, 0);
}

TEST(WithLimit, PassesOnWhatWasThrown) {
  bool called = false;
  with_limit([&] { called = true; });
  EXPECT_TRUE(called);
  EXPECT_THROW(with_limit([] { throw MeasurementError("no"); }), MeasurementError);
}

}  // namespace
}  // namespace peakproof::bench
