// THE TABLE against a second transcription of the public figures, made by pipe instead of by architecture: a change of
// any one rate fails here.
#include "theory/throughput.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>

#include "theory/sm_resources.hpp"

namespace peakproof::theory {
namespace {

constexpr std::array<ComputeCapability, 12> kColumns = {
    {{7, 0}, {7, 5}, {8, 0}, {8, 6}, {8, 7}, {8, 9}, {9, 0}, {10, 0}, {10, 3}, {11, 0}, {12, 0}, {12, 1}}};

// "" no rate, "128" for every variant, "pro 512 geforce 256" by variant; pro is datacenter_pro. "32/18" is a quotient.
struct Line {
  Pipe pipe;
  std::array<const char*, kColumns.size()> cells;
};

// clang-format off
const std::array kSecondTranscription = {
    //                         7.0    7.5    8.0    8.6    8.7    8.9    9.0       10.0   10.3   11.0   12.0   12.1
    Line{Pipe::fp64_fma,      {"32",  "2",   "32",  "2",   "2",   "2",   "pro 64", "64",  "2",   "2",   "2",   "2"}},
    Line{Pipe::fp32_fma,      {"64",  "64",  "64",  "128", "128", "128", "128",    "128", "128", "128", "128", "128"}},
    Line{Pipe::fp32x2_fma,    {"",    "",    "",    "",    "",    "",    "",       "128", "128", "",    "128", "128"}},
    Line{Pipe::fp16x2_fma,    {"128", "128", "256", "128", "256", "128", "256",    "128", "128", "",    "128", "128"}},
    Line{Pipe::bf16x2_fma,    {"",    "",    "128", "128", "",    "128", "256",    "128", "128", "",    "128", "128"}},
    Line{Pipe::int32_mad,     {"64",  "64",  "64",  "64",  "64",  "64",  "64",     "64",  "64",  "",    "64",  "64"}},
    Line{Pipe::int32_add,     {"64",  "64",  "64",  "64",  "64",  "64",  "64",     "64",  "64",  "",    "128", "128"}},
    Line{Pipe::int32_logic,   {"64",  "64",  "64",  "64",  "",    "64",  "64",     "64",  "64",  "",    "64",  "64"}},
    Line{Pipe::dp4a,          {"",    "64",  "64",  "64",  "",    "64",  "64",     "",    "64",  "",    "64",  "64"}},
    Line{Pipe::sfu,           {"16",  "16",  "16",  "16",  "",    "16",  "16",     "16",  "",    "",    "16",  "16"}},
    Line{Pipe::shuffle,       {"32",  "16",  "32",  "32",  "",    "32",  "32",     "32",  "32",  "",    "16",  "16"}},
    Line{Pipe::convert,       {"16",  "16",  "16",  "16",  "",    "16",  "16",     "",    "16",  "",    "16",  "16"}},
    Line{Pipe::convert_small_int,
                              {"64",  "64",  "64",  "64",  "",    "64",  "64",     "",    "",    "",    "",    ""}},
    Line{Pipe::convert_64bit, {"16",  "",    "16",  "2",   "",    "",    "",       "",    "",    "",    "32/18","32/18"}},
    Line{Pipe::convert_int_to_float,
                              {"",    "",    "",    "",    "",    "",    "",       "",    "64",  "",    "64",  "64"}},
    Line{Pipe::convert_pack,  {"",    "",    "128", "",    "",    "",    "",       "",    "64",  "",    "128", "128"}},
    Line{Pipe::issue,         {"128", "128", "128", "128", "128", "128", "128",    "128", "128", "128", "128", "128"}},
    Line{Pipe::l1,            {"128", "64",  "128", "64",  "128", "64",  "128",    "128", "128", "128", "128", "128"}},
    Line{Pipe::shared,        {"128", "64",  "128", "128", "128", "128", "128",    "128", "128", "128", "128", "128"}},
    Line{Pipe::tensor_fp16,   {"512", "pro 512 geforce 256", "1024", "pro 512 geforce 256 a10g 256", "1024",
                               "pro 512 geforce 256 l40 256", "any 2048 h20 512", "4096", "4096", "4096",
                               "pro 512 geforce 256", "pro 512 geforce 256"}},
    Line{Pipe::tensor_fp16_acc16,
                              {"512", "pro 512 geforce 512", "1024", "pro 512 geforce 512", "1024",
                               "pro 512 geforce 512", "any 2048 h20 512", "4096", "4096", "4096", "512", "512"}},
    Line{Pipe::tensor_bf16,   {"", "", "1024", "pro 512 geforce 256", "1024", "pro 512 geforce 256 l40 256",
                               "any 2048 h20 512", "4096", "4096", "4096", "pro 512 geforce 256",
                               "pro 512 geforce 256"}},
    Line{Pipe::tensor_tf32,   {"", "", "512", "pro 256 geforce 128", "512", "pro 256 geforce 128 l40 128",
                               "any 1024 h20 256", "2048", "2048", "", "pro 256 geforce 128", "pro 256 geforce 128"}},
    Line{Pipe::tensor_fp64,   {"", "", "64", "", "", "", "pro 128", "64", "", "", "", ""}},
    Line{Pipe::tensor_int8,   {"", "pro 1024 geforce 1024", "2048", "pro 1024 geforce 1024 a10g 512", "2048",
                               "pro 1024 geforce 1024 l40 512", "any 4096 h20 1024", "8192", "256", "8192", "1024",
                               "1024"}},
    Line{Pipe::tensor_int4,   {"", "pro 2048 geforce 2048", "4096", "pro 2048 geforce 2048 a10g 1024", "4096",
                               "pro 2048 geforce 2048 l40 1024", "", "", "", "", "", ""}},
    Line{Pipe::tensor_b1,     {"", "pro 8192 geforce 8192", "16384", "pro 8192 geforce 8192", "", "", "", "", "", "",
                               "", ""}},
    Line{Pipe::tensor_fp8,    {"", "", "", "", "", "pro 1024 geforce 512 l40 512", "any 4096 h20 1024", "8192", "8192",
                               "8192", "pro 1024 geforce 1024", "pro 1024 geforce 1024"}},
    Line{Pipe::tensor_fp8_acc16,
                              {"", "", "", "", "", "pro 1024 geforce 1024", "any 4096 h20 1024", "", "", "", "1024",
                               "1024"}},
    Line{Pipe::tensor_fp6,    {"", "", "", "", "", "", "", "8192", "8192", "", "1024", "1024"}},
    Line{Pipe::tensor_fp4,    {"", "", "", "", "", "", "", "16384", "24576", "16384", "2048", "2048"}},
    Line{Pipe::mma_fp16,      {"", "", "", "", "", "", "pro 1362 h800 1362", "1024", "1024", "", "", ""}},
    Line{Pipe::mma_bf16,      {"", "", "", "", "", "", "pro 1362 h800 1362", "1024", "1024", "", "", ""}},
    Line{Pipe::mma_tf32,      {"", "", "", "", "", "", "pro 681 h800 681", "", "", "", "", ""}},
    Line{Pipe::mma_int8,      {"", "", "", "", "", "", "pro 2724 h800 2724", "", "", "", "", ""}},
    Line{Pipe::mma_fp8,       {"", "", "", "", "", "", "", "", "", "", "", ""}},
};
// clang-format on

using Rates = std::map<std::tuple<std::string, std::string, std::string>, double>;  // cc, pipe, variant

/// "64" or "32/18".
double number(const std::string& word) {
  const auto slash = word.find('/');
  const double numerator = std::stod(word);
  return slash == std::string::npos ? numerator : numerator / std::stod(word.substr(slash + 1));
}

Rates second_transcription() {
  Rates rates;
  for (const auto& line : kSecondTranscription) {
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      std::istringstream cell(line.cells.at(i));
      for (std::string word; cell >> word;) {
        const bool number_only = word.find_first_not_of("0123456789/") == std::string::npos;
        std::string variant = number_only ? "any" : word;
        if (variant == "pro") variant = "datacenter_pro";
        if (!number_only) cell >> word;
        rates[{to_string(kColumns.at(i)), std::string(name(line.pipe)), variant}] = number(word);
      }
    }
  }
  return rates;
}

bool sparse(Pipe pipe) { return name(pipe).ends_with("_sparse"); }

Rates dense_rows() {
  Rates rates;
  for (const auto& row : throughputs())
    if (!sparse(row.pipe))
      rates[{to_string(row.compute_capability), std::string(name(row.pipe)), std::string(name(row.variant))}] =
          row.results_per_clk_per_sm;
  return rates;
}

double rate(ComputeCapability cc, Variant variant, Pipe pipe) {
  const auto* row = find_throughput(cc, variant, pipe);
  return row != nullptr ? row->results_per_clk_per_sm : 0;
}

TEST(Throughput, EveryRowIsThatOfTheSecondTranscriptionAndNoneIsMissing) {
  EXPECT_EQ(dense_rows(), second_transcription());
}

TEST(Throughput, RowsAreSourcedPositiveAndUncertaintySaysWhy) {
  for (const auto& row : throughputs()) {
    SCOPED_TRACE(to_string(row.compute_capability) + ' ' + std::string(name(row.pipe)));
    EXPECT_GT(row.results_per_clk_per_sm, 0);
    EXPECT_FALSE(row.source.empty());
    if (row.disputed) {
      EXPECT_THAT(row.note, testing::StartsWith("disputed: "));
    }
    if (row.confidence != Confidence::high) {
      EXPECT_FALSE(row.note.empty());
    }
  }
}

TEST(Throughput, DisputedRowsNameBothValuesAndCarryOne) {
  struct Disputed {
    ComputeCapability cc;
    Pipe pipe;
    Variant variant;
    double carried;
    const char* carried_text;   // in the note
    const char* rejected_text;  // in the note
  };
  const std::array<Disputed, 25> expected = {{
      {{7, 0}, Pipe::convert_small_int, Variant::any, 64, "64", "16"},
      {{7, 5}, Pipe::convert_small_int, Variant::any, 64, "64", "16"},
      {{7, 5}, Pipe::fp64_fma, Variant::any, 2, "2 lanes", "1.68"},
      {{7, 5}, Pipe::shuffle, Variant::any, 16, "16.0", "32"},
      {{8, 6}, Pipe::fp16x2_fma, Variant::any, 128, "128", "256"},
      {{8, 6}, Pipe::l1, Variant::any, 64, "64", "128"},
      {{8, 9}, Pipe::l1, Variant::any, 64, "64", "128"},
      {{9, 0}, Pipe::int32_add, Variant::any, 64, "64", "128"},
      {{9, 0}, Pipe::issue, Variant::any, 128, "4 warp schedulers", "at 2 instructions"},
      {{10, 0}, Pipe::fp16x2_fma, Variant::any, 128, "128", "1191"},
      {{12, 0}, Pipe::fp32x2_fma, Variant::any, 128, "125", "split"},
      {{12, 0}, Pipe::shuffle, Variant::any, 16, "16", "32"},
      {{12, 0}, Pipe::convert, Variant::any, 16, "16", "63.6"},
      {{12, 0}, Pipe::int32_add, Variant::any, 128, "128", "63.3"},
      {{12, 0}, Pipe::convert_pack, Variant::any, 128, "127", "64"},
      {{12, 0}, Pipe::tensor_fp8, Variant::geforce, 1024, "184.6", "512"},
      {{12, 0}, Pipe::tensor_fp8_sparse, Variant::geforce, 2048, "184.6", "512"},
      {{12, 1}, Pipe::fp32x2_fma, Variant::any, 128, "125", "split"},
      {{12, 1}, Pipe::shuffle, Variant::any, 16, "16", "32"},
      {{12, 1}, Pipe::convert, Variant::any, 16, "16", "63.6"},
      {{12, 1}, Pipe::int32_add, Variant::any, 128, "128", "63.3"},
      {{12, 1}, Pipe::convert_pack, Variant::any, 128, "127", "64"},
      {{12, 1}, Pipe::tensor_fp8, Variant::geforce, 1024, "184.6", "512"},
      {{12, 1}, Pipe::tensor_fp8_sparse, Variant::geforce, 2048, "184.6", "512"},
      {{8, 6}, Pipe::fp16x2_fma, Variant::any, 128, "Accel-Sim", "Programming Guide"},
  }};
  for (const auto& d : expected) {
    SCOPED_TRACE(to_string(d.cc) + ' ' + std::string(name(d.pipe)));
    const auto* row = find_throughput(d.cc, d.variant, d.pipe);
    ASSERT_NE(row, nullptr);
    EXPECT_TRUE(row->disputed);
    EXPECT_EQ(row->results_per_clk_per_sm, d.carried);
    EXPECT_THAT(row->note, testing::HasSubstr(d.carried_text));
    EXPECT_THAT(row->note, testing::HasSubstr(d.rejected_text));
  }
  std::size_t disputed = 0;
  for (const auto& row : throughputs()) disputed += row.disputed ? 1U : 0U;
  EXPECT_EQ(disputed, expected.size() - 1) << "one row stands twice above, for both of its sources";
}

TEST(Throughput, TheIssueLimitIsOneWarpInstructionPerSchedulerAndClock) {
  for (const auto cc : kColumns) {
    const auto* sm = find_sm_resources(cc);
    ASSERT_NE(sm, nullptr) << to_string(cc);
    EXPECT_EQ(rate(cc, Variant::any, Pipe::issue), 32.0 * sm->warp_schedulers) << to_string(cc);
  }
}

/// How many values one instruction of a pipe makes in a thread.
double values_per_instruction(Pipe pipe) {
  const std::string_view text = name(pipe);
  const bool packed = text.find("x2_") != std::string_view::npos || pipe == Pipe::convert_pack;
  return packed ? 2 : 1;
}

TEST(Throughput, NoArithmeticPipeTakesMoreInstructionsThanTheSchedulersIssue) {
  // The full rate of HFMA2 and of every other packed instruction counts two results for one instruction.
  for (const auto& row : throughputs()) {
    if (row.pipe > Pipe::issue) continue;
    EXPECT_LE(row.results_per_clk_per_sm / values_per_instruction(row.pipe),
              rate(row.compute_capability, Variant::any, Pipe::issue))
        << to_string(row.compute_capability) << ' ' << name(row.pipe);
  }
}

TEST(Throughput, SparseRowsAreTheDenseRowsTimesTheSparsityFactor) {
  std::size_t sparse_rows = 0;
  for (const auto& row : throughputs()) {
    if (!sparse(row.pipe)) {
      EXPECT_TRUE(row.sparsity_source.empty());
      continue;
    }
    ++sparse_rows;
    SCOPED_TRACE(to_string(row.compute_capability) + ' ' + std::string(name(row.pipe)));
    const std::string dense_name(name(row.pipe).substr(0, name(row.pipe).size() - std::string("_sparse").size()));
    const auto dense = pipe_from_name(dense_name);
    ASSERT_TRUE(dense);
    const bool fp4_of_b300 = row.compute_capability == ComputeCapability{10, 3} && *dense == Pipe::tensor_fp4;
    const double factor = fp4_of_b300 ? 4.0 / 3.0 : 2.0;
    EXPECT_DOUBLE_EQ(row.results_per_clk_per_sm, factor * rate(row.compute_capability, row.variant, *dense));
    EXPECT_FALSE(row.sparsity_source.empty());
    EXPECT_GE(row.compute_capability, (ComputeCapability{8, 0})) << "no sparsity before 8.0";
  }
  // Every dense tensor row from 8.0 on, but FP64 and 1-bit, has its sparse row.
  std::size_t with_sparse_form = 0;
  for (const auto& row : throughputs()) {
    if (name(row.pipe).starts_with("tensor_") && !sparse(row.pipe) && row.pipe != Pipe::tensor_fp64 &&
        row.pipe != Pipe::tensor_b1 && row.compute_capability.major >= 8)
      ++with_sparse_form;
  }
  EXPECT_EQ(sparse_rows, with_sparse_form);
  EXPECT_EQ(rate({10, 3}, Variant::any, Pipe::tensor_fp4_sparse), 32768);
  EXPECT_EQ(rate({8, 0}, Variant::datacenter_pro, Pipe::tensor_fp16_sparse), 2048);
  EXPECT_EQ(rate({7, 5}, Variant::geforce, Pipe::tensor_int8_sparse), 0);
}

TEST(Throughput, TheExactVariantWinsThenAnyAndNothingElse) {
  EXPECT_EQ(rate({8, 6}, Variant::geforce, Pipe::tensor_fp16), 256);
  EXPECT_EQ(rate({8, 6}, Variant::datacenter_pro, Pipe::tensor_fp16), 512);
  EXPECT_EQ(rate({8, 6}, Variant::a10g, Pipe::tensor_int8), 512);
  EXPECT_EQ(rate({8, 6}, Variant::a10g, Pipe::fp32_fma), 128) << "the row for any variant";
  EXPECT_EQ(rate({8, 6}, Variant::a10g, Pipe::tensor_bf16), 0) << "not known for this board: no sibling's row";
  EXPECT_EQ(rate({9, 0}, Variant::h20, Pipe::tensor_bf16), 512);
  EXPECT_EQ(rate({9, 0}, Variant::h20, Pipe::fp64_fma), 0) << "cut down, by how much is not published";
  EXPECT_EQ(rate({9, 0}, Variant::h800, Pipe::fp64_fma), 0);
  EXPECT_EQ(rate({9, 0}, Variant::h20, Pipe::mma_fp16), 0);
  EXPECT_EQ(rate({7, 5}, Variant::gtx16, Pipe::tensor_fp16), 0) << "no tensor cores";
  EXPECT_EQ(rate({7, 5}, Variant::gtx16, Pipe::fp32_fma), 64);
}

TEST(Throughput, NeverARowOfAnotherArchitecture) {
  for (const ComputeCapability cc : {ComputeCapability{6, 1}, {7, 2}, {8, 8}, {9, 9}, {10, 1}, {13, 0}, {0, 0}})
    for (const Pipe pipe : all_pipes())
      EXPECT_EQ(find_throughput(cc, Variant::datacenter_pro, pipe), nullptr) << to_string(cc) << ' ' << name(pipe);
}

TEST(Throughput, L2IsDocumentedForTwoChipsOfOneSizeEach) {
  ASSERT_EQ(l2_throughputs().size(), 2U);
  const auto* a100 = find_l2_throughput({8, 0}, 40LL * 1024 * 1024);
  ASSERT_NE(a100, nullptr);
  EXPECT_EQ(a100->bytes_per_clk, 5120);
  const auto* v100 = find_l2_throughput({7, 0}, 6LL * 1024 * 1024);
  ASSERT_NE(v100, nullptr);
  EXPECT_EQ(v100->bytes_per_clk, 2048);
  EXPECT_EQ(find_l2_throughput({8, 0}, 24LL * 1024 * 1024), nullptr) << "A30: fewer slices, not documented";
  EXPECT_EQ(find_l2_throughput({8, 0}, 0), nullptr);
  EXPECT_EQ(find_l2_throughput({9, 0}, 50LL * 1024 * 1024), nullptr);
}

TEST(Throughput, MmaPipeIsTheCeilingWhereThereIsOne) {
  DeviceSpec device;
  device.compute_capability = {9, 0};
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_fp16), Pipe::mma_fp16);
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_bf16), Pipe::mma_bf16);
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_tf32), Pipe::mma_tf32);
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_int8), Pipe::mma_int8);
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_fp8), Pipe::tensor_fp8) << "emulated on 9.0: no row";
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_fp64), Pipe::tensor_fp64);
  EXPECT_EQ(mma_pipe(device, Pipe::fp32_fma), Pipe::fp32_fma);
  device.variant = Variant::h20;
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_fp16), Pipe::tensor_fp16);
  device.variant = Variant::datacenter_pro;
  device.compute_capability = {10, 3};
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_bf16), Pipe::mma_bf16);
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_tf32), Pipe::tensor_tf32);
  for (const ComputeCapability cc : {ComputeCapability{7, 5}, {8, 0}, {8, 6}, {8, 9}, {12, 0}}) {
    device.compute_capability = cc;
    EXPECT_EQ(mma_pipe(device, Pipe::tensor_fp16), Pipe::tensor_fp16) << to_string(cc);
  }
  device.compute_capability = {9, 0};
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_fp16_acc16), Pipe::mma_fp16);
  device.kind = DeviceKind::cpu;
  EXPECT_EQ(mma_pipe(device, Pipe::tensor_fp16), Pipe::tensor_fp16);
}

TEST(Throughput, AMmaCeilingIsNeverThatOfAFasterInstruction) {
  DeviceSpec device;
  device.compute_capability = {9, 0};
  EXPECT_EQ(mma_ceiling(device, Pipe::tensor_fp16), Pipe::mma_fp16);
  EXPECT_EQ(mma_ceiling(device, Pipe::tensor_fp16_sparse), std::nullopt) << "mma.sp is slower than sparse wgmma";
  EXPECT_EQ(mma_ceiling(device, Pipe::tensor_fp64), Pipe::tensor_fp64) << "wgmma has no FP64";
  EXPECT_EQ(mma_ceiling(device, Pipe::tensor_b1), Pipe::tensor_b1);
  device.variant = Variant::h20;
  EXPECT_EQ(mma_ceiling(device, Pipe::tensor_fp16), std::nullopt);
  device.variant = Variant::datacenter_pro;
  device.compute_capability = {10, 0};
  EXPECT_EQ(mma_ceiling(device, Pipe::tensor_bf16), Pipe::mma_bf16);
  EXPECT_EQ(mma_ceiling(device, Pipe::tensor_tf32), std::nullopt);
  device.compute_capability = {12, 0};
  EXPECT_EQ(mma_ceiling(device, Pipe::tensor_fp8), Pipe::tensor_fp8);
  device.compute_capability = {8, 0};
  EXPECT_EQ(mma_ceiling(device, Pipe::tensor_int8_sparse), Pipe::tensor_int8_sparse);
}

}  // namespace
}  // namespace peakproof::theory
