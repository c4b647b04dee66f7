// The formats of a model report against golden files, and the ceilings that are picked out of a report.
#include "reports/model_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

#include "made_reports.hpp"
#include "reports/model_ceilings.hpp"
#include "reports/model_fit.hpp"
#include "reports/model_view.hpp"
#include "reports/write_file.hpp"
#include "tests/theory/network_builder.hpp"

namespace peakproof::reports {
namespace {

using testing::HasSubstr;
using theory::Precision;

/// A product bound by compute, one bound by memory, an elementwise layer, a softmax, one without a rule, a reshape.
theory::Network made_network() {
  theory::NetworkBuilder net;
  const auto in = net.input({512, 1024});
  const auto wide = net.layer("MatMul", {in, net.weight({1024, 4096})}, {512, 4096});
  const auto act = net.layer("Relu", {wide}, {512, 4096});
  const auto thin = net.layer("MatMul", {act, net.weight({4096, 8})}, {512, 8});
  const auto odd = net.layer("Mystery<1>", {thin}, {512, 8});
  const auto flat = net.layer("Flatten", {odd}, {512, 8});
  net.output(net.layer("Softmax", {flat}, {512, 8}));
  net.network.layers.front().name = "wide|<b>, \"first\"";
  return net.network;
}

theory::Ceilings made_ceilings() {
  return {.matrix_per_second = 1e14,
          .vector_per_second = 1e13,
          .bytes_per_second = 1e12,
          .launch_s = 1e-6,
          .memory_bytes = 1'000'000'000,
          .matrix_source = "made-up matrix",
          .vector_source = "made-up vector",
          .bytes_source = "made-up memory"};
}

ModelReport made_model() {
  ModelReport report{.file = "made.onnx",
                     .facts = {{"format", "made up"}},
                     .notes = {"a note <i>"},
                     .tool = "PeakProof test",
                     .batch = 512,
                     .network = made_network(),
                     .machine = "Made-up 100, rated"};
  report.cost = theory::cost(report.network);
  const auto time = theory::least_time(report.network, report.cost, made_ceilings(), {.precision = Precision::fp16});
  report.times.push_back({.precision = Precision::fp16, .ceilings = made_ceilings(), .time = time});
  report.times.push_back({.precision = Precision::int4, .why = "no rate is known for int4"});
  report.batches = {{.batch = 1, .seconds = 1e-5, .bytes_needed = 1e6, .fits = true},
                    {.batch = 512, .seconds = time.seconds, .bytes_needed = time.bytes_needed, .fits = false}};
  report.largest_batch = 511;
  return report;
}

TEST(ModelReport, EveryFormatIsItsGoldenFile) {
  const auto report = made_model();
  std::vector<std::pair<std::string, std::string>> texts = {{"txt", model_text(report)}};
  for (const auto& format : model_formats()) texts.emplace_back(format.name, format.render(report));
  for (const auto& [extension, text] : texts) {
    const std::string path = std::string(PEAKPROOF_GOLDEN_FOLDER) + "/model." + extension;
    if (std::getenv("PEAKPROOF_UPDATE_GOLDEN") != nullptr) write_file(path, text);
    std::ifstream in(path);
    ASSERT_TRUE(in) << path;
    std::stringstream golden;
    golden << in.rdbuf();
    EXPECT_TRUE(text == golden.str()) << path << " is another text (PEAKPROOF_UPDATE_GOLDEN=1 writes it anew)";
  }
}

TEST(ModelReport, EveryFormatNamesWhatHasNoRule) {
  const auto report = made_model();
  ASSERT_EQ(report.cost.unknown.size(), 1U);
  EXPECT_THAT(model_text(report), HasSubstr("no rule for Mystery<1> (1 layer)"));
  EXPECT_THAT(model_json(report), HasSubstr("\"Mystery<1>\": 1"));
  EXPECT_THAT(model_html(report), HasSubstr("no rule for Mystery&lt;1&gt;"));
  EXPECT_THAT(model_html(report), testing::Not(HasSubstr("<b>")));
  EXPECT_THAT(model_csv(report), HasSubstr(",unknown,"));
}

TEST(ModelReport, NothingFromOutsideIsHtml) {
  auto report = made_model();
  report.file = report.machine = report.tool = "<s>";
  report.facts = {{"<s>", "<s>"}};
  report.notes = {"<s>"};
  report.network.layers.front().name = report.network.layers.front().operation = "<s>";
  report.cost = theory::cost(report.network);
  report.times.back().why = report.times.front().ceilings->matrix_source = "<s>";
  EXPECT_THAT(model_html(report), testing::Not(HasSubstr("<s>")));
  EXPECT_THAT(model_markdown(report), testing::Not(HasSubstr("<s>")));
}

TEST(ModelReport, TextIsAtMost120ColumnsWide) {
  auto report = made_model();
  report.network.layers[0].name = std::string(300, 'n');
  report.cost = theory::cost(report.network);
  std::istringstream lines(model_text(report));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 124U) << line;  // "…" has three bytes
}

TEST(ModelReport, NumbersThatAreNoneAreNull) {
  auto report = made_model();
  report.batches.front().bytes_needed = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(model_json(report), testing::Not(testing::ContainsRegex("nan|NaN|inf")));
}

TEST(ModelView, LayersKnowWhatTheyAreAPartOf) {
  const auto report = made_model();
  const auto layers = model_layers(report);
  ASSERT_EQ(layers.size(), 6U);
  EXPECT_EQ(layers[1].part_of, layers[0].cost);
  EXPECT_EQ(layers[1].time, nullptr);
  EXPECT_EQ(layers[0].time->bound, theory::Bound::compute);
  EXPECT_EQ(layers[2].time->bound, theory::Bound::memory);
  EXPECT_EQ(heaviest(layers, 1).front().cost, layers[0].cost);
  EXPECT_EQ(heaviest(layers, 99).size(), layers.size());
}

TEST(ModelView, IntensityIsOperationsOverBytes) {
  const auto report = made_model();
  const auto& time = *report.times.front().time;
  const auto layers = model_layers(report);
  EXPECT_DOUBLE_EQ(flop_per_byte(*layers[0].time).value(), (2.0 * 512 * 1024 * 4096 + 512 * 4096) / 13'631'488);
  double flops = 0;
  double bytes = 0;
  for (const auto& layer : time.layers) {
    flops += layer.flops;
    bytes += layer.bytes;
  }
  EXPECT_DOUBLE_EQ(flop_per_byte(time).value(), flops / bytes);
  EXPECT_FALSE(flop_per_byte(theory::LayerTime{.flops = 1}));
  EXPECT_FALSE(flop_per_byte(theory::NetworkTime{}));
}

TEST(ModelView, CeilingsThatAllPrecisionsShareStandOnce) {
  auto report = made_model();
  const auto times = [&](const std::string& text) {
    std::size_t found = 0;
    for (const auto& line : ceiling_lines(report))
      found += (line.label + ": " + line.text).find(text) != std::string::npos;
    return found;
  };
  report.times.push_back(report.times.front());
  EXPECT_EQ(times("made-up memory"), 1U);
  EXPECT_EQ(times("made-up matrix"), 2U);
  report.times.back().ceilings->bytes_source = "another memory";
  EXPECT_EQ(times("made-up memory"), 1U);
  EXPECT_EQ(times("another memory"), 1U);
  EXPECT_EQ(times("made-up vector"), 1U);
}

TEST(ModelView, BytesAreThoseOfTheReportsPrecision) {
  auto report = made_model();
  EXPECT_EQ(model_layers(report)[0].weight_bytes, 2.0 * 1024 * 4096);
  report.times.clear();
  report.precision = Precision::int4;
  EXPECT_EQ(model_layers(report)[0].weight_bytes, 0.5 * 1024 * 4096);
  EXPECT_THAT(model_json(report), HasSubstr("\"layers_precision\": \"int4\""));
}

// ---- the largest batch ----

std::int64_t largest(double weights, double item, double memory, std::int64_t most = kMostBatch) {
  return largest_batch([&](std::int64_t n) { return weights + item * static_cast<double>(n); }, memory, most);
}

TEST(LargestBatch, IsTheLastThatFits) {
  EXPECT_EQ(largest(100, 10, 109), 0);
  EXPECT_EQ(largest(100, 10, 110), 1);
  EXPECT_EQ(largest(100, 10, 129), 2);
  EXPECT_EQ(largest(100, 10, 130), 3);
  EXPECT_EQ(largest(100, 10, 1e6), 99'990);
  EXPECT_EQ(largest(100, 10, 1e6, 500), 500);
  EXPECT_EQ(largest(100, 10, 1e6, 1), 1);
  EXPECT_EQ(largest(100, 0, 1e6), kMostBatch);
  EXPECT_EQ(largest(100, 0, 99), 0);
  EXPECT_EQ(largest(std::numeric_limits<double>::quiet_NaN(), 1, 99), 0);
}

TEST(LargestBatch, IsFoundWhereBytesGrowUnevenly) {
  const auto rounded = [](std::int64_t n) {
    const std::int64_t rows = (n + 7) / 8;
    return 64.0 * static_cast<double>(rows) + static_cast<double>(n * n);
  };
  for (const double memory : {64.0, 70.0, 500.0, 12'345.0, 1e9}) {
    const auto found = largest_batch(rounded, memory, kMostBatch);
    EXPECT_TRUE(found == 0 || rounded(found) <= memory) << memory;
    EXPECT_GT(rounded(found + 1), memory);
  }
}

TEST(LargestBatch, AsksFewTimesOnAStraightLine) {
  int asked = 0;
  const auto bytes = [&](std::int64_t n) { return ++asked, 1e9 + 3.7e6 * static_cast<double>(n); };
  EXPECT_EQ(largest_batch(bytes, 141e9, kMostBatch), 37'837);
  EXPECT_EQ(asked, 4);
}

// ---- ceilings ----

Result measured(const std::string& name, Texts params, double rate, Verdict verdict = Verdict::pass,
                const std::string& unit = "FLOP/s") {
  return {.name = name, .params = std::move(params), .achieved_per_s = rate, .unit = unit, .verdict = verdict};
}

Report measured_report(std::vector<Result> results) {
  Report report = made_report(1, std::move(results));
  report.device.spec.memory_bytes = 80;
  return report;
}
const Result kCopy = measured("dram", {{"pattern", "copy"}}, 4e12, Verdict::pass, "B/s");

TEST(MeasuredCeilings, TakeTheLibrarysProductAndTheCopy) {
  const auto picked =
      measured_ceilings(measured_report({measured("wgmma_gemm", {{"type", "fp16"}}, 9e14),
                                         measured("cublas_gemm", {{"type", "fp16"}}, 7e14),
                                         measured("cublas_gemm", {{"type", "fp8_e4m3"}}, 13e14),
                                         measured("dram", {{"pattern", "read"}}, 5e12, Verdict::pass, "B/s"), kCopy}),
                        Precision::fp16);
  ASSERT_TRUE(picked.ceilings) << picked.why;
  EXPECT_EQ(picked.ceilings->matrix_per_second, 7e14);
  EXPECT_EQ(picked.ceilings->bytes_per_second, 4e12);
  EXPECT_EQ(picked.ceilings->memory_bytes, 80);
  EXPECT_THAT(picked.ceilings->matrix_source, HasSubstr("cublas_gemm"));
}

TEST(MeasuredCeilings, LeaveOutWhatCannotBeBelieved) {
  for (const Verdict verdict :
       {Verdict::noisy, Verdict::incorrect, Verdict::error, Verdict::above_theory, Verdict::skipped}) {
    const auto no_product = measured_ceilings(
        measured_report({measured("cublas_gemm", {{"type", "fp16"}}, 7e14, verdict), kCopy}), Precision::fp16);
    EXPECT_FALSE(no_product.ceilings) << name(verdict);
    EXPECT_THAT(no_product.why, HasSubstr("fp16"));
    const auto no_memory =
        measured_ceilings(measured_report({measured("cublas_gemm", {{"type", "fp16"}}, 7e14),
                                           measured("dram", {{"pattern", "copy"}}, 4e12, verdict, "B/s")}),
                          Precision::fp16);
    EXPECT_FALSE(no_memory.ceilings) << name(verdict);
    EXPECT_THAT(no_memory.why, HasSubstr("dram"));
  }
}

TEST(MeasuredCeilings, LeaveOutBurstsSweepsAndNumbersThatAreNone) {
  for (Result wrong : {measured("cublas_gemm", {{"type", "fp16"}, {"mode", "burst"}}, 9e14),
                       measured("cublas_gemm", {{"type", "fp16"}, {"sweep", "shapes"}}, 9e14),
                       measured("cublas_gemm", {{"type", "fp16"}}, std::numeric_limits<double>::infinity()),
                       measured("cublas_gemm", {{"type", "fp16"}}, std::numeric_limits<double>::quiet_NaN()),
                       measured("cublas_gemm", {{"type", "fp16"}}, 0)})
    EXPECT_FALSE(measured_ceilings(measured_report({std::move(wrong), kCopy}), Precision::fp16).ceilings);
}

Result network(const std::string& name, const MeasuredCeilings& ceilings, double rate,
               const std::string& precision = "fp16") {
  Result result = measured("inference", {{"network", name}}, rate, Verdict::no_theory);
  result.inference = Inference{.network = name, .precision = precision, .measured_ceilings = ceilings};
  return result;
}
const MeasuredCeilings kSmall{
    .matrix_per_second = 2e14, .vector_per_second = 9e12, .bytes_per_second = 2e13, .launch_s = 1e-6};
const MeasuredCeilings kLarge{
    .matrix_per_second = 6e14, .vector_per_second = 1e13, .bytes_per_second = 3e12, .launch_s = 2e-6};

TEST(MeasuredCeilings, PreferTheProductThatWasMeasuredBesideANetwork) {
  const auto report = measured_report({measured("cublas_gemm", {{"type", "fp16"}}, 7e14), kCopy,
                                       network("digits", kSmall, 5e14), network("mlp", kLarge, 4e14)});
  const auto picked = measured_ceilings(report, Precision::fp16);
  ASSERT_TRUE(picked.ceilings);
  EXPECT_EQ(picked.ceilings->matrix_per_second, 6e14);
  EXPECT_EQ(picked.ceilings->vector_per_second, 1e13);
  EXPECT_EQ(picked.ceilings->launch_s, 2e-6);
  EXPECT_THAT(picked.ceilings->matrix_source, HasSubstr("mlp"));
  EXPECT_EQ(picked.why, "");
  EXPECT_FALSE(measured_ceilings(report, Precision::bf16).ceilings);
}

TEST(MeasuredCeilings, TakeNoCacheForTheMemory) {
  EXPECT_EQ(measured_ceilings(measured_report({network("digits", kSmall, 5e14), kCopy}), Precision::fp16)
                .ceilings->bytes_per_second,
            4e12);
  const auto picked = measured_ceilings(
      measured_report({network("digits", kSmall, 5e14), network("mlp", kLarge, 4e14, "fp32")}), Precision::fp16);
  ASSERT_TRUE(picked.ceilings);
  EXPECT_EQ(picked.ceilings->matrix_per_second, 2e14);
  EXPECT_EQ(picked.ceilings->bytes_per_second, 3e12);
  EXPECT_THAT(picked.why, HasSubstr("maybe still a cache"));
}

TEST(MeasuredCeilings, LeaveOutNetworksWithoutUsableCeilings) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  auto no_matrix = kLarge, no_memory = kLarge, no_vector = kLarge, no_launch = kLarge;
  no_matrix.matrix_per_second = 0;
  no_memory.bytes_per_second = std::numeric_limits<double>::infinity();
  no_vector.vector_per_second = kNan;
  no_launch.launch_s = -1;
  for (const auto& wrong : {no_matrix, no_memory, no_vector, no_launch})
    EXPECT_FALSE(measured_ceilings(measured_report({network("mlp", wrong, 1e14), kCopy}), Precision::fp16).ceilings);
  Result noisy = network("mlp", kLarge, 1e14);
  noisy.verdict = Verdict::noisy;
  EXPECT_FALSE(measured_ceilings(measured_report({noisy, kCopy}), Precision::fp16).ceilings);
}

TEST(MeasuredCeilings, AreOfOneDevice) {
  Report node = measured_report({});
  node.members = {measured_report({measured("cublas_gemm", {{"type", "fp16"}}, 7e14), kCopy})};
  EXPECT_THAT(measured_ceilings(node, Precision::fp16).why, HasSubstr("several devices"));
}

}  // namespace
}  // namespace peakproof::reports
