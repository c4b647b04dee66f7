#include "reports/check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace peakproof::reports {
namespace {

constexpr std::array kAll = {Status::pass, Status::warn, Status::fail, Status::error, Status::skip};

Check check(Status status, bool required = true, bool device_fault = false) {
  return {.status = status, .required = required, .device_fault = device_fault};
}
int code(const std::vector<Check>& checks, const RunEvents& events = {}) { return exit_code(checks, events); }

TEST(Status, NamesGoBothWays) {
  for (const Status status : kAll) EXPECT_EQ(status_from_name(name(status)), status);
  EXPECT_FALSE(status_from_name("passed"));
  EXPECT_EQ(name(static_cast<Status>(99)), "error");
}

TEST(ExitCodeOfChecks, OneOfEach) {
  const Check pass = check(Status::pass);
  EXPECT_EQ(code({pass}), exit_pass);
  EXPECT_EQ(code({pass, check(Status::warn)}), exit_pass);
  EXPECT_EQ(code({pass, check(Status::fail)}), exit_rejected);
  EXPECT_EQ(code({pass, check(Status::error)}), exit_inconclusive);
  EXPECT_EQ(code({pass, check(Status::skip)}), exit_inconclusive);
  EXPECT_EQ(code({pass, check(Status::fail, true, true)}), exit_device_fault);
  // What is not required cannot be open, but what failed has failed.
  EXPECT_EQ(code({pass, check(Status::error, false)}), exit_pass);
  EXPECT_EQ(code({pass, check(Status::skip, false)}), exit_pass);
  EXPECT_EQ(code({pass, check(Status::fail, false)}), exit_rejected);
  // Only a failure is a fault.
  EXPECT_EQ(code({check(Status::pass, true, true)}), exit_pass);
}

TEST(ExitCodeOfChecks, TheWorseOfTwo) {
  constexpr std::array kOrder = {0, 5, 3, 1, 4, 130, 143};
  for (std::size_t i = 0; i < kOrder.size(); ++i)
    for (std::size_t j = i; j < kOrder.size(); ++j) {
      EXPECT_EQ(worse(kOrder[i], kOrder[j]), kOrder[j]);
      EXPECT_EQ(worse(kOrder[j], kOrder[i]), kOrder[j]);
    }
  EXPECT_EQ(worse(99, 0), 99);
  EXPECT_EQ(worse(99, 1), 1) << "what is none is inconclusive";
}

TEST(ExitCodeOfChecks, NothingProvenIsInconclusive) {
  EXPECT_EQ(code({}), exit_inconclusive);
  EXPECT_EQ(code({check(Status::pass, false)}), exit_inconclusive);
  EXPECT_EQ(code({check(Status::warn)}), exit_inconclusive);
  EXPECT_EQ(code({Check{}}), exit_inconclusive) << "a check that nobody has decided";
}

TEST(ExitCodeOfChecks, EventsOfTheRun) {
  const std::vector<Check> good{check(Status::pass)};
  EXPECT_EQ(code(good, {.missing = 1}), exit_inconclusive);
  EXPECT_EQ(code(good, {.device_fault = true}), exit_device_fault);
  EXPECT_EQ(code(good, {.signal = 2}), 130);
  EXPECT_EQ(code(good, {.report_not_written = true}), exit_report_not_written);
  const std::vector<Check> bad{check(Status::fail), check(Status::error)};
  EXPECT_EQ(code(bad, {.device_fault = true, .signal = 15, .report_not_written = true}), 143);
  EXPECT_EQ(code(bad, {.device_fault = true, .report_not_written = true}), exit_device_fault);
  EXPECT_EQ(code(bad, {.report_not_written = true}), exit_rejected);
}

int rank(int exit_code) {
  constexpr std::array kOrder = {+exit_pass, +exit_report_not_written, +exit_inconclusive, +exit_rejected,
                                 +exit_device_fault};
  return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), exit_code) - kOrder.begin());
}

TEST(ExitCodeOfChecks, AnotherFindingNeverImprovesIt) {
  std::mt19937 random(20);
  const auto pick = [&random](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  const auto any_check = [&] { return check(kAll.at(static_cast<std::size_t>(pick(5))), pick(2) == 0, pick(2) == 0); };
  for (int i = 0; i < 20000; ++i) {
    std::vector<Check> checks;
    for (int n = pick(6); n > 0; --n) checks.push_back(any_check());
    const RunEvents events{.missing = pick(2), .device_fault = pick(4) == 0, .report_not_written = pick(2) == 0};
    const int before = code(checks, events);
    Check worse = any_check();
    if (worse.status == Status::pass) worse.status = Status::fail;
    checks.insert(checks.begin() + pick(static_cast<int>(checks.size()) + 1), worse);
    EXPECT_GE(rank(code(checks, events)), rank(before));
    std::shuffle(checks.begin(), checks.end(), random);
    const int shuffled = code(checks, events);
    std::reverse(checks.begin(), checks.end());
    EXPECT_EQ(code(checks, events), shuffled) << "their order does not matter";
  }
}

}  // namespace
}  // namespace peakproof::reports
