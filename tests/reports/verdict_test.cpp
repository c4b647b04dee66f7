#include "reports/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "reports/result.hpp"

namespace peakproof::reports {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Verdict kAll[] = {Verdict::pass,      Verdict::below, Verdict::above_theory, Verdict::noisy,
                            Verdict::incorrect, Verdict::error, Verdict::no_theory,    Verdict::skipped};

/// Evidence of a good result.
Evidence good() {
  return {.samples = 11, .median_s = 1e-3, .spread = 0.001, .verified = true, .efficiency = 0.98, .floor = 0.95};
}

template <typename Change>
Verdict judged(const Change& change) {
  Evidence e = good();
  change(e);
  return judge(e);
}

TEST(Judge, OneChangeAtATime) {
  EXPECT_EQ(judge(good()), Verdict::pass);
  EXPECT_EQ(judged([](auto& e) { e.failed = true; }), Verdict::error);
  EXPECT_EQ(judged([](auto& e) { e.verified = false; }), Verdict::incorrect);
  EXPECT_EQ(judged([](auto& e) { e.audit_failed = true; }), Verdict::error);
  EXPECT_EQ(judged([](auto& e) { e.spread = 0.051; }), Verdict::noisy);
  EXPECT_EQ(judged([](auto& e) { e.samples = 10; }), Verdict::noisy);
  EXPECT_EQ(judged([](auto& e) { e.contaminated = 0.25; }), Verdict::pass);
  EXPECT_EQ(judged([](auto& e) { e.contaminated = 0.26; }), Verdict::noisy);
  EXPECT_EQ(judged([](auto& e) { e.efficiency.reset(); }), Verdict::no_theory);
  EXPECT_EQ(judged([](auto& e) { e.floor.reset(); }), Verdict::no_theory);
  EXPECT_EQ(judged([](auto& e) { e.efficiency = 1.006; }), Verdict::above_theory);
  EXPECT_EQ(judged([](auto& e) { e.efficiency = 0.949; }), Verdict::below);
}

TEST(Judge, Limits) {
  EXPECT_EQ(judged([](auto& e) { e.efficiency = 0.95; }), Verdict::pass);
  EXPECT_EQ(judged([](auto& e) { e.efficiency = 1.005; }), Verdict::pass);
  EXPECT_EQ(judged([](auto& e) { e.spread = 0.05; }), Verdict::pass);
  EXPECT_EQ(judged([](auto& e) { e.spread = 0; }), Verdict::pass);
  EXPECT_EQ(judged([](auto& e) { e.floor = 1.2; }), Verdict::below) << "a floor that no device reaches";
  EXPECT_EQ(judge(good(), {.max_efficiency = 0.97}), Verdict::above_theory);
  EXPECT_EQ(judge(good(), {.max_spread = 0.0005}), Verdict::noisy);
  EXPECT_EQ(judge(good(), {.min_samples = 12}), Verdict::noisy);
}

TEST(Judge, NoNumberAndNoTimePass) {
  for (const double bad : {0.0, -1.0, kNaN, kInfinity, -kInfinity}) {
    EXPECT_EQ(judged([&](auto& e) { e.median_s = bad; }), Verdict::error) << bad;
    EXPECT_EQ(judged([&](auto& e) { e.efficiency = bad; }), Verdict::error) << bad;
    EXPECT_EQ(judged([&](auto& e) { e.floor = bad; }), Verdict::error) << bad;
  }
  for (const double bad : {-0.1, kNaN, kInfinity}) {
    EXPECT_EQ(judged([&](auto& e) { e.spread = bad; }), Verdict::noisy) << bad;
  }
  EXPECT_EQ(judged([](auto& e) { e.samples = 0; }), Verdict::error);
  EXPECT_EQ(judged([](auto& e) { e.samples = -1; }), Verdict::error);
  EXPECT_EQ(judge(Evidence{}), Verdict::error) << "evidence of nothing";
}

TEST(Judge, TheFirstInOrderWins) {
  // Each step is worse than those below it; switched on from the last to the first, each takes over.
  Evidence e = good();
  e.efficiency = 0.5;
  EXPECT_EQ(judge(e), Verdict::below);
  e.floor.reset();
  EXPECT_EQ(judge(e), Verdict::no_theory);
  e.efficiency = 1.5;
  EXPECT_EQ(judge(e), Verdict::above_theory) << "too fast is wrong with and without a floor";
  e.efficiency.reset();
  EXPECT_EQ(judge(e), Verdict::no_theory);
  e.contaminated = 1;
  EXPECT_EQ(judge(e), Verdict::noisy);
  e.verified = false;
  EXPECT_EQ(judge(e), Verdict::incorrect);
  e.failed = true;
  EXPECT_EQ(judge(e), Verdict::error);
}

TEST(VerdictNames, GoBothWaysAndAreExplained) {
  std::set<std::string_view> explanations;
  for (const Verdict verdict : kAll) {
    EXPECT_EQ(verdict_from_name(name(verdict)), verdict);
    EXPECT_TRUE(explain(verdict).ends_with('.')) << name(verdict);
    explanations.insert(explain(verdict));
  }
  EXPECT_EQ(explanations.size(), std::size(kAll));
  EXPECT_FALSE(verdict_from_name("Pass"));
  EXPECT_FALSE(verdict_from_name(""));
}

TEST(ExitCodes, OfOneVerdict) {
  const std::pair<Verdict, int> rows[] = {{Verdict::pass, 0},         {Verdict::no_theory, 0}, {Verdict::below, 1},
                                          {Verdict::incorrect, 1},    {Verdict::noisy, 3},     {Verdict::error, 3},
                                          {Verdict::above_theory, 3}, {Verdict::skipped, 3}};
  for (const auto& [verdict, code] : rows) EXPECT_EQ(exit_code(std::vector{verdict}, {}), code) << name(verdict);
}

TEST(ExitCodes, SkippedBesideAMeasuredResultIsNoFault) {
  EXPECT_EQ(exit_code(std::vector{Verdict::pass, Verdict::skipped}, {}), 0);
  EXPECT_EQ(exit_code(std::vector{Verdict::no_theory, Verdict::skipped}, {}), 0);
  EXPECT_EQ(exit_code(std::vector{Verdict::skipped, Verdict::skipped}, {}), 3) << "nothing was measured";
  EXPECT_EQ(exit_code(std::vector<Verdict>{}, {}), 3) << "nothing was measured";
}

TEST(ExitCodes, Precedence) {
  // Every combination: 128+n > 4 > 1 > 3 > 5 > 0.
  for (int mask = 0; mask < 64; ++mask) {
    const bool signal = (mask & 1) != 0;
    const bool fault = (mask & 2) != 0;
    const bool rejected = (mask & 4) != 0;
    const bool unsure = (mask & 8) != 0;
    const bool missing = (mask & 16) != 0;
    const bool unwritten = (mask & 32) != 0;
    std::vector verdicts = {Verdict::pass};
    if (unsure) verdicts.push_back(Verdict::noisy);
    if (rejected) verdicts.push_back(Verdict::below);
    const RunEvents events{
        .missing = missing ? 2 : 0, .device_fault = fault, .signal = signal ? 15 : 0, .report_not_written = unwritten};
    const int expected = signal ? 143 : fault ? 4 : rejected ? 1 : unsure || missing ? 3 : unwritten ? 5 : 0;
    EXPECT_EQ(exit_code(verdicts, events), expected) << mask;
  }
}

TEST(ExitCodes, HaveNames) {
  const std::pair<int, std::string_view> rows[] = {{0, "pass"},
                                                   {1, "rejected"},
                                                   {2, "usage"},
                                                   {3, "inconclusive"},
                                                   {4, "device_fault"},
                                                   {5, "report_not_written"},
                                                   {77, "nothing_to_test"},
                                                   {130, "interrupted"},
                                                   {143, "interrupted"},
                                                   {128, "unknown"},
                                                   {-1, "unknown"},
                                                   {6, "unknown"}};
  for (const auto& [code, text] : rows) EXPECT_EQ(verdict_of_exit_code(code), text) << code;
}

TEST(Verification, PassesOnlyIfSomethingWasComparedAndNothingDiffers) {
  const Verification exact{.method = "bit for bit", .items = 10};
  EXPECT_TRUE(exact.passed());
  EXPECT_FALSE(Verification{}.passed());
  EXPECT_FALSE((Verification{.method = "", .items = 10}.passed()));
  EXPECT_FALSE((Verification{.method = "m", .items = 0}.passed()));
  EXPECT_FALSE((Verification{.method = "m", .items = -1}.passed()));
  EXPECT_FALSE((Verification{.method = "m", .items = 10, .mismatches = 1}.passed()));
  EXPECT_FALSE((Verification{.method = "m", .items = 10, .mismatches = -1}.passed()));
}

TEST(Verification, ARelativeErrorIsANumberWithinItsTolerance) {
  const auto with = [](std::optional<double> error, std::optional<double> tolerance) {
    return Verification{.method = "m", .items = 1, .relative_error = error, .tolerance = tolerance}.passed();
  };
  EXPECT_TRUE(with(1e-4, 1e-3));
  EXPECT_TRUE(with(0, 0));
  EXPECT_TRUE(with(1e-3, 1e-3));
  EXPECT_FALSE(with(2e-3, 1e-3));
  EXPECT_FALSE(with(kNaN, 1e-3));
  EXPECT_FALSE(with(1e-4, kNaN));
  EXPECT_FALSE(with(kInfinity, 1e-3));
  EXPECT_FALSE(with(-1e-4, 1e-3));
  EXPECT_FALSE(with(1e-4, std::nullopt));
  EXPECT_FALSE(with(std::nullopt, 1e-3));
}

}  // namespace
}  // namespace peakproof::reports
