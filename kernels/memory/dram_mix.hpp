// Reads and writes of device memory in a chosen ratio: parameters, work and launch. The kernel and its data sheet are
// in dram_mix.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>

#include "kernels/memory/stream.hpp"

namespace peakproof::kernels {

struct DramMix {
  static constexpr int threads = 256;
  static constexpr int vectors = 10;  ///< of 16 bytes, of a thread: so many are read, the others written
  static constexpr std::int64_t vector_bytes = 16;
  static constexpr std::int64_t block_bytes = vector_bytes * threads * vectors;

  int writes = 0;          ///< of the vectors: 0 to 10
  std::int64_t bytes = 0;  ///< read and written together; a multiple of block_bytes

  [[nodiscard]] int reads() const { return vectors - writes; }
  [[nodiscard]] int write_percent() const { return 100 * writes / vectors; }
  [[nodiscard]] std::string symbol() const { return "dram_mix<" + std::to_string(reads()) + ">"; }
  [[nodiscard]] std::int64_t blocks() const { return bytes / block_bytes; }
  [[nodiscard]] std::int64_t bytes_read() const { return bytes / vectors * reads(); }
  [[nodiscard]] std::int64_t bytes_written() const { return bytes / vectors * writes; }
};

/// What a launch works on. All buffers lie on 16 bytes; those of which the kernel takes nothing may be null.
struct MixOperands {
  const void* source = nullptr;        ///< bytes_read()
  void* destination = nullptr;         ///< bytes_written()
  unsigned long long* sums = nullptr;  ///< one for each block
  WordSequence words = {};             ///< that are written
};
[[nodiscard]] cudaError_t launch(const DramMix& kernel, const MixOperands& operands, cudaStream_t stream);

}  // namespace peakproof::kernels
