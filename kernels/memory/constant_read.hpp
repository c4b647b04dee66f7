// Reading constant memory: parameters, work, launch and answer. The kernels and their data sheet are in constant_read.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/memory/mix.hpp"
#include "kernels/probe/block_trace.hpp"

namespace peakproof::kernels {

struct ConstantRead {
  static constexpr int threads = 256;
  static constexpr int lanes = 32;
  static constexpr int warps = threads / lanes;
  static constexpr int loads = 8;             ///< of a trip
  static constexpr int section_bytes = 1024;  ///< that a trip reads of, a column of it: a load every 128 bytes
  static constexpr int row_bytes = section_bytes / loads;
  static constexpr int most_bytes = 64 * 1024;  ///< all the constant memory that a program has

  int width = 4;                  ///< bytes of a load: 4 or 8
  int set_bytes = section_bytes;  ///< that are read over and over: a power of two
  bool divergent = false;         ///< every lane has an address of its own, not all the same; of 4 bytes
  int blocks = 1;
  int trips = 1;

  [[nodiscard]] int sections() const { return set_bytes / section_bytes; }
  [[nodiscard]] std::string symbol() const { return "constant_read<" + std::to_string(width) + ">"; }
  /// Bytes that one launch has the cache deliver: those of a load once a warp, or once a lane where all differ.
  [[nodiscard]] double work() const {
    const double addresses = divergent ? lanes : 1;
    return addresses * width * loads * trips * warps * blocks;
  }
  /// The index-th word of constant memory.
  static constexpr std::uint32_t word(std::uint32_t index) { return mix32(index); }
};

/// Blocks of this kernel that fill one SM.
[[nodiscard]] cudaError_t blocks_per_sm(const ConstantRead& kernel, int* blocks);
/// `out` has a word for every thread, `trace` one record for every block. cudaErrorInvalidValue for a width or a set that
/// there is not, and for divergent loads of more than 4 bytes.
[[nodiscard]] cudaError_t launch(const ConstantRead& kernel, std::uint32_t* out, BlockTrace* trace,
                                 cudaStream_t stream);
/// What the first threads leave; thread i the same as thread i % size.
[[nodiscard]] std::vector<std::uint32_t> answer(const ConstantRead& kernel);

}  // namespace peakproof::kernels
