// The hash behind every random operand.
#pragma once

#include <cstdint>

namespace peakproof::kernels {

/// The `index`-th value of the SplitMix64 generator that starts at `seed` (Steele, Lea and Flood, OOPSLA 2014): any of
/// its values without the ones before it, so that each thread makes its own.
__host__ __device__ inline std::uint64_t hash64(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

}  // namespace peakproof::kernels
