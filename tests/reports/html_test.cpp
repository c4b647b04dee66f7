#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "example_report.hpp"
#include "full_report.hpp"
#include "reports/embedded.hpp"
#include "reports/format.hpp"
#include "reports/gzip.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/render.hpp"
#include "reports/sha256.hpp"

namespace peakproof::reports {
namespace {

using html::Detail;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kMostBytes = 500'000;

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t times = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++times;
  return times;
}

// --------------------------------------------------------------------------------------------------------- the data

TEST(EmbeddedJson, ComesOutOfThePageAsItWentIn) {
  for (const Report& report : {full_device(), example_acceptance(), example_node(), Report{}, full_node()}) {
    const std::string page = to_html(report);
    const std::string json = embedded_json(page);
    EXPECT_EQ(count(page, sha256(json)), report.acceptance || !report.members.empty() ? 3U : 2U)
        << "in the certificate, with the data and at its end";
    Report expected = from_json(json);
    EXPECT_EQ(expected.results.size(), report.results.size());
    if (!expected.samples_withheld) {
      EXPECT_TRUE(differences(expected, from_json(to_json(report))).empty());
    }
    EXPECT_EQ(json_of(page), json);
  }
  EXPECT_EQ(json_of("  {\"a\": 1}"), "  {\"a\": 1}") << "JSON stays what it is";
}

TEST(EmbeddedJson, IsPackedWhereItDoesNotFit) {
  const Report node = full_node();
  const EmbeddedJson plain = embed_json(node, 4'000'000);
  const EmbeddedJson packed = embed_json(node, 250'000);
  EXPECT_FALSE(plain.packed);
  EXPECT_TRUE(packed.packed);
  EXPECT_LT(packed.html.size(), 250'500U);
  EXPECT_EQ(from_json(embedded_json(packed.html)).members.size(), 8U);
  const EmbeddedJson none = embed_json(node, 1000);
  EXPECT_EQ(none.html, "");
  EXPECT_EQ(none.sha256, sha256(to_json(node))) << "of the JSON file of the same run";
}

TEST(EmbeddedJson, NoTextEndsItsBlock) {
  Report report = full_device();
  report.results[0].note = "</script><script>alert(1)</script><!--";
  const EmbeddedJson data = embed_json(report, 1'000'000);
  EXPECT_EQ(count(data.html, "<"), 2U) << "the block's own tags";
  EXPECT_EQ(from_json(embedded_json(data.html)).results[0].note, report.results[0].note);
}

TEST(EmbeddedJson, AChangedOrForeignPageIsRefused) {
  const std::string page = to_html(full_device());
  const auto refusal = [](const std::string& text) {
    try {
      (void)embedded_json(text);
    } catch (const ReadError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  std::string changed = page;
  changed.replace(changed.find("\"exit_code\":0"), 13, "\"exit_code\":1");
  EXPECT_THAT(refusal(changed), HasSubstr("changed"));
  EXPECT_THAT(refusal(page + page), HasSubstr("more than one"));
  EXPECT_THAT(refusal(page.substr(0, page.size() - 100)), HasSubstr("cut off"));
  EXPECT_THAT(refusal("<html></html>"), HasSubstr("holds no report"));
  std::string packed = to_html(full_node());
  const std::size_t at = packed.find("data-sha256") + 1000;
  packed[at] = packed[at] == 'A' ? 'B' : 'A';
  EXPECT_NE(refusal(packed), "accepted");
}

TEST(Gzip, ComesBackAndIsSmaller) {
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 100'000; ++i) noise += static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
  const std::string repeated(70'000, 'x');  // longer than the window
  for (const std::string& text : {std::string(), std::string("a"), std::string("abcabcabcabc"), noise, repeated,
                                  repeated + noise + repeated, to_json(example_report())}) {
    EXPECT_EQ(gunzip(gzip(text)), text);
    EXPECT_EQ(from_base64(base64(text)), text);
  }
  EXPECT_LT(gzip(repeated).size(), 700U);
  const std::string json = to_json(full_device());
  EXPECT_LT(gzip(json).size() * 5, json.size());
  EXPECT_EQ(base64("Man"), "TWFu") << "RFC 4648";
  EXPECT_EQ(base64("Ma"), "TWE=");
  EXPECT_EQ(base64("M"), "TQ==");
}

TEST(Gzip, WhatIsDamagedIsRefused) {
  const std::string packed = gzip("some text, some text, some text");
  for (std::size_t i = 0; i < packed.size(); ++i) {
    if (i >= 3 && i < 10) continue;  // flag of a text, time and system say nothing of it
    std::string damaged = packed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_THROW((void)gunzip(damaged), ReadError) << i;
    EXPECT_THROW((void)gunzip(packed.substr(0, i)), ReadError) << i;
  }
  EXPECT_THROW((void)gunzip(gzip(std::string(5000, 'x')), 4999), ReadError);
  EXPECT_THROW((void)from_base64("abc"), ReadError);
  EXPECT_THROW((void)from_base64("ab!="), ReadError);
}

// ------------------------------------------------------------------------------------------------------------- size

TEST(HtmlPage, StaysSmall) {
  for (const Report& report : {full_device(), full_node(), crowded_device(), full_node(8, true)})
    EXPECT_LE(to_html(report).size(), kMostBytes);
  EXPECT_EQ(count(to_html(full_node()), "id=\"peakproof-report\""), 1U) << "the data of eight devices is in it";
  EXPECT_GT(count(to_html(full_device()), "machine code"), 30U) << "of one device everything is told";
}

// ---------------------------------------------------------------------------------------------------------- verdicts

TEST(HtmlBanner, SaysTheVerdictAndWhy) {
  EXPECT_THAT(html::banner(full_device()),
              AllOf(HasSubstr("banner good"), HasSubstr("✓ accepted"), HasSubstr("All required checks passed")));
  EXPECT_THAT(html::banner(full_device(0, true)), AllOf(HasSubstr("banner bad"), HasSubstr("✗ rejected"),
                                                        HasSubstr("3 of"), HasSubstr("pattern:read: E_issue")));
  EXPECT_THAT(html::banner(full_node()), AllOf(HasSubstr("✗ rejected"), HasSubstr("gpu:3")));
}

TEST(HtmlBanner, NothingOpenOrEmptyLooksAccepted) {
  Report open = full_device();
  open.checks[0].status = Status::error;
  open.checks[0].message = "it could not be read";
  open.exit_code = exit_inconclusive;
  open.verdict = verdict_of_exit_code(open.exit_code);
  EXPECT_THAT(html::banner(open), AllOf(HasSubstr("banner unsure"), HasSubstr("could not be decided"),
                                        HasSubstr("it could not be read"), Not(HasSubstr("accepted"))));
  // The exit code says accepted, the checks don't.
  open.exit_code = exit_pass;
  open.verdict = verdict_of_exit_code(exit_pass);
  EXPECT_THAT(html::banner(open), AllOf(HasSubstr("banner bad"), HasSubstr("contradicts itself"), Not(HasSubstr("✓"))));
  Report empty = full_device();
  empty.checks.clear();
  EXPECT_THAT(html::banner(empty), Not(HasSubstr("banner good")));
  Report other = full_device();
  other.verdict = "rejected";  // beside exit code 0
  EXPECT_THAT(html::banner(other), Not(HasSubstr("accepted")));
  Report killed = full_device();
  killed.exit_code = exit_signal_base + 15;
  killed.verdict = verdict_of_exit_code(killed.exit_code);
  EXPECT_THAT(html::banner(killed), AllOf(HasSubstr("signal 15"), Not(HasSubstr("banner good"))));
}

TEST(HtmlCertificate, SaysWhatIsNotKnown) {
  Report report = full_device();
  report.device.facts.erase("serial");
  EXPECT_THAT(
      html::certificate(report, {.html = "here", .sha256 = "abc", .bytes = 3}),
      AllOf(HasSubstr("<dt>serial</dt><dd>not known</dd>"), HasSubstr("GPU-01234567"), HasSubstr("abc (3 bytes"),
            HasSubstr("700 W (default 700 W)"), HasSubstr(report.run_id), HasSubstr(report.acceptance->policy_sha256)));
}

TEST(HtmlChecks, FailuresComeFirstAndPassesAreCounted) {
  const Report report = full_device(0, true);
  const std::string text = html::checks_section(report, Detail::full);
  EXPECT_LT(text.find("✗ fail"), text.find("! warn"));
  EXPECT_LT(text.find("! warn"), text.find("skipped, with the reason"));
  EXPECT_THAT(text, AllOf(HasSubstr("86.77 %"), HasSubstr("4179 packets"), HasSubstr("80 packets"),
                          HasSubstr("Measured 3 times, 3 failed.")));
  const auto passes = std::count_if(report.checks.begin(), report.checks.end(),
                                    [](const Check& check) { return check.status == Status::pass; });
  EXPECT_EQ(count(text, "✓ pass"), static_cast<std::size_t>(passes));
  EXPECT_EQ(count(html::checks_section(report, Detail::failures), "✓ pass"), 0U);
  EXPECT_THAT(html::next_steps_section(report), AllOf(HasSubstr("PP-1101"), HasSubstr("retest")));
  EXPECT_EQ(html::next_steps_section(Report{}), "");
}

TEST(HtmlChecks, ARequiredSkipStandsWithTheFailures) {
  Report report = full_device();
  report.checks = {report.checks[0]};
  report.checks[0].status = Status::skip;
  EXPECT_THAT(html::checks_section(report, Detail::full), AllOf(HasSubstr("– skip"), Not(HasSubstr("<details"))));
}

// ---------------------------------------------------------------------------------------------------------- drawings

TEST(HtmlBars, StandWhereTheFiguresSay) {
  Report report = full_device();
  report.results = {report.results[0]};
  report.results[0].efficiency = {.spec = 0.9, .issue = 0.95, .clock = 0.9474};
  report.results[0].floor = Floor{0.93, ""};
  Check& check = report.checks[0];
  check.id = "performance.baseline";
  check.measured = 0.95;
  check.limit = 0.94;
  const std::string text = html::bars_section(report);
  EXPECT_THAT(text,
              AllOf(HasSubstr("class=\"b\" style=\"width:90.00%\""), HasSubstr("class=\"e\" style=\"left:95.00%\""),
                    HasSubstr("class=\"f\" style=\"left:93.00%\""), HasSubstr("class=\"n\" style=\"left:94.00%\"")));
  report.results[0].verdict = Verdict::incorrect;
  EXPECT_THAT(html::bars_section(report), AllOf(HasSubstr("class=\"b off\""), Not(HasSubstr("left:95.00%"))));
  report.results[0].efficiency = {.spec = std::nan(""), .issue = std::nan(""), .clock = {}};
  EXPECT_EQ(html::bars_section(report), "");
}

TEST(HtmlWaterfall, GoesFromThePeakToWhatWasAchieved) {
  Result result = full_device().results[0];
  result.efficiency.spec = 0.85;
  result.losses = {{"issue", "tail", 0.05, ""}, {"clock", "power cap", 0.1, ""}};
  const std::string text = html::waterfall(result);
  EXPECT_LT(text.find("clock: power cap"), text.find("issue: tail"));
  EXPECT_THAT(text, AllOf(HasSubstr("−10.00 %"), HasSubstr("−5.00 %"), HasSubstr(">85.00 %<")));
  EXPECT_LT(text.find("100.00 %"), text.find("−10.00 %"));
  // The track begins at 178 and is 164 wide: the clock's part ends at 100 %, the tail's where the clock's begins.
  EXPECT_THAT(text, AllOf(HasSubstr(R"(<rect x="325.6" y="19.0" width="16.4")"),
                          HasSubstr(R"(<rect x="317.4" y="35.0" width="8.2")")));
  result.verdict = Verdict::incorrect;
  EXPECT_EQ(html::waterfall(result), "") << "nothing is said of the rate of a wrong answer";
  result.verdict = Verdict::pass;
  result.losses.clear();
  EXPECT_EQ(html::waterfall(result), "");
}

TEST(HtmlTimeline, ShowsReasonsEventsAndGaps) {
  const Report report = full_device(0, true);
  const std::string text = html::timeline_section(report, Detail::full);
  EXPECT_THAT(text, AllOf(HasSubstr("sw_power_cap"), HasSubstr("Xid 63"), HasSubstr("limit 700 W"),
                          HasSubstr("rated 1980 MHz")));
  const std::size_t clock = text.find("class=\"s0\"");
  const std::string path = text.substr(text.rfind("<path", clock), clock - text.rfind("<path", clock));
  EXPECT_EQ(count(path, "M"), 2U) << "a line is not drawn over points that were not read";
  Report unread = report;
  unread.health->timeline.clear();
  EXPECT_EQ(html::timeline_section(unread, Detail::full), "");
  unread.health.reset();
  EXPECT_EQ(html::timeline_section(unread, Detail::full), "");
}

TEST(HtmlHealth, ChangedCountersStandFirstAndUnreadOnesSayWhy) {
  const std::string text = html::health_section(full_device(0, true), Detail::full);
  EXPECT_LT(text.find("+4179"), text.find("not supported by this GPU"));
  EXPECT_LT(text.find("no permission"), text.find("counters that did not change"));
  Report none = full_device();
  none.health = Health{.source = {}, .why = "no NVML here"};
  EXPECT_THAT(html::health_section(none, Detail::full), AllOf(HasSubstr("no NVML here"), Not(HasSubstr("No counter"))));
}

TEST(HtmlRoofline, HasEveryResultThatHasARoof) {
  const Report report = full_device();
  const std::string text = html::roofline_section(report);
  const auto roofed = std::count_if(report.results.begin(), report.results.end(),
                                    [](const Result& r) { return r.peak && r.verdict == Verdict::pass; });
  EXPECT_EQ(count(text, "class=\"dot"), static_cast<std::size_t>(roofed));
  EXPECT_THAT(text, HasSubstr("at most 256 OP/B")) << "512 x 512 x 512 of two bytes each: 2 x 512^3 / (2 x 2 x 512^2)";
  Report memory = report;
  std::erase_if(memory.results, [](const Result& r) { return r.unit != "B/s"; });
  EXPECT_EQ(html::roofline_section(memory), "") << "no ceiling, no roof";
}

// ----------------------------------------------------------------------------------------------------------- members

TEST(HtmlMembers, StandSideBySideWithTheirDistanceFromTheMedian) {
  const std::string text = html::members_section(full_node());
  EXPECT_THAT(text, AllOf(HasSubstr(">gpu:0<"), HasSubstr(">gpu:7<"), HasSubstr("✗ rejected"), HasSubstr("−7.9")));
  EXPECT_THAT(text, HasSubstr("<td class=\"flag bad\">✗ 87.0 <small>−7.9</small></td>"));
  Report lacking = full_node();
  lacking.members[2].results.erase(lacking.members[2].results.begin());
  EXPECT_THAT(html::members_section(lacking), HasSubstr("missing"));
}

TEST(HtmlMembers, ManyAreToldByTheirExtremes) {
  Report fleet = full_node(20);
  const std::string text = html::members_section(fleet);
  EXPECT_THAT(text, AllOf(HasSubstr("20 of 20"), HasSubstr("gpu:3 −7.9"), Not(HasSubstr("<small>"))));
  EXPECT_LE(to_html(fleet).size(), kMostBytes);
}

TEST(HtmlParts, ShortNamesKeepWhatTellsResultsApart) {
  const Report report = full_device();
  const html::ShortNames names({&report});
  std::vector<std::string> all;
  for (const Result& result : report.results) all.push_back(names(result));
  EXPECT_THAT(all, testing::Contains("fp32_fma"));
  EXPECT_THAT(all, testing::Contains("dram/pattern:read"));
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST(HtmlParts, ShortenedTextIsCutBetweenCharacters) {
  EXPECT_EQ(html::shortened("abc", 3), "abc");
  EXPECT_EQ(html::shortened("abcd", 3), "ab…");
  EXPECT_EQ(html::shortened("µµµµ", 3), "µµ…");
}

}  // namespace
}  // namespace peakproof::reports
