#include "kernels/cpu/pattern.hpp"

namespace peakproof::kernels::cpu {

void fill(const Pattern& pattern, std::uint64_t first, std::span<std::uint64_t> words) {
  for (std::uint64_t& word : words) word = pattern.word(first++);
}

void fill_inverse(const Pattern& pattern, std::uint64_t first, std::span<std::uint64_t> words) {
  for (std::uint64_t& word : words) word = ~pattern.word(first++);
}

std::int64_t count_mismatches(const Pattern& pattern, std::uint64_t first, std::span<const std::uint64_t> words) {
  std::int64_t mismatches = 0;
  for (const std::uint64_t word : words) mismatches += word != pattern.word(first++) ? 1 : 0;
  return mismatches;
}

}  // namespace peakproof::kernels::cpu
