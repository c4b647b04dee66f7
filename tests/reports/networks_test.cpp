// Networks in tables, curves and pages, and what their figures say against each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "example_networks.hpp"
#include "example_report.hpp"
#include "made_reports.hpp"
#include "reports/baseline.hpp"
#include "reports/comparison.hpp"
#include "reports/format.hpp"
#include "reports/html_sections.hpp"
#include "reports/network_claims.hpp"
#include "reports/networks_view.hpp"
#include "reports/plot.hpp"

namespace peakproof::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Report networks() {
  Report report = example_report();
  report.results = example_networks();
  return report;
}

Result run() { return example_networks()[0]; }
Result trained() { return example_networks()[3]; }

// ----------------------------------------------------------------------------------------------------------- tables

TEST(NetworkTables, TellHowFastEachRunWas) {
  const auto rows = inference_table(networks());
  ASSERT_THAT(rows, SizeIs(6)) << "a header, and no row for what was skipped";
  EXPECT_THAT(rows[0], ElementsAre("network", "type", "batch", "p50", "p95", "p99", "items/s", "of peak", "predicted",
                                   "time/pred.", "verdict"));
  EXPECT_THAT(rows[1], ElementsAre("mlp", "fp16", "256", "102.0 us", "110.0 us", "130.0 us", "2.560 M", "71.1 %",
                                   "92.00 us", "1.09", "no_theory"));
  EXPECT_EQ(rows[2][5], "-") << "no p99 of 20 passes";
  EXPECT_EQ(rows[2][8], "-");
  EXPECT_EQ(rows[2][9], "-");
  EXPECT_THAT(rows[5], ElementsAre("mlp", "fp16", "1024", "-", "-", "-", "-", "-", "319.4 us", "-", "incorrect"))
      << "a wrong answer has no speed";
}

TEST(NetworkTables, AreEmptyWithoutNetworks) {
  Report report = networks();
  for (Result& result : report.results) {
    result.inference.reset();
    result.training.reset();
  }
  EXPECT_THAT(inference_table(report), IsEmpty());
  EXPECT_THAT(quality_table(report), IsEmpty());
  EXPECT_THAT(training_table(report), IsEmpty());
  EXPECT_THAT(training_curves(report), IsEmpty());
  EXPECT_EQ(html::networks_section(report, html::Detail::full), "");
  for (const Result& result : report.results) {
    EXPECT_THAT(network_lines(result), IsEmpty());
    for (const NetworkFigure& figure : network_figures()) EXPECT_FALSE(figure.value(result)) << figure.name;
  }
}

TEST(NetworkTables, WhatIsNoNumberIsNotShown) {
  Report report = networks();
  Inference& i = *report.results[0].inference;
  for (const double bad : {std::nan(""), HUGE_VAL, -1.0, 0.0}) {
    i.p50_s = i.p95_s = i.p99_s = i.predicted_s = bad;
    i.items_per_s = i.weight_bytes = bad;
    const auto row = inference_table(report)[1];
    for (const std::size_t column : {3U, 4U, 5U, 6U, 8U, 9U}) EXPECT_EQ(row[column], "-") << bad << " " << column;
    EXPECT_EQ(quality_table(report)[1][3], "-");
    EXPECT_FALSE(measured_to_predicted(i));
    EXPECT_FALSE(network_items_per_s(report.results[0]));
  }
  i.quality->relative_error = std::nan("");
  i.quality->top1_agreement = 1.5;
  const auto row = quality_table(report)[1];
  EXPECT_EQ(row[5], "-");
  EXPECT_EQ(row[7], "-") << "no share is above 1";
}

TEST(NetworkTables, TheQualityIsThatOfTheMostItemsAndTheWorst) {
  Report report = networks();
  EXPECT_THAT(quality_table(report), SizeIs(3)) << "one row for each network and precision";
  const auto error = [&] { return quality_table(report)[1][5]; };
  EXPECT_EQ(error(), "0.00041");
  report.results[5].inference->quality->relative_error = 0.1;
  EXPECT_EQ(error(), "0.1") << "as many items, and further off";
  report.results[6].inference->quality->relative_error = std::nan("");
  EXPECT_EQ(error(), "-") << "no number is the worst";
  report.results[0].inference->quality->items = 9;
  EXPECT_EQ(error(), "0.00041");
}

TEST(NetworkTables, TellHowTrainingWent) {
  const auto rows = training_table(networks());
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_THAT(rows[1], ElementsAre("mlp", "32", "1.600 M", "0.3 %", "95.0 %", "5.400 ms", "6", "270", "99.82 %",
                                   "3.2e-08", "yes", "no_theory"));
  EXPECT_THAT(rows[2], ElementsAre("mlp", "256", "4.267 M", "0.8 %", "95.0 %", "-", "-", "-", "89.64 %", "3.2e-08",
                                   "NO", "no_theory"));
}

TEST(NetworkLines, SayWhatIsMissing) {
  const auto text_of = [](const Result& result, const std::string& label) {
    for (const Line& line : network_lines(result))
      if (line.label == label) return line.text;
    return std::string("no such line");
  };
  EXPECT_THAT(text_of(run(), "predicted"), HasSubstr("92.00 us at least, measured 100.0 us: 1.09 times that"));
  EXPECT_THAT(text_of(run(), "layers"), HasSubstr("hidden2 55.00 us (predicted 50.00 us, memory)"));
  EXPECT_EQ(text_of(example_networks()[1], "predicted"), "no such line");
  EXPECT_THAT(text_of(example_networks()[1], "latency"), HasSubstr("p99 - of 20 passes"));
  EXPECT_THAT(text_of(example_networks()[4], "target"), HasSubstr("was not reached in 14 epochs"));
  Result unchecked = trained();
  unchecked.training->gradients_checked = 0;
  EXPECT_EQ(text_of(unchecked, "gradients"), "NOT CHECKED");
}

TEST(NetworkFigures, HaveEachANameOfTheirOwnAndTellWhatIsKnown) {
  std::set<std::string_view> names;
  for (const NetworkFigure& figure : network_figures()) {
    EXPECT_TRUE(names.insert(figure.name).second) << figure.name;
    const bool known = figure.value(run()) || figure.value(example_networks()[1]) || figure.value(trained());
    EXPECT_TRUE(known) << figure.name;
  }
}

// ----------------------------------------------------------------------------------------------------------- curves

TEST(NetworkCurves, AreOfItemsASecondOverTheBatchAndApartByNetwork) {
  auto results = example_networks();
  results[5].params["network"] = "cnn";
  const auto found = curves(results);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(curve_name(found[0]), "inference of cnn over the batch size");
  EXPECT_EQ(curve_name(found[1]), "inference of mlp over the batch size");
  EXPECT_EQ(found[1].unit, "items/s");
  EXPECT_FALSE(found[1].peak) << "that is in operations a second";
  ASSERT_THAT(found[1].lines, SizeIs(1));
  EXPECT_EQ(*found[1].lines[0].points[0].y, results[6].inference->items_per_s);
  EXPECT_EQ(value_text(found[1], found[1].lines[0].points[0]), "645.2 K items/s");
  EXPECT_EQ(value_text(found[1], found[1].lines[0].points[1]), "WRONG");
  EXPECT_EQ(place_text(*found[1].axis, 32), "32");
}

TEST(NetworkCurves, APointThatWasNotRunBelongsToItsNetwork) {
  auto results = example_networks();
  Result skipped = results[2];
  skipped.params["sweep"] = "batch";
  results.insert(results.begin(), skipped);
  const auto found = curves(results);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].unit, "items/s");
  ASSERT_THAT(found[0].lines, SizeIs(2));
  EXPECT_EQ(line_name(found[0].lines[0]), "precision fp8");
}

TEST(NetworkCurves, OfTrainingAreLossAndAccuracy) {
  const auto found = training_curves(networks());
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(curve_name(found[0]), "loss of mlp over the epochs");
  EXPECT_EQ(curve_name(found[1]), "accuracy of mlp over the epochs");
  ASSERT_THAT(found[1].lines, SizeIs(2));
  EXPECT_EQ(line_name(found[1].lines[0]), "batch 32");
  EXPECT_THAT(found[1].lines[0].points, SizeIs(14));
  EXPECT_EQ(found[1].target, 0.95);
  EXPECT_FALSE(found[0].target);
  EXPECT_THAT(plot_svg(found[1], {}), HasSubstr("target 95.0 %"));
  Report wrong = networks();
  wrong.results[3].verdict = Verdict::incorrect;
  EXPECT_THAT(training_curves(wrong)[0].lines, SizeIs(1)) << "wrong gradients show no curve";
}

TEST(NetworkCurves, ThatTouchZeroAreDrawn) {
  Curve curve = training_curves(networks())[0];
  curve.lines[0].points[0].y = 0;
  for (const char* none : {"nan", "inf"}) EXPECT_EQ(plot_svg(curve, {}).find(none), std::string::npos);
  for (CurveLine& line : curve.lines)
    for (CurvePoint& point : line.points) point.y = 0;
  EXPECT_EQ(plot_svg(curve, {}).find("nan"), std::string::npos);
}

TEST(NetworkCurves, AreDrawnOfAnything) {
  Report report = networks();
  for (const double y : {0.0, 1e-310, 1.0, 0.9999999999999999, std::nan(""), HUGE_VAL, -1.0, 1e300}) {
    for (Epoch& epoch : report.results[3].training->curve) epoch = {y, y, 1};
    for (const Curve& curve : training_curves(report)) {
      const std::string svg = plot_svg(curve, {});
      for (const char* none : {"nan", "inf"}) EXPECT_EQ(svg.find(none), std::string::npos) << y;
      EXPECT_LT(svg.size(), 60'000U) << y;
    }
  }
}

// ------------------------------------------------------------------------------------------------------------- page

TEST(NetworkPage, DrawsLayersWhereTheyCanBeBelieved) {
  const std::string page = html::networks_section(networks(), html::Detail::full);
  EXPECT_THAT(page, HasSubstr("hidden2: 55.00 us, predicted 50.00 us (memory)"));
  EXPECT_THAT(page, HasSubstr("<details open><summary>mlp, fp16, batch 256</summary>"));
  EXPECT_THAT(page, HasSubstr("<details><summary>mlp, int8, batch 1</summary>"));
  EXPECT_THAT(page, Not(HasSubstr("batch 1024</summary>"))) << "it is wrong";
  EXPECT_THAT(page, Not(HasSubstr("<b>"))) << "a layer's name is text";
  EXPECT_THAT(page, HasSubstr("accuracy of mlp over the epochs"));
  EXPECT_THAT(html::networks_section(networks(), html::Detail::figures), Not(HasSubstr("<svg")));
}

TEST(NetworkPage, NamesOfPeopleAndFoldersAreWithheld) {
  Report report = networks();
  report.results[0].inference->ceilings["matrix"] = "by /home/ada/libs/blas.so";
  report.results[0].inference->layers[0].name = "/home/ada/model/layer";
  report.results[3].training->data = "from /home/ada/digits.csv";
  const std::string text = to_json(anonymous(report));
  EXPECT_THAT(text, Not(HasSubstr("/home/ada")));
  EXPECT_THAT(text, HasSubstr("from digits.csv"));
}

// ------------------------------------------------------------------------------------------- comparison and baseline

/// A report of networks that run so much faster, or slower.
Report run_of(int number, double speed) {
  std::vector<Result> results;
  for (const Result& one : example_networks()) {
    if (one.verdict != Verdict::no_theory) continue;
    results.push_back(one);
    Result& r = results.back();
    for (Sample& sample : r.samples) sample.seconds /= speed;
    r.summary = summarize(r.samples, StopReason::converged);
    r.achieved_per_s *= speed;
    r.efficiency.issue = *r.efficiency.issue * speed;
    if (r.inference) r.inference->items_per_s *= speed;
    if (r.training) r.training->samples_per_s *= speed;
  }
  return made_report(number, std::move(results));
}

TEST(NetworksSideBySide, AreToldApartByNetworkPrecisionAndBatch) {
  const Comparison same = compare(run_of(1, 1), run_of(2, 1));
  ASSERT_THAT(same.results, SizeIs(6));
  std::set<std::string> subjects;
  for (const ComparedResult& each : same.results) {
    EXPECT_EQ(each.change, Change::same) << each.subject;
    subjects.insert(each.subject);
  }
  EXPECT_THAT(subjects, SizeIs(6));
  for (const ComparedResult& each : compare(run_of(1, 1), run_of(2, 0.9)).results)
    EXPECT_EQ(each.change, Change::slower) << each.subject;
}

TEST(NetworksSideBySide, MakeABaseline) {
  const std::vector<Report> reports = {run_of(1, 1), run_of(2, 1.001), run_of(3, 0.999)};
  const Baseline baseline = create_baseline(reports);
  ASSERT_THAT(baseline.entries, SizeIs(6));
  EXPECT_EQ(baseline.entries[0].subject, "inference/batch:256/network:mlp/precision:fp16");
  EXPECT_EQ(*baseline.entries[0].issue, *reports[0].results[0].efficiency.issue);
}

// ----------------------------------------------------------------------------------------------------------- claims

TEST(NetworkClaims, HonestOnesStand) {
  for (const Result& result : example_networks()) EXPECT_EQ(network_contradiction(result), "") << result.name;
  EXPECT_EQ(network_contradiction({}), "");
}

TEST(NetworkClaims, OfARunAreHeldAgainstEachOther) {
  for (const auto& forge :
       {+[](Inference& i) { i.items_per_s *= 1.001; }, +[](Inference& i) { i.items_per_s = std::nan(""); },
        +[](Inference& i) { i.flops_per_item *= 0.5; }, +[](Inference& i) { i.p95_s = *i.p50_s / 2; },
        +[](Inference& i) { i.p99_s = *i.p95_s / 2; }, +[](Inference& i) { i.p50_s = std::nan(""); },
        +[](Inference& i) { i.p50_s = -1; }, +[](Inference& i) { i.passes = 99; }, +[](Inference& i) { i.batch = 128; },
        +[](Inference& i) { i.precision = "fp32"; }, +[](Inference& i) { i.network = "cnn"; },
        +[](Inference& i) { i.quality->top1_agreement = 1.01; }, +[](Inference& i) { i.quality->accuracy = -0.1; },
        +[](Inference& i) { i.quality->reference_accuracy = std::nan(""); },
        +[](Inference& i) {
          i.p95_s.reset();
          i.p99_s = *i.p50_s / 2;
        }}) {
    Result forged = run();
    forge(*forged.inference);
    EXPECT_NE(network_contradiction(forged), "");
    Report report{.results = {forged}, .verdict = "pass", .exit_code = exit_pass};
    EXPECT_THAT(contradiction(report), HasSubstr("result inference "));
  }
}

TEST(NetworkClaims, OfTrainingAreHeldAgainstItsCurve) {
  for (const auto& forge :
       {+[](Training& t) { t.best_accuracy = 0.9999; }, +[](Training& t) { t.epochs_to_target = 5; },
        +[](Training& t) { t.epochs_to_target = 7; }, +[](Training& t) { t.epochs_to_target.reset(); },
        +[](Training& t) { t.time_to_target_s.reset(); }, +[](Training& t) { *t.time_to_target_s *= 1.1; },
        +[](Training& t) { t.time_to_target_s = 0; }, +[](Training& t) { t.iterations_to_target.reset(); },
        +[](Training& t) { t.iterations_to_target = 1; }, +[](Training& t) { t.curve[2].accuracy = 97; },
        +[](Training& t) { t.curve[2].accuracy = std::nan(""); }, +[](Training& t) { t.curve.clear(); },
        +[](Training& t) { t.target_accuracy = 0.9999; }, +[](Training& t) { t.target_accuracy = std::nan(""); },
        +[](Training& t) { t.batch = 64; }, +[](Training& t) { t.network = "cnn"; }}) {
    Result forged = trained();
    forge(*forged.training);
    EXPECT_NE(network_contradiction(forged), "");
  }
  Result late = example_networks()[4];
  late.training->time_to_target_s = 1;
  EXPECT_NE(network_contradiction(late), "") << "the target was not reached";
}

}  // namespace
}  // namespace peakproof::reports
