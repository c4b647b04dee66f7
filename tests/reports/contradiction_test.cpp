// A saved report is believed only as far as its own figures carry it.
#include <gtest/gtest.h>

#include <cmath>

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

Report report_of(const Result& result, int exit_code) { return {.results = {result}, .exit_code = exit_code}; }

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

TEST(Contradiction, AnExitCodeThatTheResultsDoNotGive) {
  EXPECT_NE(contradiction(report_of(passing(), exit_rejected)), "");
  EXPECT_NE(contradiction({.exit_code = exit_pass}), "") << "nothing was measured";
  Report missing = report_of(passing(), exit_pass);
  missing.completeness.missing = {"dram_copy"};
  EXPECT_NE(contradiction(missing), "");
  missing.exit_code = exit_inconclusive;
  EXPECT_EQ(contradiction(missing), "");
}

TEST(Contradiction, EventsThatNoResultShowsAreBelieved) {
  EXPECT_EQ(contradiction(report_of(passing(), exit_device_fault)), "");
  EXPECT_EQ(contradiction(report_of(passing(), exit_report_not_written)), "");
  EXPECT_EQ(contradiction(report_of(passing(), exit_signal_base + 2)), "");
}

}  // namespace
}  // namespace peakproof::reports
