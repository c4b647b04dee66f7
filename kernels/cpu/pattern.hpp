// Words that depend on their position, for arrays in host memory.
#pragma once

#include <cstdint>

namespace peakproof::kernels::cpu {

enum class Data : int { random = 0, zero = 1, ones = 2 };

struct Pattern {
  Data data = Data::random;  ///< random: a hash of seed and position; zero: 0; ones: every bit set
  std::uint64_t seed = 1;

  /// The 64-bit word at `index`. random is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), started at the seed.
  [[nodiscard]] constexpr std::uint64_t word(std::uint64_t index) const {
    if (data != Data::random) return data == Data::zero ? 0 : ~std::uint64_t{0};
    std::uint64_t z = (seed + index + 1) * 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
};

}  // namespace peakproof::kernels::cpu
