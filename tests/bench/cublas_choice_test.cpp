// The choice among a library's algorithms, on made-up times.
#include "bench/harness/cublas_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "bench/harness/errors.hpp"

namespace peakproof::bench {
namespace {

using testing::HasSubstr;

/// Candidates whose launches last as long as they should, and a record of who was asked.
struct Library {
  std::vector<double> seconds;
  std::vector<int> asked;
  std::vector<int> launches;

  CublasChoice chosen() {
    return choose(static_cast<int>(seconds.size()), [this](int candidate, int count) {
      asked.push_back(candidate);
      launches.push_back(count);
      return seconds.at(static_cast<std::size_t>(candidate)) * count;
    });
  }
};

TEST(CublasChoice, TakesTheFastest) {
  Library library{.seconds = {0.0020, 0.0019, 0.0012, 0.0030}};
  const auto choice = library.chosen();
  EXPECT_EQ(choice.best, 2);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_DOUBLE_EQ(choice.candidates[i].seconds, library.seconds[i]);
}

TEST(CublasChoice, MeasuresInTurn) {
  Library library{.seconds = {0.002, 0.001, 0.003}};
  static_cast<void>(library.chosen());
  ASSERT_EQ(library.asked.size(), 18U);  // once to load, five rounds
  for (std::size_t i = 0; i < library.asked.size(); ++i) EXPECT_EQ(library.asked[i], static_cast<int>(i % 3));
}

TEST(CublasChoice, ShortLaunchesAreTimedTogether) {
  Library library{.seconds = {0.00001, 0.0001, 0.0000001}};
  EXPECT_EQ(library.chosen().best, 2);
  EXPECT_EQ(library.launches[0], 1);  // nothing is known yet
  EXPECT_EQ(library.launches[3], 50);
  EXPECT_EQ(library.launches[4], 5);
  EXPECT_EQ(library.launches[5], 100);  // not more
}

TEST(CublasChoice, LongLaunchesAreTimedOnce) {
  Library library{.seconds = {2, 1.5}};
  const auto choice = library.chosen();
  EXPECT_EQ(choice.best, 1);
  EXPECT_EQ(library.asked.size(), 2U);
}

TEST(CublasChoice, OneSlowIntervalDoesNotMatter) {
  int call = 0;
  const auto choice = choose(2, [&](int candidate, int launches) {
    const double disturbed = call++ == 5 ? 10 : 1;  // an interval of candidate 1, which is the faster
    return (candidate == 1 ? 0.001 : 0.0015) * launches * disturbed;
  });
  EXPECT_EQ(choice.best, 1);
}

TEST(CublasChoice, TheFirstLaunchDoesNotCount) {
  std::map<int, int> calls;
  const auto choice = choose(2, [&](int candidate, int launches) {
    const bool loads = calls[candidate]++ == 0;
    return (candidate == 1 ? 0.001 : 0.0015) * launches + (loads && candidate == 1 ? 0.1 : 0.0);
  });
  EXPECT_EQ(choice.best, 1);
}

TEST(CublasChoice, WhatDoesNotRunIsLeftOutAndNamed) {
  int calls_of_failing = 0;
  const auto choice = choose(3, [&](int candidate, int launches) {
    if (candidate == 1) {
      ++calls_of_failing;
      throw MeasurementError("CUBLAS_STATUS_NOT_SUPPORTED");
    }
    return 0.001 * (candidate + 1) * launches;
  });
  EXPECT_EQ(choice.best, 0);
  EXPECT_EQ(calls_of_failing, 1);
  EXPECT_THAT(describe(choice, 1e9, "FLOP/s"), HasSubstr("CUBLAS_STATUS_NOT_SUPPORTED"));
}

TEST(CublasChoice, NothingRuns) {
  const auto choice = choose(2, [](int, int) -> double { throw MeasurementError("CUBLAS_STATUS_ARCH_MISMATCH"); });
  EXPECT_EQ(choice.best, -1);
  EXPECT_THAT(describe(choice, 1, "FLOP/s"), HasSubstr("none of 2"));
  EXPECT_EQ(choose(0, [](int, int) { return 1.0; }).best, -1);
}

TEST(CublasChoice, ATimerThatStandsStillIsNotBelieved) {
  EXPECT_EQ(choose(1, [](int, int) { return 0.0; }).best, -1);
}

TEST(CublasChoice, ALostDeviceEndsIt) {
  const auto lost = [](int, int) -> double { throw DeviceFault("cudaErrorECCUncorrectable"); };
  EXPECT_THROW(static_cast<void>(choose(2, lost)), DeviceFault);
  DeviceFault::happened = false;
}

TEST(CublasChoice, SaysWhatItFound) {
  Library library{.seconds = {0.00156, 0.0014, 0.002}};
  EXPECT_EQ(describe(library.chosen(), 1.0995e12, "FLOP/s"),
            "candidate 2 of 3: 785 TFLOP/s (in the library's order 705, 785, 550 TFLOP/s)");
  Library slow{.seconds = {0.002, 0.001, 0.0009}};
  EXPECT_EQ(describe(slow.chosen(), 1e9, "FLOP/s"),
            "candidate 3 of 3: 1.11 TFLOP/s (in the library's order 0.5, 1, 1.11 TFLOP/s)");
  Library single{.seconds = {0.001}};
  EXPECT_EQ(describe(single.chosen(), 1e12, "OP/s"), "candidate 1 of 1: 1.00 POP/s");
}

TEST(CublasOverrides, AreFoundInTheEnvironment) {
  const std::map<std::string, const char*> environment = {{"NVIDIA_TF32_OVERRIDE", "0"}, {"PATH", "/bin"}};
  const auto get = [&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second;
  };
  EXPECT_THAT(cublas_overrides(get), testing::ElementsAre("NVIDIA_TF32_OVERRIDE=0"));
  EXPECT_TRUE(cublas_overrides([](const char*) -> const char* { return nullptr; }).empty());
}

}  // namespace
}  // namespace peakproof::bench
