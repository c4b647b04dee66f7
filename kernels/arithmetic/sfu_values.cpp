#include "kernels/arithmetic/sfu_values.hpp"

#include <bit>
#include <cstdlib>

namespace peakproof::kernels {

std::int64_t count_mismatches(const SfuValues& values, const std::uint32_t* out) {
  const auto drop = static_cast<unsigned>(shift(values.function));
  std::int64_t mismatches = 0;
  for (std::uint32_t i = 0; i < values.count; ++i) {
    const std::uint32_t expected =
        expected_bits(values.function, std::bit_cast<float>(values.first + i * values.stride));
    const std::int64_t difference = std::int64_t{out[i] >> drop} - std::int64_t{expected};
    if (std::abs(difference) > tolerance_ulp(values.function)) ++mismatches;
  }
  return mismatches;
}

}  // namespace peakproof::kernels
