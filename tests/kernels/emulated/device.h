// A device on the host, for the source of kernels that use no more of one than this: memory is the host's, a launch runs
// the threads of a block one after the other, and those of a warp side by side where they exchange numbers.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <barrier>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names are CUDA's
#define __launch_bounds__(threads)
inline thread_local uint3 threadIdx;
inline thread_local uint3 blockIdx;
inline thread_local dim3 blockDim;
inline thread_local dim3 gridDim;

namespace emulated {

constexpr unsigned kWarp = 32;
struct Size {
  dim3 grid;
  dim3 block;
};
struct Warp {
  std::barrier<> barrier{kWarp};
  std::array<float, kWarp> lanes{};
};
inline thread_local Warp* warp = nullptr;
/// Thrown by a thread that runs alone and exchanges numbers: the launch begins again, with whole warps.
struct NeedsWarp {};

template <class Body>
void run_thread(const Size& config, uint3 block, unsigned thread, const Body& body) {
  threadIdx = {thread % config.block.x, thread / config.block.x, 0};
  blockIdx = block;
  blockDim = config.block;
  gridDim = config.grid;
  body();
}

template <class Body>
void run_block(const Size& config, uint3 block, bool warps, const Body& body) {
  const unsigned threads = config.block.x * config.block.y;
  for (unsigned first = 0; first < threads; first += warps ? kWarp : 1) {
    if (!warps) {
      run_thread(config, block, first, body);
      continue;
    }
    Warp shared;
    std::vector<std::jthread> lanes;
    for (unsigned lane = 0; lane < kWarp; ++lane)
      lanes.emplace_back([&, lane] {
        warp = &shared;
        run_thread(config, block, first + lane, body);
        shared.barrier.arrive_and_drop();
      });
  }
}

template <class Body>
void run_grid(const Size& config, bool warps, const Body& body) {
  for (unsigned y = 0; y < config.grid.y; ++y)
    for (unsigned x = 0; x < config.grid.x; ++x) run_block(config, {x, y, 0}, warps, body);
}

}  // namespace emulated

template <class... Parameters>
cudaError_t cudaLaunchKernel(void (*kernel)(Parameters...), dim3 grid, dim3 block, void** arguments,
                             std::size_t /*shared*/, cudaStream_t /*stream*/) {
  const auto body = [&]<std::size_t... i>(std::index_sequence<i...>) {
    kernel(*static_cast<Parameters*>(arguments[i])...);
  };
  const auto run = [&] { body(std::index_sequence_for<Parameters...>{}); };
  try {
    emulated::run_grid({grid, block}, false, run);
  } catch (const emulated::NeedsWarp&) {
    emulated::run_grid({grid, block}, true, run);
  }
  return cudaSuccess;
}

inline float __shfl_xor_sync(unsigned /*mask*/, float value, int apart) {
  if (emulated::warp == nullptr) throw emulated::NeedsWarp{};
  const unsigned lane = threadIdx.x % emulated::kWarp;
  emulated::warp->lanes.at(lane) = value;
  emulated::warp->barrier.arrive_and_wait();
  const float other = emulated::warp->lanes.at(lane ^ static_cast<unsigned>(apart));
  emulated::warp->barrier.arrive_and_wait();
  return other;
}
inline float __int_as_float(int bits) { return std::bit_cast<float>(bits); }
inline int __float2int_rn(float value) { return static_cast<int>(std::nearbyintf(value)); }
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
