// Fills a buffer with a pattern that depends on the position, and counts on the device where a buffer differs from it.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/memory/mismatches.hpp"

namespace peakproof::kernels {

enum class Data : int { random = 0, zero = 1, ones = 2 };

struct Pattern {
  Data data = Data::random;  ///< random: a hash of seed and position; zero: 0; ones: every bit set
  std::uint64_t seed = 1;
  /// The 64-bit word at `index` (host and device compute the same).
  [[nodiscard]] std::uint64_t word(std::uint64_t index) const;
};
/// `bytes` is a multiple of 8.
[[nodiscard]] cudaError_t fill(const Pattern& pattern, void* data, std::int64_t bytes, cudaStream_t stream);
/// Adds the 64-bit words that differ from the pattern to *mismatches (device memory).
[[nodiscard]] cudaError_t count_mismatches(const Pattern& pattern, const void* data, std::int64_t bytes,
                                           Mismatches* mismatches, cudaStream_t stream);
/// Adds the sum of the pattern's first `words` words modulo 2^64, which is exact in any order, to *sum (device memory).
/// Made from the positions alone: what is read out of a buffer is held against it.
[[nodiscard]] cudaError_t sum_of_words(const Pattern& pattern, std::int64_t words, unsigned long long* sum,
                                       cudaStream_t stream);

}  // namespace peakproof::kernels
