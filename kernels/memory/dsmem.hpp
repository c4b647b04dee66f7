// Distributed shared memory: that of the other blocks of a cluster. Parameters, work, launch and answer; the kernels and
// their data sheet are in dsmem.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/memory/shared_tile.hpp"
#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

/// Bandwidth: every block of a cluster reads the shared memory of the block of the next rank.
struct DsmemRead {
  static constexpr int threads = 1024;
  static constexpr std::array all_clusters = {2, 4, 8};

  int cluster = 2;  ///< blocks of a cluster
  int blocks = 2;   ///< a multiple of it
  int trips = 1;

  [[nodiscard]] std::string symbol() const { return "dsmem_read<" + std::to_string(cluster) + ">"; }
  /// Bytes that one launch delivers to registers.
  [[nodiscard]] double work() const { return 4.0 * SharedTile::lane_words * threads * trips * blocks; }
};

/// The clusters of this kernel that the device runs at once, no two blocks on one SM; 0 where it has no such cluster.
[[nodiscard]] cudaError_t clusters_at_once(const DsmemRead& kernel, int* clusters);
/// `out` has a word for every thread, `trace` one record for every block. clusters_at_once comes first.
/// cudaErrorInvalidValue for a cluster or a number of blocks that no kernel has.
[[nodiscard]] cudaError_t launch(const DsmemRead& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream);
/// What the threads of the first cluster leave, which is the same in all clusters.
[[nodiscard]] std::vector<std::uint32_t> answer(const DsmemRead& kernel);

/// Latency: one thread of a cluster of two follows a ring of addresses through the other block's shared memory.
struct DsmemChase {
  static constexpr int cluster = 2;
  static constexpr int threads = 32;
  static constexpr int body = 128;
  static constexpr int places = 1021;  ///< of the ring: a prime, so that a trip that is left out shows
  static constexpr int stride = 389;   ///< places from one to the next

  int steps = body;  ///< of a trip: `body` or half of it, for the difference of both is half a body without the loop
  int trips = 1;

  [[nodiscard]] std::string symbol() const { return "dsmem_chase<" + std::to_string(steps) + ">"; }
  /// Dependent loads of one launch.
  [[nodiscard]] double work() const { return double(steps) * trips; }
};

/// Lets the two blocks of a chase run on two SMs; before the first launch.
[[nodiscard]] cudaError_t prepare(const DsmemChase& kernel);
/// `out` has one word, `trace` one record for each of the two blocks. cudaErrorInvalidValue for other `steps`.
[[nodiscard]] cudaError_t launch(const DsmemChase& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream);
/// The place where the chase ends.
[[nodiscard]] std::uint32_t answer(const DsmemChase& kernel);

}  // namespace peakproof::kernels
