#include "theory/latencies.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "theory/sources.hpp"

namespace peakproof::theory {
namespace {

using namespace sources;  // NOLINT(google-build-using-namespace): the rows are read as a table

constexpr ComputeCapability k75{7, 5};
constexpr ComputeCapability k80{8, 0};
constexpr ComputeCapability k86{8, 6};
constexpr ComputeCapability k89{8, 9};
constexpr ComputeCapability k90{9, 0};
constexpr ComputeCapability k103{10, 3};

constexpr std::string_view kA40 = "an A40";
constexpr std::string_view kL40 = "an L40";
constexpr std::string_view kSubnormalsNote = "with the scaling of subnormals around it; 18 for the .ftz form";

constexpr std::array kLatencies = {
    PublishedLatency{k75, "dp4a", 4.11, kTu102},
    PublishedLatency{k75, "fp16x2_fma", 6.19, kTu102},
    PublishedLatency{k75, "fp32_fma", 4.07, kTu102},
    PublishedLatency{k75, "fp64_fma", 48.0, kTu102,
                     "waits for a unit that takes a warp instruction in 19 cycles; Jia et al. give about 54 for a T4"},
    PublishedLatency{k75, "int32_add", 3.96, kTu102,
                     "derived: a chain of IADD3 and LOP3 in turn, less the latency of LOP3"},
    PublishedLatency{k75, "int32_logic", 4.11, kTu102},
    PublishedLatency{k75, "int32_mad", 4.11, kTu102, "Jia et al. give 5 for a T4"},
    PublishedLatency{k75, "sfu_ex2", 15, kTu102},
    PublishedLatency{k75, "sfu_lg2", 15, kTu102},
    PublishedLatency{k75, "sfu_rsqrt", 15, kTu102},
    PublishedLatency{k75, "sfu_sin", 21, kTu102},
    PublishedLatency{k75, "shuffle", 25, kTu102},

    PublishedLatency{k80, "load_dram", 552, kGpuBenchesLatency},
    PublishedLatency{k80, "load_l1", 33, kGpuBenchesLatency},
    PublishedLatency{k80, "load_l2", 205, kGpuBenchesLatency},
    PublishedLatency{k80, "load_l2_far", 405, kGpuBenchesLatency, "between 391 and 412 for buffers of 24 to 38 MB"},

    PublishedLatency{k86, "load_dram", 556, kGpuBenchesLatency, kA40},
    PublishedLatency{k86, "load_l1", 33, kGpuBenchesLatency, kA40},
    PublishedLatency{k86, "load_l2", 250, kGpuBenchesLatency, kA40},

    PublishedLatency{k89, "load_dram", 625, kGpuBenchesLatency, kL40},
    PublishedLatency{k89, "load_l1", 34, kGpuBenchesLatency, kL40},
    PublishedLatency{k89, "load_l2", 274, kGpuBenchesLatency, kL40},

    PublishedLatency{
        k90, "fp16x2_fma", 8.52, kHpmllH100,
        "doubtful: twice that of FP32, from a suite that reached only 79 to 81 % of the HFMA2 rate; 4.04 on "
        "a B300"},
    PublishedLatency{k90, "fp32_fma", 4.07, kHpmllH100},
    PublishedLatency{k90, "fp64_fma", 8.04, kHpmllH100},
    PublishedLatency{k90, "int32_mad", 4.12, kHpmllH100},
    PublishedLatency{k90, "load_dram", 687, kGpuBenchesLatency,
                     "a GH200 at 1980 MHz; 484 for an H100 with a stride that is not random (HPMLL)"},
    PublishedLatency{k90, "load_l1", 32, kGpuBenchesLatency, "a GH200; 41 for an H100 (HPMLL)"},
    PublishedLatency{k90, "load_l2", 280, kGpuBenchesLatency, "a GH200; 258 for an H800 (arXiv 2501.12084)"},
    PublishedLatency{k90, "load_l2_far", 502, kGpuBenchesLatency,
                     "a GH200, between 458 and 512 for buffers of 34 to 53 MB; 414 for an H800 (arXiv 2501.12084)"},
    PublishedLatency{k90, "load_shared", 29, kHpmllH100},

    PublishedLatency{k103, "convert_pack", 4.00, kQuickRunConversions},
    PublishedLatency{k103, "fp16x2_fma", 4.04, kQuickRunChains},
    PublishedLatency{k103, "fp32_fma", 4.04, kQuickRunChains},
    PublishedLatency{k103, "int32_add", 4, kQuickRunChains},
    PublishedLatency{k103, "int32_logic", 4.00, kQuickRunConversions},
    PublishedLatency{k103, "int32_mad", 4.00, kQuickRunConversions},
    PublishedLatency{
        k103, "sfu_ex2", 14.14, kQuickRunChains,
        "doubtful: the same repository has 18 for it elsewhere, and about 22 more where an FMA waits for it"},
    PublishedLatency{k103, "sfu_lg2", 40, kQuickRunChains, kSubnormalsNote},
    PublishedLatency{k103, "sfu_rcp", 42.10, kQuickRunChains, "with the instructions around MUFU.RCP"},
    PublishedLatency{k103, "sfu_rsqrt", 40.10, kQuickRunChains, kSubnormalsNote},
    PublishedLatency{k103, "sfu_sin", 24.02, kQuickRunChains, "with the multiplication that reduces the range"},
    PublishedLatency{k103, "sfu_tanh", 18, kQuickRunChains},
    PublishedLatency{k103, "shuffle", 24, kQuickRunChains},
};

constexpr auto key(const PublishedLatency& row) { return std::tuple(row.compute_capability, row.instruction); }

static_assert(std::adjacent_find(kLatencies.begin(), kLatencies.end(),
                                 [](const PublishedLatency& a, const PublishedLatency& b) {
                                   return !(key(a) < key(b));
                                 }) == kLatencies.end(),
              "rows are sorted by compute capability and instruction, and none is given twice");
static_assert(std::all_of(kLatencies.begin(), kLatencies.end(),
                          [](const PublishedLatency& row) { return row.cycles > 0 && !row.source.empty(); }),
              "latencies are positive and sourced");

}  // namespace

std::span<const PublishedLatency> published_latencies() { return kLatencies; }

const PublishedLatency* find_latency(ComputeCapability cc, std::string_view instruction) {
  const auto* found = std::find_if(kLatencies.begin(), kLatencies.end(), [&](const PublishedLatency& row) {
    return row.compute_capability == cc && row.instruction == instruction;
  });
  return found == kLatencies.end() ? nullptr : found;
}

}  // namespace peakproof::theory
