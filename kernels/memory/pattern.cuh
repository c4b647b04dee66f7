// A word of a pattern from its position, on the host and on the device.
#pragma once

#include "kernels/memory/hash.cuh"
#include "kernels/memory/pattern.hpp"

namespace peakproof::kernels {

__host__ __device__ inline std::uint64_t word_at(const Pattern& pattern, std::uint64_t index) {
  switch (pattern.data) {
    case Data::zero:
      return 0;
    case Data::ones:
      return ~std::uint64_t{0};
    case Data::random:
      break;
  }
  return hash64(pattern.seed, index);
}

}  // namespace peakproof::kernels
