#include "reports/heat_map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace peakproof::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Result point(int ilp, int warps, double issue, Verdict verdict = Verdict::no_theory) {
  return {.name = "made_up",
          .params = {{"ilp", std::to_string(ilp)}, {"warps_per_sm", std::to_string(warps)}},
          .achieved_per_s = 1e12 * issue,
          .efficiency = {.spec = 0.5 * issue, .issue = issue, .clock = 0.5},
          .verdict = verdict};
}

SweepPoint chains(int ilp, int warps) { return {Grid::chains, ilp, warps}; }
SweepPoint shape(int m, int n) { return {Grid::shapes, n, m}; }

/// A point of a sweep over shapes whose rate is given too: a fast one need not be a good one.
Result shape_point(int m, int n, int k, double issue, double per_second, Verdict verdict = Verdict::no_theory) {
  return {.name = "made_up_gemm",
          .params = {{"m", std::to_string(m)},
                     {"n", std::to_string(n)},
                     {"k", std::to_string(k)},
                     {"sweep", "shapes"},
                     {"type", "bf16"}},
          .achieved_per_s = per_second,
          .unit = "FLOP/s",
          .efficiency = {.spec = 0.9 * issue, .issue = issue, .clock = 0.9},
          .verdict = verdict};
}

HeatMap only_map(const std::vector<Result>& results) {
  auto maps = heat_maps(results);
  EXPECT_EQ(maps.size(), 1U);
  return maps.empty() ? HeatMap{} : maps.front();
}

std::vector<std::string> texts(const HeatMap& map) {
  std::vector<std::string> out;
  for (const HeatCell& cell : map.cells) out.push_back(cell_text(cell));
  return out;
}

TEST(SweepPoint, IsTwoWholeNumbers) {
  EXPECT_EQ(sweep_point({{"ilp", "8"}, {"warps_per_sm", "64"}, {"data", "random"}}), chains(8, 64));
  EXPECT_FALSE(sweep_point({}));
  EXPECT_FALSE(sweep_point({{"ilp", "8"}}));
  EXPECT_FALSE(sweep_point({{"warps_per_sm", "8"}}));
  for (const char* bad : {"", "0", "-1", "1.5", "8 ", " 8", "8x", "1025", "99999999999999999999", "many"})
    EXPECT_FALSE(sweep_point({{"ilp", bad}, {"warps_per_sm", "8"}})) << bad;
}

TEST(SweepPoint, OfAShapeIsMarkedAsOne) {
  const Texts shape_params = {{"m", "8448"}, {"n", "1048576"}, {"k", "64"}, {"sweep", "shapes"}};
  EXPECT_EQ(sweep_point(shape_params), shape(8448, 1048576));
  EXPECT_FALSE(sweep_point({{"m", "8192"}, {"n", "8192"}, {"k", "8192"}})) << "an ordinary product";
  EXPECT_FALSE(sweep_point({{"m", "8192"}, {"sweep", "shapes"}}));
  EXPECT_FALSE(sweep_point({{"n", "64"}, {"sweep", "n"}})) << "one param is no grid";
  EXPECT_FALSE(sweep_point({{"ilp", "8"}, {"warps_per_sm", "64"}, {"sweep", "shapes"}}));
  for (const char* bad : {"", "0", "-1", "1.5", "1048577", "many"})
    EXPECT_FALSE(sweep_point({{"m", bad}, {"n", "8"}, {"sweep", "shapes"}})) << bad;
}

TEST(SweepPoint, OfAnySweepIsKnownAsOne) {
  EXPECT_TRUE(is_sweep({{"ilp", "8"}, {"warps_per_sm", "64"}}));
  EXPECT_TRUE(is_sweep({{"m", "8"}, {"n", "8"}, {"sweep", "shapes"}}));
  EXPECT_TRUE(is_sweep({{"n", "64"}, {"sweep", "n"}}));
  EXPECT_FALSE(is_sweep({{"m", "8"}, {"n", "8"}, {"k", "8"}, {"mode", "burst"}}));
  EXPECT_FALSE(is_sweep({}));
}

TEST(Shapes, AreAMapForEachKAndType) {
  Result other = shape_point(128, 256, 64, 0.5, 5e14);
  other.params["type"] = "fp16";
  const auto maps = heat_maps(std::vector{shape_point(256, 128, 64, 0.6, 6e14), shape_point(128, 128, 64, 0.5, 5e14),
                                          shape_point(128, 1024, 64, 0.7, 7e14), other,
                                          shape_point(128, 128, 32, 0.4, 4e14), point(1, 2, 0.5)});
  ASSERT_EQ(maps.size(), 4U);
  EXPECT_EQ(map_name(maps[0]), "made_up_gemm/k:64/type:bf16");
  EXPECT_THAT(maps[0].columns, ElementsAre(128, 1024)) << "n";
  EXPECT_THAT(maps[0].rows, ElementsAre(128, 256)) << "m";
  EXPECT_THAT(texts(maps[0]), ElementsAre("50.0", "70.0", "60.0", "-"));
  EXPECT_EQ(map_name(maps[1]), "made_up_gemm/k:64/type:fp16");
  EXPECT_EQ(map_name(maps[2]), "made_up_gemm/k:32/type:bf16");
  EXPECT_EQ(maps[3].grid, Grid::chains);
  EXPECT_EQ(column_label(Grid::shapes), "n");
  EXPECT_EQ(row_label(Grid::shapes), "m");
}

TEST(Shapes, TheBestTheSmallestNearItAndTheFastestAreNamed) {
  const HeatMap map = only_map({shape_point(4096, 4096, 64, 0.965, 7.9e14), shape_point(8448, 8192, 64, 0.971, 8.0e14),
                                shape_point(8192, 8192, 64, 0.9, 8.1e14), shape_point(16384, 16384, 64, 0.5, 5e14),
                                shape_point(8192, 16384, 64, 0.99, 9e14, Verdict::noisy),
                                shape_point(16384, 8192, 64, 0.99, 9e14, Verdict::incorrect)});
  EXPECT_EQ(map.best->at, shape(8448, 8192));
  EXPECT_EQ(map.fastest->at, shape(8192, 8192));
  EXPECT_EQ(map.marked()->at, map.best->at) << "of shapes the best is marked, not where something saturates";
  EXPECT_EQ(saturation_text(map),
            "Best shape: m 8448, n 8192: 97.1 %, 800.0 TFLOP/s; the smallest within 1 % of it: m 4096, n 4096: 96.5 %, "
            "790.0 TFLOP/s; the fastest: m 8192, n 8192: 90.0 %, 810.0 TFLOP/s.");
  EXPECT_EQ(saturation_text(only_map({shape_point(128, 128, 64, 0.5, 5e14)})),
            "Best shape: m 128, n 128: 50.0 %, 500.0 TFLOP/s; larger ones may be better still.");
  EXPECT_THAT(saturation_text(only_map({shape_point(128, 128, 64, 0.5, 5e14, Verdict::error)})),
              HasSubstr("nothing is known of the best shape"));
}

TEST(Shapes, TheFastestOfAllKIsNamedInOneLine) {
  std::vector<Result> results = {shape_point(256, 256, 2048, 0.8, 6e14), shape_point(256, 256, 8192, 0.95, 8e14),
                                 shape_point(512, 256, 8192, 0.96, 7.9e14), shape_point(256, 256, 16384, 0.97, 7.5e14)};
  Result alone = results[0];
  alone.params["type"] = "fp16";
  results.push_back(alone);
  results.push_back(point(1, 1, 0.5));
  results.push_back(point(2, 1, 0.5));
  EXPECT_THAT(best_k_texts(heat_maps(results)),
              ElementsAre("Fastest k of made_up_gemm/type:bf16: 8192 (k 2048: 600.0 TFLOP/s at m 256, n 256; k 8192: "
                          "800.0 TFLOP/s at m 256, n 256; k 16384: 750.0 TFLOP/s at m 256, n 256)"));
  EXPECT_THAT(best_k_texts({}), IsEmpty());
}

TEST(HeatMaps, StaySmallWhateverAFileHolds) {
  std::vector<Result> results;
  for (int i = 1; i <= 3000; ++i) results.push_back(shape_point(i, 7 * i, 64, 0.0001 * i, 1e11 * i));
  const HeatMap map = only_map(results);
  EXPECT_EQ(map.columns.size(), 1024U);
  EXPECT_EQ(map.rows.size(), 1024U);
  EXPECT_EQ(map.left_out, 3000 - 1024);
  EXPECT_EQ(map.best->at, shape(1024, 7168)) << "of what is shown";
  EXPECT_THAT(marks_text(map), HasSubstr("1976 points lie beyond"));
  // Points that no common corner holds.
  results.clear();
  for (int i = 1; i <= 3000; ++i) results.push_back(shape_point(i, 3001 - i, 64, 0.5, 1e14));
  EXPECT_EQ(only_map(results).left_out, 3000);
  EXPECT_FALSE(only_map(results).best);
}

TEST(HeatMaps, NumbersAreInNumericOrderWhateverTheOrderOfTheResults) {
  std::vector<Result> results;
  for (const int warps : {16, 2, 64, 4, 1, 32, 8})
    for (const int ilp : {8, 16, 1, 2, 4}) results.push_back(point(ilp, warps, 0.001 * ilp * warps / 1.024));
  const HeatMap map = only_map(results);
  EXPECT_THAT(map.columns, ElementsAre(1, 2, 4, 8, 16));
  EXPECT_THAT(map.rows, ElementsAre(1, 2, 4, 8, 16, 32, 64));
  for (std::size_t row = 0; row < map.rows.size(); ++row)
    for (std::size_t column = 0; column < map.columns.size(); ++column)
      EXPECT_DOUBLE_EQ(*map.cell(row, column).fraction, 0.001 * map.columns[column] * map.rows[row] / 1.024);
  EXPECT_EQ(map.results.size(), results.size());
}

TEST(HeatMaps, WhatIsMissingOrWrongIsNoFigure) {
  const HeatMap map =
      only_map({point(1, 1, 0.1), point(2, 1, 0.99, Verdict::incorrect), point(4, 1, 0.99, Verdict::error),
                point(1, 2, 1.5, Verdict::above_theory), point(2, 2, 0.99, Verdict::skipped),
                point(1, 4, 0.5, Verdict::noisy), point(2, 4, 0.6, Verdict::below), point(4, 4, 1.0, Verdict::pass)});
  EXPECT_THAT(texts(map), ElementsAre("10.0", "WRONG", "ERROR", ">PEAK", "skip", "-", "50.0~", "60.0", "100"));
  EXPECT_EQ(marks_text(map),
            "~: noisy, does not count; WRONG: the answer was wrong; ERROR: not measured, an error; "
            ">PEAK: above theory, so not believed; skip: the device cannot do it; -: no result");
  EXPECT_EQ(marks_text(only_map({point(1, 1, 0.5)})), "");
}

TEST(HeatMaps, AFigureThatIsNoneIsAnErrorWhateverItsVerdict) {
  for (const double bad : {0.0, -0.5, std::nan(""), HUGE_VAL}) {
    const HeatMap map = only_map({point(1, 1, 0.5), point(2, 1, bad)});
    EXPECT_THAT(texts(map), ElementsAre("50.0", "ERROR")) << bad;
    EXPECT_EQ(map.best->fraction, 0.5) << bad;
  }
}

TEST(HeatMaps, WithoutAMeasuredClockTheRatedOneCounts) {
  Result rated = point(1, 1, 0.8);
  rated.efficiency = {.spec = 0.4};
  EXPECT_EQ(only_map({rated}).basis, Basis::spec);
  EXPECT_EQ(only_map({rated}).best->fraction, 0.4);
  EXPECT_EQ(only_map({rated, point(2, 1, 0.8)}).basis, Basis::mixed);
  EXPECT_EQ(only_map({point(2, 1, 0.8)}).basis, Basis::issue);
  Result wrong = rated;
  wrong.params["ilp"] = "4";
  wrong.verdict = Verdict::incorrect;
  EXPECT_EQ(only_map({wrong, point(2, 1, 0.8)}).basis, Basis::issue) << "a figure that is not shown has no say";
}

TEST(HeatMaps, WithoutTheoryTheFastestPointIsTheMeasure) {
  std::vector<Result> results = {point(1, 1, 0.2), point(2, 1, 0.4), point(4, 1, 0.3), point(8, 1, 9, Verdict::noisy),
                                 point(16, 1, 9, Verdict::incorrect)};
  for (Result& result : results) result.efficiency = {};
  const HeatMap map = only_map(results);
  EXPECT_EQ(map.basis, Basis::best);
  EXPECT_DOUBLE_EQ(*map.cell(0, 0).fraction, 0.5);
  EXPECT_DOUBLE_EQ(*map.cell(0, 1).fraction, 1);
  EXPECT_EQ(map.best->at, chains(2, 1));
  EXPECT_THAT(basis_text(map), HasSubstr("fastest point"));
}

TEST(HeatMaps, OneForEachNameAndOtherParams) {
  Result zero = point(1, 1, 0.5);
  zero.params["data"] = "zero";
  Result again = point(1, 1, 0.6);
  again.params["repetition"] = "1";
  Result other = point(1, 1, 0.7);
  other.name = "other";
  const auto maps = heat_maps(std::vector{point(1, 1, 0.1), zero, again, other, point(2, 1, 0.2), Result{.name = "x"}});
  ASSERT_EQ(maps.size(), 4U);
  EXPECT_EQ(map_name(maps[0]), "made_up");
  EXPECT_EQ(maps[0].cells.size(), 2U);
  EXPECT_THAT(maps[0].results, ElementsAre(0U, 4U));
  EXPECT_EQ(map_name(maps[1]), "made_up/data:zero");
  EXPECT_EQ(map_name(maps[2]), "made_up/repetition:1");
  EXPECT_EQ(map_name(maps[3]), "other");
  EXPECT_THAT(heat_maps({}), IsEmpty());
}

TEST(HeatMaps, AWrongPointIsNotHiddenByARightOne) {
  for (const auto& results : {std::vector{point(1, 1, 0.9), point(1, 1, 0.9, Verdict::incorrect)},
                              std::vector{point(1, 1, 0.9, Verdict::incorrect), point(1, 1, 0.9)}}) {
    const HeatMap map = only_map(results);
    EXPECT_THAT(texts(map), ElementsAre("WRONG"));
    EXPECT_FALSE(map.best);
    EXPECT_FALSE(map.saturated);
  }
}

TEST(Saturation, IsTheFewestInFlightWithinOnePercentOfTheBest) {
  const HeatMap map = only_map({point(1, 8, 0.5), point(1, 32, 0.9701), point(2, 8, 0.96), point(2, 32, 0.98),
                                point(4, 8, 0.972), point(4, 32, 0.979)});
  EXPECT_EQ(map.best->at, chains(2, 32));
  EXPECT_EQ(map.best->index, 3U);
  EXPECT_EQ(map.saturated->at, chains(4, 8)) << "of two with 32 in flight, the better one";
  EXPECT_EQ(saturation_text(map),
            "Saturates at 8 warps per SM x ILP 4 (32 warp instructions in flight per SM): 97.2 %, within 1 % of the "
            "best, 98.0 % at 32 warps per SM x ILP 2.");
}

TEST(Saturation, JustBelowOnePercentIsNotEnough) {
  EXPECT_EQ(only_map({point(1, 1, 0.9899), point(2, 1, 1.0)}).saturated->at, chains(2, 1));
  EXPECT_EQ(only_map({point(1, 1, 0.9901), point(2, 1, 1.0)}).saturated->at, chains(1, 1));
}

TEST(Saturation, NoisyAndWrongPointsDoNotCount) {
  const HeatMap map = only_map({point(1, 1, 0.9, Verdict::noisy), point(1, 2, 0.9, Verdict::incorrect),
                                point(1, 4, 0.8), point(1, 8, 1.2, Verdict::above_theory), point(1, 16, 0.5)});
  EXPECT_EQ(map.best->at, chains(1, 4));
  EXPECT_EQ(map.saturated->at, chains(1, 4));
  EXPECT_THAT(saturation_text(map), HasSubstr("80.0 %, the best of the map."));
}

TEST(Saturation, AtTheEdgeOfTheMapMayLieBeyondIt) {
  EXPECT_THAT(saturation_text(only_map({point(1, 1, 0.1), point(2, 1, 0.2), point(1, 2, 0.2), point(2, 2, 0.4)})),
              HasSubstr("the last point of the map"));
  EXPECT_THAT(saturation_text(only_map({point(1, 1, 0.4), point(2, 1, 0.4)})), Not(HasSubstr("last point")));
}

TEST(Saturation, OfNothingUsableIsUnknown) {
  const HeatMap map = only_map({point(1, 1, 0.9, Verdict::error)});
  EXPECT_FALSE(map.best);
  EXPECT_THAT(saturation_text(map), HasSubstr("nothing is known"));
}

TEST(HeatCells, AreAtMostFiveWideAndTheirShadesGetDarker) {
  for (const auto& [fraction, text, shade] :
       {std::tuple{0.0001, "0.0", "  "}, std::tuple{0.199, "19.9", "  "}, std::tuple{0.2, "20.0", "░░"},
        std::tuple{0.45, "45.0", "▒▒"}, std::tuple{0.7, "70.0", "▓▓"}, std::tuple{0.8, "80.0", "██"},
        std::tuple{0.9997, "100", "██"}, std::tuple{1.004, "100", "██"}, std::tuple{1e300, ">999", "██"}}) {
    const HeatCell cell{.verdict = Verdict::no_theory, .fraction = fraction};
    EXPECT_EQ(cell_text(cell), text);
    EXPECT_EQ(shade_text(cell), shade) << text;
    EXPECT_LE(cell_text({.verdict = Verdict::noisy, .fraction = fraction}).size(), 5U);
  }
  EXPECT_EQ(shade_text({.verdict = Verdict::incorrect}), "  ");
}

}  // namespace
}  // namespace peakproof::reports
