// One thing is broken of a healthy device, and the right rule finds it, with the right exit code.
#include "reports/evaluate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "healthy_report.hpp"

namespace peakproof::reports {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const Terms& terms() {
  static const Terms kTerms{.policy = &default_policy()};
  return kTerms;
}

Report concluded(Report report, const Terms& by = terms()) {
  conclude(report, by);
  return report;
}

std::vector<Check> of_status(const Report& report, Status status) {
  std::vector<Check> found;
  std::copy_if(report.checks.begin(), report.checks.end(), std::back_inserter(found),
               [status](const Check& c) { return c.status == status; });
  return found;
}

/// The codes of the checks with this status, "PP-1101 PP-3101", in order.
std::string codes_of(const Report& report, Status status) {
  std::string text;
  for (const Check& check : of_status(report, status)) text += (text.empty() ? "" : " ") + check.code;
  return text;
}

TEST(Evaluate, AHealthyDeviceIsAccepted) {
  const Report report = concluded(healthy_report());
  EXPECT_EQ(report.exit_code, exit_pass);
  EXPECT_EQ(report.verdict, "pass");
  for (const auto status : {Status::fail, Status::error, Status::warn}) EXPECT_EQ(codes_of(report, status), "");
  EXPECT_EQ(to_measure_again(report), std::vector<std::string>{});
  ASSERT_TRUE(report.acceptance);
  EXPECT_EQ(report.acceptance->policy_sha256, default_policy().sha256);
  EXPECT_EQ(report.acceptance->policy_text, default_policy_text());
}

TEST(Evaluate, AHealthyCpuIsAcceptedWithoutAManagementLibrary) {
  const Report report = concluded(healthy_cpu());
  EXPECT_EQ(report.exit_code, exit_pass);
  for (const auto status : {Status::fail, Status::error, Status::warn}) EXPECT_EQ(codes_of(report, status), "");
}

struct Broken {
  const char* what;
  std::function<void(Report&)> breaks;
  Status status;
  const char* codes;  ///< of this status
  int exit_code;
};

Result& first(Report& r) { return r.results.front(); }
void set(Report& r, const char* counter, std::optional<double> before, std::optional<double> after) {
  counter_of(r, counter).before = before;
  counter_of(r, counter).after = after;
}
void unread(Report& r, const char* counter, const char* why) {
  set(r, counter, std::nullopt, std::nullopt);
  counter_of(r, counter).why = why;
}
void noisy(Report& r) {
  first(r).summary.spread = 0.2;
  first(r).verdict = judge(first(r));
}
void slow(Result& result, double factor) {
  result.efficiency.issue = *result.efficiency.issue * factor;
  result.achieved_per_s *= factor;
  result.verdict = judge(result);
}
void wrong(Report& r, std::int64_t mismatches, std::int64_t not_numbers) {
  first(r).verification.mismatches = mismatches;
  first(r).verification.not_numbers = not_numbers;
  first(r).verdict = judge(first(r));
}
void reason(Report& r, const char* name, double share) { first(r).telemetry->reasons[name] = share; }
void event(Report& r, std::int64_t xid, int times = 1) {
  for (int i = 0; i < times; ++i) r.health->events.push_back({.kind = "xid", .number = xid, .text = "made up"});
}

const std::vector<Broken>& broken() {
  static const std::vector<Broken> kBroken = {
      {"slow", [](Report& r) { slow(first(r), 0.85); }, Status::fail, "PP-1101", 1},
      {"wrong", [](Report& r) { wrong(r, 1, 0); }, Status::fail, "PP-3101", 4},
      {"nothing but NaN", [](Report& r) { wrong(r, 7, 7); }, Status::fail, "PP-3103", 1},
      {"NaN among wrong ones", [](Report& r) { wrong(r, 7, 6); }, Status::fail, "PP-3101", 4},
      {"beyond tolerance",
       [](Report& r) {
         first(r).verification.relative_error = kNaN;
         first(r).verification.tolerance = 1e-3;
         first(r).verdict = judge(first(r));
       },
       Status::fail, "PP-3101", 4},
      {"unchecked",
       [](Report& r) {
         first(r).verification = {};
         first(r).verdict = judge(first(r));
       },
       Status::error, "PP-3102", 3},
      {"noisy", noisy, Status::error, "PP-7103", 3},
      {"error", [](Report& r) { first(r).verdict = Verdict::error; }, Status::error, "PP-7102", 3},
      {"above theory",
       [](Report& r) {
         first(r).efficiency.issue = 1.2;
         first(r).verdict = judge(first(r));
       },
       Status::error, "PP-7106", 3},
      {"audit failed",
       [](Report& r) {
         first(r).audit.status = "failed";
         first(r).verdict = judge(first(r));
       },
       Status::error, "PP-7102 PP-7104", 3},
      {"unaudited", [](Report& r) { first(r).audit.status = "unaudited"; }, Status::warn, "PP-7105", 0},
      {"missing",
       [](Report& r) {
         r.completeness.planned.push_back("x");
         r.completeness.missing.push_back("x");
       },
       Status::error, "PP-7101", 3},
      {"dropped unseen", [](Report& r) { r.results.pop_back(); }, Status::error, "PP-7101", 3},
      {"nothing planned", [](Report& r) { r.completeness.planned.clear(); }, Status::error, "PP-7101", 3},
      {"no floor anywhere",
       [](Report& r) {
         for (Result& result : r.results) {
           result.floor.reset();
           result.verdict = judge(result);
         }
       },
       Status::error, "PP-7108", 3},
      {"fault", [](Report& r) { r.device.facts["fault"] = "lost"; }, Status::fail, "PP-8101", 4},
      {"no health",
       [](Report& r) {
         r.health->source = "";
         r.health->stale = true;
       },
       Status::error, "", 3},
      {"stale", [](Report& r) { r.health->stale = true; }, Status::error, "", 3},
      {"stale region", [](Report& r) { first(r).telemetry->stale = true; }, Status::error,
       "PP-7109 PP-2201 PP-2202 PP-2203 PP-2204 PP-2205 PP-2206", 3},
      {"hw slowdown", [](Report& r) { reason(r, "hw_slowdown", 0.02); }, Status::fail, "PP-2201", 1},
      {"hw slowdown, shorter than can be told", [](Report& r) { reason(r, "hw_slowdown", 1e-4); }, Status::fail, "", 0},
      {"hw thermal", [](Report& r) { reason(r, "hw_thermal", 0.5); }, Status::fail, "PP-2202", 1},
      {"power brake", [](Report& r) { reason(r, "hw_power_brake", 1); }, Status::fail, "PP-2203", 1},
      {"sw thermal", [](Report& r) { reason(r, "sw_thermal", 0.5); }, Status::warn, "PP-2204", 0},
      {"power cap at the default limit", [](Report& r) { reason(r, "sw_power_cap", 1); }, Status::warn, "", 0},
      {"power cap, limit lowered",
       [](Report& r) {
         reason(r, "sw_power_cap", 1);
         r.device.facts["power_limit_w"] = "500";
       },
       Status::warn, "PP-2205 PP-2301", 0},
      {"power cap, limit unknown",
       [](Report& r) {
         reason(r, "sw_power_cap", 1);
         r.device.facts.erase("power_limit_w");
       },
       Status::warn, "PP-2205", 0},
      {"a share that is no number", [](Report& r) { reason(r, "hw_slowdown", kNaN); }, Status::error, "PP-2201", 3},
      {"reasons never told",
       [](Report& r) {
         for (Result& result : r.results) result.telemetry->reasons.clear();
         for (auto& point : r.health->timeline) point.clock_reasons.reset();
       },
       Status::error, "PP-2201 PP-2202 PP-2203 PP-2204 PP-2205 PP-2206", 3},
      {"no telemetry", [](Report& r) { first(r).telemetry.reset(); }, Status::error,
       "PP-2201 PP-2202 PP-2203 PP-2204 PP-2205 PP-2206", 3},
      {"clock far down", [](Report& r) { first(r).efficiency.clock = 0.6; }, Status::warn, "PP-2101", 0},
      {"uncorrected", [](Report& r) { set(r, "ecc_uncorrected_volatile", 2, 3); }, Status::fail, "PP-4101", 4},
      {"uncorrected before", [](Report& r) { set(r, "ecc_uncorrected_volatile", 2, 2); }, Status::fail, "", 0},
      {"counter ran backwards", [](Report& r) { set(r, "ecc_uncorrected_volatile", 2, 0); }, Status::error, "PP-4101",
       3},
      {"counter no number", [](Report& r) { set(r, "ecc_uncorrected_volatile", 0, kNaN); }, Status::error, "PP-4101",
       3},
      {"counter unread", [](Report& r) { unread(r, "ecc_uncorrected_volatile", "NVML does not answer"); },
       Status::error, "PP-4101", 3},
      {"counter not there", [](Report& r) { unread(r, "row_remap_failed", "not supported by this GPU"); },
       Status::error, "", 0},
      {"counter gone",
       [](Report& r) { std::erase_if(r.health->counters, [](const Counter& c) { return c.name == "pcie_replays"; }); },
       Status::error, "PP-5103", 3},
      {"corrected, some", [](Report& r) { set(r, "ecc_corrected_volatile", 0, 11); }, Status::warn, "PP-4102", 0},
      {"corrected, a storm", [](Report& r) { set(r, "ecc_corrected_volatile", 0, 50000); }, Status::fail, "PP-4102", 1},
      {"corrected, no duration", [](Report& r) { r.duration_s = 0; }, Status::error, "PP-4102 PP-5202", 3},
      {"sram", [](Report& r) { set(r, "ecc_sram_threshold_exceeded", 1, 1); }, Status::fail, "PP-4103", 1},
      {"remap pending", [](Report& r) { set(r, "row_remap_pending", 0, 1); }, Status::fail, "PP-4201", 1},
      {"remap failed", [](Report& r) { set(r, "row_remap_failed", 1, 1); }, Status::fail, "PP-4202", 1},
      {"recovery", [](Report& r) { set(r, "recovery_action", 0, 2); }, Status::fail, "PP-4301", 1},
      {"replays", [](Report& r) { set(r, "pcie_replays", 5, 86); }, Status::fail, "PP-5103", 1},
      {"few replays", [](Report& r) { set(r, "pcie_replays", 5, 85); }, Status::fail, "", 0},
      {"nvlink recovery", [](Report& r) { set(r, "nvlink_recovery_errors", 0, 1); }, Status::fail, "PP-5201", 1},
      {"nvlink down", [](Report& r) { set(r, "nvlinks_active", 17, 17); }, Status::fail, "PP-5204", 1},
      {"no nvlink at all", [](Report& r) { set(r, "nvlinks_active", 0, 0); }, Status::fail, "", 0},
      {"half the link", [](Report& r) { r.results[4].peak->per_second /= 2; }, Status::fail, "PP-5101", 1},
      {"narrow at rest", [](Report& r) { set(r, "pcie_width", 8, 8); }, Status::warn, "PP-5102", 0},
      {"narrow at rest, before", [](Report& r) { set(r, "pcie_width", 1, 16); }, Status::warn, "", 0},
      {"lost", [](Report& r) { event(r, 79); }, Status::fail, "PP-4401", 4},
      {"double-bit event", [](Report& r) { r.health->events.push_back({.kind = "ecc_uncorrected"}); }, Status::fail,
       "PP-4404", 4},
      {"a program's xid", [](Report& r) { event(r, 31); }, Status::warn, "PP-4402", 0},
      {"a program's xid, again", [](Report& r) { event(r, 31, 2); }, Status::fail, "PP-4402", 1},
      {"unknown xid", [](Report& r) { event(r, 4711); }, Status::warn, "PP-4403", 0},
      {"events unseen", [](Report& r) { r.health->why = "no events (Xids) from the driver: no permission"; },
       Status::error, "PP-4401 PP-4404 PP-4405 PP-4402 PP-4403", 3},
      {"ecc off", [](Report& r) { r.device.facts["ecc"] = "off"; }, Status::fail, "PP-4105", 1},
      {"ecc unknown", [](Report& r) { r.device.facts.erase("ecc"); }, Status::error, "PP-4105", 3},
      {"ecc off on a GeForce",
       [](Report& r) {
         r.device.facts["ecc"] = "off";
         r.device.spec.memory_type = "GDDR6X";
       },
       Status::warn, "PP-4105", 0},
      {"persistence off", [](Report& r) { r.device.facts["persistence"] = "off"; }, Status::warn, "PP-6201", 0},
      {"prohibited", [](Report& r) { r.device.facts["compute_mode"] = "prohibited"; }, Status::error, "PP-6202", 3},
      {"mig", [](Report& r) { r.device.facts["mig"] = "on"; }, Status::error, "PP-6203", 3},
  };
  return kBroken;
}

TEST(Evaluate, OneThingBroken) {
  for (const Broken& fault : broken()) {
    SCOPED_TRACE(fault.what);
    Report report = healthy_report();
    fault.breaks(report);
    report = concluded(std::move(report));
    EXPECT_EQ(report.exit_code, fault.exit_code);
    if (*fault.codes != '\0') {
      EXPECT_EQ(codes_of(report, fault.status), fault.codes);
    }
    if (fault.exit_code == exit_pass) {
      EXPECT_EQ(codes_of(report, Status::warn), fault.status == Status::warn ? fault.codes : "");
      EXPECT_EQ(codes_of(report, Status::fail), "");
      EXPECT_EQ(codes_of(report, Status::error), "");
    }
    for (const Check& check : report.checks) {
      EXPECT_FALSE(check.message.empty()) << check.id;
      EXPECT_EQ(check.message.find('\n'), std::string::npos) << check.message;
    }
  }
}

TEST(Evaluate, WithoutAnyHealthNothingIsAccepted) {
  for (const auto& lose : {+[](Report& r) { r.health.reset(); }, +[](Report& r) { *r.health = {}; },
                           +[](Report& r) { r.health->counters.clear(); }, +[](Report& r) { r.health->source = ""; }}) {
    Report report = healthy_report();
    lose(report);
    EXPECT_EQ(concluded(std::move(report)).exit_code, exit_inconclusive);
  }
}

TEST(Evaluate, WithheldSamplesChangeNothing) {
  Report report = healthy_report();
  reason(report, "hw_thermal", 0.5);
  const Report whole = concluded(report);
  for (Result& result : report.results) result.samples.clear();
  withhold_timeline(*report.health);
  report.samples_withheld = true;
  const Report withheld = concluded(report);
  EXPECT_EQ(withheld.exit_code, exit_rejected);
  ASSERT_EQ(whole.checks.size(), withheld.checks.size());
  for (std::size_t i = 0; i < whole.checks.size(); ++i)
    EXPECT_EQ(whole.checks[i].message, withheld.checks[i].message) << whole.checks[i].id;
}

TEST(Evaluate, WithheldTimelinesHideNoUnknownReasons) {
  Report report = healthy_report();
  for (auto& point : report.health->timeline) point.clock_reasons.reset();
  for (Result& result : report.results) result.telemetry->reasons.clear();
  EXPECT_EQ(concluded(report).exit_code, exit_inconclusive);
  withhold_timeline(*report.health);
  report.samples_withheld = true;
  EXPECT_EQ(concluded(report).exit_code, exit_inconclusive);
  report.health->timeline.clear();
  EXPECT_EQ(concluded(report).exit_code, exit_inconclusive);
}

TEST(Evaluate, WhatWasReadOnceIsNotAbsentByNature) {
  for (const char* name : {"ecc_uncorrected_volatile", "row_remap_failed"}) {
    Report report = healthy_report();
    set(report, name, 0, std::nullopt);
    counter_of(report, name).why = "after: not supported by this GPU";
    EXPECT_EQ(concluded(report).exit_code, exit_inconclusive) << name;
    set(report, name, std::nullopt, std::nullopt);
    counter_of(report, name).why = "not supported by this GPU";
    EXPECT_EQ(concluded(report).exit_code, exit_pass) << name;
  }
}

TEST(Evaluate, AResultThatIsThereTwiceStandsForNoOther) {
  Report report = healthy_report();
  ASSERT_GE(report.results.size(), 2U);
  report.results[1] = report.results[0];
  EXPECT_EQ(concluded(report).exit_code, exit_inconclusive);
}

TEST(Evaluate, APolicyCannotForgetWhatIsMissing) {
  Policy policy;
  policy.rules = {{.id = "x", .measure = Measure::issue, .code = "PP-1101", .source = "t"}};
  Report report = healthy_report();
  EXPECT_EQ(concluded(report, {.policy = &policy}).exit_code, exit_pass);
  report.completeness.missing = {report.completeness.planned.back()};
  EXPECT_EQ(concluded(report, {.policy = &policy}).exit_code, exit_inconclusive);
}

TEST(Evaluate, ClockReasonsThatAreUnknownAreNoMissingEvents) {
  Report report = healthy_report();
  report.health->why = "NVML tells neither clock, power, temperature nor clock event reasons of this GPU";
  EXPECT_EQ(concluded(report).exit_code, exit_pass);
}

TEST(Evaluate, AnEmptyReportIsInconclusive) {
  EXPECT_EQ(concluded({}).exit_code, exit_inconclusive);
  EXPECT_EQ(concluded({.scope = Scope::node}).exit_code, exit_rejected) << "a node without devices lacks at least one";
  const Policy nothing;
  EXPECT_EQ(concluded(healthy_report(), {.policy = &nothing}).exit_code, exit_inconclusive);
}

Policy only(Rule rule) {
  rule.code = "PP-1101";
  Policy policy;
  policy.rules = {std::move(rule)};
  return policy;
}

TEST(Evaluate, ARuleThatFindsNothingIsNotPassed) {
  for (const Measure m : {Measure::issue, Measure::spec, Measure::clock, Measure::absolute, Measure::correctness,
                          Measure::reason, Measure::counter, Measure::state}) {
    const Policy policy = only({.id = "x", .measure = m, .subject = "no_such_thing", .fail_above = 1});
    const bool reason_is_zero =
        m == Measure::reason;  // no such reason held in any region, and the lint refuses the name
    EXPECT_EQ(concluded(healthy_report(), {.policy = &policy}).exit_code,
              reason_is_zero ? exit_pass : exit_inconclusive)
        << name(m);
  }
}

TEST(Evaluate, ALonelyPerformanceRuleSeesWhatCannotBeUsed) {
  const Policy policy = only({.id = "x", .measure = Measure::issue});
  for (const auto verdict : {Verdict::noisy, Verdict::error, Verdict::incorrect, Verdict::above_theory}) {
    Report report = healthy_report();
    first(report).verdict = verdict;
    EXPECT_EQ(concluded(report, {.policy = &policy}).exit_code, exit_inconclusive) << name(verdict);
  }
}

TEST(Evaluate, LimitsOfARule) {
  struct Row {
    Measure measure;
    double limit;
    int exit_code;
  };
  // E_issue 0.98, C 0.97.
  for (const auto& [measure, limit, code] :
       {Row{Measure::issue, 0.97, 0}, Row{Measure::issue, 0.99, 1}, Row{Measure::spec, 0.94, 0},
        Row{Measure::spec, 0.96, 1}, Row{Measure::clock, 0.96, 0}, Row{Measure::clock, 0.98, 1},
        Row{Measure::absolute, 6.0e13, 0}, Row{Measure::absolute, 6.6e13, 1}}) {
    Rule rule{.id = "x", .measure = measure, .subject = "fp32_fma", .fail_below = limit};
    if (measure == Measure::absolute) rule.unit = "FLOP/s";
    Policy policy = only(rule);
    EXPECT_EQ(concluded(healthy_report(), {.policy = &policy}).exit_code, code) << name(measure) << limit;
    policy.rules[0].required = false;
    const Report lenient = concluded(healthy_report(), {.policy = &policy});
    EXPECT_NE(lenient.exit_code, exit_rejected) << "what is not required never rejects";
    EXPECT_EQ(codes_of(lenient, Status::warn) != "", code == 1);
  }
  const Policy other_unit =
      only({.id = "x", .measure = Measure::absolute, .subject = "dram", .fail_below = 1, .unit = "FLOP/s"});
  EXPECT_EQ(concluded(healthy_report(), {.policy = &other_unit}).exit_code, exit_inconclusive);
}

TEST(Evaluate, RulesForOtherDevicesDoNotApply) {
  Policy policy = only({.id = "x", .measure = Measure::issue, .architectures = {"8.*", "cpu"}, .fail_below = 0.99});
  EXPECT_EQ(concluded(healthy_report(), {.policy = &policy}).checks.size(), 0U);
  for (const char* tag : {"9.0", "9.*", "gpu", "datacenter_pro", "HBM*", "*H200*", "8.0|9.0"}) {
    policy.rules[0].architectures = {tag};
    EXPECT_EQ(concluded(healthy_report(), {.policy = &policy}).exit_code, exit_rejected) << tag;
  }
}

Attempt attempt_of(const Result& result) {
  return {.achieved_per_s = result.achieved_per_s,
          .efficiency = result.efficiency,
          .summary = result.summary,
          .verdict = result.verdict};
}

/// fp32_fma measured so many times; the last one is the result.
Report measured(const std::vector<double>& factors) {
  Report report = healthy_report();
  const Result healthy = first(report);
  std::vector<Attempt> attempts;
  for (const double factor : factors) {
    first(report) = healthy;
    slow(first(report), factor);
    attempts.push_back(attempt_of(first(report)));
  }
  attempts.pop_back();
  first(report).attempts = attempts;
  return report;
}

TEST(Retest, TwoOfThreeDecide) {
  struct Row {
    std::vector<double> factors;
    int exit_code;
    bool again;
    int failed;
  };
  for (const auto& [factors, code, again, failed] :
       {Row{{1}, 0, false, 0}, Row{{0.8}, 1, true, 1}, Row{{0.8, 1}, 1, true, 1}, Row{{0.8, 0.8}, 1, false, 2},
        Row{{0.8, 1, 1}, 0, false, 1}, Row{{0.8, 1, 0.8}, 1, false, 2}, Row{{0.8, 0.8, 1}, 1, false, 2},
        Row{{1, 0.8, 1}, 0, false, 1}}) {
    const Report report = concluded(measured(factors));
    SCOPED_TRACE(testing::PrintToString(factors));
    EXPECT_EQ(report.exit_code, code);
    EXPECT_EQ(to_measure_again(report), again ? std::vector<std::string>{"fp32_fma"} : std::vector<std::string>{});
    const auto check = std::find_if(report.checks.begin(), report.checks.end(), [](const Check& c) {
      return c.id == "performance.issue" && c.subject == "fp32_fma";
    });
    ASSERT_NE(check, report.checks.end());
    EXPECT_EQ(check->attempts, static_cast<int>(factors.size()));
    EXPECT_EQ(check->failed_attempts, failed);
    const bool flaky = failed > 0 && failed < check->attempts;
    EXPECT_EQ(check->message.find("flaky") != std::string::npos, flaky);
    if (code == 0) {
      EXPECT_EQ(check->status, failed > 0 ? Status::warn : Status::pass);
    }
  }
}

TEST(Retest, WhatWasTooNoisyHasNoVote) {
  Report report = measured({0.8, 1, 1});
  first(report).attempts[1].verdict = Verdict::noisy;
  EXPECT_EQ(concluded(report).exit_code, exit_rejected) << "one of two that count is not a majority";
}

TEST(Retest, NeverWhatIsWrongOrOnAFaultyDevice) {
  Report report = healthy_report();
  slow(first(report), 0.8);
  slow(report.results[1], 0.8);
  EXPECT_EQ(to_measure_again(concluded(report)), (std::vector<std::string>{"fp32_fma", "fp64_fma"}));
  for (const auto& spoil :
       {+[](Report& r) { wrong(r, 1, 0); }, +[](Report& r) { r.device.facts["fault"] = "lost"; },
        +[](Report& r) { event(r, 79); }, +[](Report& r) { set(r, "ecc_uncorrected_volatile", 0, 1); }}) {
    Report spoilt = report;
    spoil(spoilt);
    EXPECT_EQ(to_measure_again(concluded(spoilt)), std::vector<std::string>{});
  }
  Report once_wrong = report;
  first(once_wrong).attempts = {{.verdict = Verdict::incorrect}};
  EXPECT_EQ(concluded(once_wrong).exit_code, exit_device_fault) << "a wrong answer is never forgotten";
  Report not_numbers = report;
  wrong(not_numbers, 3, 3);
  EXPECT_EQ(to_measure_again(concluded(not_numbers)), std::vector<std::string>{"fp64_fma"});
  Report interrupted = report;
  conclude(interrupted, terms(), {.signal = 15});
  EXPECT_EQ(interrupted.exit_code, 143);
  EXPECT_EQ(to_measure_again(interrupted), std::vector<std::string>{});
}

TEST(Retest, WhatWasNoisyIsMeasuredAgain) {
  Report report = healthy_report();
  noisy(report);
  EXPECT_EQ(to_measure_again(concluded(report)), std::vector<std::string>{"fp32_fma"});
  first(report).attempts.resize(2);
  EXPECT_EQ(to_measure_again(concluded(report)), std::vector<std::string>{});
}

TEST(Peers, TheSlowOneIsFoundAndTheOthersAreNot) {
  for (const int slow_one : {0, 3, 7}) {
    Report node = healthy_node(8);
    for (std::size_t i = 0; i < 8; ++i) slow(node.members[i].results[0], 1 + 0.001 * (static_cast<double>(i % 3) - 1));
    slow(node.members[static_cast<std::size_t>(slow_one)].results[0], 0.96);
    node = concluded(std::move(node));
    EXPECT_EQ(node.exit_code, exit_rejected);
    for (int i = 0; i < 8; ++i) {
      const Report& member = node.members[static_cast<std::size_t>(i)];
      EXPECT_EQ(member.exit_code, i == slow_one ? exit_rejected : exit_pass);
      EXPECT_EQ(codes_of(member, Status::fail), i == slow_one ? "PP-1301" : "");
      // All of them, so that the second figure is held against a second median.
      EXPECT_EQ(to_measure_again(member), std::vector<std::string>{"fp32_fma"});
    }
  }
}

TEST(Peers, EachTurnHasAMedianOfItsOwn) {
  Report node = healthy_node(4);
  // In the first turn the others were fast, by chance: device 0 was in doubt. In the second they are not.
  for (std::size_t i = 0; i < 4; ++i) {
    Result& result = node.members[i].results[0];
    const Result healthy = result;
    slow(result, i == 0 ? 0.99 : 1.02);
    Attempt before = attempt_of(result);
    before.verdict = Verdict::pass;
    result = healthy;
    slow(result, i == 0 ? 0.99 : 1);
    result.attempts = {before, before};
  }
  node = concluded(std::move(node));
  const auto& checks = node.members[0].checks;
  const auto peer = std::find_if(checks.begin(), checks.end(),
                                 [](const Check& c) { return c.id == "performance.peer" && c.subject == "fp32_fma"; });
  ASSERT_NE(peer, checks.end());
  EXPECT_EQ(peer->attempts, 3);
  EXPECT_EQ(peer->failed_attempts, 2) << "0.99 of 1.02 failed twice, 0.99 of 1 did not";
}

TEST(Peers, AResultBelongsToTheFirstRuleThatKnowsIt) {
  Report node = healthy_node(4);
  for (Report& member : node.members) member.results[4].floor->issue = 0.5;
  slow(node.members[1].results[4], 0.97);  // pcie
  EXPECT_EQ(concluded(node).exit_code, exit_pass) << "links may differ by more";
  slow(node.members[1].results[4], 0.9);
  EXPECT_EQ(codes_of(concluded(node).members[1], Status::fail), "PP-1301");
}

TEST(Peers, WithoutEIssueTheClockIsNotTakenOut) {
  Report node = healthy_node(4);
  for (Report& member : node.members) {
    member.results[3].efficiency = {};
    member.results[3].peak.reset();
    member.results[3].peak_measured.reset();
  }
  node.members[2].results[3].achieved_per_s *= 0.9;  // a lower clock
  EXPECT_EQ(codes_of(concluded(node).members[2], Status::fail), "");
}

TEST(Peers, TheFastOneIsAWarning) {
  Report node = healthy_node(4);
  for (std::size_t i = 0; i < 4; ++i) slow(node.members[i].results[0], i == 2 ? 1 : 0.95);
  node = concluded(std::move(node));
  EXPECT_EQ(node.exit_code, exit_pass);
  EXPECT_EQ(codes_of(node.members[2], Status::warn), "PP-1302");
}

TEST(Peers, AWideNodeRejectsNobodyForItsWidth) {
  Report node = healthy_node(8);
  constexpr double kSpread[] = {0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 1.0};
  for (std::size_t i = 0; i < 8; ++i) slow(node.members[i].results[0], kSpread[i]);
  node = concluded(std::move(node));
  for (const Report& member : node.members) EXPECT_EQ(codes_of(member, Status::fail), "");
}

TEST(Peers, BlindWithFewerThanThree) {
  Report node = healthy_node(2);
  slow(node.members[0].results[0], 0.95);
  node = concluded(std::move(node));
  EXPECT_EQ(node.exit_code, exit_pass);
  const auto skips = of_status(node.members[0], Status::skip);
  EXPECT_TRUE(std::any_of(skips.begin(), skips.end(), [](const Check& c) {
    return c.id == "performance.peer" && c.message.find("fewer than three") != std::string::npos;
  }));
}

TEST(Peers, OtherBoardsAreNoPeers) {
  Report node = healthy_node(4);
  node.members[0].device.spec.name = "NVIDIA H100 80GB HBM3";
  slow(node.members[0].results[0], 0.95);
  node = concluded(std::move(node));
  EXPECT_EQ(codes_of(node.members[0], Status::fail), "");
  EXPECT_EQ(codes_of(node, Status::warn), "PP-6102");
}

TEST(Node, AMissingDeviceRejects) {
  const Report node = healthy_node(3);
  EXPECT_EQ(evaluate_node(node, terms(), 4).front().status, Status::fail);
  EXPECT_EQ(evaluate_node(node, terms(), 4).front().code, "PP-6101");
  EXPECT_EQ(evaluate_node(node, terms(), 3).front().status, Status::pass);
  Report counted = node;
  counted.checks = evaluate_node(node, terms(), 4);
  EXPECT_EQ(concluded(counted).exit_code, exit_rejected) << "what the run counted is kept";
  EXPECT_EQ(concluded(concluded(counted)).exit_code, exit_rejected);
}

TEST(Node, TheWorstDeviceDecides) {
  for (const auto& [breaks, code] :
       {std::pair{+[](Report& r) { noisy(r); }, 3}, std::pair{+[](Report& r) { wrong(r, 1, 0); }, 4},
        std::pair{+[](Report& r) { slow(first(r), 0.8); }, 1}}) {
    Report node = healthy_node(3);
    breaks(node.members[1]);
    EXPECT_EQ(concluded(std::move(node)).exit_code, code);
  }
}

TEST(Properties, TheOrderOfMembersDoesNotMatter) {
  Report node = healthy_node(5);
  slow(node.members[1].results[0], 0.95);
  slow(node.members[3].results[2], 0.97);
  noisy(node.members[4]);
  Report turned = node;
  std::reverse(turned.members.begin(), turned.members.end());
  const Report a = concluded(std::move(node));
  const Report b = concluded(std::move(turned));
  EXPECT_EQ(a.exit_code, b.exit_code);
  for (std::size_t i = 0; i < a.members.size(); ++i) {
    const Report& other = b.members[a.members.size() - 1 - i];
    ASSERT_EQ(a.members[i].checks.size(), other.checks.size());
    for (std::size_t c = 0; c < other.checks.size(); ++c) {
      EXPECT_EQ(a.members[i].checks[c].message, other.checks[c].message);
      EXPECT_EQ(a.members[i].checks[c].status, other.checks[c].status);
    }
  }
}

TEST(Properties, TheSameFiguresGiveTheSameChecks) {
  const Report once = concluded(healthy_node(3));
  const Report twice = concluded(once);
  ASSERT_EQ(once.members[0].checks.size(), twice.members[0].checks.size());
  EXPECT_EQ(once.checks.size(), twice.checks.size());
}

TEST(Properties, NoFigureThatIsNoneEverPasses) {
  using Field = std::function<void(Result&, double)>;
  const std::vector<Field> fields = {
      [](Result& r, double x) { r.efficiency.issue = x; }, [](Result& r, double x) { r.achieved_per_s = x; },
      [](Result& r, double x) { r.efficiency.spec = x; }, [](Result& r, double x) { r.efficiency.clock = x; }};
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double bad : {kNaN, kInfinity, -kInfinity}) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const Measure measures[] = {Measure::issue, Measure::absolute, Measure::spec, Measure::clock};
      Rule rule{.id = "x", .measure = measures[i], .subject = "fp32_fma", .fail_below = 0.5, .fail_above = 1e30};
      if (rule.measure == Measure::absolute) rule.unit = "FLOP/s";
      const Policy policy = only(rule);
      Report report = healthy_report();
      fields[i](first(report), bad);
      EXPECT_NE(concluded(std::move(report), {.policy = &policy}).exit_code, exit_pass) << name(measures[i]) << bad;
    }
  }
  for (const auto& lose : {+[](Result& r) { r.efficiency = {}; },
                           +[](Result& r) {
                             r.peak.reset();
                             r.peak_measured.reset();
                           }}) {
    const Policy policy = only({.id = "x", .measure = Measure::issue, .subject = "fp32_fma", .fail_below = 0.5});
    Report report = healthy_report();
    lose(first(report));
    EXPECT_EQ(concluded(std::move(report), {.policy = &policy}).exit_code, exit_inconclusive);
  }
}

Baseline baseline_of(const Report& report) {
  Baseline baseline{.sha256 = "seal"};
  for (const Result& r : report.results) {
    const double issue = r.efficiency.issue.value_or(kNaN);
    baseline.entries.push_back({.subject = r.params.empty() ? r.name : r.name + "/direction:h2d",
                                .unit = r.unit,
                                .count = 9,
                                .issue = r.efficiency.issue,
                                .issue_ci95 = {issue * 0.998, issue * 1.002},
                                .achieved_per_s = r.achieved_per_s,
                                .achieved_ci95 = {r.achieved_per_s * 0.998, r.achieved_per_s * 1.002}});
  }
  return baseline;
}

TEST(AgainstABaseline, SlowFailsFastWarnsMissingFails) {
  const Baseline baseline = baseline_of(healthy_report());
  const Terms with{.policy = &default_policy(), .baseline = &baseline};
  Report same = concluded(healthy_report(), with);
  EXPECT_EQ(same.exit_code, exit_pass);
  EXPECT_EQ(codes_of(same, Status::warn), "");
  EXPECT_EQ(same.acceptance->baseline_sha256, "seal");

  Report report = healthy_report();
  slow(first(report), 0.97);
  EXPECT_EQ(codes_of(concluded(report, with), Status::fail), "PP-1401");
  EXPECT_EQ(concluded(report, with).exit_code, exit_rejected);
  EXPECT_EQ(concluded(report).exit_code, exit_pass) << "without a baseline nobody sees it, and that is said";
  EXPECT_NE(codes_of(concluded(report), Status::skip).find("PP-1401"), std::string::npos);

  report = healthy_report();
  slow(report.results[1], 1.022);
  report.results[1].efficiency.issue = 1.003;  // within what theory allows
  EXPECT_EQ(codes_of(concluded(report, with), Status::warn), "PP-1402");

  report = healthy_report();
  report.results.pop_back();
  report.completeness.missing = {"pcie/direction:h2d"};
  EXPECT_EQ(codes_of(concluded(report, with), Status::fail), "PP-1403");
  EXPECT_EQ(concluded(report, with).exit_code, exit_rejected);
  report.completeness.missing.clear();
  report.completeness.planned.pop_back();
  EXPECT_EQ(codes_of(concluded(report, with), Status::warn), "PP-1403") << "not planned";

  report = healthy_report();
  first(report).verdict = Verdict::skipped;
  EXPECT_EQ(codes_of(concluded(report, with), Status::fail), "PP-1403");
  noisy(report);
  EXPECT_EQ(concluded(report, with).exit_code, exit_inconclusive) << "noise is no evidence against the device";

  report = healthy_report();
  report.results.push_back(healthy_result("int32_mad", theory::Pipe::int32_mad));
  report.results.back().telemetry = report.results.front().telemetry;
  report.completeness.planned.push_back("int32_mad");
  EXPECT_NE(codes_of(concluded(report, with), Status::skip).find("PP-1404"), std::string::npos);
  EXPECT_EQ(concluded(report, with).exit_code, exit_pass);
}

TEST(AgainstABaseline, WhatItsOwnReportsDifferByIsNoFailure) {
  Baseline wide = baseline_of(healthy_report());
  wide.entries[0].issue_ci95.low = *wide.entries[0].issue * 0.95;
  const Terms with{.policy = &default_policy(), .baseline = &wide};
  Report report = healthy_report();
  slow(first(report), 0.97);
  EXPECT_EQ(codes_of(concluded(report, with), Status::warn), "PP-1401");
  EXPECT_EQ(to_measure_again(concluded(report, with)), std::vector<std::string>{"fp32_fma"});
}

TEST(AgainstABaseline, WithoutEIssueItOnlyWarns) {
  Report report = healthy_report();
  Result& bare = report.results[3];
  bare.efficiency = {};
  bare.peak.reset();
  bare.peak_measured.reset();
  const Baseline baseline = baseline_of(report);
  const Terms with{.policy = &default_policy(), .baseline = &baseline};
  bare.achieved_per_s *= 0.9;
  EXPECT_EQ(codes_of(concluded(report, with), Status::warn), "PP-1401");
  EXPECT_EQ(concluded(report, with).exit_code, exit_pass);
}

TEST(AgainstABaseline, AnUnusableEntryIsNotPassed) {
  for (const auto& spoil : {+[](BaselineEntry& e) { e.unit = "B/s"; },
                            +[](BaselineEntry& e) {
                              e.issue = kNaN;
                              e.achieved_per_s = kNaN;
                            },
                            +[](BaselineEntry& e) { e.issue = 0; }}) {
    Baseline baseline = baseline_of(healthy_report());
    spoil(baseline.entries[0]);
    const Terms with{.policy = &default_policy(), .baseline = &baseline};
    EXPECT_EQ(concluded(healthy_report(), with).exit_code, exit_inconclusive);
  }
  const Baseline empty;
  const Terms with{.policy = &default_policy(), .baseline = &empty};
  EXPECT_EQ(concluded(healthy_report(), with).exit_code, exit_inconclusive);
}

}  // namespace
}  // namespace peakproof::reports
