// Reading and writing shared memory by instructions that stand where they are written: the compiler neither leaves one out
// nor moves it out of a loop nor joins it with its neighbour.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/memory/shared_address.cuh"
#include "kernels/memory/shared_tile.hpp"
#include "kernels/probe/block_trace.hpp"
#include "kernels/probe/device_clock.cuh"

namespace peakproof::kernels {

// Volatile twice: for the compiler, and for the assembler, which makes one load of neighbours that are only asm volatile.
__device__ __forceinline__ std::uint32_t load_4(std::uint32_t address) {
  std::uint32_t word = 0;
  asm volatile("ld.volatile.shared.u32 %0, [%1];" : "=r"(word) : "r"(address) : "memory");
  return word;
}
__device__ __forceinline__ uint4 load_16(std::uint32_t address) {
  uint4 words{};
  asm volatile("ld.volatile.shared.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w)
               : "r"(address)
               : "memory");
  return words;
}
__device__ __forceinline__ void store_16(std::uint32_t address, const uint4& words) {
  asm volatile("st.volatile.shared.v4.u32 [%0], {%1, %2, %3, %4};" ::"r"(address), "r"(words.x), "r"(words.y),
               "r"(words.z), "r"(words.w)
               : "memory");
}

/// Fills a tile as SharedTile::word says; the whole block calls it, and synchronises afterwards.
__device__ __forceinline__ void fill_tile(std::uint32_t* tile, int rank) {
  for (auto i = static_cast<int>(threadIdx.x); i < SharedTile::words; i += static_cast<int>(blockDim.x))
    tile[i] = SharedTile::word(rank, i);
}

/// One trip of 16-byte loads, the lanes beside each other: row after row of 512 bytes.
template <class Load>
__device__ __forceinline__ void read_vectors(const Load& load, std::uint32_t section, uint4& sums) {
  constexpr int loads = SharedTile::lane_words / 4;
  section += threadIdx.x % SharedTile::lanes * 16;
  uint4 read[loads];
#pragma unroll
  for (int i = 0; i < loads; ++i) read[i] = load(section + i * 16 * SharedTile::lanes);
#pragma unroll
  for (int i = 0; i < loads; i += 2) {
    sums.x += read[i].x + read[i + 1].x;
    sums.y += read[i].y + read[i + 1].y;
    sums.z += read[i].z + read[i + 1].z;
    sums.w += read[i].w + read[i + 1].w;
  }
}

/// The loop around a trip, `read(section, sums)`, which reads the section at that address. Every thread leaves its sums,
/// and thread 0 the block's trace: the clock around the loop, and the SM.
template <class Read>
__device__ __forceinline__ void read_tile(std::uint32_t tile, int trips, std::uint32_t* out, BlockTrace* trace,
                                          const Read& read) {
  std::uint32_t section = threadIdx.x / SharedTile::lanes % SharedTile::sections * SharedTile::section_bytes;
  uint4 sums{};
  const std::int64_t begin = clock64();
  __syncthreads();
#pragma unroll 1  // the loop stays a loop: its body is the unit that the audit counts
  for (int trip = 0; trip < trips; ++trip) {
    read(tile + section, sums);
    section = (section + SharedTile::section_bytes) % SharedTile::bytes;
  }
  __syncthreads();
  const std::int64_t end = clock64();
  out[std::size_t{blockIdx.x} * blockDim.x + threadIdx.x] = fold_sums({sums.x, sums.y, sums.z, sums.w});
  if (threadIdx.x == 0) trace[blockIdx.x] = BlockTrace{begin, end, sm_id()};
}

}  // namespace peakproof::kernels
