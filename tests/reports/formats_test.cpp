#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "example_report.hpp"
#include "reports/curve.hpp"
#include "reports/format.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// The examples, and what the names of their golden files begin with.
std::vector<std::pair<std::string, Report>> examples() {
  return {
      {"example", example_report()}, {"example_acceptance", example_acceptance()}, {"example_node", example_node()}};
}

std::string golden_path(const std::string& example, const Format& format) {
  return std::string(PEAKPROOF_GOLDEN_FOLDER) + "/" + example + std::string(format.extension);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Records of a CSV text as RFC 4180 has them.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else if (c == '"') {
        quoted = false;
      } else {
        field += c;
      }
    } else if (c == '"') {
      EXPECT_TRUE(field.empty()) << "a quote inside an unquoted field";
      quoted = true;
    } else if (c == ',' || c == '\n') {
      record.push_back(std::exchange(field, {}));
      if (c == '\n') records.push_back(std::exchange(record, {}));
    } else {
      field += c;
    }
  }
  EXPECT_FALSE(quoted);
  EXPECT_TRUE(field.empty() && record.empty()) << "the last line has no end";
  return records;
}

TEST(Formats, HaveDistinctNamesAndExtensions) {
  std::set<std::string_view> names;
  std::set<std::string_view> extensions;
  for (const Format& format : formats()) {
    names.insert(format.name);
    extensions.insert(format.extension);
    EXPECT_TRUE(format.extension.starts_with('.'));
    EXPECT_FALSE(format.help.empty());
  }
  EXPECT_EQ(names.size(), formats().size());
  EXPECT_EQ(extensions.size(), formats().size());
  EXPECT_TRUE(names.contains("json") && names.contains("md") && names.contains("csv"));
}

TEST(Formats, EachIsWhatItsGoldenFileSays) {
  for (const auto& [example, report] : examples()) {
    for (const Format& format : formats()) {
      const std::string text = format.render(report);
      const std::string path = golden_path(example, format);
      if (std::getenv("PEAKPROOF_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
      std::ifstream in(path, std::ios::binary);
      ASSERT_TRUE(in) << "no golden file for " << format.name << ": " << path;
      std::stringstream golden;
      golden << in.rdbuf();
      // Not compared by EXPECT_EQ: the difference of long texts would take it minutes.
      EXPECT_TRUE(text == golden.str()) << path << " is another text than what " << format.name
                                        << " gives; if the change is meant: PEAKPROOF_UPDATE_GOLDEN=1 ctest -R "
                                           "formats_test";
    }
  }
}

TEST(Formats, EachIsTheSameAfterAReadingFromJson) {
  for (const auto& [example, report] : examples()) {
    const Report saved = from_json(to_json(report));
    for (const Format& format : formats())
      EXPECT_TRUE(format.render(saved) == format.render(report)) << format.name << " of " << example;
  }
}

TEST(Formats, EachShowsAStandInAndOnlyAStandIn) {
  for (auto [example, report] : examples()) {
    for (const Format& format : formats()) {
      const bool machine = format.name == "json" || format.name == "prometheus";
      if (machine) continue;
      EXPECT_THAT(format.render(report), HasSubstr("STAND-IN")) << format.name << " of " << example;
    }
    EXPECT_THAT(to_json(report), HasSubstr("\"stand_in\": true"));
    report.device.stand_in = false;
    for (Report& member : report.members) member.device.stand_in = false;
    for (const Format& format : formats())
      EXPECT_THAT(format.render(report), Not(HasSubstr("STAND-IN"))) << format.name;
  }
}

TEST(Formats, NoneWritesNaNOrInfinityAsAFigure) {
  for (const auto& [example, report] : examples()) {
    for (const Format& format : formats()) {
      const std::string text = format.render(report);
      for (const char* bad : {"nan", "NaN", " inf ", "Infinity", ",inf", "-inf"}) {
        EXPECT_THAT(text, Not(HasSubstr(bad))) << format.name << " of " << example;
      }
    }
  }
}

TEST(Formats, EmptyReportsAreReportsToo) {
  for (const Format& format : formats()) EXPECT_FALSE(format.render(Report{}).empty()) << format.name;
  EXPECT_TRUE(differences(from_json(to_json(Report{})), Report{}).empty());
}

TEST(Text, IsNarrowPlainAndEndsInTheVerdict) {
  std::vector<Report> reports = {example_report(), Report{}, example_acceptance(), example_node()};
  for (std::uint64_t seed = 0; seed < 100; ++seed) reports.push_back(random_report(seed));
  reports[0].results[0].note = std::string(500, 'x') + " " + std::string(300, 'y');
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const std::string text = to_text(reports[i]);
    const auto lines = lines_of(text);
    for (const std::string& line : lines) EXPECT_LE(columns(line), 120U) << i << ": " << line;
    EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](char c) {
      return (c >= 0 && c < ' ' && c != '\n') || c == 0x7F;
    })) << i;
    EXPECT_TRUE(lines.back().starts_with("verdict: ")) << i;
  }
  EXPECT_THAT(to_text(example_report()), EndsWith("\nverdict: rejected (exit 1)\n"));
}

TEST(Text, KeepsEveryWordOfALongText) {
  Report report = example_report();
  std::string note;
  for (int i = 0; i < 60; ++i) note += "word" + std::to_string(i) + " ";
  report.results[0].note = note;
  const std::string text = to_text(report);
  for (int i = 0; i < 60; ++i) EXPECT_THAT(text, HasSubstr("word" + std::to_string(i)));
}

TEST(Text, AMeasuredPeakIsShownWithoutARatedOne) {
  Report report = example_report();
  report.results[0].peak.reset();
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("rated peak      unknown"));
  EXPECT_THAT(text, HasSubstr("measured peak   100 SMs x 128 results/clk/SM x 2 FLOP x 1.950 GHz = 49.92 TFLOP/s"));
}

TEST(Markdown, EscapesWhatComesFromOutside) {
  Report report = example_report();
  report.device.spec.name = "a|b <script>alert(1)</script> & *c* `d` [e](f) @g\n# h";
  report.results[0].params = {{"x", "1|2"}};
  const std::string text = to_markdown(report);
  EXPECT_THAT(text,
              HasSubstr("a\\|b &lt;script&gt;alert(1)&lt;/script&gt; &amp; \\*c\\* \\`d\\` \\[e\\](f) &#64;g \\# h"));
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr("\n# h")));
  EXPECT_THAT(text, HasSubstr("| fp32_fma/x:1\\|2 |"));
}

TEST(Markdown, EveryRowOfTheTableHasAllColumns) {
  Report report = example_report();
  report.results[0].name = "pipe | in | name";
  std::vector<std::size_t> columns_of_tables;
  bool inside = false;
  for (const std::string& line : lines_of(to_markdown(report))) {
    const bool row = line.starts_with('|');
    std::size_t cells = 0;
    for (std::size_t i = 0; i < line.size(); ++i) cells += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1U : 0U;
    if (row && !inside) columns_of_tables.push_back(cells - 1);
    if (row) {
      EXPECT_EQ(cells - 1, columns_of_tables.back()) << line;
    }
    inside = row;
  }
  EXPECT_THAT(columns_of_tables, testing::ElementsAre(kColumns, 11, 11, 12, 2, 3, 2, 2, 3, 4))
      << "the results, networks, what they cost in quality, training, the curves of one, two and one line, and the "
         "maps: m "
         "and one or two n, warps and three ILPs";
}

/// The text with every run of spaces and line breaks as one space.
std::string unwrapped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const char plain = c == '\n' ? ' ' : c;
    if (plain != ' ' || !out.ends_with(' ')) out += plain;
  }
  return out;
}

/// The HTML page without the report's JSON that is embedded in it as data.
std::string to_page(const Report& report) {
  std::string html = to_html(report);
  constexpr std::string_view kData = "<script type=\"application/";
  constexpr std::string_view kEnd = "</script>";
  for (std::size_t at = html.find(kData); at != std::string::npos; at = html.find(kData)) {
    const std::size_t end = html.find(kEnd, at);
    html.erase(at, end == std::string::npos ? end : end + kEnd.size() - at);
  }
  return html;
}

TEST(Formats, ASweepIsAMapForPeopleAndRowsForMachines) {
  const Report report = example_report();
  for (const auto render : {to_text, to_markdown, to_page}) {
    const std::string text = unwrapped(render(report));
    EXPECT_THAT(text, HasSubstr("Saturates at 4 warps per SM x ILP 8 (32 warp instructions in flight per SM): 97.9 %, "
                                "within 1 % of the best, 98.2 % at 32 warps per SM x ILP 2."));
    EXPECT_THAT(text, HasSubstr("WRONG"));
    EXPECT_THAT(text, Not(HasSubstr("98.0 "))) << "the figure of a wrong answer";
    EXPECT_THAT(text, Not(HasSubstr("98.0<"))) << "the figure of a wrong answer";
    EXPECT_THAT(text, HasSubstr("fp32_fma/ilp:8/warps_per_sm:8")) << "the wrong point has its explanation";
    EXPECT_THAT(text, Not(HasSubstr("fp32_fma/ilp:1/warps_per_sm:4"))) << "a right point stands in the map alone";
  }
  EXPECT_THAT(to_csv(report), HasSubstr("ilp:1 warps_per_sm:4"));
  EXPECT_THAT(to_json(report), HasSubstr("fp32_fma/ilp:1/warps_per_sm:4"));
}

TEST(Formats, ASweepAloneHasNoEmptyTable) {
  Report report = example_report();
  std::erase_if(report.results, [](const Result& result) { return !is_drawn(result.params); });
  EXPECT_THAT(to_text(report), Not(HasSubstr("E_spec %")));
  EXPECT_THAT(to_markdown(report), Not(HasSubstr("| benchmark")));
  EXPECT_THAT(to_page(report), Not(HasSubstr(">benchmark<")));
}

TEST(Formats, ASweepOverShapesIsAMapForEachK) {
  const Report report = example_report();
  for (const auto render : {to_text, to_markdown, to_page}) {
    const std::string text = unwrapped(render(report));
    EXPECT_THAT(text, HasSubstr("wmma_gemm/k:2048/type:fp16"));
    EXPECT_THAT(text, HasSubstr("Best shape: m 2048, n 2048: 90.5 %, 579.2 TFLOP/s; the smallest within 1 % of it: "
                                "m 2048, n 1024: 90.0 %, 612.0 TFLOP/s; the fastest: m 1024, n 2048: 88.0 %, 633.6 "
                                "TFLOP/s; larger ones may be better still."));
    EXPECT_THAT(text, HasSubstr("Fastest k of wmma_gemm/type:fp16: 4096 (k 2048: 633.6 TFLOP/s at m 1024, n 2048; "
                                "k 4096: 662.4 TFLOP/s at m 2048, n 1024)"));
    EXPECT_THAT(text, Not(HasSubstr("m:1024/n:1024/sweep:shapes"))) << "it stands in the map alone";
  }
  EXPECT_THAT(to_text(report), HasSubstr("             m    n 1024    n 2048\n"
                                         "          1024  ▓▓  70.0  ██  88.0\n"
                                         "          2048  ██  90.0  ██  90.5\n"));
  EXPECT_THAT(to_csv(report), HasSubstr("k:2048 m:1024 n:1024 sweep:shapes"));
}

TEST(Formats, ASweepOverOneParamIsRows) {
  Report report = example_report();
  report.results = {report.results[2]};
  report.results[0].params = {{"n", "64"}, {"sweep", "n"}};
  for (const auto render : {to_text, to_markdown, to_page})
    EXPECT_THAT(render(report), AllOf(HasSubstr("n:64"), HasSubstr("sweep:n"), Not(HasSubstr("Best shape"))));
}

TEST(Formats, PowerStandsBesideItsLimitAndItsClock) {
  const Report report = example_report();
  for (const auto render : {to_text, to_markdown, to_page})
    EXPECT_THAT(unwrapped(render(report)), HasSubstr("693 W (median) at 1600 MHz, limit 700 W"));
  Report unlimited = report;
  unlimited.device.spec.power_limit_w = 0;
  EXPECT_THAT(unwrapped(to_text(unlimited)), AllOf(HasSubstr("693 W (median) at 1600 MHz"), Not(HasSubstr("limit"))));
  Report unknown = report;
  for (Result& result : unknown.results) result.summary.median_power_w.reset();
  EXPECT_THAT(to_text(unknown), Not(HasSubstr("W (median)")));
}

TEST(Formats, ABurstTellsHowItWent) {
  const Report report = example_report();
  for (const auto render : {to_text, to_markdown, to_page})
    EXPECT_THAT(unwrapped(render(report)), HasSubstr("29 samples from idle in 52.39 ms, 1982 MHz at first and 1618 MHz "
                                                     "at last, 300 W at first and 720 W at last"));
  const Cells row = table_row(report.results[9]);
  EXPECT_EQ(row[0], "wmma_gemm/k:8192/m:8192/mode:burst/n:8192");
  EXPECT_EQ(row[7], "0.16") << "the spread of E_issue, not that of the times";
  Report settled = report;
  settled.results[9].params.erase("mode");
  EXPECT_EQ(table_row(settled.results[9])[7], "16.22");
  EXPECT_THAT(to_text(settled), Not(HasSubstr("from idle")));
}

TEST(Formats, TheErrorsOfAnAnswerAreFiguresOfTheReport) {
  for (const auto render : {to_text, to_markdown, to_page})
    EXPECT_THAT(unwrapped(render(example_report())),
                HasSubstr("relative error 0.00031 (at most 0.001), RMSE 0.0093, MAE 0.0074, worst 0.0625, right"));
}

TEST(Formats, AReferenceStandsBesideWhatWasSampledInTurnWithIt) {
  Report report = example_report();
  for (const auto render : {to_text, to_markdown, to_page})
    EXPECT_THAT(unwrapped(render(report)),
                HasSubstr("cuBLAS 600.0 TFLOP/s at 1610 MHz (15 samples), this is 90.0 % of it: 540.0 TFLOP/s at 1590 "
                          "MHz, sampled in turn with it"));
  report.results[2].reference->own_achieved_per_s.reset();
  EXPECT_THAT(unwrapped(to_text(report)), AllOf(HasSubstr("this is 90.0 % of it"), Not(HasSubstr("in turn"))));
}

TEST(Text, TheMapIsInNumericOrderAndItsShadesNeedNoColour) {
  const std::string text = to_text(example_report());
  EXPECT_THAT(text, HasSubstr("  warps per SM     ILP 1     ILP 2     ILP 8\n"
                              "             4      12.5  ░░  25.0  ██  97.9\n"
                              "             8  ░░  25.0  ▒▒ 50.0~     WRONG\n"
                              "            32  ██  96.0  ██  98.2         -\n"));
}

TEST(Text, ANameBesideALatencyMayTakeTheRoomOfTheEfficiencies) {
  EXPECT_THAT(to_text(example_report()), HasSubstr("\nlatency_arithmetic/instruction:FFMA  "));
  Report report = example_report();
  report.results[8].name = std::string(60, 'x');
  for (const std::string& line : lines_of(to_text(report))) EXPECT_LE(columns(line), 120U) << line;
}

TEST(Text, ALongNameHasALineOfItsOwnAboveItsFigures) {
  const std::string text = to_text(example_report());
  EXPECT_THAT(text, HasSubstr("\nwmma_gemm/k:8192/m:8192/mode:burst/n:8192\n" + std::string(30, ' ') +
                              "   610.6 TFLOP/s      84.8       84.8       1800   100.0     4.40      0.16  pass\n"))
      << "what tells a burst from the settled row stands at its end";
}

TEST(Text, AMapOfManyColumnsIsBroken) {
  Report report = example_report();
  const auto in_map = [](const Result& result) { return result.params.count("warps_per_sm") > 0; };
  const Result point = *std::find_if(report.results.begin(), report.results.end(), in_map);
  for (int ilp = 1; ilp <= 40; ++ilp) {
    report.results.push_back(point);
    report.results.back().params["ilp"] = std::to_string(ilp);
  }
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("ILP 40"));
  for (const std::string& line : lines_of(text)) EXPECT_LE(columns(line), 120U) << line;
}

TEST(Formats, ALatencyStandsWhereARateWould) {
  const Report report = example_report();
  for (const auto render : {to_text, to_markdown, to_page}) {
    const std::string text = unwrapped(render(report));
    EXPECT_THAT(text, HasSubstr("4.02 cycles (±0.02), 2.03 ns"));
    EXPECT_THAT(text, HasSubstr("4.02 cycles for each dependent instruction, 95 % interval 4.00 to 4.03; 2.03 ns at "
                                "1980 MHz"));
  }
}

/// Whether what is opened is closed again, in order; names of elements that hold nothing aside.
bool well_formed(const std::string& html) {
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string element = tag.substr(0, tag.find(' '));
    if (element == "!DOCTYPE" || element == "meta" || element == "wbr" || element == "input") continue;
    if (!element.starts_with('/')) {
      open.push_back(element);
    } else {
      if (open.empty() || "/" + open.back() != element) return false;
      open.pop_back();
    }
  }
  return open.empty();
}

TEST(Html, NeedsNothingButItself) {
  const std::string text = to_page(example_report());
  for (const char* foreign : {"<script", "<link", "<img", "<iframe", "http://", "https://", "url(", "@import", "src="})
    EXPECT_THAT(text, Not(HasSubstr(foreign)));
  EXPECT_THAT(text, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(text, HasSubstr("@media print"));
  EXPECT_LT(text.size(), 500'000U);
}

TEST(Html, EscapesWhatComesFromOutside) {
  Report report = example_report();
  const std::string hostile = "\"><script>alert('1')</script>&<b>\n\x1b[31m";
  report.device.spec.name = hostile;
  report.device.facts[hostile] = hostile;
  report.completeness.missing = {hostile};
  report.argv = {hostile};
  report.verdict = hostile;
  for (Result& result : report.results) {
    result.name = hostile;
    result.note = hostile;
    result.unit = hostile;
    result.params["data"] = hostile;
    result.audit.status = hostile;
    if (result.floor) result.floor->source = hostile;
  }
  const std::string text = to_page(report);
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr("<b>")));
  EXPECT_THAT(text, Not(HasSubstr("alert('")));
  EXPECT_THAT(text, HasSubstr("&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&lt;b&gt;  [31m"));
  EXPECT_TRUE(well_formed(text));
}

TEST(Html, IsWellFormedWhateverItTells) {
  EXPECT_TRUE(well_formed(to_page(example_report())));
  EXPECT_TRUE(well_formed(to_page(Report{})));
  for (std::uint64_t seed = 0; seed < 100; ++seed) EXPECT_TRUE(well_formed(to_page(random_report(seed)))) << seed;
  EXPECT_FALSE(well_formed("<p><b></p></b>")) << "the check sees what is wrong";
}

TEST(Html, TheFigureOfAWrongAnswerIsStruckOut) {
  Report report = example_report();
  report.results = {report.results[0]};
  EXPECT_THAT(to_page(report), Not(HasSubstr("figures doubted")));
  EXPECT_THAT(to_page(report), HasSubstr("background-size:96.2% 100%"));
  report.results[0].verdict = Verdict::incorrect;
  EXPECT_THAT(to_page(report), HasSubstr("figures doubted"));
  EXPECT_THAT(to_page(report), HasSubstr("<td class=\"told\"><span class=\"word bad\">incorrect</span>"))
      << "the verdict is not struck out";
  EXPECT_THAT(to_page(report), HasSubstr("background-size:0.0% 100%\">96.2"));
}

TEST(Html, ASweepOfEveryPipeStaysSmall) {
  Report report = example_report();
  std::vector<Result> points;
  for (const Result& result : report.results)
    if (result.params.count("warps_per_sm") > 0) points.push_back(result);
  for (int pipe = 0; pipe < 20; ++pipe)
    for (Result point : points)
      for (int ilp = 1; ilp <= 4; ++ilp) {
        point.name = "pipe" + std::to_string(pipe);
        point.params["ilp"] = std::to_string(ilp);
        point.verdict = Verdict::no_theory;
        report.results.push_back(point);
      }
  EXPECT_LT(to_html(report).size(), 500'000U);
}

TEST(Csv, HasOneRecordPerResultAndKeepsHostileTexts) {
  Report report = example_report();
  report.device.spec.name = "a \"b\", c";
  const auto records = parse_csv(to_csv(report));
  ASSERT_EQ(records.size(), report.results.size() + 1);
  const auto& header = records[0];
  const auto column = [&](const std::string& name) {
    const auto found = std::find(header.begin(), header.end(), name);
    EXPECT_NE(found, header.end()) << name;
    return static_cast<std::size_t>(found - header.begin());
  };
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const auto& record = records[i + 1];
    ASSERT_EQ(record.size(), header.size());
    EXPECT_EQ(record[column("device")], "a \"b\", c");
    EXPECT_EQ(record[column("note")], report.results[i].note);
    EXPECT_EQ(record[column("verdict")], name(report.results[i].verdict));
    EXPECT_EQ(record[column("kind")], "result");
  }
  EXPECT_EQ(std::stod(records[1][column("achieved_per_s")]), report.results[0].achieved_per_s) << "all digits are kept";
  EXPECT_EQ(records[7][column("achieved_per_s")], "") << "unknown is empty";
  EXPECT_EQ(records[2][column("clock_ratio")], "") << "memory has no clock ratio";
  EXPECT_EQ(records[5][column("spread_ratio")], "") << "infinite is empty";
  EXPECT_EQ(std::stod(records[9][column("latency_cycles")]), report.results[8].latency->cycles);
  EXPECT_EQ(std::stod(records[9][column("latency_ci95_low_cycles")]), report.results[8].latency->ci95.low);
  EXPECT_EQ(std::stod(records[9][column("latency_ci95_high_cycles")]), report.results[8].latency->ci95.high);
  EXPECT_EQ(std::stod(records[9][column("latency_ns")]), *report.results[8].latency->ns);
  EXPECT_EQ(records[1][column("latency_cycles")], "") << "a rate is no latency";
  EXPECT_EQ(std::stod(records[3][column("median_power_w")]), 693);
  EXPECT_EQ(records[1][column("median_power_w")], "");
  EXPECT_EQ(std::stod(records[3][column("relative_error")]), 3.1e-4);
  EXPECT_EQ(std::stod(records[3][column("relative_error_limit")]), 1e-3);
  EXPECT_EQ(std::stod(records[3][column("rmse")]), 0.0093);
  EXPECT_EQ(std::stod(records[3][column("mae")]), 0.0074);
  EXPECT_EQ(std::stod(records[3][column("max_error")]), 0.0625);
  EXPECT_EQ(records[1][column("rmse")], "");
  EXPECT_LT(std::stod(records[10][column("spread_ratio")]), 0.01) << "a burst's is that of E_issue";
}

TEST(Csv, AnyTextSurvives) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Report report = random_report(seed);
    const auto records = parse_csv(to_csv(report));
    std::vector<std::string> notes;
    for (const NamedDevice& device : named_devices(report))
      for (const Result& result : device.report->results) notes.push_back(result.note);
    ASSERT_GE(records.size(), notes.size() + report.checks.size() + 1);
    const auto note =
        static_cast<std::size_t>(std::find(records[0].begin(), records[0].end(), "note") - records[0].begin());
    for (std::size_t i = 0; i < notes.size(); ++i) EXPECT_EQ(records[i + 1].at(note), notes[i]);
    for (std::size_t i = 0; i < report.checks.size(); ++i)
      EXPECT_EQ(records[notes.size() + 1 + i].at(note), report.checks[i].message);
  }
}

TEST(Figures, Rates) {
  EXPECT_EQ(rate_text(64.93e12, "FLOP/s"), "64.93 TFLOP/s");
  EXPECT_EQ(rate_text(4.312e12, "B/s"), "4312 GB/s");
  EXPECT_EQ(rate_text(1.98e15, "FLOP/s"), "1.980 PFLOP/s");
  EXPECT_EQ(rate_text(999.96e9, "OP/s"), "1.000 TOP/s");
  EXPECT_EQ(rate_text(12.5, "B/s"), "12.50 B/s");
  for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL}) EXPECT_EQ(rate_text(bad, "B/s"), "-");
}

TEST(Figures, Latencies) {
  EXPECT_EQ(latency_text({.cycles = 4.021, .ci95 = {4.01, 4.024}, .ns = 2.0308}), "4.02 cycles (±0.01), 2.03 ns");
  EXPECT_EQ(latency_text({.cycles = 4, .ci95 = {4, 4}}), "4.00 cycles (±0.00)");
  EXPECT_EQ(latency_text({.cycles = 4, .ci95 = {-HUGE_VAL, HUGE_VAL}}), "4.00 cycles") << "too few samples for it";
  EXPECT_EQ(latency_text({.cycles = 1e300, .ci95 = {1, 1e301}}), ">99999 cycles (±>99999)");
  for (const double bad : {0.0, -4.0, std::nan(""), HUGE_VAL}) {
    EXPECT_EQ(latency_text({.cycles = bad}), "-");
    EXPECT_EQ(latency_text({.cycles = 4, .ns = bad}), "-");
  }
}

TEST(Figures, PercentsClocksAndTimes) {
  EXPECT_EQ(percent_text(0.9702), "97.0");
  EXPECT_EQ(percent_text(0.00123, 2), "0.12");
  EXPECT_EQ(percent_text(std::nullopt), "-");
  EXPECT_EQ(percent_text(std::nan("")), "-");
  EXPECT_EQ(megahertz_text(1.98e9), "1980");
  EXPECT_EQ(megahertz_text(0), "-");
  EXPECT_EQ(watts_text(693.4), "693 W");
  EXPECT_EQ(watts_text(std::nan("")), "-");
  EXPECT_EQ(watts_text(1e9), ">99999 W");
  EXPECT_EQ(time_text(0.0050214), "5.021 ms");
  EXPECT_EQ(time_text(2), "2.000 s");
  EXPECT_EQ(time_text(3.5e-6), "3.500 us");
  EXPECT_EQ(time_text(3.5e-9), "3.500 ns");
  EXPECT_EQ(time_text(std::nan("")), "-");
}

TEST(Figures, OneLineTakesControlCharactersOut) {
  EXPECT_EQ(one_line("a\nb\r\tc\x1b[31m\x7f µ"), "a b  c [31m  µ");
  EXPECT_EQ(one_line("a\xc2\x9b"
                     "31mb"),
            "a 31mb")
      << "the one-character form of ESC [";
}

}  // namespace
}  // namespace peakproof::reports
