#include "kernels/memory/cache_read.hpp"

#include <cstddef>

namespace peakproof::kernels {
namespace {

constexpr auto kThreads = static_cast<std::size_t>(CacheRead::threads);
constexpr std::uint64_t kWordsPerVector = CacheRead::vector_bytes / 8;

std::uint32_t sum_of_vector(const Pattern& pattern, std::uint64_t vector) {
  std::uint32_t sum = 0;
  for (std::uint64_t i = 0; i < kWordsPerVector; ++i) {
    const std::uint64_t word = pattern.word(vector * kWordsPerVector + i);
    sum += static_cast<std::uint32_t>(word) + static_cast<std::uint32_t>(word >> 32U);
  }
  return sum;
}

/// before[chunk * threads + thread]: the sum of all that the thread reads of the chunks before this one; one chunk more
/// than there are, whose sums are those of a whole round.
std::vector<std::uint32_t> sums_before(const CacheRead& kernel, const Pattern& pattern) {
  const auto chunks = static_cast<std::size_t>(kernel.chunks());
  std::vector<std::uint32_t> before((chunks + 1) * kThreads);
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      std::uint32_t sum = before[chunk * kThreads + thread];
      for (std::size_t load = 0; load < CacheRead::loads; ++load)
        sum += sum_of_vector(pattern, (chunk * CacheRead::loads + load) * kThreads + thread);
      before[(chunk + 1) * kThreads + thread] = sum;
    }
  }
  return before;
}

}  // namespace

std::vector<std::uint32_t> answer(const CacheRead& kernel, const Pattern& pattern) {
  const auto chunks = static_cast<std::uint32_t>(kernel.chunks());
  const auto before = sums_before(kernel, pattern);
  const auto trips = static_cast<std::uint64_t>(kernel.trips);
  const auto blocks = static_cast<std::size_t>(kernel.blocks);
  std::vector<std::uint32_t> words(blocks * kThreads);
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::uint32_t first = CacheRead::first_chunk(static_cast<std::uint32_t>(block), chunks);
    const std::uint64_t end = first + trips;  // counted on over all rounds
    const auto rounds = static_cast<std::uint32_t>(end / chunks);
    for (std::size_t thread = 0; thread < kThreads; ++thread)
      words[block * kThreads + thread] = rounds * before[chunks * kThreads + thread] +
                                         before[end % chunks * kThreads + thread] - before[first * kThreads + thread];
  }
  return words;
}

}  // namespace peakproof::kernels
