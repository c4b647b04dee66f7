// scattered<Order, lanes>: `lanes` threads read a piece of 16 bytes each, and the pieces lie at a stride or at random.
// scattered_mismatches holds the blocks' sums against what should be there.
#include "kernels/memory/scattered.hpp"

#include <functional>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/mismatches.hpp"
#include "tests/stand_in/models/numbers.hpp"
#include "tests/stand_in/models/words.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::int64_t kLine = 128;
constexpr std::int64_t kBurst = 64;               // that the memory moves at least
constexpr std::int64_t kBytesOfBlock = 16 << 10;  // that it reads: 256 threads, 4 x 16 bytes each

/// Where a launch's pieces lie.
struct Pieces {
  std::int64_t bytes;                                ///< of one
  std::int64_t buffer;                               ///< bytes that they lie in
  std::int64_t moved;                                ///< of the memory, for one
  std::function<std::int64_t(std::int64_t)> offset;  ///< of the i-th
};

/// The order's fields are those of the header; what is done with them is told in the data sheet.
Pieces strided(const Launch& launch) {
  const auto order = launch.argument<kernels::StridedOrder>(0);
  const std::int64_t bytes = std::int64_t{16} * launch.template_numbers.at(0);
  const std::int64_t stride = std::int64_t{1} << order.stride_bits;
  const std::int64_t slots = std::int64_t{1} << order.slot_bits;
  return {.bytes = bytes,
          .buffer = order.slot_mask == slots - 1 ? slots * stride : -1,
          .moved = stride == bytes ? bytes : kBurst,
          .offset = [=](std::int64_t i) { return i % slots * stride + i / slots * kLine; }};
}

Pieces random(const Launch& launch) {
  const auto order = launch.argument<kernels::RandomOrder>(0);
  const std::int64_t bytes = std::int64_t{16} * launch.template_numbers.at(0);
  const std::uint64_t count = std::uint64_t{order.mask} + 1;
  const std::uint64_t half = std::uint64_t{1} << order.half;
  const bool sound = bytes == std::int64_t{1} << order.piece_bits && (half * half == count || half * half == 2 * count);
  return {.bytes = bytes,
          .buffer = sound ? static_cast<std::int64_t>(count) * bytes : -1,
          .moved = bytes < kBurst ? kBurst : bytes,
          .offset = [=](std::int64_t i) {
            auto place = static_cast<std::uint64_t>(i);
            for (const std::uint64_t factor : {0x9E3779B1U, 0x85EBCA6BU, 0xC2B2AE35U}) {
              place = place * factor % count;
              place ^= place / half;
            }
            return static_cast<std::int64_t>(place) * bytes;
          }};
}

template <Pieces (*pieces_of)(const Launch&)>
Cost cost(const Launch& launch) {
  const Pieces pieces = pieces_of(launch);
  return {.dram_bytes = static_cast<double>(launch.blocks()) * kBytesOfBlock / static_cast<double>(pieces.bytes) *
                        static_cast<double>(pieces.moved)};
}

/// sum(word at an offset in words) over the pieces of a block; from the `first` of its pieces on.
template <class Word>
std::uint64_t sum_of_block(const Pieces& pieces, std::int64_t block, std::int64_t first, const Word& word) {
  const std::int64_t count = kBytesOfBlock / pieces.bytes;
  std::uint64_t sum = 0;
  for (std::int64_t i = first; i < count; ++i) {
    const std::int64_t offset = pieces.offset(block * count + i);
    for (std::int64_t at = offset / 8; at < (offset + pieces.bytes) / 8; ++at) sum += word(at);
  }
  return sum;
}

template <Pieces (*pieces_of)(const Launch&)>
cudaError_t answer(const Launch& launch) {
  const Pieces pieces = pieces_of(launch);
  const auto* data = elements(launch.argument<const std::uint64_t*>(1), pieces.buffer / 8);
  auto* sums = elements(launch.argument<std::uint64_t*>(2), launch.blocks());
  if (!data || !sums) return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done({static_cast<std::uint64_t>(launch.blocks()), static_cast<std::uint64_t>(pieces.buffer)},
                         {data}, sums, [&] {
                           const std::int64_t blocks = launch.blocks() - (launch.flaw == Flaw::shorter ? 1 : 0);
                           for (std::int64_t block = 0; block < blocks; ++block)
                             sums[block] = sum_of_block(pieces, block, launch.flaw == Flaw::dropped ? 1 : 0,
                                                        [&](std::int64_t at) { return data[at]; });
                           spoil(launch.flaw, sums, launch.blocks());
                         });
  return cudaSuccess;
}

template <Pieces (*pieces_of)(const Launch&)>
cudaError_t count_mismatches(const Launch& launch) {
  const Pieces pieces = pieces_of(launch);
  const auto pattern = launch.argument<kernels::Pattern>(1);
  const auto* sums = elements(launch.argument<const std::uint64_t*>(2), launch.blocks());
  auto* mismatches = elements(launch.argument<kernels::Mismatches*>(3), 1);
  if (!sums || !mismatches) return cudaErrorIllegalAddress;
  for (std::int64_t block = 0; block < launch.blocks(); ++block) {
    const std::uint64_t sum = sum_of_block(pieces, block, 0, [&](std::int64_t at) -> std::uint64_t {
      if (pattern.data == kernels::Data::random) return splitmix64(pattern.seed, static_cast<std::uint64_t>(at));
      return pattern.data == kernels::Data::ones ? ~std::uint64_t{0} : 0;
    });
    note(*mismatches, block, sums[block], sum);
  }
  written(mismatches);
  return cudaSuccess;
}

/// Nothing is read but the sums.
Cost check_cost(const Launch& launch) {
  constexpr double cycles_of_block = 1000;
  return {.sm_cycles = cycles_of_block * static_cast<double>(launch.blocks_of_busiest_sm())};
}

const Model kStrided({.name = "scattered_strided",
                      .kernel = "scattered<StridedOrder>",
                      .role = Role::measured,
                      .cost = cost<strided>,
                      .answer = answer<strided>});
const Model kRandom({.name = "scattered_random",
                     .kernel = "scattered<RandomOrder>",
                     .role = Role::measured,
                     .cost = cost<random>,
                     .answer = answer<random>});
const Model kCheckStrided({.name = "scattered_strided_check",
                           .kernel = "scattered_mismatches<StridedOrder>",
                           .cost = check_cost,
                           .answer = count_mismatches<strided>});
const Model kCheckRandom({.name = "scattered_random_check",
                          .kernel = "scattered_mismatches<RandomOrder>",
                          .cost = check_cost,
                          .answer = count_mismatches<random>});

}  // namespace
}  // namespace peakproof::stand_in
