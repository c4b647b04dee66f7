// A saved report is believed only as far as its own figures carry it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "example_report.hpp"
#include "reports/format.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {
namespace {

/// A result that passes.
Result passing() {
  Result result{.name = "made_up",
                .efficiency = {.spec = 0.97, .issue = 0.98},
                .floor = Floor{0.95, "made up"},
                .verification = {.method = "made up", .items = 1},
                .audit = {.status = "audited"},
                .verdict = Verdict::pass};
  result.samples.assign(11, {.seconds = 0.01});
  result.summary = summarize(result.samples, StopReason::converged);
  return result;
}

Report report_of(const Result& result, int exit_code) {
  return {.results = {result}, .verdict = std::string(verdict_of_exit_code(exit_code)), .exit_code = exit_code};
}

TEST(Contradiction, AnHonestReportHasNone) {
  EXPECT_EQ(contradiction(report_of(passing(), exit_pass)), "");
  Result below = passing();
  below.efficiency.issue = 0.9;
  below.verdict = Verdict::below;
  EXPECT_EQ(contradiction(report_of(below, exit_rejected)), "");
}

TEST(Contradiction, AVerdictThatTheFiguresDoNotGive) {
  for (const auto& forge : {+[](Result& r) { r.efficiency.issue = 0.9; }, +[](Result& r) { r.efficiency.issue = 1.2; },
                            +[](Result& r) { r.verification.mismatches = 1; }, +[](Result& r) { r.verification = {}; },
                            +[](Result& r) { r.audit.status = "failed"; }, +[](Result& r) { r.summary.spread = 0.5; },
                            +[](Result& r) { r.summary.contaminated = 9; }, +[](Result& r) { r.floor.reset(); }}) {
    Result forged = passing();
    forge(forged);
    EXPECT_NE(contradiction(report_of(forged, exit_pass)), "");
  }
}

/// A latency that is reported, as it is measured.
Result with_latency() {
  Result result = passing();
  result.efficiency = {};
  result.floor.reset();
  for (Sample& sample : result.samples) {
    sample.sm_clock_hz = 2e9;
    sample.latency_cycles = 4;
  }
  result.samples[3].latency_cycles = 4.25;
  result.summary = summarize(result.samples, StopReason::converged);
  result.latency = latency(result.samples);
  result.verdict = Verdict::no_theory;
  return result;
}

TEST(Contradiction, ALatencyIsReportedNotJudged) {
  EXPECT_EQ(contradiction(report_of(with_latency(), exit_pass)), "");
  Result judged = with_latency();
  judged.efficiency.issue = 0.98;
  judged.floor = Floor{0.95, "made up"};
  EXPECT_EQ(judge(judged), Verdict::no_theory);
  judged.verdict = Verdict::pass;
  EXPECT_NE(contradiction(report_of(judged, exit_pass)), "");
}

TEST(Contradiction, ALatencyThatTheSamplesDoNotGive) {
  for (const auto& forge :
       {+[](Result& r) { r.latency->cycles = 3.99; }, +[](Result& r) { r.latency->cycles = -4; },
        +[](Result& r) { r.latency->cycles = 0; }, +[](Result& r) { r.latency->cycles = 1e300; },
        +[](Result& r) { r.latency->cycles = std::nan(""); }, +[](Result& r) { r.latency->ci95.low = 1; },
        +[](Result& r) { r.latency->ci95.high = std::nan(""); }, +[](Result& r) { r.latency->ns = 1; },
        +[](Result& r) { r.latency->ns = -1; }, +[](Result& r) { r.latency->ns.reset(); },
        +[](Result& r) { r.latency.reset(); }, +[](Result& r) { r.samples[0].latency_cycles.reset(); },
        +[](Result& r) { r.samples[0].latency_cycles = -4; },
        +[](Result& r) { r.samples.assign(11, {.seconds = 0.01, .sm_clock_hz = 2e9}); }}) {
    Result forged = with_latency();
    forge(forged);
    EXPECT_NE(contradiction(report_of(forged, exit_pass)), "");
  }
}

/// A burst that passes: its clock falls by a third, what it reaches at its clock is the same in every sample.
Result burst() {
  Result result = passing();
  result.params = {{"mode", "burst"}};
  result.peak = theory::Peak{.pipe = theory::Pipe::tensor_fp16, .per_second = 1e15, .clock_hz = 2e9};
  for (std::size_t i = 0; i < result.samples.size(); ++i) {
    result.samples[i].sm_clock_hz = 2e9 - 6e7 * static_cast<double>(i);
    result.samples[i].seconds = 2e6 / *result.samples[i].sm_clock_hz;
  }
  result.summary = summarize(result.samples, StopReason::time_budget);
  return result;
}

TEST(Contradiction, ABurstIsJudgedByTheSpreadOfWhatItReachesAtItsClock) {
  EXPECT_GT(burst().summary.spread, Limits().max_spread);
  EXPECT_EQ(judged_spread(burst()), issue_spread(burst().samples));
  EXPECT_EQ(contradiction(report_of(burst(), exit_pass)), "");

  Result settled = burst();
  settled.params.clear();
  EXPECT_EQ(judge(settled), Verdict::noisy) << "the same samples, settled, are two clock states or more";
  settled.params = {{"mode", "plateau"}};
  EXPECT_EQ(judge(settled), Verdict::noisy);

  Result memory = burst();
  memory.peak->clock_hz = 0;
  EXPECT_EQ(judge(memory), Verdict::noisy) << "a memory does not follow the clock";

  Result uneven = burst();
  for (std::size_t i = 0; i < uneven.samples.size(); i += 2) uneven.samples[i].seconds *= 1.2;
  EXPECT_EQ(judge(uneven), Verdict::noisy);
  EXPECT_NE(contradiction(report_of(uneven, exit_pass)), "");

  Result blind = burst();
  for (Sample& sample : blind.samples) sample.sm_clock_hz.reset();
  EXPECT_EQ(judge(blind), Verdict::noisy) << "without a clock the times are all there is";
}

TEST(Contradiction, TimesOfCallsMaySpreadMore) {
  Result call = burst();
  call.params.clear();
  call.peak.reset();
  call.efficiency = {};
  call.pipe.reset();
  call.unit = kCalls;
  const auto with_spread = [&](double share) {
    for (std::size_t i = 0; i < call.samples.size(); ++i)
      call.samples[i].seconds = i % 2 == 0 ? 1e-3 : (1 + share) * 1e-3;
    call.summary = summarize(call.samples, StopReason::time_budget);
    return judge(call);
  };
  EXPECT_EQ(with_spread(0.2), Verdict::no_theory);
  EXPECT_GT(call.summary.spread, Limits().max_spread);
  EXPECT_EQ(with_spread(0.5), Verdict::noisy);
  call.unit = "OP/s";
  EXPECT_EQ(with_spread(0.2), Verdict::noisy) << "the host has no part in other times";
}

TEST(Contradiction, ARatioThatTheTwoRatesDoNotGive) {
  Result result = passing();
  result.reference =
      Reference{.name = "library", .achieved_per_s = 4e14, .ratio = 0.9, .samples = 11, .own_achieved_per_s = 3.6e14};
  EXPECT_EQ(contradiction(report_of(result, exit_pass)), "");
  result.reference->ratio = 1.1;
  EXPECT_NE(contradiction(report_of(result, exit_pass)), "");
  result.reference->ratio = std::nan("");
  EXPECT_NE(contradiction(report_of(result, exit_pass)), "");
  result.reference->own_achieved_per_s.reset();
  result.reference->ratio = 1.1;
  EXPECT_EQ(contradiction(report_of(result, exit_pass)), "") << "a file before 1.2 tells one of the rates only";
}

TEST(Verification, AnErrorThatIsNoNumberNeverPasses) {
  const Verification right{.method = "m", .items = 1, .rmse = 0.0, .mae = 0.0, .max_error = 0.0};
  EXPECT_TRUE(right.passed());
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, -1.0})
    for (auto Verification::*error : {&Verification::rmse, &Verification::mae, &Verification::max_error}) {
      Verification wrong = right;
      wrong.*error = bad;
      EXPECT_FALSE(wrong.passed()) << bad;
    }
}

TEST(Contradiction, AnExitCodeThatTheResultsDoNotGive) {
  EXPECT_NE(contradiction(report_of(passing(), exit_rejected)), "");
  EXPECT_NE(contradiction({.exit_code = exit_pass}), "") << "nothing was measured";
  Report missing = report_of(passing(), exit_pass);
  missing.completeness.missing = {"dram_copy"};
  EXPECT_NE(contradiction(missing), "");
  missing.exit_code = exit_inconclusive;
  missing.verdict = "inconclusive";
  EXPECT_EQ(contradiction(missing), "");
  missing.verdict = "pass";
  EXPECT_NE(contradiction(missing), "") << "the word is read too";
}

TEST(Contradiction, EventsThatNoResultShowsAreBelieved) {
  EXPECT_EQ(contradiction(report_of(passing(), exit_device_fault)), "");
  EXPECT_EQ(contradiction(report_of(passing(), exit_report_not_written)), "");
  EXPECT_EQ(contradiction(report_of(passing(), exit_signal_base + 2)), "");
}

TEST(Contradiction, WithheldSamplesAreNotHeldAgainstTheReport) {
  for (const Result& result : {passing(), with_latency(), burst()}) {
    Report report = report_of(result, exit_pass);
    report.results[0].samples.clear();
    EXPECT_NE(contradiction(report) == "", result.latency || is_burst(result.params)) << "they are missed";
    report.samples_withheld = true;
    EXPECT_EQ(contradiction(report), "");
    report.results[0].efficiency.issue = 0.5;
    if (!result.latency && !is_burst(result.params)) {
      EXPECT_NE(contradiction(report), "") << "the figures still count";
    }
  }
  Report kept = report_of(with_latency(), exit_pass);
  kept.samples_withheld = true;
  kept.results[0].latency->cycles = 3;
  EXPECT_NE(contradiction(kept), "") << "samples that are there are looked at, whatever the report says";
  Result disturbed = passing();
  for (std::size_t i = 0; i < 8; ++i) disturbed.samples.push_back({.seconds = 0.01, .contaminated = true});
  disturbed.summary = summarize(disturbed.samples);
  ASSERT_EQ(judge(disturbed), Verdict::noisy);
  disturbed.samples.clear();
  EXPECT_EQ(judge(disturbed), Verdict::noisy) << "the counts remember the contaminated ones";
}

TEST(Contradiction, AcceptancesHaveNone) {
  for (const Report& report : {example_report(), example_acceptance(), example_node()})
    EXPECT_EQ(contradiction(report), "");
  Report fleet = example_node();
  fleet.scope = Scope::fleet;
  fleet.members = {example_node(), example_node()};
  EXPECT_EQ(contradiction(fleet), "");
}

TEST(Contradiction, ATamperedAcceptanceHasOne) {
  struct Row {
    const char* what;
    void (*forge)(Report&);
  };
  const auto all = [](Report& r, Status from, Status to) {
    for (Check& check : r.checks)
      if (check.status == from) check.status = to;
  };
  static const auto change = all;
  for (const Row& row : {
           Row{"a failure made a pass", [](Report& r) { change(r, Status::fail, Status::pass); }},
           Row{"a failure made a warning", [](Report& r) { change(r, Status::fail, Status::warn); }},
           Row{"one pass whose attempts failed", [](Report& r) { r.checks[2].status = Status::pass; }},
           Row{"the checks taken out", [](Report& r) { r.checks.clear(); }},
           Row{"the exit code", [](Report& r) { r.exit_code = exit_pass; }},
           Row{"exit code and verdict",
               [](Report& r) {
                 r.exit_code = exit_pass;
                 r.verdict = "pass";
               }},
           Row{"inconclusive instead", [](Report& r) { r.exit_code = exit_inconclusive; }},
           Row{"the verdict's word", [](Report& r) { r.verdict = "pass"; }},
           Row{"the acceptance taken out", [](Report& r) { r.acceptance.reset(); }},
           Row{"another policy", [](Report& r) { r.acceptance->policy_text += " "; }},
           Row{"no policy", [](Report& r) { r.acceptance->policy_sha256.clear(); }},
           Row{"a result's figure", [](Report& r) { r.results[2].efficiency.issue = 0.95; }},
           Row{"a result's verdict", [](Report& r) { r.results[3].verdict = Verdict::pass; }},
           Row{"attempts", [](Report& r) { r.checks[0].attempts = 0; }},
           Row{"more failures than attempts", [](Report& r) { r.checks[2].failed_attempts = 4; }},
       }) {
    Report forged = example_acceptance();
    row.forge(forged);
    EXPECT_NE(contradiction(forged), "") << row.what;
  }
}

TEST(Contradiction, ATamperedMemberIsFound) {
  for (const auto& forge :
       {+[](Report& r) { r.verdict = "pass"; }, +[](Report& r) { r.exit_code = exit_pass; },
        +[](Report& r) {
          r.exit_code = exit_pass;
          r.verdict = "pass";
        },
        +[](Report& r) { r.checks.clear(); }, +[](Report& r) { r.results[0].verdict = Verdict::pass; },
        +[](Report& r) {
          for (Check& check : r.checks) check.status = Status::pass;
        }}) {
    Report node = example_node();
    forge(node.members[1]);
    EXPECT_THAT(contradiction(node), testing::HasSubstr("member 1: "));
  }
  Report without = example_node();
  without.members.erase(without.members.begin() + 1);
  EXPECT_NE(contradiction(without), "") << "the one that failed is gone";
  without.members.clear();
  EXPECT_NE(contradiction(without), "");
  Report worse = example_node();
  worse.exit_code = exit_pass;
  worse.verdict = "pass";
  EXPECT_NE(contradiction(worse), "");
}

TEST(Contradiction, AnonymityIsNone) {
  EXPECT_EQ(contradiction(anonymous(example_acceptance())), "");
  EXPECT_EQ(contradiction(anonymous(example_node())), "");
}

TEST(Verification, WrongUnitsAndNotNumbersNeverPass) {
  Verification v{.method = "m", .items = 1};
  EXPECT_TRUE(v.passed());
  v.not_numbers = 1;
  EXPECT_FALSE(v.passed());
  v = {.method = "m", .items = 1, .wrong_units = {{.unit = 3, .items = 1}}};
  EXPECT_FALSE(v.passed());
}

}  // namespace
}  // namespace peakproof::reports
