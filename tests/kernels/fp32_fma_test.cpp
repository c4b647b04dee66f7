// The answer of fp32_fma, and what makes it worth checking: it depends on every trip, every step and every chain.
#include "kernels/arithmetic/fp32_fma.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>

namespace {

using peakproof::kernels::Fp32Fma;

/// The chains one by one, as the data sheet of fp32_fma.cu describes them.
struct Replay {
  std::array<std::array<float, Fp32Fma::chains>, Fp32Fma::lanes> x{};

  Replay() {
    float odd = 1.0F;  // 1/1024, 3/1024, 5/1024 … 511/1024
    for (auto& lane : x) {
      for (float& value : lane) {
        value = odd / 1024.0F;
        odd += 2.0F;
      }
    }
  }
  void steps(int count) {
    for (auto& lane : x) {
      for (float& value : lane) {
        for (int step = 0; step < count; ++step) value = std::fma(value, value, Fp32Fma::c);
      }
    }
  }
  [[nodiscard]] std::array<std::uint32_t, Fp32Fma::lanes> answer() const {
    std::array<std::uint32_t, Fp32Fma::lanes> fold{};
    for (std::size_t lane = 0; lane < fold.size(); ++lane) {
      for (const float value : x[lane]) fold[lane] ^= std::bit_cast<std::uint32_t>(value);
    }
    return fold;
  }
};

Fp32Fma with_trips(int trips) {
  Fp32Fma kernel;
  kernel.trips = trips;
  return kernel;
}

TEST(Fp32Fma, AnswersAsANaiveReplay) {
  Replay replay;
  int done = 0;
  for (const int trips : {1, 2, 3, 64, 500}) {
    replay.steps((trips - done) * Fp32Fma::steps_per_trip);
    done = trips;
    EXPECT_EQ(with_trips(trips).answer(), replay.answer()) << trips << " trips";
  }
}

TEST(Fp32Fma, NeverSettlesAndStaysBoundedAndApart) {
  Replay replay;
  auto before = replay.answer();
  for (int trip = 1; trip <= 1500; ++trip) {  // past the 4000 steps or so after which every chain is in its cycle
    replay.steps(Fp32Fma::steps_per_trip);
    const auto now = replay.answer();
    for (std::size_t lane = 0; lane < now.size(); ++lane) {
      ASSERT_NE(now[lane], before[lane]) << "lane " << lane << ", trip " << trip;
      const auto& chains = replay.x[lane];
      for (const float value : chains) {
        ASSERT_LE(std::fabs(value), 2.0F);  // false for NaN
        ASSERT_NE(value, 0.0F);             // so that a chain that is left out changes the fold
      }
      ASSERT_EQ(std::set<float>(chains.begin(), chains.end()).size(), chains.size()) << "two chains met: " << trip;
    }
    before = now;
  }
}

TEST(Fp32Fma, OneTripLessShowsInEveryLane) {
  for (const int trips : {2, 10, 999, 4000}) {
    const auto answer = with_trips(trips).answer();
    const auto shorter = with_trips(trips - 1).answer();
    for (std::size_t lane = 0; lane < answer.size(); ++lane) EXPECT_NE(answer[lane], shorter[lane]);
  }
}

TEST(Fp32Fma, OneStepLessShowsInEveryLane) {
  Replay replay;
  replay.steps(200 * Fp32Fma::steps_per_trip - 1);
  const auto shorter = replay.answer();
  const auto answer = with_trips(200).answer();
  for (std::size_t lane = 0; lane < answer.size(); ++lane) EXPECT_NE(answer[lane], shorter[lane]);
}

TEST(Fp32Fma, CountsItsWork) {
  Fp32Fma kernel;
  kernel.blocks = 264;
  kernel.trips = 1000;
  EXPECT_DOUBLE_EQ(kernel.operations(), 264.0 * 1024 * 1000 * 512 * 2);
}

TEST(Fp32Fma, RefusesAnEmptyLaunch) {
  Fp32Fma kernel;
  kernel.trips = 0;
  EXPECT_EQ(launch(kernel, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
  kernel.trips = 1;
  kernel.blocks = 0;
  EXPECT_EQ(launch(kernel, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
}

}  // namespace
