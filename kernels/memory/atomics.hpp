// Atomic additions on shared and on global memory: parameters, work, launch and answers. The kernels and their data sheet
// are in atomics.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/memory/mix.hpp"
#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

enum class AtomicMemory { shared, global };
enum class AtomicType { int32, int64, fp32 };

struct Atomics {
  static constexpr int threads = 256;
  static constexpr int steps = 16;                 ///< additions of a thread in a trip
  static constexpr int most_fp32_trips = 1 << 18;  ///< 2^18 x 16 x 3 < 2^24: whole numbers that FP32 holds

  AtomicMemory memory = AtomicMemory::global;
  AtomicType type = AtomicType::int32;  ///< of global memory; shared memory has int32
  bool spread = true;  ///< every thread has an address of its own, beside its neighbours'; else all share
                       ///< one (of shared memory: all of a block)
  bool used = false;   ///< the result of each is used; int32, spread
  int blocks = 1;
  int trips = 1;

  [[nodiscard]] std::string symbol() const;
  /// Additions of one launch.
  [[nodiscard]] double work() const { return double{steps} * trips * threads * blocks; }
  [[nodiscard]] int cell_bytes() const { return type == AtomicType::int64 ? 8 : 4; }
  /// Sums that a launch leaves in global memory: one for every thread, for every block, or for all.
  [[nodiscard]] std::int64_t cells() const {
    if (spread) return std::int64_t{blocks} * threads;
    return memory == AtomicMemory::shared ? blocks : 1;
  }
  /// What a thread adds, each time: another number than its neighbours, and an odd one, so that no number of additions
  /// below 2^32 comes to nothing. FP32 has 1 to 3.
  static constexpr std::uint64_t addend(AtomicType type, std::uint32_t thread) {
    constexpr std::uint32_t elsewhere = 1U << 31U;
    const std::uint32_t low = mix32(thread);
    if (type == AtomicType::fp32) return 1 + low % 3;
    return type == AtomicType::int64 ? std::uint64_t{mix32(thread + elsewhere)} << 32U | low | 1U : low | 1U;
  }
};

/// Blocks of this kernel that fill one SM.
[[nodiscard]] cudaError_t blocks_per_sm(const Atomics& kernel, int* blocks);
/// Adds to `cells` (shared memory: sets them to a block's sums), which has cells() numbers of cell_bytes(). `out` has a word
/// for every thread where results are used, else it may be null; `trace` one record for every block. cudaErrorInvalidValue
/// for a combination that no kernel has, and for more trips than FP32 sums hold.
[[nodiscard]] cudaError_t launch(const Atomics& kernel, void* cells, std::uint32_t* out, BlockTrace* trace,
                                 cudaStream_t stream);
/// What `cells` holds after one launch that began with zeros, as bits.
[[nodiscard]] std::vector<std::uint64_t> sums(const Atomics& kernel);
/// What a thread with results in use leaves in `out`: the sum of all that its cell held before each addition.
[[nodiscard]] std::uint32_t sum_of_results(const Atomics& kernel, std::uint32_t thread);

}  // namespace peakproof::kernels
