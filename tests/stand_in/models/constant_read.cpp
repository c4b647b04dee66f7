// Reading constant memory: 64 KiB, whose word i is that of the place i. A load costs a clock from the first 2 KiB of cache and
// four from beyond, once for every address that a warp's lanes have.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/models/on_chip.hpp"

namespace peakproof::stand_in {
namespace {

constexpr unsigned kLanes = 32;
constexpr unsigned kLoads = 8;  // of a trip, 128 bytes from one to the next

/// constant_read<width>(factor, logarithm of the KiB that are read, trips, out, trace)
struct Run {
  unsigned width;
  bool differ;
  unsigned kib;
  std::int64_t trips;

  explicit Run(const Launch& launch)
      : width(static_cast<unsigned>(launch.template_numbers[0])),
        differ(launch.argument<std::uint32_t>(0) != 0),
        kib(1U << launch.argument<std::uint32_t>(1)),
        trips(launch.argument<int>(2)) {}
};

Cost cost(const Launch& launch) {
  constexpr unsigned first_level_kib = 2;
  const Run run(launch);
  const double warps = static_cast<double>(launch.blocks_of_busiest_sm()) * launch.block.x / kLanes;
  const double clocks = (run.kib > first_level_kib ? 4.0 : 1.0) * (run.differ ? kLanes : 1);
  return {.sm_cycles = warps * static_cast<double>(run.trips) * kLoads * clocks};
}

/// What a lane of a warp keeps that begins in this KiB. Trips go from one KiB to the next, and to the next column after the
/// last of them.
std::uint32_t kept(const Run& run, unsigned first_kib, unsigned lane, bool without_first) {
  const unsigned columns = 128 / run.width;
  const std::int64_t period = std::int64_t{run.kib} * columns;
  std::array<std::uint32_t, 4> sums{};
  for (std::int64_t trip = 0; trip < std::min(run.trips, period); ++trip) {
    const auto at = static_cast<unsigned>(trip) + first_kib;
    const unsigned column = (at / run.kib + (run.differ ? lane : 0)) % columns;
    const auto times = static_cast<std::uint32_t>((run.trips - trip + period - 1) / period);
    for (unsigned load = without_first ? 1 : 0; load < kLoads; ++load)
      for (unsigned byte = 0; byte < run.width; byte += 4) {
        const unsigned address = at % run.kib * 1024 + load * 128 + column * run.width + byte;
        sums[(load * run.width + byte) / 4 % 4] += times * word_at_place(address / 4);
      }
  }
  return joined(sums);
}

cudaError_t answer(const Launch& launch) {
  Run run(launch);
  if (launch.flaw == Flaw::shorter) --run.trips;
  std::vector<std::uint32_t> words;
  for (unsigned warp = 0; warp < run.kib; ++warp)
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      const bool as_before = lane > 0 && !run.differ;
      words.push_back(as_before ? words.back() : kept(run, warp, lane, launch.flaw == Flaw::dropped));
    }
  return leave_words(launch, words, launch.argument<std::uint32_t*>(3), launch.argument<void*>(4));
}

const Model kModel({.name = "constant_read", .role = Role::measured, .cost = cost, .answer = answer});

}  // namespace
}  // namespace peakproof::stand_in
