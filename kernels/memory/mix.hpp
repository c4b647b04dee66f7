// Words that tell their place: what is read on the chip, the same on the host and the device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace peakproof::kernels {

/// The finaliser of MurmurHash3 (Appleby, public domain) of the number behind this one: a permutation of all 32-bit words,
/// so that those of different places differ, and that of no place is 0.
constexpr std::uint32_t mix32(std::uint32_t place) {
  std::uint32_t x = place + 1;
  x = (x ^ (x >> 16U)) * 0x85EBCA6BU;
  x = (x ^ (x >> 13U)) * 0xC2B2AE35U;
  return x ^ (x >> 16U);
}

/// Rotates by seven bits and adds the next word, so that neither equal words nor their order cancel out.
constexpr std::uint32_t fold_word(std::uint32_t folded, std::uint32_t word) {
  return ((folded << 7U) | (folded >> 25U)) ^ word;
}

/// Of the four sums in which a thread adds up what it reads.
using FourSums = std::array<std::uint32_t, 4>;
constexpr std::uint32_t fold_sums(const FourSums& sums) {
  std::uint32_t folded = 0;
  for (std::size_t i = 0; i < 4; ++i) folded = fold_word(folded, sums[i]);
  return folded;
}

}  // namespace peakproof::kernels
