// A ring of nodes in an order that looks random, from the description in kernels/memory/permutation.hpp and
// pointer_chase.hpp: no table, but the same walk for whoever builds it and whoever checks it.
#pragma once

#include <cstdint>

namespace peakproof::stand_in {

/// The index-th number of the order of `count`: mixed on the bits that the count needs, again until it is below the
/// count.
[[nodiscard]] inline std::uint64_t shuffled(std::uint64_t count, std::uint64_t seed, std::uint64_t index) {
  unsigned bits = 0;
  while (bits < 64 && (std::uint64_t{1} << bits) < count) ++bits;
  const std::uint64_t modulus = std::uint64_t{1} << bits;
  const unsigned shift = bits == 0 ? 1 : (bits + 1) / 2;
  std::uint64_t value = index;
  do {
    for (std::uint64_t addend = seed, round = 0; round < 4; ++round, addend += 2 * seed) {
      value = (value * 0x9E3779B97F4A7C15 + addend) % modulus;
      value = value ^ (value >> shift);
    }
  } while (value >= count);
  return value;
}

/// Bytes from the begin of the memory to the node of this step.
[[nodiscard]] inline std::int64_t ring_offset(std::int64_t nodes, std::int64_t stride, std::uint64_t seed,
                                              std::int64_t step) {
  const std::uint64_t node =
      shuffled(static_cast<std::uint64_t>(nodes), seed, static_cast<std::uint64_t>(step % nodes));
  const auto offset = static_cast<std::int64_t>(node) * stride;
  if (stride < 256) return offset;  // one line or less in each stride
  const auto lines = static_cast<std::uint64_t>(stride / 128);
  return offset + static_cast<std::int64_t>(((node * 0x9E3779B97F4A7C15) >> 32U) % lines * 128);
}

}  // namespace peakproof::stand_in
