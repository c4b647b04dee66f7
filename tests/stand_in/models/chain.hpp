// The one kernel that all arithmetic pipes are measured with: chain<Operation, chains, steps>(argument, trips, out,
// trace). Each thread takes `chains` values through trips x steps steps of one operation, folds them into one word
// and writes it. A seed depends on lane and chain only, so that 32 x chains of them stand for all threads. What an
// operation is, its models say (fma_chains.cpp and the others).
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/models/lanes.hpp"

namespace peakproof::stand_in {

/// A thread has at most so many chains; seeds count by it.
inline constexpr int kMostChains = 8;

/// What a launch asks of every thread.
struct ChainRun {
  int chains = 0;
  std::int64_t trips = 0;
  int steps = 0;               ///< of each chain in one trip
  std::uint64_t argument = 0;  ///< as it lies in memory

  [[nodiscard]] std::int64_t all_steps() const { return trips * steps; }
  [[nodiscard]] std::uint32_t low() const { return static_cast<std::uint32_t>(argument); }
  [[nodiscard]] std::uint32_t high() const { return static_cast<std::uint32_t>(argument >> 32U); }
};

/// What the thread of each lane writes.
using ChainWords = Lanes<std::uint64_t>;

struct ChainOperation {
  std::string name;                    ///< as a setting calls it
  std::string kernel;                  ///< chain<...>, as KernelModel has it
  std::vector<Instruction> issued;     ///< for one step of one chain
  std::vector<Instruction> dependent;  ///< those of them of which each waits for the one before, step after step
  int argument_bytes = 4;              ///< 4 or 8
  int word_bytes = 4;                  ///< 4 or 8
  std::function<ChainWords(const ChainRun&)> words;
  Role role = Role::measured;
  /// Threads that an SM takes through a step per clock, where that is no Instruction's rate; 0: it has no such operation.
  std::function<double()> threads_per_clock = {};
};

/// The model of a chain kernel. It takes the time of what bounds it: the slowest unit, what the schedulers issue, or
/// the latency of the chain. Flaws: `wrong` flips a bit of one thread's word (of the upper half of 64, as the lower
/// half may have a tolerance), `nan` sets all of them, `shorter` leaves out the last trip, `dropped` the last chain.
[[nodiscard]] KernelModel chain_model(const ChainOperation& operation);

/// Number of a chain among all of a warp.
[[nodiscard]] constexpr std::uint32_t chain_index(int lane, int chain) {
  return static_cast<std::uint32_t>(lane * kMostChains + chain);
}
/// The words of a chain go into those of the chains before it: rotated to the left by one bit, then xor.
template <class Word>
[[nodiscard]] std::uint64_t fold_in(std::uint64_t folded, Word word) {
  return std::rotl(static_cast<Word>(folded), 1) ^ word;
}

}  // namespace peakproof::stand_in
