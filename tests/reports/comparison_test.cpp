// Two reports side by side: what is the same stays the same, what is slower is found, what is missing is no success.
#include "reports/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "made_reports.hpp"
#include "reports/fleet.hpp"

namespace peakproof::reports {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Change change_of(const Result& before, const Result& after, double tolerance = 0.01) {
  const Comparison c = compare(made_report(1, std::vector{before}), made_report(2, std::vector{after}), tolerance);
  EXPECT_THAT(c.results, SizeIs(1));
  return c.results.at(0).change;
}

TEST(Comparison, AReportIsTheSameAsItself) {
  const Report report = made_report(1, 0.97);
  const Comparison c = compare(report, report, 0);
  ASSERT_THAT(c.results, SizeIs(2));
  for (const ComparedResult& each : c.results) {
    EXPECT_EQ(each.change, Change::same) << each.note;
    EXPECT_EQ(each.ratio, 1);
    EXPECT_LT(each.ratio95.low, 1);
    EXPECT_GT(each.ratio95.high, 1);
  }
  EXPECT_THAT(c.differences, IsEmpty());
  EXPECT_EQ(exit_code(c), exit_pass);
}

// With the truth known: of equal distributions at most the nominal 5 % may be found different, on both sides together.
TEST(Comparison, OfEqualDistributionsFewAreFoundDifferent) {
  constexpr int kTrials = 4000;
  std::mt19937 random(4711);
  int slower = 0;
  int faster = 0;
  for (int i = 0; i < kTrials; ++i) {
    const Change change =
        change_of(made_result("a", 0.97, random, 0.005), made_result("a", 0.97, random, 0.005, 1.0, 21), 0);
    slower += change == Change::slower ? 1 : 0;
    faster += change == Change::faster ? 1 : 0;
  }
  EXPECT_LT(slower + faster, 0.05 * kTrials);
  EXPECT_GT(slower + faster, 0.005 * kTrials) << "an interval that is never left is no interval of 95 %";
  EXPECT_LT(std::abs(slower - faster), 60) << slower << " slower, " << faster << " faster";
}

TEST(Comparison, TwoPercentAreFoundAtAThousandthOfNoise) {
  constexpr int kTrials = 500;
  std::mt19937 random(4712);
  int found = 0;
  for (int i = 0; i < kTrials; ++i)
    found += change_of(made_result("a", 0.97, random), made_result("a", 0.97 * 0.98, random)) == Change::slower ? 1 : 0;
  EXPECT_EQ(found, kTrials);
}

TEST(Comparison, TurnsAroundWithTheOrder) {
  std::mt19937 random(4713);
  const auto mirrored = [](Change change) {
    if (change == Change::slower) return Change::faster;
    return change == Change::faster ? Change::slower : change;
  };
  for (int i = 0; i < 500; ++i) {
    const double factor = 1 + 0.0001 * (i - 250);
    const Report a = made_report(1, {made_result("a", 0.95, random, 0.003)});
    const Report b = made_report(2, {made_result("a", 0.95 * factor, random, 0.003)});
    const Comparison there = compare(a, b, 0);
    const Comparison back = compare(b, a, 0);
    EXPECT_EQ(there.results[0].change, mirrored(back.results[0].change)) << factor;
    EXPECT_NEAR(there.results[0].ratio95.low * back.results[0].ratio95.high, 1, 1e-12);
  }
}

TEST(Comparison, WithinTheToleranceIsTheSame) {
  const auto steady = [](double seconds) { return made_result("a", std::vector(15, seconds)); };
  EXPECT_EQ(change_of(steady(0.0103), steady(0.01035)), Change::same);
  EXPECT_EQ(change_of(steady(0.0103), steady(0.01035), 0.001), Change::slower);
  EXPECT_EQ(change_of(steady(0.0103), steady(0.0105)), Change::slower);
  EXPECT_EQ(change_of(steady(0.0105), steady(0.0103)), Change::faster);
  EXPECT_EQ(change_of(steady(0.0103), steady(0.0105), std::nan("")), Change::slower) << "no tolerance is none";
  EXPECT_EQ(change_of(steady(0.0103), steady(0.0105), -1), Change::slower);
}

TEST(Comparison, WhatHasNoFigureIsNotComparable) {
  std::mt19937 random(1);
  const Result good = made_result("a", 0.97, random);
  const std::vector<std::function<void(Result&)>> spoiled = {
      [](Result& r) { r.verdict = Verdict::noisy; },
      [](Result& r) { r.verdict = Verdict::error; },
      [](Result& r) { r.verdict = Verdict::incorrect; },
      [](Result& r) { r.verdict = Verdict::above_theory; },
      [](Result& r) { r.achieved_per_s = std::nan(""); },
      [](Result& r) { r.achieved_per_s = 0; },
      [](Result& r) { r.summary.median_s = std::nan(""); },
      [](Result& r) { r.summary.ci95_low_s = -std::numeric_limits<double>::infinity(); },
      [](Result& r) { r.summary.ci95_high_s = std::numeric_limits<double>::infinity(); },
      [](Result& r) { r.summary.ci95_low_s = 1; },
      [](Result& r) { r.unit = "B/s"; },
  };
  for (std::size_t i = 0; i < spoiled.size(); ++i) {
    Result bad = good;
    spoiled[i](bad);
    for (const auto& [before, after] : {std::pair(good, bad), std::pair(bad, good)}) {
      const Comparison c = compare(made_report(1, std::vector{before}), made_report(2, std::vector{after}), 0.4);
      EXPECT_EQ(c.results[0].change, Change::not_comparable) << i;
      EXPECT_THAT(c.results[0].note, testing::Not(IsEmpty()));
      EXPECT_EQ(exit_code(c), exit_inconclusive);
    }
  }
}

TEST(Comparison, AMissingResultIsAFailure) {
  Report before = made_report(1, 0.97);
  Report after = made_report(2, 0.97);
  after.results.pop_back();
  EXPECT_EQ(compare(before, after).results[1].change, Change::missing);
  EXPECT_EQ(exit_code(compare(before, after)), exit_rejected);
  EXPECT_EQ(compare(after, before).results[1].change, Change::added);
  EXPECT_EQ(exit_code(compare(after, before)), exit_pass);

  after = made_report(2, 0.97);
  after.results[1].verdict = Verdict::skipped;
  EXPECT_EQ(compare(before, after).results[1].change, Change::missing) << "a skip is not a pass";
  before.results[1].verdict = Verdict::skipped;
  EXPECT_THAT(compare(before, after).results, SizeIs(1)) << "lacking then and now";

  after.completeness.missing = {"dram"};
  EXPECT_EQ(exit_code(compare(before, after)), exit_inconclusive) << "planned and never measured";
}

TEST(Comparison, NothingToCompareIsNoSuccess) {
  EXPECT_EQ(exit_code(Comparison{}), exit_inconclusive);
  EXPECT_EQ(exit_code(compare(Report{}, Report{})), exit_inconclusive);
  EXPECT_EQ(exit_code(compare(Report{}, made_report(1, 0.97))), exit_inconclusive) << "all of it is new";
}

TEST(Comparison, SaysWhetherTheClockDidIt) {
  std::mt19937 random(2);
  const Report before = made_report(1, {made_result("a", 0.97, random)});
  const Report slow_clock = made_report(2, {made_result("a", 0.97, random, 0.001, 0.9)});
  const Report slow_pipe = made_report(3, {made_result("a", 0.92, random)});
  EXPECT_EQ(compare(before, slow_clock).results[0].change, Change::slower);
  EXPECT_THAT(compare(before, slow_clock).results[0].note, HasSubstr("clock made the difference"));
  EXPECT_THAT(compare(before, slow_pipe).results[0].note, HasSubstr("E_issue changed"));
}

TEST(Comparison, DevicesOfNodesArePairedByTheirNames) {
  const Report slow = made_report(2, 0.92);
  const Report one = made_report(1, 0.97);
  Report two = made_report(2, 0.97);
  const Comparison c = compare(node_of({one, two}), node_of({slow, one}));
  ASSERT_THAT(c.results, SizeIs(4));
  EXPECT_EQ(c.results[0].subject, "fp32_fma on GPU-0001");
  EXPECT_EQ(c.results[0].change, Change::same);
  EXPECT_EQ(c.results[2].subject, "fp32_fma on GPU-0002");
  EXPECT_EQ(c.results[2].change, Change::slower);
  const Comparison lost = compare(node_of({one, two}), one);
  EXPECT_EQ(exit_code(lost), exit_rejected);
  EXPECT_EQ(std::count_if(lost.results.begin(), lost.results.end(),
                          [](const ComparedResult& each) { return each.change == Change::missing; }),
            2);
}

TEST(Comparison, OtherDevicesAreNamed) {
  const Report before = made_report(1, 0.97);
  EXPECT_THAT(incompatibilities(before, made_report(2, 0.97)), IsEmpty()) << "of the same kind";
  Report other = before;
  other.device.spec.name = "Made-up 200";
  EXPECT_THAT(incompatibilities(before, other), testing::ElementsAre(HasSubstr("Made-up 200")));
  other = before;
  other.device.spec.compute_capability = {8, 0};
  EXPECT_THAT(incompatibilities(before, other), SizeIs(1));
  other = before;
  other.device.stand_in = true;
  EXPECT_THAT(incompatibilities(before, other), SizeIs(1));

  other = before;
  other.device.facts["driver"] = "590";
  other.device.spec.power_limit_w = 650;
  other.tool.commit = "fedcba9";
  EXPECT_THAT(incompatibilities(before, other), IsEmpty());
  EXPECT_THAT(compare(before, other).differences,
              testing::UnorderedElementsAre("driver: 580.1 before, 590 after", "power limit: 700 W before, 650 W after",
                                            "commit: 0123abc before, fedcba9 after"));
}

TEST(Comparison, IsTold) {
  std::mt19937 random(3);
  Report before = made_report(1, {made_result("a|b", 0.97, random), made_result("<c>", 0.97, random)});
  const Report after = made_report(2, {made_result("a|b", 0.9, random), made_result("d", 0.97, random)});
  const Comparison c = compare(before, after);
  const std::string text = to_text(c);
  EXPECT_THAT(text, HasSubstr("comparison: rejected: 1 slower, 1 missing, 1 added (exit 1)"));
  EXPECT_LT(text.find("slower "), text.find("added "));
  const std::string markdown = to_markdown(c);
  EXPECT_THAT(markdown, HasSubstr("a&#124;b"));
  EXPECT_THAT(markdown, HasSubstr("&lt;c&gt;"));
  const std::string json = to_json(c);
  for (const char* part :
       {"\"change\": \"slower\"", "\"exit_code\": 1", "\"ratio\": null", "\"verdict\": \"rejected\""})
    EXPECT_THAT(json, HasSubstr(part));
}

}  // namespace
}  // namespace peakproof::reports
