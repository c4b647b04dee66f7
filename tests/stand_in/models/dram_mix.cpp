// Reads and writes in a ratio: of ten vectors of 16 bytes a thread, 256 threads a block, dram_mix<reads> reads so many
// and writes the others. A block's part of both buffers is contiguous.
#include "kernels/memory/dram_mix.hpp"

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/words.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::int64_t kWordsOfVector = std::int64_t{256} * 2;  // of a block: one vector of every thread
constexpr int kVectors = 10;

int reads(const Launch& launch) { return launch.template_numbers.at(0); }

/// Where the bus turns around most often it loses a tenth of its time.
Cost cost(const Launch& launch) {
  constexpr double lost = 0.1;
  const double written = 1 - static_cast<double>(reads(launch)) / kVectors;
  const double bytes = 8.0 * static_cast<double>(launch.blocks() * kWordsOfVector * kVectors);
  return {.dram_bytes = bytes * (1 + lost * 4 * written * (1 - written))};
}

cudaError_t answer(const Launch& launch) {
  const auto operands = launch.argument<kernels::MixOperands>(0);
  const std::int64_t read = reads(launch) * kWordsOfVector;  // words of a block
  const std::int64_t write = (kVectors - reads(launch)) * kWordsOfVector;
  const std::int64_t blocks = launch.blocks();
  const auto* source = elements(static_cast<const std::uint64_t*>(operands.source), read * blocks);
  auto* sums = read > 0 ? elements(operands.sums, blocks) : nullptr;
  auto* destination = elements(static_cast<std::uint64_t*>(operands.destination), write * blocks);
  if ((read > 0 && (!source || !sums)) || (write > 0 && !destination)) return cudaErrorIllegalAddress;

  static Repetition repetition;
  const std::vector parameters = {static_cast<std::uint64_t>(blocks), static_cast<std::uint64_t>(read),
                                  operands.words.first, operands.words.step};
  if (read > 0)
    repetition.unless_done(parameters, {source}, sums, [&] {
      auto* const as_words = reinterpret_cast<std::uint64_t*>(sums);
      for (std::int64_t block = 0; block < blocks; ++block)
        as_words[block] = sum_of_part(launch.flaw, source + block * read, read, block + 1 == blocks);
      spoil(launch.flaw, as_words, blocks);
    });
  if (write > 0)
    repetition.unless_done(parameters, {}, destination, [&] {
      for (std::int64_t block = 0; block < blocks; ++block)
        write_part(launch.flaw, operands.words, block * write, destination + block * write, write, block + 1 == blocks);
      spoil(launch.flaw, destination, write * blocks);
    });
  return cudaSuccess;
}

const Model kModel({.name = "dram_mix", .role = Role::measured, .cost = cost, .answer = answer});

}  // namespace
}  // namespace peakproof::stand_in
