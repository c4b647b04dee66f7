// Atomic additions, 16 a trip: each thread adds a number of its own to its own cell, or to the one that all have (of shared
// memory, all of a block).
#include <array>
#include <cstdint>
#include <string>
#include <type_traits>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/on_chip.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::uint64_t kAdditions = 16;
// Additions that are done in a clock: the order of what hardware does, no more.
constexpr double kOfSm = 16;  // by an SM, in its own memory or on their way to L2
constexpr double kAtOnePlace = 1;

/// The number of a thread: the word at the place of its index, made odd; of 64 bits with that of 2^31 places further above;
/// 1 to 3 in FP32.
template <class Number>
Number number_of(std::uint32_t thread) {
  const std::uint32_t low = word_at_place(thread);
  if constexpr (std::is_same_v<Number, float>) return static_cast<float>(low % 3 + 1);
  if constexpr (sizeof(Number) == 8) return Number{word_at_place(thread + 0x80000000U)} << 32U | low | 1U;
  return static_cast<Number>(low | 1U);
}

/// How often a thread adds in a launch whose trips are that argument.
std::uint64_t times(const Launch& launch, int trips_argument) {
  const auto trips = static_cast<std::uint64_t>(launch.argument<int>(trips_argument));
  const std::uint64_t done = launch.flaw == Flaw::shorter ? trips - 1 : trips;
  return done * (launch.flaw == Flaw::dropped ? kAdditions - 1 : kAdditions);
}

Cost cost_of(const Launch& launch, int trips_argument, bool one_place_in_all) {
  const double of_block = double{kAdditions} * launch.argument<int>(trips_argument) * launch.block.x;
  if (one_place_in_all) return {.sm_cycles = of_block * static_cast<double>(launch.blocks()) / kAtOnePlace};
  return {.sm_cycles = of_block * static_cast<double>(launch.blocks_of_busiest_sm()) / kOfSm};
}

template <class Number>
void spoil(Flaw flaw, Number& cell) {
  if (flaw == Flaw::wrong) cell += Number{1};
  if (flaw == Flaw::nan) std::memset(&cell, 0xff, sizeof cell);
}

/// global_reductions(factor, trips, cells, trace)
template <class Number>
cudaError_t add_to_global(const Launch& launch) {
  const std::int64_t threads = launch.blocks() * launch.block.x;
  const bool spread = launch.argument<std::uint32_t>(0) != 0;
  const std::int64_t count = spread ? threads : 1;
  auto* cells = elements(launch.argument<Number*>(2), count);
  if (!cells) return cudaErrorIllegalAddress;
  for (std::int64_t thread = 0; thread < threads; ++thread)
    cells[spread ? thread : 0] +=
        static_cast<Number>(times(launch, 1)) * number_of<Number>(static_cast<std::uint32_t>(thread));
  spoil(launch.flaw, cells[count / 2]);
  written(cells);
  return leave_trace(launch, launch.argument<void*>(3));
}

/// Each thread's cell, and what it found there before each of its additions, all together.
cudaError_t add_and_fetch(const Launch& launch, int trips_argument, std::uint32_t* cells, std::uint32_t* out,
                          void* trace, bool from_zero) {
  const std::int64_t threads = launch.blocks() * launch.block.x;
  cells = elements(cells, threads);
  out = elements(out, threads);
  if (!cells || !out) return cudaErrorIllegalAddress;
  const std::uint64_t n = times(launch, trips_argument);
  const auto earlier =
      static_cast<std::uint32_t>(n % 2 == 0 ? n / 2 * (n - 1) : (n - 1) / 2 * n);  // 0 + 1 + ... + n - 1
  for (std::int64_t thread = 0; thread < threads; ++thread) {
    if (from_zero) cells[thread] = 0;
    const auto number = number_of<std::uint32_t>(static_cast<std::uint32_t>(thread));
    out[thread] = static_cast<std::uint32_t>(n) * cells[thread] + earlier * number;
    cells[thread] += static_cast<std::uint32_t>(n) * number;
  }
  spoil(launch.flaw, cells[threads / 2]);
  written(cells);
  written(out);
  return leave_trace(launch, trace);
}

/// shared_reductions(factor, trips, cells, out, trace): a block begins with zeros.
cudaError_t add_to_shared(const Launch& launch) {
  const std::int64_t threads = launch.blocks() * launch.block.x;
  const bool spread = launch.argument<std::uint32_t>(0) != 0;
  const std::int64_t count = spread ? threads : launch.blocks();
  auto* cells = elements(launch.argument<std::uint32_t*>(2), count);
  if (!cells) return cudaErrorIllegalAddress;
  std::memset(cells, 0, static_cast<std::size_t>(count) * sizeof *cells);
  for (std::int64_t thread = 0; thread < threads; ++thread)
    cells[spread ? thread : thread / launch.block.x] +=
        static_cast<std::uint32_t>(times(launch, 1)) * number_of<std::uint32_t>(static_cast<std::uint32_t>(thread));
  spoil(launch.flaw, cells[count / 2]);
  written(cells);
  return leave_trace(launch, launch.argument<void*>(4));
}

template <class Number>
KernelModel reductions(const std::string& type) {
  return {.name = "global_reductions",
          .kernel = "global_reductions<" + type + ">",
          .role = Role::measured,
          .cost = [](const Launch& launch) { return cost_of(launch, 1, launch.argument<std::uint32_t>(0) == 0); },
          .answer = add_to_global<Number>};
}
const Model kInt32(reductions<std::uint32_t>("Int32Cell"));
const Model kInt64(reductions<std::uint64_t>("Int64Cell"));
const Model kFp32(reductions<float>("Fp32Cell"));

const Model kGlobalAtomics({.name = "global_atomics",
                            .role = Role::measured,
                            .cost = [](const Launch& launch) { return cost_of(launch, 0, false); },
                            .answer =
                                [](const Launch& launch) {
                                  return add_and_fetch(launch, 0, launch.argument<std::uint32_t*>(1),
                                                       launch.argument<std::uint32_t*>(2), launch.argument<void*>(3),
                                                       false);
                                }});
const Model kSharedReductions({.name = "shared_reductions",
                               .role = Role::measured,
                               .cost = [](const Launch& launch) { return cost_of(launch, 1, false); },
                               .answer = add_to_shared});
const Model kSharedAtomics({.name = "shared_atomics",
                            .role = Role::measured,
                            .cost = [](const Launch& launch) { return cost_of(launch, 1, false); },
                            .answer =
                                [](const Launch& launch) {
                                  return add_and_fetch(launch, 1, launch.argument<std::uint32_t*>(2),
                                                       launch.argument<std::uint32_t*>(3), launch.argument<void*>(4),
                                                       true);
                                }});

}  // namespace
}  // namespace peakproof::stand_in
