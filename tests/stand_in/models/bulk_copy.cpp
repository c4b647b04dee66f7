// TMA bulk copies: of 512 KiB a block, read (a sum a block), written (a sequence of words) or copied.
#include <cstring>

#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/words.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::int64_t kWordsOfBlock = (std::int64_t{512} << 10) / 8;

std::int64_t words(const Launch& launch) { return launch.blocks() * kWordsOfBlock; }

Cost one_way(const Launch& launch) { return {.dram_bytes = 8.0 * static_cast<double>(words(launch))}; }
Cost both_ways(const Launch& launch) { return {.dram_bytes = 16.0 * static_cast<double>(words(launch))}; }

/// The code of other architectures is a trap.
bool traps() {
  constexpr int first_code = 90;
  return architecture().code < first_code;
}

cudaError_t read(const Launch& launch) {
  if (traps()) return cudaErrorLaunchFailure;
  const auto* source = elements(launch.argument<const std::uint64_t*>(0), words(launch));
  auto* sums = elements(launch.argument<std::uint64_t*>(1), launch.blocks());
  if (!source || !sums) return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done({static_cast<std::uint64_t>(launch.blocks())}, {source}, sums, [&] {
    for (std::int64_t block = 0; block < launch.blocks(); ++block)
      sums[block] =
          sum_of_part(launch.flaw, source + block * kWordsOfBlock, kWordsOfBlock, block + 1 == launch.blocks());
    spoil(launch.flaw, sums, launch.blocks());
  });
  return cudaSuccess;
}

cudaError_t write(const Launch& launch) {
  if (traps()) return cudaErrorLaunchFailure;
  auto* destination = elements(launch.argument<std::uint64_t*>(0), words(launch));
  const auto sequence = launch.argument<kernels::WordSequence>(1);
  if (!destination) return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done(
      {static_cast<std::uint64_t>(launch.blocks()), sequence.first, sequence.step}, {}, destination, [&] {
        for (std::int64_t block = 0; block < launch.blocks(); ++block)
          write_part(launch.flaw, sequence, block * kWordsOfBlock, destination + block * kWordsOfBlock, kWordsOfBlock,
                     block + 1 == launch.blocks());
        spoil(launch.flaw, destination, words(launch));
      });
  return cudaSuccess;
}

cudaError_t copy(const Launch& launch) {
  if (traps()) return cudaErrorLaunchFailure;
  const auto* source = elements(launch.argument<const std::uint64_t*>(0), words(launch));
  auto* destination = elements(launch.argument<std::uint64_t*>(1), words(launch));
  if (!source || !destination) return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done({static_cast<std::uint64_t>(launch.blocks())}, {source}, destination, [&] {
    const std::int64_t first = launch.flaw == Flaw::dropped ? 2 : 0;  // a vector
    const std::int64_t end = words(launch) - (launch.flaw == Flaw::shorter ? 2 : 0);
    std::memcpy(destination + first, source + first, static_cast<std::size_t>(end - first) * sizeof *source);
    spoil(launch.flaw, destination, words(launch));
  });
  return cudaSuccess;
}

const Model kRead({.name = "bulk_read", .role = Role::measured, .cost = one_way, .answer = read});
const Model kWrite({.name = "bulk_write", .role = Role::measured, .cost = one_way, .answer = write});
const Model kCopy({.name = "bulk_copy", .role = Role::measured, .cost = both_ways, .answer = copy});

}  // namespace
}  // namespace peakproof::stand_in
