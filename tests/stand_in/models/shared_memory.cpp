// Reading and writing shared memory, the own and that of the next block of a cluster. What a load costs is counted from the
// addresses of a warp: the words that meet in one of the 32 banks go one after the other.
#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/on_chip.hpp"

namespace peakproof::stand_in {
namespace {

constexpr int kLanes = 32;
constexpr int kTileBytes = 16 * 1024;  // that are read
constexpr int kTripBytes = 4 * 1024;   // of them, by each warp
constexpr int kTrips = kTileBytes / kTripBytes;

/// The byte where a lane begins to read, of what a warp reads in a trip: `words` words (1 or 4) a lane, `ways` words from
/// lane to lane. The gaps are filled before it goes on.
int first_byte(int load, int lane, int words, int ways) {
  if (words == 4) return load * 512 + lane * 16;
  return load / ways * ways * 128 + load % ways * 4 + lane * ways * 4;
}

/// Clocks of one load: a bank gives a word a clock, and no more lanes are served at once than can get 128 bytes.
int bank_clocks(int load, int words, int ways) {
  const int at_once = kLanes / words;
  int clocks = 0;
  for (int lane = 0; lane < kLanes; lane += at_once) {
    std::array<std::set<int>, 32> asked;
    for (int i = lane; i < lane + at_once; ++i)
      for (int word = 0; word < words; ++word) {
        const int address = first_byte(load, i, words, ways) / 4 + word;
        asked[static_cast<std::size_t>(address % 32)].insert(address);
      }
    std::size_t most = 0;
    for (const auto& bank : asked) most = std::max(most, bank.size());
    clocks += static_cast<int>(most);
  }
  return clocks;
}

/// Turing moves half of what 32 banks have.
double bytes_per_clock() { return architecture().major == 7 ? 64 : 128; }

double clocks_of_trip(int words, int ways) {
  const int loads = kTripBytes / kLanes / 4 / words;
  double clocks = 0;
  for (int load = 0; load < loads; ++load) clocks += bank_clocks(load, words, ways);
  return std::max(clocks, kTripBytes / bytes_per_clock());
}

double warp_trips_of_busiest_sm(const Launch& launch) {
  const std::int64_t warps = launch.blocks_of_busiest_sm() * launch.block.x / kLanes;
  return static_cast<double>(warps) * launch.argument<int>(0);
}

/// What the threads of one block leave that reads a tile: its word i is that of the place 4096 x rank + i.
std::vector<std::uint32_t> read_words(const Launch& launch, std::uint32_t rank, int words, int ways) {
  std::vector<std::uint32_t> tile(kTileBytes / 4);
  for (std::uint32_t i = 0; i < tile.size(); ++i) tile[i] = word_at_place(4096 * rank + i);
  const int trips = launch.argument<int>(0) - (launch.flaw == Flaw::shorter ? 1 : 0);
  const int loads = kTripBytes / kLanes / 4 / words;
  std::vector<std::uint32_t> left;
  for (unsigned thread = 0; thread < launch.block.x; ++thread) {
    const int lane = static_cast<int>(thread % kLanes);
    std::array<std::uint32_t, 4> sums{};
    for (int first = 0; first < std::min(trips, kTrips); ++first) {  // and every fourth trip after it is the same
      std::array<std::uint32_t, 4> of_trip{};
      const unsigned begin = (thread / kLanes + static_cast<unsigned>(first)) % kTrips * kTripBytes;
      for (int load = launch.flaw == Flaw::dropped ? 1 : 0; load < loads; ++load)
        for (int word = 0; word < words; ++word)
          of_trip[static_cast<std::size_t>((load * words + word) % 4)] +=
              tile[(begin + static_cast<unsigned>(first_byte(load, lane, words, ways))) / 4 +
                   static_cast<unsigned>(word)];
      const auto times = static_cast<std::uint32_t>((trips - first + kTrips - 1) / kTrips);
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += times * of_trip[i];
    }
    left.push_back(joined(sums));
  }
  return left;
}

cudaError_t leave(const Launch& launch, const std::vector<std::uint32_t>& words) {
  return leave_words(launch, words, launch.argument<std::uint32_t*>(1), launch.argument<void*>(2));
}

const Model kRead128({.name = "shared_read",
                      .kernel = "shared_read_128",
                      .role = Role::measured,
                      .cost =
                          [](const Launch& launch) {
                            return Cost{.sm_cycles = warp_trips_of_busiest_sm(launch) * clocks_of_trip(4, 4)};
                          },
                      .answer = [](const Launch& launch) { return leave(launch, read_words(launch, 0, 4, 4)); }});

const Model kRead32(
    {.name = "shared_read",
     .kernel = "shared_read_32",
     .role = Role::measured,
     .cost =
         [](const Launch& launch) {
           return Cost{.sm_cycles = warp_trips_of_busiest_sm(launch) * clocks_of_trip(1, launch.template_numbers[0])};
         },
     .answer =
         [](const Launch& launch) { return leave(launch, read_words(launch, 0, 1, launch.template_numbers[0])); }});

// --- writing: word i of a block's memory is that of the place i, and a golden-ratio step more with every trip ---

/// What a block's memory holds at the end. A thread reads every 32nd word of the next warp's 4 KiB.
std::vector<std::uint32_t> write_words(const Launch& launch) {
  constexpr std::uint32_t step = 0x9e3779b9;
  const auto trips = static_cast<std::uint32_t>(launch.argument<int>(0) - (launch.flaw == Flaw::shorter ? 1 : 0));
  std::vector<std::uint32_t> memory(std::size_t{launch.block.x} * 32);
  for (std::uint32_t i = 0; i < memory.size(); ++i) {
    const bool stays = launch.flaw == Flaw::dropped && i % 1024 < 128;  // the first vector of every thread
    memory[i] = word_at_place(i) + step * (stays ? 0 : trips);
  }
  std::vector<std::uint32_t> left;
  for (unsigned thread = 0; thread < launch.block.x; ++thread) {
    std::uint32_t word = 0;
    const std::size_t begin = std::size_t{thread / kLanes + 1} * 1024 % memory.size();
    for (std::size_t i = thread % kLanes; i < 1024; i += kLanes) word = joined(word, memory[begin + i]);
    left.push_back(word);
  }
  return left;
}

const Model kWrite({.name = "shared_write",
                    .kernel = "shared_write_128",
                    .role = Role::measured,
                    .cost =
                        [](const Launch& launch) {
                          return Cost{.sm_cycles = warp_trips_of_busiest_sm(launch) * kTripBytes / bytes_per_clock()};
                        },
                    .answer = [](const Launch& launch) { return leave(launch, write_words(launch)); }});

// --- the memory of another block ---

bool has_clusters() { return architecture().code >= 90; }

constexpr double kNetworkBytes = 32;  // that an SM gets from its neighbours in a clock: the order of what is published
constexpr double kNetworkLatency = 200;     // clocks of a load from another SM: the same
constexpr double kLoopLatency = 12;         // counter, comparison and branch behind each trip of a chase
constexpr std::uint32_t kRing = 1021;       // places that a chase goes through
constexpr std::uint32_t kRingStride = 389;  // from one to the next

cudaError_t read_of_next(const Launch& launch) {
  const auto cluster = static_cast<unsigned>(launch.template_numbers[0]);
  if (!has_clusters() || launch.grid.x % cluster != 0) return cudaErrorLaunchFailure;
  std::vector<std::uint32_t> words;
  for (unsigned rank = 0; rank < cluster; ++rank) {
    const auto of_block = read_words(launch, (rank + 1) % cluster, 4, 4);
    words.insert(words.end(), of_block.begin(), of_block.end());
  }
  return leave(launch, words);
}
const Model kReadOfNext({.name = "dsmem_read",
                         .role = Role::measured,
                         .cost =
                             [](const Launch& launch) {
                               return Cost{.sm_cycles = warp_trips_of_busiest_sm(launch) * kTripBytes / kNetworkBytes};
                             },
                         .answer = read_of_next});

Cost chase_cost(const Launch& launch) {
  const double trip = launch.template_numbers[0] * kNetworkLatency + kLoopLatency;
  return {.latency_cycles = launch.argument<int>(0) * trip};
}
cudaError_t chase(const Launch& launch) {
  auto* out = elements(launch.argument<std::uint32_t*>(1), 1);
  if (!out) return cudaErrorIllegalAddress;
  if (!has_clusters() || launch.grid.x != 2) return cudaErrorLaunchFailure;
  std::int64_t steps = std::int64_t{launch.argument<int>(0)} * launch.template_numbers[0];
  if (launch.flaw == Flaw::shorter) steps -= launch.template_numbers[0];
  if (launch.flaw == Flaw::dropped) steps -= 1;
  std::uint32_t place = 0;
  for (std::int64_t step = 0; step < steps % kRing; ++step) place = (place + kRingStride) % kRing;
  *out = place;
  if (launch.flaw == Flaw::wrong) *out ^= 1U;
  if (launch.flaw == Flaw::nan) *out = ~0U;
  written(out);
  return leave_trace(launch, launch.argument<void*>(2));
}
const Model kChase({.name = "dsmem_chase", .role = Role::measured, .cost = chase_cost, .answer = chase});

}  // namespace
}  // namespace peakproof::stand_in
