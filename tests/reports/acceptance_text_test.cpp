// How an acceptance is told in text, Markdown and CSV.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "example_report.hpp"
#include "reports/acceptance_view.hpp"
#include "reports/format.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// The text with every run of spaces and line breaks as one space.
std::string unwrapped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const char plain = c == '\n' ? ' ' : c;
    if (plain != ' ' || !out.ends_with(' ')) out += plain;
  }
  return out;
}

/// Whether the parts stand in the text in this order.
bool in_order(const std::string& text, const std::vector<std::string>& parts) {
  std::size_t at = 0;
  for (const std::string& part : parts) {
    at = text.find(part, at);
    if (at == std::string::npos) return false;
    at += part.size();
  }
  return true;
}

TEST(AcceptanceText, FailuresComeFirstAndTheVerdictLast) {
  const std::string text = to_text(example_acceptance());
  EXPECT_TRUE(in_order(text, {"PeakProof 0.1.0 on", "serial 1650000003040", "FAIL PP-1101", "FAIL PP-3101",
                              "WARN PP-4102", "ERROR PP-7101", "SKIP 1", "SKIP 2", "PASS ", "results", "health",
                              "not measured", "next steps", "measured on", "verdict: rejected (exit 1)"}))
      << text;
  EXPECT_THAT(text, EndsWith("\nverdict: rejected (exit 1)\n"));
  const std::string markdown = to_markdown(example_acceptance());
  EXPECT_TRUE(
      in_order(markdown, {"**verdict: rejected (exit 1)**", "**FAIL PP-1101**", "**WARN PP-4102**", "**ERROR PP-7101**",
                          "**SKIP 1**", "**PASS**", "## Results", "## Health", "## Not measured", "## Next steps"}))
      << markdown;
}

TEST(AcceptanceText, AResultIsALine) {
  EXPECT_THAT(to_text(example_acceptance()),
              HasSubstr("\n  fp32_fma/ilp:8     48.75 TFLOP/s  95.2% spec | 97.7% issue x 97.5% clock "
                        "(sw_power_cap 12.0 %)  PASS\n"));
  EXPECT_THAT(to_text(example_node()), HasSubstr("\n  fp32_fma/ilp:8     GPU1 165…3041  45.62 TFLOP/s  89.1% spec | "
                                                 "93.8% issue x 95.0% clock (sw_power_cap 12.0 %)  FAIL\n"));
}

TEST(AcceptanceText, NothingIsLeftOut) {
  const Report report = example_acceptance();
  for (const auto render : {to_text, to_markdown}) {
    const std::string text = unwrapped(render(report));
    for (const Check& check : report.checks) {
      if (check.status == Status::pass) continue;
      EXPECT_THAT(text, HasSubstr(render == to_text ? check.message.substr(0, 20) : check.message.substr(0, 10)));
    }
    EXPECT_THAT(text, HasSubstr("3 of 3 measurements failed"));
    EXPECT_THAT(text, HasSubstr("3 checks passed: 1 health, 2 performance")) << "every pass is counted";
  }
}

TEST(AcceptanceText, ASkipThatIsRequiredIsSaid) {
  Report report = example_acceptance();
  for (Check& check : report.checks) check.required = true;
  EXPECT_THAT(to_text(report), HasSubstr("REQUIRED, and skipped: not supported by this GPU"));
}

TEST(AcceptanceText, SkipsOfOneReasonAreOneLine) {
  const auto skips = [](const Report& report) {
    std::vector<std::string> lines;
    for (const Line& line : skipped_check_lines(report)) lines.push_back(line.label + " " + line.text);
    return lines;
  };
  EXPECT_THAT(skips(example_acceptance()),
              ElementsAre("SKIP 1 no baseline was given: performance.baseline",
                          "SKIP 2 not supported by this GPU: health.row_remap.failed, health.row_remap.pending"));
  Report node = example_node();
  const Check skip{.code = "PP-4201", .id = "row_remap", .status = Status::skip, .required = false, .message = "why"};
  node.members[0].checks.push_back(skip);
  node.members[2].checks.push_back(skip);
  EXPECT_THAT(skips(node), ElementsAre("SKIP 2 why: row_remap (gpu:0, gpu:2)"));
  node.members[1].checks.push_back(skip);
  EXPECT_THAT(skips(node), ElementsAre("SKIP 3 why: row_remap"));
}

TEST(AcceptanceText, WhatWasNotJudgedNeedsNoExplanation) {
  Report report = example_acceptance();
  report.checks.clear();
  report.results.resize(1);
  report.results[0].verdict = Verdict::no_theory;
  EXPECT_EQ(told_results(report).front().outcome, "NO_THEORY");
  EXPECT_FALSE(needs_explanation(told_results(report).front()));
  report.results[0].verdict = Verdict::error;
  EXPECT_TRUE(needs_explanation(told_results(report).front()));
}

TEST(AcceptanceText, WrongItemsHaveTheirSmsAndBits) {
  for (const auto render : {to_text, to_markdown, to_html})
    EXPECT_THAT(unwrapped(render(example_acceptance())),
                AllOf(HasSubstr("6 mismatches, 1 of them no numbers, on 100 SMs, NOT RIGHT"),
                      HasSubstr("wrong on SM 17 (3 items, bits 0x00400000"), HasSubstr("SM 41 (2 items")));
  Report many = example_acceptance();
  for (int sm = 0; sm < 100; ++sm) many.results[3].verification.wrong_units.push_back({sm, 1, 1, ""});
  EXPECT_THAT(unwrapped(to_text(many)), HasSubstr("and 95 more"));
}

TEST(AcceptanceText, TelemetryAndAttemptsAreTold) {
  const std::string text = unwrapped(to_text(example_acceptance()));
  EXPECT_THAT(text, HasSubstr("measured 3 times: 85.2 % below, 85.0 % below, 85.1 % below (this one)"));
  EXPECT_THAT(text, HasSubstr("40 looks in 2.000 s, SM clock 1940 to 1985 MHz (median 1970), power 655 W"));
  Report stale = example_acceptance();
  stale.results[2].telemetry->stale = true;
  EXPECT_THAT(unwrapped(to_text(stale)), HasSubstr("STALE"));
}

TEST(AcceptanceText, AnUnbelievableResultNeverReadsPass) {
  Report report = example_acceptance();
  report.results.resize(1);
  report.checks = {{.code = "PP-1101", .id = "x", .subject = row_name(report.results[0]), .status = Status::pass}};
  EXPECT_EQ(told_results(report).front().outcome, "PASS");
  for (const Verdict verdict : {Verdict::incorrect, Verdict::error, Verdict::above_theory, Verdict::noisy}) {
    report.results[0].verdict = verdict;
    EXPECT_NE(told_results(report).front().outcome, "PASS") << name(verdict);
  }
  report.results[0].verdict = Verdict::below;
  report.checks.clear();
  EXPECT_EQ(told_results(report).front().outcome, "BELOW") << "without a check the verdict stands";
}

TEST(AcceptanceText, TheWorstCheckOnAResultDecidesItsLine) {
  Report report = example_acceptance();
  report.results.resize(1);
  const auto with = [&](std::vector<Status> statuses) {
    report.checks.clear();
    for (const Status status : statuses)
      report.checks.push_back({.code = "PP-1101", .id = "x", .subject = row_name(report.results[0]), .status = status});
    return told_results(report).front().outcome;
  };
  EXPECT_EQ(with({Status::pass, Status::fail, Status::warn}), "FAIL");
  EXPECT_EQ(with({Status::warn, Status::pass}), "WARN");
  EXPECT_EQ(with({Status::pass, Status::error}), "ERROR");
  EXPECT_EQ(with({Status::skip}), "PASS") << "a skip decides nothing: the verdict does";
}

TEST(Members, HaveUniqueNames) {
  const Report node = example_node();
  EXPECT_THAT(member_names(node), ElementsAre("gpu:0", "gpu:1", "gpu:2"));
  Report fleet = node;
  fleet.scope = Scope::fleet;
  fleet.members = {node, node};
  EXPECT_THAT(member_names(fleet), ElementsAre("node:lab-node-7.example.org", "node:lab-node-7.example.org#2"));
  std::vector<std::string> names;
  for (const NamedDevice& device : named_devices(fleet)) names.push_back(device.name);
  EXPECT_EQ(names.size(), 6U);
  EXPECT_EQ(names[4], "node:lab-node-7.example.org#2/gpu:1");
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  Report clash = fleet;  // a host that is called as a second one would be
  clash.members[0].host.name = "a";
  clash.members[1].host.name = "a#2";
  clash.members.push_back(clash.members[0]);
  auto clashing = member_names(clash);
  std::sort(clashing.begin(), clashing.end());
  EXPECT_EQ(std::adjacent_find(clashing.begin(), clashing.end()), clashing.end());
}

TEST(Members, AFleetListsOnlyWhatDidNotPass) {
  Report fleet = example_node();
  fleet.scope = Scope::fleet;
  fleet.members = {example_node(), example_node()};
  const std::string text = to_text(fleet);
  EXPECT_THAT(text, HasSubstr("6 x Example <GPU> | 100"));
  EXPECT_THAT(text, HasSubstr("results that did not pass"));
  EXPECT_THAT(text, HasSubstr("gpu:1 165…3041"));
  EXPECT_THAT(text, Not(HasSubstr("gpu:0 165…3040")));
  for (std::istringstream in(text); std::getline(in, fleet.verdict);)
    EXPECT_LE(std::count_if(fleet.verdict.begin(), fleet.verdict.end(),
                            [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }),
              120)
        << fleet.verdict;
}

TEST(Members, ARunOfSeveralDevicesIsToldToo) {
  Report node = example_node();
  node.acceptance.reset();
  node.checks.clear();
  for (Report& member : node.members) {
    member.acceptance.reset();
    member.checks.clear();
  }
  const std::string text = to_text(node);
  EXPECT_THAT(text, HasSubstr("members"));
  EXPECT_THAT(text, HasSubstr("BELOW"));
}

TEST(AcceptanceText, APlainRunHasNoneOfIt) {
  const std::string text = to_text(example_report());
  for (const char* word : {"checks\n", "members\n", "next steps", "policy"}) EXPECT_THAT(text, Not(HasSubstr(word)));
  EXPECT_THAT(member_table(example_report()), IsEmpty());
}

}  // namespace
}  // namespace peakproof::reports
