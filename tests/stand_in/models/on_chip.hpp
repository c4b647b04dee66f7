// What the models of kernels on the chip share: words that tell their place, and what a launch leaves.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "tests/stand_in/launch.hpp"

namespace peakproof::stand_in {

/// What lies at a place: the 32-bit finaliser of MurmurHash3, by its published constants, of the place counted from 1.
[[nodiscard]] constexpr std::uint32_t word_at_place(std::uint32_t place) {
  std::uint32_t h = place + 1;
  h ^= h >> 16U;
  h *= 0x85ebca6bU;
  h ^= h >> 13U;
  h *= 0xc2b2ae35U;
  h ^= h >> 16U;
  return h;
}
/// A word joins those before it: these go seven bits to the left, round and round.
[[nodiscard]] constexpr std::uint32_t joined(std::uint32_t before, std::uint32_t word) {
  return std::rotl(before, 7) ^ word;
}
/// What a thread keeps of its four sums.
[[nodiscard]] constexpr std::uint32_t joined(const std::array<std::uint32_t, 4>& sums) {
  return joined(joined(joined(joined(0, sums[0]), sums[1]), sums[2]), sums[3]);
}

/// Every thread's word, thread i's from words[i % size]. `wrong` changes one bit of one, `nan` sets all of its bits.
/// cudaErrorIllegalAddress where `out` or `trace` lies outside of its allocation.
cudaError_t leave_words(const Launch& launch, const std::vector<std::uint32_t>& words, std::uint32_t* out, void* trace);
/// Every block's BlockTrace: the launch's time, on the SMs in turn.
cudaError_t leave_trace(const Launch& launch, void* trace);

}  // namespace peakproof::stand_in
