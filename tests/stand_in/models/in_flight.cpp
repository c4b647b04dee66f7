// in_flight<loads>: one block at a time on each SM, whose threads have so many loads of 16 bytes under way and no more.
#include <cmath>
#include <vector>

#include "kernels/probe/block_trace.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/words.hpp"

namespace peakproof::stand_in {
namespace {

constexpr double kLatency = 650e-9;  // of an access when little else is under way
constexpr double kSharpness = 4;     // of the knee
constexpr std::int64_t kLanes = 32;
constexpr std::int64_t kWords = 2;  // of a load

struct Shape {
  std::int64_t blocks;
  std::int64_t threads;
  std::int64_t loads;
  std::int64_t trips;

  explicit Shape(const Launch& launch)
      : blocks(launch.blocks()),
        threads(launch.block.x),
        loads(launch.template_numbers.at(0)),
        trips(launch.argument<int>(1)) {}
  [[nodiscard]] std::int64_t words_of_block() const { return threads * loads * kWords; }  // in a trip
  [[nodiscard]] std::int64_t words() const { return words_of_block() * blocks * trips; }
};

/// Little's law: N bytes under way come at N / latency, and the memory gives no more than its peak.
Cost cost(const Launch& launch) {
  const Shape shape(launch);
  const double bytes = 8.0 * static_cast<double>(shape.words());
  const double in_flight = 8.0 * static_cast<double>(shape.words_of_block()) * settings().sms;
  const double peak = 2e6 * settings().memory_mhz * settings().bus_bits / 8;
  const double waiting = bytes * kLatency / in_flight;
  const double moving = bytes / peak;
  return {.seconds = std::pow(std::pow(waiting, kSharpness) + std::pow(moving, kSharpness), 1 / kSharpness)};
}

/// Sums of warps: a trip is contiguous, of it each block's part, of that each load of all threads.
void add_up(const Shape& shape, Flaw flaw, const std::uint64_t* data, std::uint64_t* sums) {
  const std::int64_t warps = shape.threads / kLanes;
  const std::int64_t trips = flaw == Flaw::shorter ? shape.trips - 1 : shape.trips;
  const std::int64_t loads = flaw == Flaw::dropped && shape.loads > 1 ? shape.loads - 1 : shape.loads;
  for (std::int64_t i = 0; i < warps * shape.blocks; ++i) sums[i] = 0;
  for (std::int64_t trip = 0; trip < trips; ++trip)
    for (std::int64_t block = 0; block < shape.blocks; ++block)
      for (std::int64_t load = 0; load < loads; ++load)
        for (std::int64_t warp = 0; warp < warps; ++warp) {
          const std::int64_t group = ((trip * shape.blocks + block) * shape.loads + load) * warps + warp;
          sums[block * warps + warp] += sum_of_part(flaw == Flaw::dropped && shape.loads == 1 ? flaw : Flaw::none,
                                                    data + group * kLanes * kWords, kLanes * kWords, false);
        }
}

/// On each SM one block after the other.
void write_trace(const Launch& launch, kernels::BlockTrace* trace) {
  const std::int64_t sms = settings().sms;
  const double begin = launch.interval.begin_cycles;
  const double each =
      (launch.interval.cycles_at(launch.interval.end_ps) - begin) / static_cast<double>(launch.blocks_of_busiest_sm());
  for (std::int64_t block = 0; block < launch.blocks(); ++block) {
    const std::int64_t wave = block / sms;
    const auto before = static_cast<double>(wave);
    trace[block] = {.begin_clk = std::llround(begin + before * each),
                    .end_clk = std::llround(begin + (before + 1) * each),
                    .smid = block % sms};
  }
  written(trace);
}

cudaError_t answer(const Launch& launch) {
  const Shape shape(launch);
  const std::int64_t count = shape.blocks * shape.threads / kLanes;
  const auto* data = elements(launch.argument<const std::uint64_t*>(0), shape.words());
  auto* sums = elements(launch.argument<std::uint64_t*>(3), count);
  auto* trace = elements(launch.argument<kernels::BlockTrace*>(4), shape.blocks);
  const bool chained_by_zero = launch.argument<std::uint64_t>(2) == 0;  // else every trip would read somewhere
  if (!data || !sums || !trace || !chained_by_zero) return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done({static_cast<std::uint64_t>(shape.trips), static_cast<std::uint64_t>(shape.threads),
                          static_cast<std::uint64_t>(shape.loads)},
                         {data}, sums, [&] {
                           add_up(shape, launch.flaw, data, sums);
                           spoil(launch.flaw, sums, count);
                         });
  write_trace(launch, trace);
  return cudaSuccess;
}

const Model kModel({.name = "in_flight", .role = Role::measured, .cost = cost, .answer = answer});

}  // namespace
}  // namespace peakproof::stand_in
