#include "bench/harness/soak.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "bench/harness/runner.hpp"

namespace {

using namespace peakproof;
using bench::SoakRecord;
using reports::Status;
using reports::Verdict;

reports::Result result(const std::string& name, double issue, Verdict verdict = Verdict::pass) {
  reports::Result made{.name = name, .achieved_per_s = issue * 1e12, .unit = "FLOP/s", .verdict = verdict};
  made.params = {{"type", "fp16"}, {"mode", "burst"}};
  made.efficiency.issue = issue;
  return made;
}

reports::Check check(Status status, const std::string& subject = "fp32_fma", bool required = true) {
  return {.code = "PP-1101",
          .id = "performance.issue",
          .subject = subject,
          .status = status,
          .required = required,
          .message = "found"};
}

reports::Report round(std::vector<reports::Result> results, std::vector<reports::Check> checks = {}) {
  reports::Report report;
  report.device.spec.sm_count = 4;
  for (const auto& each : results) report.completeness.planned.push_back(bench::planned_name(each));
  report.results = std::move(results);
  report.checks = std::move(checks);
  return report;
}

std::vector<std::string> ids(const reports::Report& report) {
  std::vector<std::string> out;
  for (const auto& each : report.checks) out.push_back(each.id);
  return out;
}

TEST(SoakRecord, KeepsTheFirstRoundAndTheRangeOfTheOthers) {
  SoakRecord soak;
  soak.add(round({result("a", 0.98)}));
  EXPECT_EQ(soak.report().results.size(), 1U);
  EXPECT_EQ(soak.report().results[0].note, "");
  soak.add(round({result("a", 0.95)}));
  soak.add(round({result("a", 0.97)}));
  const auto report = soak.report();
  EXPECT_EQ(soak.rounds(), 3);
  ASSERT_EQ(report.results.size(), 1U);
  EXPECT_DOUBLE_EQ(*report.results[0].efficiency.issue, 0.98);
  EXPECT_EQ(report.results[0].note, "soak: 3 rounds, E_issue 95.00 to 98.00 %");
  EXPECT_EQ(report.device.facts.at("soak_rounds"), "3");
  EXPECT_TRUE(report.completeness.missing.empty());
}

TEST(SoakRecord, ALaterFailureStays) {
  SoakRecord soak;
  soak.add(round({result("a", 0.98)}, {check(Status::pass)}));
  soak.add(round({result("a", 0.60, Verdict::below)}, {check(Status::fail)}));
  soak.add(round({result("a", 0.98)}, {check(Status::pass)}));
  const auto report = soak.report();
  ASSERT_EQ(report.results.size(), 2U);
  EXPECT_EQ(report.results[1].verdict, Verdict::below);
  EXPECT_EQ(report.results[1].params.at("round"), "2");
  EXPECT_EQ(report.completeness.planned.back(), bench::planned_name(report.results[1]));
  ASSERT_EQ(ids(report).back(), "run.round:2.performance.issue");
  EXPECT_EQ(report.checks.back().status, Status::fail);
  EXPECT_EQ(report.checks.back().message, "round 2: found");
  EXPECT_TRUE(report.completeness.missing.empty());
}

TEST(SoakRecord, TheWorstOfTheSameCheckStays) {
  SoakRecord soak;
  soak.add(round({result("a", 0.98)}));
  for (const Status status : {Status::warn, Status::error, Status::fail, Status::warn})
    soak.add(round({result("a", 0.98)}, {check(status)}));
  const auto report = soak.report();
  EXPECT_EQ(ids(report), std::vector<std::string>{"run.round:4.performance.issue"});
  EXPECT_EQ(report.checks[0].status, Status::fail);
}

TEST(SoakRecord, ARequiredSkipIsNoPass) {
  SoakRecord soak;
  soak.add(round({result("a", 0.98)}));
  soak.add(round({result("a", 0.98)}, {check(Status::skip, "x", false), check(Status::skip, "y", true)}));
  ASSERT_EQ(soak.report().checks.size(), 1U);
  EXPECT_EQ(soak.report().checks[0].subject, "y");
}

TEST(SoakRecord, WhatIsMissingInARoundIsMissing) {
  SoakRecord soak;
  soak.add(round({result("a", 0.98), result("b", 0.98)}));
  auto second = round({result("a", 0.98), result("b", 0.98)});
  second.results.pop_back();
  second.completeness.missing = {second.completeness.planned.back()};
  soak.add(second);
  EXPECT_EQ(soak.report().completeness.missing, std::vector<std::string>{"b/type:fp16/mode:burst/round:2"});
  EXPECT_EQ(soak.report().completeness.planned.size(), 3U);
}

TEST(SoakRecord, StaysSmall) {
  SoakRecord soak;
  for (int i = 0; i < 100; ++i) soak.add(round({result("a", 0.5, Verdict::below)}, {check(Status::fail)}));
  const auto report = soak.report();
  EXPECT_EQ(report.results.size(), 1U + SoakRecord::kMostKept);
  EXPECT_EQ(report.completeness.planned.size(), report.results.size());
  EXPECT_EQ(report.checks.size(), 2U);  // the first round's, and the first of the others
}

}  // namespace
