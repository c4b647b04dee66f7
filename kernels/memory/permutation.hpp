// An order of visits that looks random and needs no table: for chains through memory of any size.
#pragma once

#include <cstdint>

namespace peakproof::kernels {

/// A bijection of 0 … count - 1. The chain that goes from (*this)(j) to (*this)(j + 1), and from the last to the first,
/// is one cycle through all, whatever the count; after n steps from (*this)(j) it is at (*this)((j + n) mod count).
///
/// The count is rounded up to 2^bits; on so many bits, four rounds of an odd factor and an addend (a full-period step)
/// and of x ^= x >> (bits + 1) / 2 are a bijection each. What falls beyond the count is mixed again until it does not,
/// which keeps it one ("cycle walking", Black and Rogaway, Ciphers with Arbitrary Finite Domains, CT-RSA 2002).
struct Permutation {
  std::uint64_t count = 1;
  std::uint64_t seed = 1;

  [[nodiscard]] constexpr std::uint64_t operator()(std::uint64_t index) const {
    const int bits = bits_of(count);
    do index = mixed(index, bits);
    while (index >= count);
    return index;
  }

  /// The smallest number of bits that counts so far.
  [[nodiscard]] static constexpr int bits_of(std::uint64_t count) {
    int bits = 0;
    while ((count - 1) >> bits != 0) ++bits;
    return bits;
  }

 private:
  [[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t x, int bits) const {
    constexpr int rounds = 4;
    constexpr std::uint64_t factor = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio, odd
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    for (int round = 0; round < rounds; ++round) {
      x = (x * factor + seed * (2 * static_cast<std::uint64_t>(round) + 1)) & mask;
      x ^= x >> ((bits + 1) / 2 + (bits == 0 ? 1 : 0));
    }
    return x;
  }
};

}  // namespace peakproof::kernels
