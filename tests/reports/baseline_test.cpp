// Baselines: made of healthy reports only, sealed, and held against nothing but their own kind of device.
#include "reports/baseline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "made_reports.hpp"
#include "reports/fleet.hpp"
#include "reports/format.hpp"

namespace peakproof::reports {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Report> healthy(int count) {
  std::vector<Report> reports;
  for (int i = 0; i < count; ++i) reports.push_back(made_report(i + 1, 0.97 + 0.001 * (i % 3)));
  return reports;
}

/// What the refusal says; empty where it was accepted.
std::string refusal(const std::vector<Report>& reports, const std::vector<std::string>& names = {}) {
  try {
    static_cast<void>(create_baseline(reports, false, names));
    return {};
  } catch (const ReadError& error) {
    return error.what();
  }
}

std::string read_refusal(const std::string& text) {
  try {
    static_cast<void>(read_baseline(text));
    return {};
  } catch (const ReadError& error) {
    return error.what();
  }
}

TEST(Baseline, HoldsTheMediansAndWhatTheyAreOf) {
  const Baseline b = create_baseline(healthy(7));
  EXPECT_EQ(b.device, "Made-up 100");
  EXPECT_EQ(b.compute_capability, "9.0");
  EXPECT_EQ(b.driver, "580.1");
  EXPECT_EQ(b.power_limit_w, 700);
  EXPECT_EQ(b.ecc, "on");
  EXPECT_EQ(b.tool_version, "0.1.0");
  EXPECT_EQ(b.created, "2026-11-22T10:07:30+00:00");
  EXPECT_THAT(b.run_ids, SizeIs(7));
  ASSERT_THAT(b.entries, SizeIs(2));
  const BaselineEntry& e = b.entries[0];
  EXPECT_EQ(e.subject, "fp32_fma");
  EXPECT_EQ(e.unit, "FLOP/s");
  EXPECT_EQ(e.count, 7);
  EXPECT_EQ(e.outliers, 0);
  EXPECT_NEAR(*e.issue, 0.971, 0.001);
  EXPECT_NEAR(e.achieved_per_s, 0.971 * kMadePeak, 0.001 * kMadePeak);
  EXPECT_LE(e.issue_ci95.low, *e.issue);
  EXPECT_GE(e.issue_ci95.high, *e.issue);
  EXPECT_GT(e.issue_ci95.low, 0.96);
  EXPECT_LT(e.issue_ci95.high, 0.98);
  EXPECT_GT(e.issue_spread, 0.0005);
  EXPECT_LT(e.issue_spread, 0.01);
  EXPECT_THAT(warnings(b), IsEmpty());
}

TEST(Baseline, BelowSixReportsThereIsNoInterval) {
  const Baseline b = create_baseline(healthy(5));
  EXPECT_EQ(b.entries[0].issue_ci95.low, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(b.entries[0].issue_ci95.high, std::numeric_limits<double>::infinity());
  ASSERT_THAT(warnings(b), SizeIs(1));
  EXPECT_THAT(warnings(b)[0], HasSubstr("fewer than 6"));
}

TEST(Baseline, SurvivesItsFile) {
  for (const int count : {3, 6, 9}) {
    const Baseline b = create_baseline(healthy(count));
    const std::string text = to_json(b);
    EXPECT_EQ(to_json(read_baseline(text)), text);
    EXPECT_EQ(read_baseline(text).sha256, b.sha256);
    EXPECT_THAT(b.sha256, SizeIs(64));
  }
}

TEST(Baseline, TakesAtLeastThreeDevices) {
  EXPECT_THAT(refusal({}), HasSubstr("at least 3"));
  EXPECT_THAT(refusal(healthy(2)), HasSubstr("found 2"));
  EXPECT_EQ(refusal(healthy(3)), "");
  EXPECT_EQ(refusal({node_of(healthy(3))}), "") << "the devices of a node count one each";
  EXPECT_EQ(refusal({node_of(healthy(2)), made_report(9, 0.97)}), "");
}

TEST(Baseline, RefusesWhatWouldPoisonIt) {
  const std::vector<std::pair<std::function<void(Report&)>, std::string>> poisons = {
      {[](Report& r) { r = made_report(2, 0.8); }, "fp32_fma: E_issue 80.0 % is below its floor of 90.0 %"},
      {[](Report& r) {
         r.results[1].floor = Floor{0.99, "stricter"};
       },
       "fp64_fma: E_issue 96.1 % is below its floor"},
      {[](Report& r) { r.results[0].efficiency.issue = 1.2; }, "above the peak"},
      {[](Report& r) { r.results[0].verdict = Verdict::above_theory; }, "above the peak"},
      {[](Report& r) { r.results[0].efficiency.issue = std::nan(""); }, "above the peak"},
      {[](Report& r) { r.results[0].verdict = Verdict::incorrect; }, "incorrect"},
      {[](Report& r) { r.results[0].achieved_per_s = std::nan(""); }, "achieved_per_s"},
      {[](Report& r) { r.results[0].achieved_per_s = 0; }, "achieved_per_s"},
      {[](Report& r) { r.results[0].verdict = Verdict::noisy; }, "fp32_fma: usable in 2 of 3"},
      {[](Report& r) { r.results[0].verdict = Verdict::error; }, "fp32_fma: usable in 2 of 3"},
      {[](Report& r) { r.results.erase(r.results.begin()); }, "fp32_fma: usable in 2 of 3"},
      {[](Report& r) { r.results.push_back(r.results[0]); }, "measured twice"},
      {[](Report& r) { r.results[0].unit = "B/s"; }, "unit is B/s"},
      {[](Report& r) { r.exit_code = 130; }, "exit_code: the run was interrupted"},
      {[](Report& r) { r.exit_code = 4; }, "exit_code 4"},
      {[](Report& r) { r.exit_code = 1; }, "exit_code 1"},
      {[](Report& r) { r.completeness.missing = {"dram"}; }, "completeness.missing: dram"},
      {[](Report& r) { r.device.stand_in = true; }, "device.stand_in"},
      {[](Report& r) { r.device.spec.name = "Made-up 200"; },
       "device.name is Made-up 200, in a.json it is Made-up 100"},
      {[](Report& r) {
         r.device.spec.compute_capability = {8, 0};
       },
       "device.compute_capability is 8.0"},
      {[](Report& r) { r.device.spec.sm_count = 99; }, "device.sm_count is 99"},
      {[](Report& r) { r.device.spec.power_limit_w = 500; }, "device.power_limit_w is 500 W"},
      {[](Report& r) { r.device.spec.power_limit_w = 0; }, "device.power_limit_w is unknown"},
      {[](Report& r) { r.device.facts["driver"] = "570"; }, "device.facts.driver is 570"},
      {[](Report& r) { r.device.facts["ecc"] = "off"; }, "device.facts.ecc is off"},
      {[](Report& r) { r.device.facts.erase("ecc"); }, "device.facts.ecc is unknown"},
      {[](Report& r) { r = healthy(1)[0]; }, "the same figures as in a.json"},
  };
  for (const auto& [poison, says] : poisons) {
    std::vector<Report> reports = healthy(3);
    poison(reports[1]);
    const std::string text = refusal(reports, {{"a.json", "b.json", "c.json"}});
    EXPECT_THAT(text, HasSubstr(says));
    const bool names_a_file = says.find("usable in") == std::string::npos;
    EXPECT_TRUE(!names_a_file || text.starts_with("b.json")) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
}

TEST(Baseline, AStandInIsTakenOnlyWhereAllowedAndSaysSo) {
  std::vector<Report> reports = healthy(3);
  for (Report& report : reports) report.device.stand_in = true;
  EXPECT_THAT(refusal(reports), HasSubstr("stand_in"));
  const Baseline b = create_baseline(reports, true);
  EXPECT_TRUE(b.stand_in);
  EXPECT_THAT(mismatches(b, healthy(1)[0]), SizeIs(1)) << "it is no reference for hardware";
  EXPECT_THAT(mismatches(b, reports[0]), IsEmpty());
}

/// Without a peak only the rate is left.
Report without_theory(int number, double rate) {
  Report report = made_report(number, rate);
  for (Result& result : report.results) {
    result.peak.reset();
    result.peak_measured.reset();
    result.efficiency = {};
    result.floor.reset();
    result.verdict = judge(result);
  }
  report.exit_code = exit_pass;
  return report;
}

TEST(Baseline, WithoutTheoryAWideSpreadIsRefused) {
  const Baseline narrow =
      create_baseline(std::vector{without_theory(1, 0.9), without_theory(2, 0.95), without_theory(3, 1)});
  EXPECT_FALSE(narrow.entries[0].issue);
  EXPECT_THAT(warnings(narrow), testing::Contains(HasSubstr("the rate spreads by")));
  EXPECT_THAT(refusal({without_theory(1, 0.9), without_theory(2, 0.6), without_theory(3, 1)}),
              HasSubstr("no theory is known"));
}

TEST(Baseline, OutliersAreLeftOutOneByOneAndNamed) {
  std::vector<Report> reports = healthy(9);
  reports[4] = made_report(50, 0.92);
  reports[7] = made_report(51, 0.94);
  const Baseline b = create_baseline(reports);
  EXPECT_EQ(b.entries[0].count, 7);
  EXPECT_EQ(b.entries[0].outliers, 2);
  EXPECT_NEAR(*b.entries[0].issue, 0.971, 0.001);
  EXPECT_LT(b.entries[0].issue_spread, 0.01);
  EXPECT_THAT(warnings(b), testing::Contains(HasSubstr("2 of 9 reports left out")));
  // Three always stay, however far apart; that is said.
  const Baseline few = create_baseline(std::vector{made_report(1, 0.92), made_report(2, 0.975), made_report(3, 0.976)});
  EXPECT_EQ(few.entries[0].count, 3);
  EXPECT_THAT(warnings(few), testing::Contains(HasSubstr("E_issue spreads by")));
  // Less than 1 % is none, however quiet the others are.
  std::vector<Report> quiet;
  for (int i = 0; i < 9; ++i)
    quiet.push_back(made_report(i, {made_result("a", std::vector(15, 0.01 / (i == 4 ? 0.975 : 0.97)))}));
  for (int i = 0; i < 9; ++i) quiet[static_cast<std::size_t>(i)].started = std::to_string(i);
  EXPECT_EQ(create_baseline(quiet).entries[0].outliers, 0);
}

TEST(Baseline, AnyEditIsFound) {
  const std::string text = to_json(create_baseline(healthy(6)));
  const std::vector<std::pair<std::string, std::string>> edits = {{"\"sm_count\": 100", "\"sm_count\": 101"},
                                                                  {"580.1", "580.2"},
                                                                  {"\"count\": 6", "\"count\": 7"},
                                                                  {"fp32_fma", "fp32_fmb"},
                                                                  {"FLOP/s", "TFLOP/s"},
                                                                  {"2026-11-22", "2026-11-23"},
                                                                  {"\"issue\": 0.97", "\"issue\": 0.90"},
                                                                  {"\"ecc\": \"on\"", "\"ecc\": \"off\""}};
  for (const auto& [from, to] : edits) {
    std::string forged = text;
    ASSERT_NE(forged.find(from), std::string::npos) << from;
    forged.replace(forged.find(from), from.size(), to);
    EXPECT_THAT(read_refusal(forged), testing::Not(IsEmpty())) << from;
  }
  std::string more = text;
  more.replace(more.find('{'), 1, "{\"note\": 1,");
  EXPECT_THAT(read_refusal(more), HasSubstr("seal"));
  EXPECT_THAT(read_refusal("  " + text + "\n"), IsEmpty()) << "blanks are no edit";
}

TEST(Baseline, FuzzedFilesAreRefusedOrUnchanged) {
  const std::string text = to_json(create_baseline(healthy(3)));
  std::mt19937 random(20261122);
  std::uniform_int_distribution<std::size_t> place(0, text.size() - 1);
  std::uniform_int_distribution<int> bit(0, 7);
  for (int i = 0; i < 3000; ++i) {
    std::string flipped = text;
    const std::size_t at = place(random);
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit(random)));
    try {
      EXPECT_EQ(to_json(read_baseline(flipped)), text) << "read as another one, byte " << at;
    } catch (const ReadError& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  }
  for (std::size_t length = 0; length < text.size() - 2; length += 7)
    EXPECT_THAT(read_refusal(text.substr(0, length)), testing::Not(IsEmpty())) << length;
}

TEST(Baseline, ForeignFilesAreRefusedWithAReason) {
  const std::string text = to_json(create_baseline(healthy(3)));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  const std::vector<std::pair<std::string, std::string>> foreign = {
      {"", "empty"},
      {"   \n", "empty"},
      {"hello", "JSON"},
      {"[]", "not a baseline"},
      {"7", "not a baseline"},
      {"null", "not a baseline"},
      {"{}", "not a baseline"},
      {to_json(healthy(1)[0]), "not a baseline"},
      {with("\"schema\": \"1.", "\"schema\": \"2."), "schema"},
      {with("\"count\": 3", "\"count\": NaN"), "finite number"},
      {with("\"count\": 3", "\"count\": 1e999"), "too large"},
      {with("\"count\": 3", "\"count\": 3, \"count\": 3"), "twice"},
      {with("\"count\": 3", "\"count\": 2"), "3 reports or more"},
      {with("\"count\": 3", "\"count\": -3"), "3 reports or more"},
      {with("\"count\": 3", "\"count\": 3000000000"), "whole number"},
      {with("\"unit\": \"FLOP/s\"", "\"unit\": \"\""), "unit"},
      {with("\"issue\": 0", "\"issue\": 9"), "at most 1.05"},
      {with("\"issue\": 0", "\"issue\": -0"), "above 0"},
      {with("\"entries\"", "\"entrees\""), "entries: the field is missing"},
      {with("\"sha256\"", "\"sha512\""), "sha256: the field is missing"},
      {with("\"fp64_fma\"", "\"fp32_fma\""), "twice"},
      {std::string(100, '['), ""},
      {std::string("\0\xff\xfe", 3), ""},
  };
  for (const auto& [file, says] : foreign) {
    const std::string refused = read_refusal(file);
    EXPECT_THAT(refused, AllOf(testing::Not(IsEmpty()), HasSubstr(says))) << file.substr(0, 80);
    EXPECT_EQ(refused.find('\n'), std::string::npos) << refused;
    EXPECT_LT(refused.size(), 400U);
  }
}

TEST(Baseline, IsHeldAgainstItsOwnKindOnly) {
  const Baseline b = create_baseline(healthy(6));
  const Report fit = made_report(20, 0.97);
  EXPECT_THAT(mismatches(b, fit), IsEmpty());
  EXPECT_THAT(remarks(b, fit), IsEmpty());
  const std::vector<std::pair<std::function<void(Report&)>, std::string>> others = {
      {[](Report& r) { r.device.spec.name = "Made-up 200"; }, "device: the baseline is of Made-up 100"},
      {[](Report& r) {
         r.device.spec.compute_capability = {8, 0};
       },
       "compute capability"},
      {[](Report& r) { r.device.spec.kind = theory::DeviceKind::cpu; }, "compute capability"},
      {[](Report& r) { r.device.spec.sm_count = 98; }, "SMs"},
      {[](Report& r) { r.device.spec.power_limit_w = 650; },
       "power limit: the baseline is of 700 W, the device has 650 W"},
      {[](Report& r) { r.device.facts["ecc"] = "off"; }, "ECC"},
      {[](Report& r) { r.device.stand_in = true; }, "stand-in"},
      {[](Report& r) { r.results[0].unit = "B/s"; }, "fp32_fma: the baseline is in FLOP/s, the report in B/s"},
  };
  for (const auto& [change, says] : others) {
    Report other = fit;
    change(other);
    EXPECT_THAT(mismatches(b, other), testing::Contains(HasSubstr(says)));
    EXPECT_THAT(mismatches(b, node_of({fit, other})), testing::Contains(HasSubstr(says))) << "one device of a node";
  }
  Report unlike = fit;
  unlike.device.facts["driver"] = "590";
  unlike.device.facts.erase("ecc");
  unlike.device.spec.power_limit_w = 0;
  unlike.tool.version = "0.2.0";
  EXPECT_THAT(mismatches(b, unlike), IsEmpty());
  EXPECT_THAT(remarks(b, unlike), SizeIs(4));
}

TEST(Baseline, TellsItself) {
  const std::string text = to_text(create_baseline(healthy(6)));
  for (const char* part : {"Made-up 100", "580.1", "700 W", "6 runs", "fp32_fma", "97.1", "97.11 TFLOP/s"})
    EXPECT_THAT(text, HasSubstr(std::string(part).substr(0, 4)));
}

}  // namespace
}  // namespace peakproof::reports
