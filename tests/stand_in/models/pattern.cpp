// Filling a buffer with words that depend on their position, counting where it differs from them, and summing them up.
#include "kernels/memory/pattern.hpp"

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/mismatches.hpp"
#include "tests/stand_in/models/numbers.hpp"

namespace peakproof::stand_in {
namespace {

/// random: SplitMix64 of seed and position; zero; ones: every bit.
std::uint64_t expected_word(const kernels::Pattern& pattern, std::int64_t index) {
  if (pattern.data == kernels::Data::zero) return 0;
  if (pattern.data == kernels::Data::ones) return 0xffffffffffffffff;
  return splitmix64(pattern.seed, static_cast<std::uint64_t>(index));
}

Cost cost(const Launch& launch) { return {.dram_bytes = 8.0 * static_cast<double>(launch.argument<std::int64_t>(2))}; }

cudaError_t fill(const Launch& launch) {
  const auto pattern = launch.argument<kernels::Pattern>(0);
  const auto words = launch.argument<std::int64_t>(2);
  auto* data = elements(launch.argument<std::uint64_t*>(1), words);
  if (!data) return cudaErrorIllegalAddress;
  for (std::int64_t i = 0; i < words; ++i) data[i] = expected_word(pattern, i);
  written(data);
  return cudaSuccess;
}

cudaError_t count_mismatches(const Launch& launch) {
  const auto pattern = launch.argument<kernels::Pattern>(0);
  const auto words = launch.argument<std::int64_t>(2);
  const auto* data = elements(launch.argument<const std::uint64_t*>(1), words);
  auto* mismatches = elements(launch.argument<kernels::Mismatches*>(3), 1);
  if (!data || !mismatches) return cudaErrorIllegalAddress;
  for (std::int64_t i = 0; i < words; ++i) note(*mismatches, i, data[i], expected_word(pattern, i));
  written(mismatches);
  return cudaSuccess;
}

/// Nothing is read but the positions.
Cost sum_cost(const Launch& launch) {
  constexpr double cycles_per_word = 0.5;  // of one SM: some fifty instructions a word, 128 lanes
  return {.sm_cycles = cycles_per_word * static_cast<double>(launch.argument<std::int64_t>(1)) / settings().sms};
}

cudaError_t sum(const Launch& launch) {
  const auto pattern = launch.argument<kernels::Pattern>(0);
  const auto words = launch.argument<std::int64_t>(1);
  auto* total = elements(launch.argument<unsigned long long*>(2), 1);
  if (!total) return cudaErrorIllegalAddress;
  for (std::int64_t i = 0; i < words; ++i) *total += expected_word(pattern, i);
  written(total);
  return cudaSuccess;
}

const Model kFill({.name = "fill_pattern", .cost = cost, .answer = fill});
const Model kCount({.name = "pattern_mismatches", .cost = cost, .answer = count_mismatches});
const Model kSum({.name = "pattern_sum", .cost = sum_cost, .answer = sum});

}  // namespace
}  // namespace peakproof::stand_in
