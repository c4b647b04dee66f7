#include "bench/harness/known_results.hpp"

#include <array>
#include <string_view>

#include "theory/pipe.hpp"

namespace peakproof::bench {
namespace {

struct Row {
  std::string_view benchmark;
  std::string_view pipes;  ///< globs over names of pipes; empty: no theory
};

constexpr std::string_view kTensor = "tensor_*|mma_*";
constexpr std::array kRows = {
    Row{"fp32_fma", "fp32_fma"},
    Row{"fp64_fma", "fp64_fma"},
    Row{"fp32x2_fma", "fp32x2_fma"},
    Row{"fp16_fma", "fp16x2_fma"},
    Row{"bf16_fma", "bf16x2_fma"},
    Row{"int32_mad", "int32_mad"},
    Row{"int32_add", "int32_add"},
    Row{"int32_logic", "int32_logic"},
    Row{"dp4a", "dp4a"},
    Row{"sfu", "sfu"},
    Row{"shuffle", "shuffle"},
    Row{"convert", "convert*"},
    Row{"fp32_int32_mix", "issue"},
    Row{"latency_arithmetic", ""},
    Row{"dram", "dram"},
    Row{"l1", "l1"},
    Row{"l2", "l2"},
    Row{"l3", ""},
    Row{"texture", "l1"},
    Row{"shared", "shared"},
    Row{"constant", ""},
    Row{"dsmem", ""},
    Row{"atomics", ""},
    Row{"latency_memory", ""},
    Row{"pcie", "pcie"},
    Row{"p2p", "nvlink|pcie"},
    Row{"launch", ""},
    Row{"wmma", kTensor},
    Row{"mma", kTensor},
    Row{"wgmma", "tensor_*"},
    Row{"wmma_gemm", kTensor},
    Row{"wgmma_gemm", "tensor_*"},
    Row{"cublas_gemm", "tensor_*|fp32_fma|fp64_fma"},
    Row{"inference", "tensor_*|fp32_fma"},
    Row{"training", "fp32_fma"},
};

}  // namespace

std::vector<reports::KnownResult> known_results() {
  std::vector<reports::KnownResult> known;
  for (const Row& row : kRows) {
    bool any = false;
    for (const theory::Pipe pipe : theory::all_pipes()) {
      if (row.pipes.empty() || !reports::matches_glob(row.pipes, theory::name(pipe))) continue;
      known.push_back({std::string(row.benchmark), pipe, std::string(theory::unit(pipe))});
      any = true;
    }
    if (!any) known.push_back({std::string(row.benchmark), std::nullopt, {}});
  }
  return known;
}

}  // namespace peakproof::bench
