#include "tests/stand_in/tensor_rates.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "tests/stand_in/settings.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::size_t kTypes = 12;
using Rates = std::array<double, kTypes>;

struct Row {
  int major;
  int minor;
  double mma_share;  ///< of the full rate that mma.sync reaches
  Rates full;
};

// White papers and data sheets of A100 (312 TFLOPS = 108 x 1410 MHz x 2 x 1024), H100 (989.5 = 132 x 1830 MHz x 2 x 2048)
// and their siblings. mma.sync reaches 66.5 % of wgmma on 9.0 and 25 % of tcgen05 on 10.0; FP64 and bits are its own.
constexpr auto kRows = std::to_array<Row>({
    //               fp16 acc16 bf16  tf32 fp64 int8  int4   b1     fp8   acc16 fp6   fp4
    {7, 5, 1, {{512, 512, 0, 0, 0, 1024, 2048, 8192, 0, 0, 0, 0}}},
    {8, 0, 1, {{1024, 1024, 1024, 512, 64, 2048, 4096, 16384, 0, 0, 0, 0}}},
    {8, 6, 1, {{512, 512, 512, 256, 4, 1024, 2048, 8192, 0, 0, 0, 0}}},
    {8, 9, 1, {{512, 512, 512, 256, 4, 1024, 2048, 8192, 1024, 1024, 0, 0}}},
    {9, 0, 0.665, {{2048, 2048, 2048, 1024, 128, 4096, 0, 8192, 4096, 4096, 0, 0}}},
    {10, 0, 0.25, {{4096, 4096, 4096, 2048, 64, 8192, 0, 0, 8192, 8192, 8192, 16384}}},
    {12, 0, 1, {{512, 512, 512, 256, 4, 1024, 0, 0, 1024, 1024, 1024, 2048}}},
});

const Row& row() {
  const Settings& played = settings();
  const auto* const found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) {
    return r.major == played.cc_major && r.minor == played.cc_minor;
  });
  constexpr std::size_t hopper = 4;  // an unknown compute capability runs like 9.0
  return found == kRows.end() ? kRows[hopper] : *found;
}

}  // namespace

double tensor_rate(TensorType type) { return row().full.at(static_cast<std::size_t>(type)); }

double mma_rate(TensorType type) {
  const bool its_own = type == TensorType::fp64 || type == TensorType::b1;
  return tensor_rate(type) * (its_own ? 1 : row().mma_share);
}

}  // namespace peakproof::stand_in
