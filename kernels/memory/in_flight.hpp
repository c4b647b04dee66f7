// Reading with a chosen number of bytes in flight: parameters, work and launch. The kernel and its data sheet are in
// in_flight.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

/// How many loads an SM has under way: those of a thread, and the warps.
struct Flight {
  int loads = 1;  ///< of 16 bytes, in flight at once in each thread: 1, 2, 4 or 8
  int warps = 1;  ///< of an SM: 1 to 32, all in one block

  static constexpr int lanes = 32;
  static constexpr int vector_bytes = 16;
  [[nodiscard]] constexpr int threads() const { return warps * lanes; }
  /// Asked for by one SM and not there yet, at most.
  [[nodiscard]] constexpr int bytes() const { return threads() * loads * vector_bytes; }
};
/// From 512 bytes to 128 KiB an SM, ascending, each number once. One load in a thread while the warps suffice: then a
/// load never waits for another one's, and what is in flight is what was asked for.
inline constexpr std::array<Flight, 15> kFlights = {{{1, 1},
                                                     {1, 2},
                                                     {1, 4},
                                                     {1, 6},
                                                     {1, 8},
                                                     {1, 12},
                                                     {1, 16},
                                                     {1, 24},
                                                     {1, 32},
                                                     {2, 24},
                                                     {2, 32},
                                                     {4, 24},
                                                     {4, 32},
                                                     {8, 24},
                                                     {8, 32}}};

struct InFlight {
  static constexpr int most_waves = 16;
  static constexpr int least_trips = 8;  ///< of a block, if there is to be a second wave

  Flight flight;
  int blocks = 1;  ///< of which each SM holds one at a time
  int trips = 1;
  int shared_bytes = 0;  ///< of a block, unused: see one_block_per_sm

  /// Reads as much of `bytes` as goes evenly over all SMs; nothing (trips is 0) where that is not even one trip.
  [[nodiscard]] static InFlight over(const Flight& flight, std::int64_t bytes, int sm_count) {
    const std::int64_t trips = bytes / (std::int64_t{flight.bytes()} * sm_count);
    const std::int64_t waves = std::clamp<std::int64_t>(trips / least_trips, 1, most_waves);
    return {flight, static_cast<int>(waves) * sm_count, static_cast<int>(trips / waves)};
  }
  [[nodiscard]] std::string symbol() const { return "in_flight<" + std::to_string(flight.loads) + ">"; }
  /// Of all blocks, in one trip.
  [[nodiscard]] std::int64_t trip_bytes() const { return std::int64_t{flight.bytes()} * blocks; }
  /// Read by one launch.
  [[nodiscard]] std::int64_t bytes() const { return trip_bytes() * trips; }
  /// One for each warp.
  [[nodiscard]] std::int64_t sums() const { return std::int64_t{flight.warps} * blocks; }
};

/// Makes sure that no SM holds two of these blocks: where two would fit, each gets more than half of the SM's shared
/// memory, which it does not use. cudaErrorInvalidConfiguration where not exactly one fits.
[[nodiscard]] cudaError_t one_block_per_sm(InFlight& kernel);
/// Reads the first bytes() of `data`, once. `sums` has sums() words, `trace` one entry for each block.
[[nodiscard]] cudaError_t launch(const InFlight& kernel, const void* data, unsigned long long* sums, BlockTrace* trace,
                                 cudaStream_t stream);

}  // namespace peakproof::kernels
