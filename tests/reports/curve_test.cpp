#include "reports/curve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "reports/format.hpp"
#include "reports/plot.hpp"

namespace peakproof::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Result point(Texts params, double per_second, Verdict verdict = Verdict::no_theory) {
  return {.name = "dram", .params = std::move(params), .achieved_per_s = per_second, .unit = "B/s", .verdict = verdict};
}

Result of_size(std::int64_t bytes, double per_second, const char* pattern = "read",
               Verdict verdict = Verdict::no_theory) {
  return point({{"sweep", "size"}, {"bytes", std::to_string(bytes)}, {"pattern", pattern}}, per_second, verdict);
}

Result in_flight(int bytes_per_sm, double per_second) {
  return point({{"sweep", "in_flight"}, {"bytes_in_flight_per_sm", std::to_string(bytes_per_sm)}}, per_second);
}

Result latency_point(std::int64_t bytes, double cycles, std::optional<double> ns) {
  Result r = of_size(bytes, 1e6);
  r.name = "latency_memory";
  r.unit = "OP/s";
  r.latency = Latency{.cycles = cycles, .ci95 = {cycles, cycles}, .ns = ns};
  return r;
}

Curve only_curve(const std::vector<Result>& results) {
  auto found = curves(results);
  EXPECT_EQ(found.size(), 1U);
  return found.empty() ? Curve{.axis = curve_axes().data()} : found.front();
}

std::vector<double> ys(const CurveLine& line) {
  std::vector<double> out;
  for (const CurvePoint& point : line.points) out.push_back(point.y.value_or(-1));
  return out;
}

TEST(CurvePlace, IsAWholeNumberOnAKnownAxis) {
  const auto place = curve_place({{"sweep", "size"}, {"bytes", "16384"}});
  ASSERT_TRUE(place);
  EXPECT_EQ(place->axis->sweep, "size");
  EXPECT_EQ(place->x, 16384);
  EXPECT_EQ(curve_place({{"sweep", "mix"}, {"write_percent", "0"}})->x, 0);
  EXPECT_FALSE(curve_place({}));
  EXPECT_FALSE(curve_place({{"bytes", "16384"}})) << "an ordinary case";
  EXPECT_FALSE(curve_place({{"sweep", "size"}}));
  EXPECT_FALSE(curve_place({{"sweep", "shapes"}, {"m", "8"}, {"n", "8"}})) << "that is a map";
  EXPECT_FALSE(curve_place({{"sweep", "stride"}, {"bytes", "16384"}})) << "the place of another axis";
  for (const char* bad : {"", "-1", "1.5", "8 ", " 8", "0x8", "1125899906842625", "99999999999999999999", "many"})
    EXPECT_FALSE(curve_place({{"sweep", "size"}, {"bytes", bad}})) << bad;
}

TEST(CurvePlace, AxesAreTold) {
  for (const CurveAxis& axis : curve_axes()) {
    EXPECT_TRUE(is_drawn({{"sweep", std::string(axis.sweep)}, {std::string(axis.param), "64"}})) << axis.sweep;
    EXPECT_FALSE(axis.label.empty());
    EXPECT_FALSE(axis.title.empty());
  }
  EXPECT_TRUE(is_drawn({{"ilp", "8"}, {"warps_per_sm", "64"}})) << "in a map";
  EXPECT_FALSE(is_drawn({{"bytes", "64"}}));
}

TEST(Curves, HaveALineForWhatDiffers) {
  const std::vector<Result> results = {of_size(4096, 3e12),
                                       of_size(1024, 9e12),
                                       of_size(1024, 7e12, "copy"),
                                       of_size(4096, 2e12, "copy"),
                                       point({{"pattern", "read"}}, 1e12),  // no point of a curve
                                       in_flight(512, 1e12)};
  const auto found = curves(results);
  ASSERT_THAT(found, SizeIs(2));
  ASSERT_THAT(found[0].lines, SizeIs(2));
  EXPECT_EQ(curve_name(found[0]), "dram over the working set");
  EXPECT_EQ(line_name(found[0].lines[0]), "pattern read");
  EXPECT_EQ(line_name(found[0].lines[1]), "pattern copy");
  EXPECT_THAT(ys(found[0].lines[0]), ElementsAre(9e12, 3e12)) << "ascending";
  EXPECT_EQ(found[0].lines[0].points[0].result, 1U);
  EXPECT_EQ(curve_name(found[1]), "dram over the bytes in flight");
  EXPECT_EQ(line_name(found[1].lines[0]), "all");
}

TEST(Curves, SharedParamsTellNoLinesApart) {
  std::vector<Result> results = {of_size(1024, 9e12), of_size(1024, 7e12, "copy")};
  for (Result& result : results) result.params["data"] = "random";
  const Curve curve = only_curve(results);
  EXPECT_EQ(line_name(curve.lines[0]), "pattern read");
  EXPECT_EQ(line_name(curve.lines[1]), "pattern copy");
}

TEST(Curves, LinesInBytesAreToldInTheirUnit) {
  EXPECT_EQ(line_name({.params = {{"stride_bytes", "2097152"}}, .points = {}}), "stride 2 MiB");
  EXPECT_EQ(line_name({.params = {{"pattern", "x"}, {"stride_bytes", "many"}}, .points = {}}),
            "pattern x, stride_bytes many");
}

TEST(Curves, ShowNothingThatIsNotBelieved) {
  const Curve curve =
      only_curve({of_size(1, 1e12), of_size(2, 5e12, "read", Verdict::incorrect),
                  of_size(4, 9e12, "read", Verdict::above_theory), of_size(8, NAN, "read", Verdict::skipped),
                  of_size(16, NAN, "read", Verdict::error), of_size(32, 3e12, "read", Verdict::noisy)});
  EXPECT_THAT(ys(curve.lines[0]), ElementsAre(1e12, -1, -1, -1, -1, 3e12));
  std::vector<std::string> told;
  for (const CurvePoint& point : curve.lines[0].points) told.push_back(value_text(curve, point));
  EXPECT_THAT(told, ElementsAre("1000 GB/s", "WRONG", ">PEAK", "skip", "ERROR", "3000 GB/s~"));
  const auto sentences = curve_sentences(curve, 4);
  ASSERT_THAT(sentences, SizeIs(2));
  EXPECT_EQ(sentences[1], "~: noisy, does not count.");
  EXPECT_EQ(sentences[0], "Highest 1000 GB/s at 1 B, lowest 1000 GB/s at 1 B.") << "a noisy point does not count";
  EXPECT_THAT(plot_svg(curve, {.sm_count = 4}), HasSubstr("<svg"));
}

TEST(Curves, OfNothingUsableAreNoPicture) {
  const Curve curve = only_curve({of_size(8, NAN, "read", Verdict::skipped)});
  EXPECT_THAT(plot_svg(curve, {}), IsEmpty());
  EXPECT_THAT(curve_sentences(curve, 4), ElementsAre("No point can be used."));
  EXPECT_THAT(curves({}), IsEmpty());
}

TEST(Curves, OfLatenciesAreInNanoseconds) {
  const auto found = curves(std::vector<Result>{latency_point(1024, 30, 15), latency_point(4096, 600, 300),
                                                latency_point(8192, 600, std::nullopt), of_size(1024, 1e12)});
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_TRUE(found[0].latency);
  EXPECT_EQ(found[0].unit, "ns");
  EXPECT_THAT(ys(found[0].lines[0]), ElementsAre(15, 300, -1)) << "without a clock there are no nanoseconds";
  EXPECT_EQ(value_text(found[0], found[0].lines[0].points[1]), "300.00 ns");
  EXPECT_FALSE(found[1].latency);
}

TEST(Curves, AreTablesToo) {
  const Curve curve =
      only_curve({of_size(1024, 9e12), of_size(std::int64_t{3} << 29, 3e12), of_size(1024, 7e12, "copy")});
  EXPECT_THAT(curve_table(curve),
              ElementsAre(ElementsAre("working set", "pattern read", "pattern copy"),
                          ElementsAre("1 KiB", "9000 GB/s", "7000 GB/s"), ElementsAre("1.5 GiB", "3000 GB/s", "-")));
}

TEST(Curves, OfBytesInFlightAreFitted) {
  const LittleFit truth{.peak_per_s = 4e12, .latency_s = 6e-7, .sharpness = 2};
  std::vector<Result> results;
  for (int per_sm = 512; per_sm <= 131072; per_sm *= 2)
    results.push_back(in_flight(per_sm, truth.rate_at(100.0 * per_sm)));
  const Curve curve = only_curve(results);
  const auto fit = little_fit(curve, curve.lines[0], 100);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->latency_s, 6e-7, 6e-9);
  EXPECT_THAT(curve_sentences(curve, 100)[0],
              HasSubstr("the peak is 4000 GB/s and the latency without load 600 ns: 23.4"));
  EXPECT_THAT(plot_svg(curve, {.sm_count = 100}), HasSubstr("class=\"fit\""));
  EXPECT_FALSE(little_fit(curve, curve.lines[0], 0)) << "of an unknown number of SMs";
  EXPECT_THAT(curve_sentences(curve, 0)[0], HasSubstr("no fit"));

  results.resize(3);
  EXPECT_THAT(curve_sentences(only_curve(results), 100)[0], HasSubstr("no fit"));
  const Curve other =
      only_curve({of_size(1, 1e9), of_size(2, 2e9), of_size(4, 4e9), of_size(8, 4e9), of_size(16, 4e9)});
  EXPECT_FALSE(little_fit(other, other.lines[0], 100)) << "a working set is not in flight";
}

TEST(Plot, HasItsLimitsAndNoHtmlFromOutside) {
  std::vector<Result> results = {of_size(1 << 14, 2e13, "<b>"), of_size(std::int64_t{1} << 32, 3e12, "<b>")};
  results[1].peak = theory::Peak{theory::Pipe::dram, 4e12, 0, "", ""};
  const std::string svg = plot_svg(only_curve(results), {.sm_count = 4, .l2_bytes = 50 << 20});
  EXPECT_THAT(svg, HasSubstr("dram peak 4000 GB/s"));
  EXPECT_THAT(svg, HasSubstr("L2 50 MiB"));
  EXPECT_THAT(svg, HasSubstr("pattern &lt;b&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<b>")));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(Plot, OfOnePointHasItInside) {
  for (const std::string& svg : {plot_svg(only_curve({of_size(4096, 1e12)}), {}),
                                 plot_svg(only_curve({point({{"sweep", "mix"}, {"write_percent", "0"}}, 1e12)}), {})}) {
    EXPECT_THAT(svg, HasSubstr("<circle"));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

TEST(Curves, StandInNoTableOfResults) {
  Report report;
  report.results = {of_size(1024, 9e12), of_size(4096, 3e12)};
  for (const auto render : {to_text, to_markdown, to_html}) {
    const std::string text = render(report);
    EXPECT_THAT(text, HasSubstr("dram over the working set"));
    EXPECT_THAT(text, Not(HasSubstr("not checked")));
  }
}

}  // namespace
}  // namespace peakproof::reports
