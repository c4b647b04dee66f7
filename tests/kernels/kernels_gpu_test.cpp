// The kernels on a real device: every answer, in full. Ends with 77 (skipped) where there is no device.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/arithmetic/chain_answer.hpp"
#include "kernels/arithmetic/sfu_values.hpp"
#include "kernels/memory/pattern.hpp"
#include "kernels/probe/clock_probe.hpp"
#include "tests/kernels/chain_operations.hpp"
#include "tests/kernels/on_device.hpp"

namespace {

using namespace peakproof::kernels;    // NOLINT: a test of this namespace
using namespace peakproof::on_device;  // NOLINT: its helpers

// ---- chains ----

/// Launches a chain on every SM, all that fit or one block each, and returns its results.
template <class Op>
std::vector<typename Op::Bits> run(Chain<Op>& chain, bool full) {
  int per_sm = 0;
  check(blocks_per_sm(chain, &per_sm));
  if (per_sm < 1) throw std::runtime_error("no block fits on an SM");
  chain.blocks = (full ? per_sm : 1) * sm_count();
  const auto blocks = static_cast<std::size_t>(chain.blocks);
  const Buffer<typename Op::Bits> out(blocks * static_cast<std::size_t>(chain.threads));
  const Buffer<BlockTrace> trace(blocks);
  check(launch(chain, out.get(), trace.get(), nullptr));
  synchronize();
  for (const BlockTrace& block : trace.host()) {
    EXPECT_GE(block.smid, 0);
    EXPECT_GT(block.end_clk, block.begin_clk);
  }
  return out.host();
}

/// Why this device or this build cannot run the operation; empty where it can.
template <class Op>
std::string lacking() {
  const int cc = 10 * attribute(cudaDevAttrComputeCapabilityMajor) + attribute(cudaDevAttrComputeCapabilityMinor);
  if ((std::is_same_v<Op, Bf16x2Fma> || std::is_same_v<Op, ConvertPack>)&&cc < 80) return "needs 8.0";
  if (std::is_same_v<Op, Fp32x2Fma> && cc != 100) return "needs 10.0";
  return {};
}

template <class Op>
class ChainOnDevice : public testing::Test {};
TYPED_TEST_SUITE(ChainOnDevice, ReplayedOperations, OperationName);

TYPED_TEST(ChainOnDevice, AnswersBitForBitInEveryShape) {
  using Shape = Chain<TypeParam>;
  if (const auto why = lacking<TypeParam>(); !why.empty()) GTEST_SKIP() << why;
  std::vector<Shape> shapes = {Shape::dependent(1), Shape::dependent(2)};
  for (const int ilp : Shape::ilps) shapes.push_back(Shape::with_ilp(ilp));
  for (Shape shape : shapes) {
    for (const int trips : {1, 2, 61}) {
      shape.trips = trips;
      const auto values = run(shape, true);
      const auto expected = answer(shape);
      std::size_t mismatches = 0;
      for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i] != values[i % 32] || !matches(shape, values[i], expected[i % 32])) ++mismatches;
      EXPECT_EQ(mismatches, 0U) << "of " << values.size() << ", " << shape.symbol() << ", " << trips << " trips";
    }
  }
}

TYPED_TEST(ChainOnDevice, OneTripLessDoesNotPass) {
  if (const auto why = lacking<TypeParam>(); !why.empty()) GTEST_SKIP() << why;
  Chain<TypeParam> chain;
  chain.trips = 99;
  const auto values = run(chain, false);
  chain.trips = 100;
  const auto expected = answer(chain);
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_FALSE(matches(chain, values[i], expected[i % 32]));
}

TEST(ChainOnDevice, CoversEverySm) {
  Chain<Fp32Fma> chain;
  chain.trips = 777;
  int per_sm = 0;
  check(blocks_per_sm(chain, &per_sm));
  chain.blocks = per_sm * sm_count();
  const Buffer<std::uint32_t> out(static_cast<std::size_t>(chain.blocks) * Chain<Fp32Fma>::max_threads);
  const Buffer<BlockTrace> trace(static_cast<std::size_t>(chain.blocks));
  check(launch(chain, out.get(), trace.get(), nullptr));
  synchronize();
  std::set<std::int64_t> sms;
  for (const BlockTrace& block : trace.host()) {
    // A warp issues one FFMA a cycle at best.
    EXPECT_GT(block.end_clk - block.begin_clk, std::int64_t{chain.trips} * Fp32Fma::body);
    sms.insert(block.smid);
  }
  EXPECT_EQ(sms.size(), static_cast<std::size_t>(sm_count()));
}

template <class Op>
class LatencyOnDevice : public testing::Test {};
TYPED_TEST_SUITE(LatencyOnDevice, LatencyOperations, OperationName);

TYPED_TEST(LatencyOnDevice, UnrolledAndStepByStepAgreeAndStayFinite) {
  for (const int part : {1, 2}) {
    auto chain = Chain<TypeParam>::dependent(part);
    chain.trips = 500;
    auto single = Chain<TypeParam>::one_step_a_trip(chain);
    const auto values = run(chain, false);
    EXPECT_EQ(values, run(single, false));
    for (const auto bits : values) ASSERT_TRUE(TypeParam::finite(bits));
    const std::set<std::uint32_t> lanes(values.begin(), values.begin() + 32);
    EXPECT_GT(lanes.size(), 16U) << "the chains have settled";
    --single.trips;
    EXPECT_NE(values, run(single, false));
  }
}

TEST(SfuValuesOnDevice, AreWithinWhatIsDocumented) {
  constexpr std::uint32_t count = 1U << 20U;
  const Buffer<std::uint32_t> out(count);
  for (const auto function : {SpecialFunction::ex2, SpecialFunction::lg2, SpecialFunction::rcp, SpecialFunction::rsqrt,
                              SpecialFunction::sin, SpecialFunction::tanh}) {
    for (const std::uint32_t first : {0x3e000000U, 0xbe000000U}) {
      const SfuValues values{.function = function, .first = first, .stride = 31, .count = count};
      check(launch(values, out.get(), nullptr));
      EXPECT_EQ(count_mismatches(values, out.host().data()), 0) << static_cast<int>(function);
    }
  }
}

// ---- memory ----

TEST(PatternOnDevice, IsTheHostsPattern) {
  constexpr std::size_t words = 100'003;
  for (const Data data : {Data::random, Data::zero, Data::ones}) {
    const Pattern pattern{data, 42};
    Buffer<std::uint64_t> buffer(words + 1);
    buffer.set(words, 0x1234);
    check(fill(pattern, buffer.get(), words * 8, nullptr));
    synchronize();
    const auto values = buffer.host();
    for (std::size_t i = 0; i < words; ++i) ASSERT_EQ(values[i], pattern.word(i)) << i;
    EXPECT_EQ(values[words], 0x1234U) << "written beyond the end";
  }
}

Mismatches mismatches_of(const Pattern& pattern, const void* data, std::int64_t bytes) {
  Buffer<Mismatches> found(1);
  found.fill_bytes(0);
  check(count_mismatches(pattern, data, bytes, found.get(), nullptr));
  synchronize();
  return found.host().front();
}

TEST(PatternOnDevice, CountsEveryWordThatDiffers) {
  constexpr std::size_t words = 100'003;
  const Pattern pattern{Data::random, 3};
  Buffer<std::uint64_t> buffer(words);
  check(fill(pattern, buffer.get(), words * 8, nullptr));
  EXPECT_EQ(mismatches_of(pattern, buffer.get(), words * 8).count, 0U);
  // One wrong word anywhere, and two that changed places.
  buffer.set(words - 1, pattern.word(words - 1) ^ 1U);
  const Mismatches one = mismatches_of(pattern, buffer.get(), words * 8);
  EXPECT_EQ(one.count, 1U);
  EXPECT_EQ(one.bits, 1U);
  EXPECT_EQ(one.first(), words - 1);
  EXPECT_EQ(one.last(), words - 1);
  buffer.set(0, pattern.word(1));
  buffer.set(1, pattern.word(0));
  const Mismatches three = mismatches_of(pattern, buffer.get(), words * 8);
  EXPECT_EQ(three.count, 3U);
  EXPECT_EQ(three.bits, 1U | (pattern.word(0) ^ pattern.word(1)));
  EXPECT_EQ(three.first(), 0U);
  EXPECT_EQ(three.last(), words - 1);
}

TEST(PatternOnDevice, SumsItsWords) {
  constexpr std::int64_t words = 100'003;
  for (const Data data : {Data::random, Data::zero, Data::ones}) {
    const Pattern pattern{data, 5};
    Buffer<unsigned long long> sum(1);
    sum.set(0, 7);
    check(sum_of_words(pattern, words, sum.get(), nullptr));
    synchronize();
    unsigned long long expected = 7;
    for (std::uint64_t i = 0; i < words; ++i) expected += pattern.word(i);
    EXPECT_EQ(sum.host().front(), expected);
  }
}

// ---- the clock probe ----

std::map<std::int64_t, ClockReading> readings() {
  const ClockProbe probe{sm_count()};
  const Buffer<ClockReading> out(static_cast<std::size_t>(probe.blocks()));
  check(launch(probe, out.get(), nullptr));
  synchronize();
  std::map<std::int64_t, ClockReading> by_sm;
  for (const ClockReading& reading : out.host()) {
    EXPECT_GE(reading.smid, 0) << "the global timer did not tick in time";
    by_sm[reading.smid] = reading;
  }
  return by_sm;
}

TEST(ClockProbeOnDevice, CoversEverySmAndMeasuresItsClock) {
  check(launch_empty(nullptr));
  const auto before = readings();
  EXPECT_EQ(before.size(), static_cast<std::size_t>(sm_count()));

  Chain<Fp32Fma> busy;
  busy.blocks = sm_count();
  busy.trips = 20'000;  // at one FFMA a cycle and scheduler, 82 M cycles: some 50 ms
  const Buffer<std::uint32_t> out(static_cast<std::size_t>(busy.blocks) * Chain<Fp32Fma>::max_threads);
  const Buffer<BlockTrace> trace(static_cast<std::size_t>(busy.blocks));
  check(launch(busy, out.get(), trace.get(), nullptr));
  const auto after = readings();
  for (const auto& [sm, reading] : after) {
    ASSERT_TRUE(before.contains(sm));
    const auto cycles = static_cast<double>(reading.clk - before.at(sm).clk);
    const double seconds = static_cast<double>(reading.ns - before.at(sm).ns) * 1e-9;
    ASSERT_GT(seconds, 0.0);
    EXPECT_GT(cycles / seconds, 0.1e9) << "SM " << sm;
    EXPECT_LT(cycles / seconds, 4.0e9) << "SM " << sm;
  }
}

}  // namespace
