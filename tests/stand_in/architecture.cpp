#include "tests/stand_in/architecture.hpp"

#include <algorithm>
#include <array>

#include "tests/stand_in/settings.hpp"

namespace peakproof::stand_in {
namespace {

// FP32, threads and shared memory: CUDA C++ Programming Guide, tables of arithmetic throughput and of technical
// specifications. FP16 tensor rates: white papers of A100 (312 TFLOPS = 108 x 1410 MHz x 2 x 1024), H100 (989.5 = 132 x
// 1830 MHz x 2 x 2048) and their siblings; mma.sync reaches 66.5 % of wgmma on 9.0 and 25 % of tcgen05 on 10.0.
constexpr std::array kArchitectures = std::to_array<Architecture>({
    {7, 5, 64, 512, 512, 1024, 64, 75},
    {8, 0, 64, 1024, 1024, 2048, 163, 80},
    {8, 6, 128, 512, 512, 1536, 99, 86},
    {8, 9, 128, 512, 512, 1536, 99, 89},
    {9, 0, 128, 0.665 * 2048, 2048, 2048, 227, 90},
    {10, 0, 128, 0.25 * 4096, 4096, 2048, 227, 100},
    {12, 0, 128, 512, 512, 1536, 99, 120},
});
constexpr Architecture kUnknown = {0, 0, 128, 0.665 * 2048, 2048, 2048, 227, 80};

}  // namespace

const Architecture& architecture() {
  const Settings& played = settings();
  const auto* const found = std::find_if(kArchitectures.begin(), kArchitectures.end(), [&](const Architecture& a) {
    return a.major == played.cc_major && a.minor == played.cc_minor;
  });
  return found == kArchitectures.end() ? kUnknown : *found;
}

}  // namespace peakproof::stand_in
