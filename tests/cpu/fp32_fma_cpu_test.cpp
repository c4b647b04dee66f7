// The CPU's FMA chains against a naive model of them, and the mutations that must not pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "kernels/cpu/fp32_fma.hpp"
#include "tests/cpu/simd_targets.hpp"

namespace {

using peakproof::kernels::cpu::ChainLaw;
using peakproof::kernels::cpu::Fp32Fma;
using peakproof::kernels::cpu::Fp32FmaShape;
using peakproof::tests::on_every_simd_target;

constexpr int kNoChain = -1;

// One value after the other; `dropped` is left out of the fold, and so is a chain that nobody computes.
std::vector<Fp32Fma::Bits> naive_answer(const Fp32FmaShape& shape, std::int64_t trips, int dropped = kNoChain) {
  std::vector<Fp32Fma::Bits> folded;
  for (int lane = 0; lane < shape.lanes; ++lane) {
    Fp32Fma::Bits bits = 0;
    const auto fold = [&](int chain, float x) {
      if (chain != dropped) bits ^= std::bit_cast<Fp32Fma::Bits>(x);
    };
    if (shape.law == ChainLaw::square) {
      for (int chain = 0; chain < shape.chains; ++chain) {
        float x = Fp32Fma::seed(lane, chain);
        for (std::int64_t step = 0; step < trips * 8; ++step) x = std::fma(x, x, -1.9F);
        fold(chain, x);
      }
    } else {
      for (int chain = 0; chain < shape.chains / 2; ++chain) {
        float q = Fp32Fma::seed(lane, chain);
        float p = Fp32Fma::seed(lane, shape.chains / 2 + chain);
        for (std::int64_t step = 0; step < trips * 8; ++step) {
          q = std::fma(0.7F, p, q);
          p = std::fma(-0.7F, q, p);
        }
        fold(chain, q);
        fold(shape.chains / 2 + chain, p);
      }
    }
    folded.push_back(bits);
  }
  return folded;
}

std::vector<Fp32FmaShape> shapes() {
  return {{"AVX2", 8, 12, ChainLaw::square},
          {"AVX3", 16, 24, ChainLaw::square},
          {"SVE", 64, 24, ChainLaw::square},
          {"NEON", 4, 28, ChainLaw::rotation}};
}

// How many lanes agree: of a mutant none may.
int agreeing(const std::vector<Fp32Fma::Bits>& a, const std::vector<Fp32Fma::Bits>& b) {
  int agree = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) agree += a[i] == b[i] ? 1 : 0;
  return agree;
}

TEST(CpuFp32Fma, ReturnsTheAnswerOnEverySimdTarget) {
  int with_fma = 0;
  on_every_simd_target([&] {
    const Fp32FmaShape shape = Fp32Fma::shape();
    if (shape.lanes == 0) {
      EXPECT_THAT(Fp32Fma{.trips = 3}.run(), testing::IsEmpty()) << "rounds twice: nothing to run";
      return;
    }
    ++with_fma;
    for (const std::int64_t trips : {1, 2, 7, 1000}) {
      const Fp32Fma kernel{.trips = trips};
      EXPECT_EQ(kernel.run(), naive_answer(shape, trips)) << trips << " trips";
      EXPECT_EQ(kernel.run(), kernel.answer()) << trips << " trips";
    }
  });
  if (with_fma == 0) GTEST_SKIP() << "this CPU has no fused multiply-add";
}

TEST(CpuFp32Fma, AnswerIsTheNaiveOneForEveryShape) {
  for (const Fp32FmaShape& shape : shapes()) {
    EXPECT_EQ(Fp32Fma{.trips = 50}.answer(shape), naive_answer(shape, 50)) << shape.target;
  }
}

TEST(CpuFp32Fma, OneTripFewerShowsInEveryLane) {
  for (const Fp32FmaShape& shape : shapes()) {
    for (const std::int64_t trips : {1, 2, 3, 10, 100, 1000, 20000}) {
      EXPECT_EQ(agreeing(Fp32Fma{.trips = trips}.answer(shape), Fp32Fma{.trips = trips - 1}.answer(shape)), 0)
          << shape.target << ", " << trips << " trips";
    }
  }
}

TEST(CpuFp32Fma, OneAccumulatorDroppedShowsInEveryLane) {
  for (const Fp32FmaShape& shape : shapes()) {
    for (int chain = 0; chain < shape.chains; ++chain) {
      EXPECT_EQ(agreeing(Fp32Fma{.trips = 20}.answer(shape), naive_answer(shape, 20, chain)), 0)
          << shape.target << ", chain " << chain;
    }
  }
}

TEST(CpuFp32Fma, RunItselfTellsTripsApart) {
  if (Fp32Fma::shape().lanes == 0) GTEST_SKIP() << "this CPU has no fused multiply-add";
  EXPECT_EQ(agreeing(Fp32Fma{.trips = 1000}.run(), Fp32Fma{.trips = 999}.run()), 0);
}

TEST(CpuFp32Fma, ChainsStayBoundedAndNeverSettle) {
  for (int chain = 0; chain < Fp32Fma::max_chains; ++chain) {
    float x = Fp32Fma::seed(5, chain);
    float q = Fp32Fma::seed(5, chain);
    float p = Fp32Fma::seed(6, chain);
    for (int step = 0; step < 100'000; ++step) {
      const float before = x;
      const float q_before = q;
      const float p_before = p;
      x = std::fma(x, x, Fp32Fma::c);
      q = std::fma(Fp32Fma::k, p, q);
      p = std::fma(-Fp32Fma::k, q, p);
      ASSERT_NE(x, before);
      ASSERT_LE(std::fabs(x), 2.0F);
      ASSERT_FALSE(q == q_before && p == p_before);
      ASSERT_LE(std::fabs(q), 3.0F);
      ASSERT_GT(q * q + p * p, 1e-6F);
    }
  }
}

TEST(CpuFp32Fma, SeedsAreDistinct) {
  std::set<float> seeds;
  for (int lane = 0; lane < 64; ++lane) {
    for (int chain = 0; chain < Fp32Fma::max_chains; ++chain) seeds.insert(Fp32Fma::seed(lane, chain));
  }
  EXPECT_EQ(seeds.size(), 64U * Fp32Fma::max_chains);
  EXPECT_GT(*seeds.begin(), 0.0F);
  EXPECT_LE(*seeds.rbegin(), 0.9F);
}

TEST(CpuFp32Fma, CountsTwoOperationsPerFma) {
  const Fp32FmaShape avx512{"AVX3", 16, 24, ChainLaw::square};
  EXPECT_DOUBLE_EQ(Fp32Fma{.trips = 1000}.operations_per_thread(avx512), 2.0 * 16 * 24 * 8 * 1000);
  EXPECT_EQ(avx512.simd_bits(), 512);
}

}  // namespace
