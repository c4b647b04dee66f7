// The CPU's chains, each against a naive model of it, and the mutations that must not pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/cpu/chain.hpp"
#include "kernels/cpu/half.hpp"
#include "tests/cpu/simd_targets.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

using namespace peakproof::kernels::cpu;  // NOLINT(google-build-using-namespace): the whole file is about it
using peakproof::tests::on_every_simd_target;

constexpr int kNoChain = -1;
constexpr int kMostLanes = 64;

// A chain of one or a pair of two, one step after the other: written anew, with numbers instead of the kernel's names.
template <class Kernel>
struct Naive;

template <class T>
struct NaiveFma {
  static void step(ChainLaw law, T& q, T& p) {
    if (law == ChainLaw::square) {
      q = std::fma(q, q, static_cast<T>(-1.9));
      return;
    }
    q = std::fma(static_cast<T>(0.7), p, q);
    p = std::fma(static_cast<T>(-0.7), q, p);
  }
  static void begin_trip(T /*x*/) {}
  static bool is_bounded(T x) { return std::fabs(x) <= 3; }
};
template <>
struct Naive<Fp32Fma> : NaiveFma<float> {};
template <>
struct Naive<Fp64Fma> : NaiveFma<double> {};

template <>
struct Naive<Int32Mad> {
  static void step(ChainLaw law, std::uint32_t& q, std::uint32_t& p) {
    const auto mad = [](std::uint64_t x, std::uint64_t y, std::uint64_t z) {
      return static_cast<std::uint32_t>((x * y + z) % (std::uint64_t{1} << 32U));
    };
    if (law == ChainLaw::congruence) {
      q = mad(q, 1664525, 1664525);
      return;
    }
    q = mad(1664525, p, q);
    p = mad(1664525, q, p);
  }
  static void begin_trip(std::uint32_t /*x*/) {}
  static bool is_bounded(std::uint32_t /*x*/) { return true; }
};

template <>
struct Naive<Int32Add> {
  static void step(ChainLaw /*fibonacci*/, std::uint32_t& q, std::uint32_t& p) {
    q = static_cast<std::uint32_t>((std::uint64_t{q} + p) % (std::uint64_t{1} << 32U));
    p = static_cast<std::uint32_t>((std::uint64_t{q} + p) % (std::uint64_t{1} << 32U));
  }
  static void begin_trip(std::uint32_t /*x*/) {}
  static bool is_bounded(std::uint32_t /*x*/) { return true; }
};

template <>
struct Naive<Bf16Fma> {
  float b_high = 0;
  float b_low = 0;
  // One to two in size: the leading 7 bits of x behind the point with its sign, then the last 7 with the bit 15.
  void begin_trip(float x) {
    const auto word = std::bit_cast<std::uint32_t>(x);
    const auto pair_half = [](std::uint32_t sign, std::uint32_t mantissa) {
      return (sign != 0 ? -1.0F : 1.0F) * (1.0F + static_cast<float>(mantissa) / 128.0F);
    };
    b_high = pair_half(word >> 31U, (word >> 16U) & 0x7fU);
    b_low = pair_half((word >> 15U) & 1U, word & 0x7fU);
  }
  void step(ChainLaw /*feedback*/, float& q, float& /*none*/) const {
    q = std::fma(-1.40625F, b_high, q);
    q = std::fma(1.640625F / 1024, b_low, q);
  }
  // Neither far away nor subnormal, which the instruction would take for zero.
  static bool is_bounded(float x) { return std::fabs(x) < 91 && (x == 0 || std::fabs(x) > 1e-20F); }
};

template <>
struct Naive<Fp16Fma> {
  static std::uint16_t fma(double sign, std::uint16_t y, std::uint16_t z) {
    return half_bits(round_to_half(sign * from_half(0x399a) * from_half(y) + from_half(z)));
  }
  static void step(ChainLaw /*rotation*/, std::uint16_t& q, std::uint16_t& p) {
    q = fma(1, p, q);
    p = fma(-1, q, p);
  }
  static void begin_trip(std::uint16_t /*x*/) {}
  static bool is_bounded(std::uint16_t x) { return std::fabs(from_half(x)) <= 3; }
};

// As the head comments of the kernels say.
template <class Kernel>
constexpr int kSteps = std::is_same_v<Kernel, Bf16Fma> ? 32 : 8;

bool in_pairs(ChainLaw law) {
  return law == ChainLaw::rotation || law == ChainLaw::shears || law == ChainLaw::fibonacci;
}

// One value after the other; `dropped` is left out of the fold, and so is a chain that nobody computes.
template <class Kernel>
std::vector<typename Kernel::Bits> naive_answer(const ChainShape& shape, std::int64_t trips, int dropped = kNoChain) {
  using Bits = typename Kernel::Bits;
  const bool pairs = in_pairs(shape.law);
  const int count = pairs ? shape.chains / 2 : shape.chains;
  std::vector<Bits> folded;
  for (int lane = 0; lane < shape.lanes; ++lane) {
    Bits bits = 0;
    const auto fold = [&](int chain, auto x) {
      if (chain != dropped) bits = static_cast<Bits>(bits ^ std::bit_cast<Bits>(x));
    };
    for (int chain = 0; chain < count; ++chain) {
      Naive<Kernel> naive;
      auto q = Kernel::seed(lane, chain);
      auto p = Kernel::seed(lane, count + chain);
      for (std::int64_t trip = 0; trip < trips; ++trip) {
        naive.begin_trip(q);
        for (int step = 0; step < kSteps<Kernel>; ++step) naive.step(shape.law, q, p);
      }
      fold(chain, q);
      if (pairs) fold(count + chain, p);
    }
    folded.push_back(bits);
  }
  return folded;
}

// Of every instruction set that there is a kernel for, whether this CPU has it or not.
template <class Kernel>
std::vector<ChainShape> shapes() {
  constexpr int bits = 8 * static_cast<int>(sizeof(typename Kernel::Value));
  if constexpr (std::is_same_v<Kernel, Bf16Fma>) {
    return {{"AVX512_BF16", 16, 14, ChainLaw::feedback}};
  } else if constexpr (std::is_same_v<Kernel, Fp16Fma>) {
    return {{"AVX512_FP16", 32, 28, ChainLaw::rotation}, {"NEON_FP16", 8, 28, ChainLaw::rotation}};
  } else if constexpr (std::is_same_v<Kernel, Int32Add>) {
    return {{"AVX2", 8, 12, ChainLaw::fibonacci},
            {"AVX3", 16, 12, ChainLaw::fibonacci},
            {"SVE", 64, 24, ChainLaw::fibonacci},
            {"NEON", 4, 28, ChainLaw::fibonacci}};
  } else {
    const bool is_integer = std::is_same_v<Kernel, Int32Mad>;
    const ChainLaw single = is_integer ? ChainLaw::congruence : ChainLaw::square;
    const ChainLaw pair = is_integer ? ChainLaw::shears : ChainLaw::rotation;
    return {{"AVX2", 256 / bits, 12, single},
            {"AVX3", 512 / bits, 24, single},
            {"SVE", 2048 / bits, 24, single},
            {"NEON", 128 / bits, 28, pair}};
  }
}

// How many lanes agree: of a mutant none may.
template <class Bits>
int agreeing(const std::vector<Bits>& a, const std::vector<Bits>& b) {
  int agree = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) agree += a[i] == b[i] ? 1 : 0;
  return agree;
}

// FP16 has 65536 values: of thousands of comparisons of one lane some agree by chance.
template <class Kernel>
int agreeing_by_chance(const ChainShape& shape) {
  return sizeof(typename Kernel::Bits) == 2 ? shape.lanes / 8 : 0;
}

template <class Kernel>
class CpuChainTest : public testing::Test {};
using Kernels = testing::Types<Fp32Fma, Fp64Fma, Int32Mad, Int32Add, Bf16Fma, Fp16Fma>;
struct KernelName {
  template <class Kernel>
  static std::string GetName(int /*index*/) {  // NOLINT(readability-identifier-naming): GoogleTest's name
    return Kernel::symbol;
  }
};
TYPED_TEST_SUITE(CpuChainTest, Kernels, KernelName);

TYPED_TEST(CpuChainTest, ReturnsTheAnswerOnEverySimdTarget) {
  int ran = 0;
  on_every_simd_target([&] {
    const ChainShape shape = TypeParam::shape();
    if (shape.lanes == 0) {
      EXPECT_THAT((TypeParam{.trips = 3}.run()), testing::IsEmpty()) << "no instruction for it: nothing to run";
      return;
    }
    ++ran;
    for (const std::int64_t trips : {1, 2, 7, 1000}) {
      const TypeParam kernel{.trips = trips};
      EXPECT_EQ(kernel.run(), naive_answer<TypeParam>(shape, trips)) << shape.target << ", " << trips << " trips";
      EXPECT_EQ(kernel.run(), kernel.answer()) << shape.target << ", " << trips << " trips";
    }
  });
  if (ran == 0) GTEST_SKIP() << "this CPU has no instruction for it";
}

TYPED_TEST(CpuChainTest, AnswerIsTheNaiveOneForEveryShape) {
  for (const ChainShape& shape : shapes<TypeParam>()) {
    EXPECT_EQ((TypeParam{.trips = 50}.answer(shape)), naive_answer<TypeParam>(shape, 50)) << shape.target;
  }
}

TYPED_TEST(CpuChainTest, OneTripFewerShowsInEveryLane) {
  for (const ChainShape& shape : shapes<TypeParam>()) {
    for (const std::int64_t trips : {1, 2, 3, 10, 100, 1000, 20000}) {
      const auto answer = TypeParam{.trips = trips}.answer(shape);
      EXPECT_LE(agreeing(answer, TypeParam{.trips = trips - 1}.answer(shape)), agreeing_by_chance<TypeParam>(shape))
          << shape.target << ", " << trips << " trips";
    }
  }
}

TYPED_TEST(CpuChainTest, OneAccumulatorDroppedShowsInEveryLane) {
  for (const ChainShape& shape : shapes<TypeParam>()) {
    const auto answer = TypeParam{.trips = 20}.answer(shape);
    for (int chain = 0; chain < shape.chains; ++chain) {
      EXPECT_LE(agreeing(answer, naive_answer<TypeParam>(shape, 20, chain)), agreeing_by_chance<TypeParam>(shape))
          << shape.target << ", chain " << chain;
    }
  }
}

TYPED_TEST(CpuChainTest, RunItselfTellsTripsApart) {
  const ChainShape shape = TypeParam::shape();
  if (shape.lanes == 0) GTEST_SKIP() << "this CPU has no instruction for it";
  EXPECT_LE(agreeing(TypeParam{.trips = 1000}.run(), TypeParam{.trips = 999}.run()),
            agreeing_by_chance<TypeParam>(shape));
}

TYPED_TEST(CpuChainTest, StaysBoundedAndNeverSettles) {
  for (const ChainShape& shape : shapes<TypeParam>()) {
    for (int chain = 0; chain < max_chains; ++chain) {
      Naive<TypeParam> naive;
      auto q = TypeParam::seed(5, chain);
      auto p = TypeParam::seed(6, chain);
      for (int step = 0; step < 100'000; ++step) {
        if (step % kSteps<TypeParam> == 0) naive.begin_trip(q);
        const auto q_before = q;
        const auto p_before = p;
        naive.step(shape.law, q, p);
        ASSERT_TRUE(q != q_before || (in_pairs(shape.law) && p != p_before)) << shape.target << ", step " << step;
        ASSERT_TRUE(naive.is_bounded(q) && naive.is_bounded(p)) << shape.target << ", step " << step;
      }
    }
  }
}

TYPED_TEST(CpuChainTest, SeedsAreDistinct) {
  std::set<typename TypeParam::Value> seeds;
  for (int lane = 0; lane < kMostLanes; ++lane) {
    for (int chain = 0; chain < max_chains; ++chain) seeds.insert(TypeParam::seed(lane, chain));
  }
  EXPECT_EQ(seeds.size(), static_cast<std::size_t>(kMostLanes) * max_chains);
}

TYPED_TEST(CpuChainTest, CountsItsOperations) {
  const ChainShape shape{"made up", 16, 24, ChainLaw::square};
  const std::map<std::string, int> per_trip{{"cpu_fp32_fma", 2 * 8},  {"cpu_fp64_fma", 2 * 8},
                                            {"cpu_int32_mad", 2 * 8}, {"cpu_int32_add", 1 * 8},
                                            {"cpu_bf16_fma", 4 * 32}, {"cpu_fp16_fma", 2 * 8}};
  EXPECT_DOUBLE_EQ((TypeParam{.trips = 1000}.operations_per_thread(shape)),
                   per_trip.at(TypeParam::symbol) * 16.0 * 24 * 1000);
  EXPECT_EQ(TypeParam::simd_bits(shape), static_cast<int>(sizeof(typename TypeParam::Bits)) * 8 * 16);
}

TEST(CpuFma, SeedsAreWithinTheBoundsOfTheLaws) {
  EXPECT_GT(Fp32Fma::seed(0, 0), 0.0F);
  EXPECT_LE(Fp32Fma::seed(kMostLanes - 1, max_chains - 1), 0.9F);
  EXPECT_EQ(Fp64Fma::seed(3, 4), static_cast<double>(Fp32Fma::seed(3, 4)));
  EXPECT_EQ(from_half(Fp16Fma::seed(3, 4)), Fp64Fma::seed(3, 4));
}

TEST(CpuFma, ARotationKeepsItsRadius) {
  for (int chain = 0; chain < max_chains; ++chain) {
    double q = Fp64Fma::seed(5, chain);
    double p = Fp64Fma::seed(6, chain);
    const double before = q * q + p * p;
    for (int step = 0; step < 100'000; ++step) Naive<Fp64Fma>::step(ChainLaw::rotation, q, p);
    EXPECT_GT(q * q + p * p, before / 4);
    EXPECT_LT(q * q + p * p, before * 4);
  }
}

// A format of 11 bits has so few states that a chain must come back to one of its own: here is how late.
TEST(CpuFp16Fma, EveryPairOfChainsTakesManyStepsToComeBack) {
  const ChainShape shape = shapes<Fp16Fma>().front();
  for (int lane = 0; lane < shape.lanes; ++lane) {
    for (int pair = 0; pair < shape.chains / 2; ++pair) {
      std::uint16_t q = Fp16Fma::seed(lane, pair);
      std::uint16_t p = Fp16Fma::seed(lane, shape.chains / 2 + pair);
      std::map<std::uint32_t, int> seen;
      int step = 0;
      while (seen.emplace((std::uint32_t{q} << 16U) | p, step).second) {
        Naive<Fp16Fma>::step(shape.law, q, p);
        ++step;
        ASSERT_TRUE(Naive<Fp16Fma>::is_bounded(q) && Naive<Fp16Fma>::is_bounded(p));  // on the whole way, so for ever
      }
      EXPECT_GE(step - seen[(std::uint32_t{q} << 16U) | p], 100) << lane << ", " << pair;
    }
  }
}

#if defined(__x86_64__)
// The instruction itself, over 34 powers of two of either operand: what the replay takes it for.
[[gnu::target("avx512f,avx512bf16")]] std::vector<float> dot(const std::vector<float>& x,
                                                             const std::vector<std::uint32_t>& a,
                                                             const std::vector<std::uint32_t>& b) {
  std::vector<float> sums(16);
  const __m512i a_pairs = _mm512_loadu_si512(a.data());
  const __m512i b_pairs = _mm512_loadu_si512(b.data());
  _mm512_storeu_ps(sums.data(), _mm512_dpbf16_ps(_mm512_loadu_ps(x.data()), (__m512bh)a_pairs, (__m512bh)b_pairs));
  return sums;
}

TEST(CpuBf16Fma, TheInstructionAddsTheHighThenTheLowProductEachFused) {
  if (Bf16Fma::shape().lanes == 0) GTEST_SKIP() << "this CPU has no AVX512_BF16";
  std::uint32_t state = 1;
  const auto random = [&state] { return (state = state * 1664525U + 1013904223U) >> 8U; };
  const auto bf16 = [&] { return (random() & 0x807fU) | ((110U + random() % 34U) << 7U); };
  const auto high = [](std::uint32_t pair) { return std::bit_cast<float>(pair & 0xffff0000U); };
  const auto low = [](std::uint32_t pair) { return std::bit_cast<float>(pair << 16U); };
  int otherwise = 0;
  for (int turn = 0; turn < 2000; ++turn) {
    std::vector<float> x;
    std::vector<std::uint32_t> a;
    std::vector<std::uint32_t> b;
    for (int lane = 0; lane < 16; ++lane) {
      x.push_back(std::bit_cast<float>((bf16() << 16U) | (random() & 0xffffU)));
      a.push_back((bf16() << 16U) | bf16());
      b.push_back((bf16() << 16U) | bf16());
    }
    const std::vector<float> sums = dot(x, a, b);
    for (std::size_t i = 0; i < 16; ++i) {
      ASSERT_EQ(sums[i], std::fma(low(a[i]), low(b[i]), std::fma(high(a[i]), high(b[i]), x[i])));
      otherwise += sums[i] != std::fma(high(a[i]), high(b[i]), std::fma(low(a[i]), low(b[i]), x[i])) ? 1 : 0;
    }
  }
  EXPECT_GT(otherwise, 0) << "operands that do not tell the order apart";
}
#endif

}  // namespace
