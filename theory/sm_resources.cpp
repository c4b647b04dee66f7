#include "theory/sm_resources.hpp"

#include <algorithm>
#include <array>

#include "theory/sources.hpp"

namespace peakproof::theory {
namespace {

using namespace sources;  // NOLINT(google-build-using-namespace): the rows are read as a table

constexpr std::string_view kBlackwellNote =
    "maximum blocks: Programming Guide 13 says 24, guide 12.9, the tuning guide and CCCL say 32; unified cache: guide "
    "12.9 says 100 KiB, guide 13 and the whitepaper 128; INT32: guide 64 lanes, whitepaper 128 shared with FP32";
constexpr std::string_view kThorNote =
    "the published 96 tensor cores in 20 SMs are no multiple of 4; the guide's merged cells leave the limits open";

// cc, FP32, FP64, INT32, tensor, SFU, schedulers, warps, threads, blocks, registers, per thread, L1, shared, per block
constexpr std::array kResources = {
    SmResources{{7, 0}, 64, 32, 64, 8, 16, 4, 64, 2048, 32, 65536, 255, 128, 96, 96, kGuide129},
    SmResources{{7, 5}, 64, 2, 64, 8, 16, 4, 32, 1024, 16, 65536, 255, 96, 64, 64, kGuide13},
    SmResources{{8, 0}, 64, 32, 64, 4, 16, 4, 64, 2048, 32, 65536, 255, 192, 164, 163, kGuide13},
    SmResources{{8, 6}, 128, 2, 64, 4, 16, 4, 48, 1536, 16, 65536, 255, 128, 100, 99, kGuide13},
    SmResources{{8, 7}, 128, 2, 64, 4, 16, 4, 48, 1536, 16, 65536, 255, 192, 164, 163, kGuide13},
    SmResources{{8, 9}, 128, 2, 64, 4, 16, 4, 48, 1536, 24, 65536, 255, 128, 100, 99, kGuide13},
    SmResources{{9, 0}, 128, 64, 64, 4, 16, 4, 64, 2048, 32, 65536, 255, 256, 228, 227, kGuide13},
    SmResources{{10, 0}, 128, 64, 64, 4, 16, 4, 64, 2048, 32, 65536, 255, 256, 228, 227, kGuide13},
    SmResources{{10, 3},
                128,
                2,
                64,
                4,
                16,
                4,
                64,
                2048,
                32,
                65536,
                255,
                256,
                228,
                227,
                kGuide13,
                "FP64 from the 64:1 ratio of Table 30"},
    SmResources{{11, 0}, 128, 2, 0, 4, 16, 4, 64, 2048, 32, 65536, 255, 256, 228, 227, kGuide13, kThorNote},
    SmResources{{12, 0}, 128, 2, 64, 4, 16, 4, 48, 1536, 24, 65536, 255, 128, 100, 99, kGuide13, kBlackwellNote},
    SmResources{{12, 1}, 128, 2, 64, 4, 16, 4, 48, 1536, 24, 65536, 255, 128, 100, 99, kGuide13, kBlackwellNote},
};

static_assert(std::is_sorted(kResources.begin(), kResources.end(),
                             [](const SmResources& a, const SmResources& b) {
                               return a.compute_capability < b.compute_capability;
                             }) &&
                  std::adjacent_find(kResources.begin(), kResources.end(),
                                     [](const SmResources& a, const SmResources& b) {
                                       return a.compute_capability == b.compute_capability;
                                     }) == kResources.end(),
              "rows are sorted by compute capability and unique");
static_assert(std::all_of(kResources.begin(), kResources.end(),
                          [](const SmResources& row) {
                            constexpr int warp = 32;
                            return !row.source.empty() && row.fp32_cores > 0 && row.max_threads == row.max_warps * warp;
                          }),
              "rows are sourced, and threads are warps times 32");

}  // namespace

std::span<const SmResources> sm_resources() { return kResources; }

const SmResources* find_sm_resources(ComputeCapability cc) {
  const auto* found = std::find_if(kResources.begin(), kResources.end(),
                                   [&](const SmResources& row) { return row.compute_capability == cc; });
  return found == kResources.end() ? nullptr : found;
}

int tensor_cores_per_sm(const SmResources& resources, Variant variant) {
  return variant == Variant::gtx16 ? 0 : resources.tensor_cores;
}

}  // namespace peakproof::theory
