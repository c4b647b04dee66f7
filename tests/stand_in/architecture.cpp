#include "tests/stand_in/architecture.hpp"

#include <algorithm>

#include "tests/stand_in/settings.hpp"

namespace peakproof::stand_in {
namespace {

// Instructions, threads and shared memory: CUDA C++ Programming Guide and Best Practices Guide, tables of arithmetic
// throughput and of technical specifications, with what micro-benchmarks add to them: DP4A at the rate of IMAD, packed
// conversions and I2FP at that of the logic unit, and on 10.0 all that the guides leave out (nvidia-sass-document,
// Accel-Sim, clpeak). An instruction of two results counts once here.
// FP16 tensor rates: white papers of A100 (312 TFLOPS = 108 x 1410 MHz x 2 x 1024), H100 (989.5 = 132 x 1830 MHz x 2 x
// 2048) and their siblings; mma.sync reaches 66.5 % of wgmma on 9.0 and 25 % of tcgen05 on 10.0.
constexpr double kHopperMma = 0.665 * 2048;
constexpr double kBlackwellMma = 0.25 * 4096;
constexpr double kWide120 = 32.0 / 18;  // a warp in 18 clocks
// clang-format off
constexpr std::array<double, kInstructions> kHopperLanes =
                               {128,  64,   0, 128, 128,  64,  64,  64,  64,  64,  16,  32, 16,       16, 64,  64,  64};
constexpr std::array kArchitectures = std::to_array<Architecture>({
    //                          ffma dfma 32x2 hfma bf16 imad add3 add2 lop3 dp4a mufu shfl f2f 64-bit   i2f prmt f2fp
    {7, 5, 512, 512, 1024, 64, 75,
                               { 64,   2,   0,  64,   0,  64,  64,  64,  64,  64,  16,  16, 16,        2, 16,  64,   0}},
    {8, 0, 1024, 1024, 2048, 163, 80,
                               { 64,  32,   0, 128,  64,  64,  64,  64,  64,  64,  16,  32, 16,       16, 16,  64,  64}},
    {8, 6, 512, 512, 1536, 99, 86,
                               {128,   2,   0,  64,  64,  64,  64,  64,  64,  64,  16,  32, 16,        2, 64,  64,  64}},
    {8, 9, 512, 512, 1536, 99, 89,
                               {128,   2,   0,  64,  64,  64,  64,  64,  64,  64,  16,  32, 16,        2, 64,  64,  64}},
    {9, 0, kHopperMma, 2048, 2048, 227, 90, kHopperLanes},
    {10, 0, kBlackwellMma, 4096, 2048, 227, 100,
                               {128,  64,  64,  64,  64,  64,  64,  64,  64,  64,  16,  32, 16,       16, 64,  64,  64}},
    {12, 0, 512, 512, 1536, 99, 120,
                               {128,   2,   0,  64,  64,  64,  64, 128,  64,  64,  16,  16, 16, kWide120, 64,  64,  64}},
});
// clang-format on
constexpr Architecture kUnknown = {0, 0, kHopperMma, 2048, 2048, 227, 80, kHopperLanes};

}  // namespace

const Architecture& architecture() {
  const Settings& played = settings();
  const auto* const found = std::find_if(kArchitectures.begin(), kArchitectures.end(), [&](const Architecture& a) {
    return a.major == played.cc_major && a.minor == played.cc_minor;
  });
  return found == kArchitectures.end() ? kUnknown : *found;
}

}  // namespace peakproof::stand_in
