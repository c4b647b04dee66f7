// The answers of the chain kernels, and what makes them worth checking: they depend on every trip, step and chain.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <type_traits>

#include "kernels/arithmetic/chain_answer.hpp"
#include "tests/kernels/chain_operations.hpp"

namespace {

using namespace peakproof::kernels;  // NOLINT: a test of this namespace

template <class Op>
Chain<Op> with(int ilp, int trips) {
  Chain<Op> chain = Chain<Op>::with_ilp(ilp);
  chain.trips = trips;
  return chain;
}

/// Every lane's answer differs, also by more than what is tolerated.
template <class Op>
void expect_all_differ(const Chain<Op>& chain, const Chain<Op>& other) {
  const auto right = answer(chain);
  const auto wrong = answer(other);
  for (std::size_t lane = 0; lane < right.size(); ++lane)
    EXPECT_FALSE(matches(chain, wrong[lane], right[lane])) << "lane " << lane;
}

template <class Op>
class ChainAnswer : public testing::Test {};
TYPED_TEST_SUITE(ChainAnswer, ReplayedOperations, OperationName);

TYPED_TEST(ChainAnswer, MatchesItself) {
  for (const int ilp : Chain<TypeParam>::ilps) {
    const auto chain = with<TypeParam>(ilp, 7);
    for (const auto lane : answer(chain)) EXPECT_TRUE(matches(chain, lane, lane));
  }
}

TYPED_TEST(ChainAnswer, ShowsATripLessInEveryLane) {
  for (const int trips : {2, 10, 99, 1000}) expect_all_differ(with<TypeParam>(8, trips), with<TypeParam>(8, trips - 1));
  for (const int ilp : {1, 2, 4}) expect_all_differ(with<TypeParam>(ilp, 50), with<TypeParam>(ilp, 49));
}

TYPED_TEST(ChainAnswer, ShowsAStepLessInEveryLane) {
  const auto chain = with<TypeParam>(8, 19);
  auto shorter = chain;
  --shorter.steps;
  expect_all_differ(chain, shorter);
}

TYPED_TEST(ChainAnswer, ShowsAChainLessInEveryLane) {
  const auto chain = with<TypeParam>(8, 20);
  auto fewer = chain;
  --fewer.chains;
  expect_all_differ(chain, fewer);
}

TYPED_TEST(ChainAnswer, NeverSettles) {
  auto chain = with<TypeParam>(8, 300);  // past what comes before a cycle
  auto before = answer(chain);
  for (int trip = 0; trip < 20; ++trip) {
    ++chain.trips;
    const auto now = answer(chain);
    for (std::size_t lane = 0; lane < now.size(); ++lane) ASSERT_NE(now[lane], before[lane]) << "lane " << lane;
    before = now;
  }
}

TYPED_TEST(ChainAnswer, DiffersFromLaneToLane) {
  const auto lanes = answer(with<TypeParam>(8, 3));
  const std::set different(lanes.begin(), lanes.end());
  // 16-bit chains end in one cycle, where lanes meet.
  constexpr bool few_states = std::is_same_v<TypeParam, Fp16x2Fma> || std::is_same_v<TypeParam, Bf16x2Fma>;
  EXPECT_GE(different.size(), few_states ? 8U : lanes.size());
}

TYPED_TEST(ChainAnswer, IsThatOfTheStepsHoweverTheyAreCut) {
  if constexpr (!detail::Varies<TypeParam>) {
    auto chain = with<TypeParam>(1, 6);
    const auto expected = answer(chain);
    chain.steps /= 2;
    chain.trips *= 2;
    EXPECT_EQ(answer(chain), expected);
    EXPECT_EQ(answer(Chain<TypeParam>::one_step_a_trip(chain)), expected);
  }
}

TYPED_TEST(ChainAnswer, CountsItsWork) {
  auto chain = with<TypeParam>(4, 1000);
  chain.blocks = 264;
  chain.threads = 512;
  EXPECT_DOUBLE_EQ(chain.operations(), 264.0 * 512 * 1000 * TypeParam::body * TypeParam::operations);
  EXPECT_EQ(chain.symbol(),
            std::string("chain<") + TypeParam::name + ", 4, " + std::to_string(TypeParam::body / 4) + ">");
}

template <class Op>
class ChainLaunch : public testing::Test {};
TYPED_TEST_SUITE(ChainLaunch, ReplayedOperations, OperationName);

TYPED_TEST(ChainLaunch, RefusesWhatNoKernelHas) {
  const auto refuses = [](const Chain<TypeParam>& chain) {
    return launch(chain, nullptr, nullptr, nullptr) == cudaErrorInvalidValue;
  };
  auto empty = with<TypeParam>(8, 0);
  EXPECT_TRUE(refuses(empty));
  auto nowhere = with<TypeParam>(8, 1);
  nowhere.blocks = 0;
  EXPECT_TRUE(refuses(nowhere));
  auto three = with<TypeParam>(8, 1);
  three.chains = 3;
  EXPECT_TRUE(refuses(three));
  int blocks = 0;
  EXPECT_EQ(blocks_per_sm(three, &blocks), cudaErrorInvalidValue);
}

TEST(Fp32FmaChains, StayBoundedAndApart) {
  for (int lane = 0; lane < 32; ++lane) {
    std::array<float, 8> x{};
    for (int chain = 0; chain < 8; ++chain) x[static_cast<std::size_t>(chain)] = Fp32Fma::seed(lane, chain);
    for (int step = 0; step < 20'000; ++step) {
      for (float& value : x) value = Fp32Fma::step(value);
      if (step % 64 != 0) continue;
      for (const float value : x) ASSERT_LE(std::fabs(value), 2.0F);  // false for NaN
      ASSERT_EQ((std::set(x.begin(), x.end()).size()), x.size()) << "two chains met";
    }
  }
}

/// The length of the cycle that both halves of every lane of a chain end in, or 0.
template <class Op>
void expect_cycles(int chain, int low, int high) {
  const auto after = [chain](std::int64_t steps, std::uint32_t mask) {
    std::array<typename Op::Value, 32> lanes{};
    for (int lane = 0; lane < 32; ++lane) lanes[static_cast<std::size_t>(lane)] = Op::seed(lane, chain);
    Op::advance(lanes, steps);
    std::array<std::uint32_t, 32> x{};
    for (std::size_t lane = 0; lane < 32; ++lane) x[lane] = lanes[lane].x & mask;
    return x;
  };
  for (const auto& [length, mask] : {std::pair{low, 0xffffU}, std::pair{high, 0xffff0000U}}) {
    EXPECT_EQ(after(10'000, mask), after(10'000 + length, mask)) << Op::name << ", chain " << chain;
    for (int part = 2; part <= 7; ++part) {
      if (length % part == 0) {
        EXPECT_NE(after(10'000, mask), after(10'000 + length / part, mask)) << "1/" << part << " of " << length;
      }
    }
  }
}

TEST(HalfChains, EndInTheCyclesOfTheirConstants) {
  constexpr std::array fp16 = {137, 147, 174, 142};
  constexpr std::array bf16 = {35, 34, 31, 33};
  for (std::size_t chain = 0; chain < 8; ++chain) {
    expect_cycles<Fp16x2Fma>(static_cast<int>(chain), fp16[chain % 4], fp16[(chain + 1) % 4]);
    expect_cycles<Bf16x2Fma>(static_cast<int>(chain), bf16[chain % 4], bf16[(chain + 1) % 4]);
  }
}

TEST(PackChains, StayFiniteForAVeryLongTime) {
  ConvertPack::Value x = ConvertPack::seed(31, 7);
  for (int step = 0; step < 3'000'000; ++step) {
    x = ConvertPack::step(x);
    ASSERT_LT(std::fabs(x.now), 2.0F) << step;
  }
}

TEST(ShuffleRings, AreAPermutationThatMovesEveryValue) {
  for (int distance = 1; distance <= 4096; distance *= 2) {
    std::set<int> sources;
    for (int lane = 0; lane < 32; ++lane) {
      EXPECT_NE(Shuffle::source(lane, distance), lane) << distance;
      sources.insert(Shuffle::source(lane, distance));
    }
    EXPECT_EQ(sources.size(), 32U);
  }
}

TEST(SfuAnswer, IsThatOfEveryStep) {
  std::array<SfuTanh::Value, 32> lanes{};
  for (int lane = 0; lane < 32; ++lane) lanes[static_cast<std::size_t>(lane)] = SfuTanh::seed(lane, 3);
  auto expected = lanes;
  constexpr int steps = 12'345;  // past the beginning and through the cycle a few times
  SfuTanh::advance(lanes, steps);
  for (auto& v : expected)
    for (int step = 0; step < steps; ++step) v = Sfu::step(SpecialFunction::tanh, v);
  for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
    EXPECT_EQ(lanes[lane].x, expected[lane].x);
    EXPECT_EQ(lanes[lane].sum, expected[lane].sum);
  }
}

TEST(SfuAnswer, ToleratesWhatIsDocumentedAndNoMore) {
  const auto chain = with<SfuEx2>(8, 4);
  const std::int64_t steps = std::int64_t{4} * 128;
  const auto right = answer(chain)[0];
  const auto off = [&](std::int64_t ulp) {
    return (right & 0xffffffff00000000U) | static_cast<std::uint32_t>(right + static_cast<std::uint64_t>(ulp));
  };
  EXPECT_TRUE(matches(chain, off(2 * steps), right));
  EXPECT_TRUE(matches(chain, off(-2 * steps), right));
  EXPECT_FALSE(matches(chain, off(2 * steps + 1), right));
  EXPECT_FALSE(matches(chain, off(-2 * steps - 1), right));
  EXPECT_FALSE(matches(chain, right ^ (std::uint64_t{1} << 32U), right)) << "an operand is exact";
  EXPECT_FALSE(SfuEx2::matches(right, right, std::int64_t{1} << 30U)) << "a sum of so many says nothing";
}

}  // namespace
