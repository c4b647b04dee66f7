// One report out of several workers', and what is left of a worker that did not live to write one.
#include "bench/harness/joined_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "bench/harness/errors.hpp"
#include "bench/harness/run_id.hpp"
#include "bench/harness/runner.hpp"
#include "bench/harness/worker_talk.hpp"
#include "reports/format.hpp"

namespace peakproof::bench {
namespace {

using reports::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

const DeviceName kGpu{.selector = "GPU-1", .label = "cuda:0", .uuid = "GPU-1", .pci = "00000000:17:00.0", .name = "G"};
const std::vector<Job> kJobs = {{.benchmark = "one", .filter = "", .cases = {"one/a:1", "one/a:1/mode:burst"}},
                                {.benchmark = "two", .filter = "", .cases = {"two"}}};

reports::Result result(const std::string& planned, Verdict verdict = Verdict::pass, double rate = 1) {
  reports::Result out = failed_result(planned, "");
  out.verdict = verdict;
  out.achieved_per_s = rate;
  return out;
}

Part part(std::vector<reports::Result> results) {
  reports::Report report;
  report.device.spec.name = "the device itself";
  report.device.spec.sm_count = 4;
  report.results = std::move(results);
  return {.report = report, .under_way = "", .problem = "", .device_fault = false};
}

reports::Report begun() { return begun_report({}, kGpu, kJobs); }

int code_of(reports::Report& report, reports::RunEvents events = {}) {
  settle(report, events);
  return report.exit_code;
}

TEST(FailedResult, HasTheNameUnderWhichItWasPlanned) {
  for (const char* name : {"one", "one/a:1", "one/a:1/mode:burst", "dram/pattern:copy/size:4/GiB/repetition:2"}) {
    const auto failed = failed_result(name, "why");
    EXPECT_EQ(planned_name(failed), name);
    EXPECT_EQ(failed.verdict, Verdict::error);
    EXPECT_EQ(failed.note, "why");
    EXPECT_TRUE(std::isnan(failed.achieved_per_s));
  }
  EXPECT_EQ(failed_result("one/a:1/mode:burst", "").params.at("mode"), "burst");
}

TEST(Join, EverythingIsMissingBeforeTheFirstWorker) {
  auto report = begun();
  EXPECT_THAT(report.completeness.planned, ElementsAre("one/a:1", "one/a:1/mode:burst", "two"));
  EXPECT_EQ(report.completeness.missing, report.completeness.planned);
  EXPECT_EQ(report.device.facts.at("uuid"), "GPU-1");
  EXPECT_EQ(code_of(report), reports::exit_inconclusive);
}

TEST(Join, ResultsComeInTheOrderOfTheJobs) {
  auto report = begun();
  join(report, kJobs[0], part({result("one/a:1"), result("one/a:1/mode:burst")}));
  EXPECT_EQ(code_of(report), reports::exit_inconclusive);
  EXPECT_THAT(report.completeness.missing, ElementsAre("two"));
  join(report, kJobs[1], part({result("two")}));
  EXPECT_EQ(code_of(report), reports::exit_pass);
  EXPECT_THAT(report.completeness.missing, IsEmpty());
  EXPECT_EQ(planned_name(report.results[2]), "two");
  EXPECT_EQ(report.device.spec.name, "the device itself");
  EXPECT_EQ(report.device.facts.at("uuid"), "GPU-1");
}

TEST(Join, ACrashIsAnErrorOfTheCaseUnderWay) {
  auto report = begun();
  auto left = part({result("one/a:1")});
  left.under_way = "one/a:1/mode:burst";
  left.problem = "the worker ended with signal 11 (SIGSEGV)";
  join(report, kJobs[0], left);
  join(report, kJobs[1], part({result("two")}));
  EXPECT_EQ(code_of(report), reports::exit_inconclusive);
  EXPECT_THAT(report.completeness.missing, IsEmpty());
  EXPECT_EQ(report.results[1].verdict, Verdict::error);
  EXPECT_THAT(report.results[1].note, HasSubstr("SIGSEGV"));
}

TEST(Join, WithoutAReportOnlyTheCaseUnderWayIsAResult) {
  auto report = begun();
  join(report, kJobs[0], {.report = std::nullopt, .under_way = "one/a:1", .problem = "crashed", .device_fault = false});
  EXPECT_EQ(code_of(report), reports::exit_inconclusive);
  EXPECT_THAT(report.completeness.missing, ElementsAre("one/a:1/mode:burst", "two"));
  EXPECT_EQ(report.device.facts.at("missing.one"), "crashed");
  EXPECT_EQ(report.results.size(), 1U);
}

TEST(Join, ACaseThatWasDoneIsNotAnErrorToo) {
  auto report = begun();
  auto left = part({result("one/a:1"), result("one/a:1/mode:burst")});
  left.under_way = "one/a:1/mode:burst";  // it crashed after its result was written
  left.problem = "crashed";
  join(report, kJobs[0], left);
  EXPECT_EQ(report.results.size(), 2U);
}

TEST(Join, WhatAWorkerLeavesOutWithoutAReasonIsMissing) {
  auto report = begun();
  join(report, kJobs[0], part({result("one/a:1")}));
  join(report, kJobs[1], part({result("two")}));
  EXPECT_EQ(code_of(report), reports::exit_inconclusive);
  EXPECT_THAT(report.device.facts.at("missing.one"), HasSubstr("left it out"));
}

TEST(Join, AResultThatNobodyPlannedCounts) {
  auto report = begun();
  join(report, kJobs[0], part({result("one/a:1"), result("one/a:1/mode:burst")}));
  join(report, kJobs[1], part({result("two"), result("two/stray:1", Verdict::incorrect)}));
  EXPECT_EQ(code_of(report), reports::exit_rejected);
  EXPECT_EQ(report.completeness.planned.size(), report.results.size());
}

TEST(Join, AFaultIsAFactAndAnExitCode) {
  auto report = begun();
  auto left = part({result("one/a:1", Verdict::error)});
  left.problem = "the GPU is lost";
  left.device_fault = true;
  left.report->device.facts["fault"] = "the GPU is lost";
  join(report, kJobs[0], left);
  EXPECT_EQ(report.device.facts.at("fault"), "one: the GPU is lost");
  EXPECT_EQ(code_of(report), reports::exit_device_fault);
}

TEST(Join, FactsOfTheStartComeFromTheFirstAndOfTheEndFromTheLast) {
  auto report = begun();
  auto first = part({result("one/a:1"), result("one/a:1/mode:burst")});
  first.report->device.facts = {{"vbios", "1"}, {"temperature_before_c", "30"}, {"temperature_after_c", "50"}};
  auto second = part({result("two")});
  second.report->device.facts = {{"vbios", "2"}, {"temperature_before_c", "49"}, {"temperature_after_c", "70"}};
  join(report, kJobs[0], first);
  join(report, kJobs[1], second);
  EXPECT_EQ(report.device.facts.at("vbios"), "1");
  EXPECT_EQ(report.device.facts.at("temperature_before_c"), "30");
  EXPECT_EQ(report.device.facts.at("temperature_after_c"), "70");
}

reports::Health health(std::optional<double> before, std::optional<double> after) {
  reports::Health out{.source = "NVML", .why = "", .counters = {}, .events = {}, .timeline = {}};
  out.counters.push_back({.name = "errors", .unit = "errors", .before = before, .after = after, .why = ""});
  out.events.push_back({.at_s = before.value_or(0), .kind = "xid", .number = 31, .text = ""});
  out.timeline.push_back({.at_s = before.value_or(0)});
  return out;
}

TEST(JoinHealth, BeforeFromTheFirstAndAfterFromTheLast) {
  std::optional<reports::Health> all;
  join_health(all, health(1, 2));
  join_health(all, health(3, 4));
  ASSERT_EQ(all->counters.size(), 1U);
  EXPECT_EQ(all->counters[0].before, 1);
  EXPECT_EQ(all->counters[0].after, 4);
  EXPECT_EQ(all->events.size(), 2U);
  EXPECT_EQ(all->timeline.size(), 2U);
}

TEST(JoinHealth, WhatTheLastDidNotReadIsNotKnown) {
  std::optional<reports::Health> all;
  join_health(all, health(1, 2));
  join_health(all, health(2, std::nullopt));
  EXPECT_FALSE(all->counters[0].after);
  EXPECT_FALSE(all->counters[0].why.empty());
  join_health(all, health(3, 5));  // the next one reads it after all
  EXPECT_EQ(all->counters[0].after, 5);
  EXPECT_EQ(all->counters[0].why, "");
  join_health(all, std::nullopt);
  EXPECT_FALSE(all->counters[0].after);
}

TEST(JoinHealth, StaleOnceIsStale) {
  std::optional<reports::Health> all;
  join_health(all, std::nullopt);
  EXPECT_FALSE(all);
  auto stale = health(1, 1);
  stale.stale = true;
  join_health(all, stale);
  join_health(all, health(1, 1));
  EXPECT_TRUE(all->stale);
}

TEST(JoinAgain, TheOldResultBecomesAnAttempt) {
  auto report = begun();
  join(report, kJobs[0], part({result("one/a:1", Verdict::below, 7), result("one/a:1/mode:burst")}));
  join(report, kJobs[1], part({result("two")}));
  const Job again{.benchmark = "one", .filter = "", .cases = {"one/a:1"}};
  join_again(report, again, part({result("one/a:1", Verdict::pass, 9)}));
  ASSERT_EQ(report.results.size(), 3U);
  EXPECT_EQ(report.results[0].achieved_per_s, 9);
  ASSERT_EQ(report.results[0].attempts.size(), 1U);
  EXPECT_EQ(report.results[0].attempts[0].achieved_per_s, 7);
  EXPECT_EQ(report.results[0].attempts[0].verdict, Verdict::below);
  join_again(report, again, part({result("one/a:1", Verdict::below, 8)}));
  ASSERT_EQ(report.results[0].attempts.size(), 2U);
  EXPECT_EQ(report.results[0].attempts[1].achieved_per_s, 9);
  EXPECT_EQ(report.completeness.planned.size(), 3U);
}

TEST(JoinAgain, ACrashIsAnErrorAndKeepsWhatWas) {
  auto report = begun();
  join(report, kJobs[1], part({result("two", Verdict::below, 7)}));
  join_again(report, kJobs[1],
             {.report = std::nullopt, .under_way = "two", .problem = "crashed", .device_fault = false});
  EXPECT_EQ(report.results[0].verdict, Verdict::error);
  EXPECT_EQ(report.results[0].attempts[0].verdict, Verdict::below);
}

TEST(JobsOf, CutsDownToTheNamedResults) {
  auto report = begun();
  join(report, kJobs[0], part({result("one/a:1"), result("one/a:1/mode:burst")}));
  const auto jobs = jobs_of(kJobs, report, {"one/a:1/mode:burst", "no such"});
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_THAT(jobs[0].cases, ElementsAre("one/a:1/mode:burst"));
}

struct Resume : testing::Test {
  reports::Report done = begun();
  Resume() { join(done, kJobs[0], part({result("one/a:1"), result("one/a:1/mode:burst", Verdict::below)})); }
  std::vector<Job> to_do;
  reports::Report resumed() {
    to_do.clear();
    return resumed_report(done, begun(), kJobs, to_do);
  }
  void expect_refused(const std::string& says) {
    try {
      static_cast<void>(resumed());
      ADD_FAILURE() << "taken although " << says;
    } catch (const UsageError& error) {
      EXPECT_THAT(error.what(), HasSubstr(says));
    }
  }
};

TEST_F(Resume, TakesOverWhatIsFinished) {
  const auto report = resumed();
  ASSERT_EQ(to_do.size(), 1U);
  EXPECT_EQ(to_do[0].benchmark, "two");
  EXPECT_EQ(report.results.size(), 2U);
  EXPECT_EQ(report.results[1].verdict, Verdict::below);
  EXPECT_EQ(report.run_id, done.run_id);
  EXPECT_EQ(report.started, done.started);
}

TEST_F(Resume, MeasuresAJobWithAnErrorAgain) {
  done.results[0].verdict = Verdict::error;
  const auto report = resumed();
  EXPECT_EQ(to_do.size(), 2U);
  EXPECT_THAT(report.results, IsEmpty());
}

TEST_F(Resume, AFaultIsNotForgotten) {
  done.device.facts["fault"] = "one: lost";
  auto report = resumed();
  join(report, kJobs[1], part({result("two")}));
  EXPECT_EQ(code_of(report), reports::exit_device_fault);
}

TEST_F(Resume, RefusesWhatIsNotTheSame) {
  done.device.facts["uuid"] = "GPU-2";
  expect_refused("another device");
  done.device.facts["uuid"] = "GPU-1";
  done.tool.commit += "x";
  expect_refused("another commit");
  done.tool.commit = begun().tool.commit;
  done.tool.facts["options"] += " --quick";
  expect_refused("--quick");
  done.tool.facts = begun().tool.facts;
  done.host.name += "x";
  expect_refused("another host");
  done.host.name = begun().host.name;
  done.completeness.planned.pop_back();
  expect_refused("has not planned two");
  done.completeness.planned = {"one/a:1", "one/a:1/mode:burst", "two", "three"};
  expect_refused("has planned three as well");
  done.completeness.planned.pop_back();
  done.anonymous = true;
  expect_refused("withholds");
}

TEST(Talk, LinesGoThereAndBack) {
  const Line said{Word::plan, {"0", "dram", "dram/a:\tb\n"}};
  const auto heard = line_of(to_text(said));
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->word, Word::plan);
  EXPECT_THAT(heard->fields, ElementsAre("0", "dram", "dram/a: b "));
  for (const char* other : {"", "plan", "plan\t0\tdram", "plans\t0\ta\tb", "begins", "begins\ta\tb"})
    EXPECT_FALSE(line_of(other)) << other;
}

TEST(Talk, OnlyWholeLinesAreRead) {
  Lines lines;
  std::string text = "begins\ta\nen";
  EXPECT_EQ(lines.next(text).size(), 1U);
  EXPECT_THAT(lines.next(text), IsEmpty());
  text += "ded\ta\nnoise\nbegins\tb\n";
  const auto next = lines.next(text);
  ASSERT_EQ(next.size(), 2U);
  EXPECT_EQ(next[0].word, Word::ended);
  EXPECT_THAT(next[1].fields, ElementsAre("b"));
}

TEST(Talk, EveryOptionThatDecidesWhatIsMeasuredIsTold) {
  Options options;
  const auto plain = measuring_arguments(options);
  options.quick = options.plateau = options.sweep = true;
  options.sweep_over = "size";
  options.data = DataChoice::zero;
  options.min_efficiency = 0.1;
  options.launch_timeout_s = 0.5;
  options.size_bytes = 4096;
  options.m = 1;
  options.n = 2;
  options.k = 3;
  options.google_arguments = {"--benchmark_filter=x"};
  EXPECT_THAT(
      measuring_arguments(options),
      ElementsAre("--quick", "--plateau", "--data=zero", "--min-efficiency=0.10000000000000001", "--timeout=0.5",
                  "--size=4096", "--m=1", "--n=2", "--k=3", "--sweep=size", "--benchmark_filter=x"));
  EXPECT_THAT(plain, ElementsAre("--data=random", "--timeout=60"));
}

TEST(RunId, IsAUuidOfVersionSevenAndInOrderOfTime) {
  const std::string id = new_run_id();
  EXPECT_THAT(id, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_NE(id, new_run_id());
  EXPECT_LE(id.substr(0, 13), new_run_id().substr(0, 13));
}

}  // namespace
}  // namespace peakproof::bench
