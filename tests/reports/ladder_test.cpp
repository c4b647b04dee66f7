// The ladder: which results are its rungs, and what they are held against.
#include "reports/ladder.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "reports/format.hpp"

namespace peakproof::reports {
namespace {

using theory::Pipe;

Result measured(const std::string& name, Texts params, double tera, std::optional<Pipe> pipe,
                Verdict verdict = Verdict::no_theory) {
  Result result{.name = name, .params = std::move(params), .pipe = pipe, .achieved_per_s = tera * 1e12};
  result.unit = "FLOP/s";
  result.summary.median_sm_clock_hz = 1.5e9;
  result.verdict = verdict;
  return result;
}

Report hopper() {
  Report report;
  report.device.spec.name = "NVIDIA H200";
  report.device.spec.compute_capability = {9, 0};
  report.device.spec.sm_count = 132;
  report.device.spec.sm_clock_hz = 1.98e9;
  report.device.spec.tensor_clock_hz = 1.83e9;
  return report;
}

TEST(Ladder, IsARowForEachTypeWithTheFastestOfEveryWay) {
  Report report = hopper();
  report.results = {
      measured("mma", {{"type", "bf16"}, {"shape", "m16n8k8"}}, 300, Pipe::mma_bf16),
      measured("mma", {{"type", "bf16"}, {"shape", "m16n8k16"}}, 500, Pipe::mma_bf16, Verdict::pass),
      measured("wgmma", {{"type", "bf16"}, {"sparsity", "dense"}}, 800, Pipe::tensor_bf16),
      measured("cublas_gemm", {{"type", "bf16"}}, 700, Pipe::tensor_bf16),
      measured("wgmma", {{"type", "tf32"}}, 400, Pipe::tensor_tf32),
  };
  const auto rows = ladder(report);
  ASSERT_EQ(rows.size(), 1U) << "one way alone makes no ladder";
  EXPECT_EQ(rows[0].type, "bf16");
  ASSERT_TRUE(rows[0].peak);
  EXPECT_EQ(rows[0].peak->pipe, Pipe::tensor_bf16);
  EXPECT_NEAR(rows[0].peak->per_second, 989.4e12, 0.1e12);
  ASSERT_TRUE(rows[0].rungs[1]);
  EXPECT_EQ(rows[0].rungs[1]->result, 1U);
  EXPECT_FALSE(rows[0].rungs[0]);
  // 132 SMs x 4096 FLOP x 1.5 GHz = 811 TFLOP/s: of the tensor pipe, not of the ceiling of mma.sync.
  EXPECT_NEAR(*rows[0].rungs[1]->fraction, 500 / 811.0, 1e-3);
  EXPECT_NEAR(*rows[0].rungs[2]->fraction, 800 / 811.0, 1e-3);
}

TEST(Ladder, SparseIsARowOfItsOwn) {
  Report report = hopper();
  for (const char* sparsity : {"dense", "2:4"})
    for (const char* way : {"mma", "wgmma"})
      report.results.push_back(measured(way, {{"type", "fp16"}, {"sparsity", sparsity}}, 600,
                                        sparsity[0] == 'd' ? Pipe::tensor_fp16 : Pipe::tensor_fp16_sparse));
  const auto rows = ladder(report);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].type, "fp16 2:4");
  EXPECT_NEAR(rows[1].peak->per_second, 2 * rows[0].peak->per_second, 1e9);
}

TEST(Ladder, HasNoRungOfWhatIsNotBelievedNorOfOtherModes) {
  for (const auto& [params, verdict] : {std::pair<Texts, Verdict>{{{"type", "fp16"}, {"mode", "burst"}}, Verdict::pass},
                                        {{{"type", "fp16"}, {"sweep", "shapes"}}, Verdict::no_theory},
                                        {{{"type", "fp16"}, {"ilp", "8"}, {"warps_per_sm", "8"}}, Verdict::no_theory},
                                        {{{"type", "fp16"}}, Verdict::incorrect},
                                        {{{"type", "fp16"}}, Verdict::above_theory},
                                        {{{"type", "fp16"}}, Verdict::noisy},
                                        {{{"type", "fp16"}}, Verdict::skipped}}) {
    Report report = hopper();
    report.results = {measured("mma", {{"type", "fp16"}}, 500, Pipe::mma_fp16),
                      measured("wgmma", params, 800, Pipe::tensor_fp16, verdict)};
    EXPECT_TRUE(ladder(report).empty()) << name(verdict);
    EXPECT_TRUE(ladder_table(report).empty());
  }
}

TEST(Ladder, TableHasTheWaysThatWereMeasured) {
  Report report = hopper();
  report.results = {measured("wmma", {{"type", "b1_and"}}, 5, std::nullopt),
                    measured("wmma_gemm", {{"type", "b1"}}, 1234, std::nullopt)};
  const auto table = ladder_table(report);
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table[0], (std::vector<std::string>{"type", "rated peak", "wmma", "wmma_gemm"}));
  EXPECT_EQ(table[1], (std::vector<std::string>{"b1", "-", "5.00", "1234"}));
}

TEST(Ladder, StandsInEveryFormatForPeopleAndInNoneWithoutOne) {
  Report report = hopper();
  report.results = {measured("mma", {{"type", "bf16"}}, 500, Pipe::mma_bf16),
                    measured("wgmma", {{"type", "bf16"}}, 800, Pipe::tensor_bf16)};
  for (const auto& text : {to_text(report), to_markdown(report), to_html(report)}) {
    EXPECT_NE(text.find("ladder to the tensor cores"), std::string::npos);
    EXPECT_NE(text.find("500.0 61.7%"), std::string::npos) << text.substr(0, 2000);
    EXPECT_NE(text.find("800.0 98.6%"), std::string::npos);
    EXPECT_NE(text.find("989.4"), std::string::npos) << "the rated peak";
  }
  report.results.pop_back();
  for (const auto& text : {to_text(report), to_markdown(report), to_html(report)})
    EXPECT_EQ(text.find("ladder"), std::string::npos);
}

}  // namespace
}  // namespace peakproof::reports
