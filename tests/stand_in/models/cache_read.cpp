// A set that every block reads round and round: from the L1, or past it from the L2.
#include <array>
#include <cmath>
#include <map>

#include "kernels/probe/block_trace.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/caches.hpp"
#include "tests/stand_in/models/trace.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::int64_t kThreads = 128;
constexpr std::int64_t kLoads = 4;
constexpr std::int64_t kWords = 4;  // of a load
constexpr std::int64_t kChunkWords = kThreads * kLoads * kWords;
constexpr std::int64_t kWordBytes = 4;

/// The kernel's arguments.
struct Reads {
  const std::uint32_t* data;
  std::int64_t chunks;
  std::int64_t trips;
  std::uint32_t* out;
  kernels::BlockTrace* trace;

  explicit Reads(const Launch& launch)
      : data(launch.argument<const std::uint32_t*>(0)),
        chunks(launch.argument<std::uint32_t>(1) * kWords / kChunkWords),
        trips(launch.argument<int>(3)),
        out(launch.argument<std::uint32_t*>(4)),
        trace(launch.argument<kernels::BlockTrace*>(5)) {}
  [[nodiscard]] std::int64_t bytes() const { return chunks * kChunkWords * kWordBytes; }
};

Cost cost(const Launch& launch, bool past_l1) {
  const Reads reads(launch);
  const Caches level = caches();
  const auto of_block = static_cast<double>(reads.trips * kChunkWords * kWordBytes);
  const double all = of_block * static_cast<double>(launch.blocks());
  if (!past_l1 && reads.bytes() <= level.l1_bytes)
    return {.sm_cycles = of_block * static_cast<double>(launch.blocks_of_busiest_sm()) / level.l1_bytes_per_clk};
  return {.sm_cycles = all / level.l2_bytes_per_clk, .dram_bytes = reads.bytes() > Caches::l2_bytes() ? all : 0};
}

/// sums[chunk][thread] of one visit of a chunk.
using Sums = std::vector<std::array<std::uint32_t, kThreads>>;
Sums sums_of(const Reads& reads, std::int64_t loads) {
  Sums sums(static_cast<std::size_t>(reads.chunks));
  for (std::int64_t chunk = 0; chunk < reads.chunks; ++chunk)
    for (std::int64_t load = 0; load < loads; ++load)
      for (std::int64_t thread = 0; thread < kThreads; ++thread)
        for (std::int64_t word = 0; word < kWords; ++word)
          sums[static_cast<std::size_t>(chunk)][static_cast<std::size_t>(thread)] +=
              reads.data[chunk * kChunkWords + (load * kThreads + thread) * kWords + word];
  return sums;
}

cudaError_t answer(const Launch& launch) {
  const Reads reads(launch);
  const auto* data = elements(reads.data, reads.chunks * kChunkWords);
  auto* out = elements(reads.out, launch.blocks() * kThreads);
  if (!data || !out || !elements(reads.trace, launch.blocks())) return cudaErrorIllegalAddress;

  const std::int64_t trips = launch.flaw == Flaw::shorter ? reads.trips - 1 : reads.trips;
  static Repetition repetition;
  repetition.unless_done({static_cast<std::uint64_t>(reads.chunks), static_cast<std::uint64_t>(trips)}, {data}, out,
                         [&] {
                           const Sums sums = sums_of(reads, launch.flaw == Flaw::dropped ? kLoads - 1 : kLoads);
                           std::array<std::uint32_t, kThreads> round{};
                           for (const auto& chunk : sums)
                             for (std::size_t thread = 0; thread < round.size(); ++thread)
                               round[thread] += chunk[thread];
                           for (std::int64_t block = 0; block < launch.blocks(); ++block) {
                             std::array<std::uint32_t, kThreads> mine{};
                             for (std::size_t thread = 0; thread < mine.size(); ++thread)
                               mine[thread] = round[thread] * static_cast<std::uint32_t>(trips / reads.chunks);
                             const std::int64_t first = block * 40503 % reads.chunks;
                             for (std::int64_t trip = 0; trip < trips % reads.chunks; ++trip) {
                               const auto& chunk = sums[static_cast<std::size_t>((first + trip) % reads.chunks)];
                               for (std::size_t thread = 0; thread < mine.size(); ++thread)
                                 mine[thread] += chunk[thread];
                             }
                             std::copy(mine.begin(), mine.end(), out + block * kThreads);
                           }
                           spoil(launch.flaw, out, launch.blocks() * kThreads);
                         });
  write_trace(launch, reads.trace);
  return cudaSuccess;
}

const Model kL1({.name = "cache_read_l1",
                 .kernel = "cache_read<AllLevels>",
                 .role = Role::measured,
                 .cost = [](const Launch& launch) { return cost(launch, false); },
                 .answer = answer});
const Model kL2({.name = "cache_read_l2",
                 .kernel = "cache_read<SecondLevel>",
                 .role = Role::measured,
                 .cost = [](const Launch& launch) { return cost(launch, true); },
                 .answer = answer});

}  // namespace
}  // namespace peakproof::stand_in
