// Device-memory copy bandwidth: parameters, work and launch. The kernel and its data sheet are in dram_copy.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace peakproof::kernels {

struct DramCopy {
  static constexpr const char* symbol = "dram_copy";
  static constexpr int threads = 256;
  static constexpr int vectors_per_thread = 8;  ///< independent 16-byte loads in flight per thread
  static constexpr std::int64_t vector_bytes = 16;
  static constexpr std::int64_t block_bytes = vector_bytes * threads * vectors_per_thread;

  std::int64_t bytes = 0;  ///< of one buffer; a multiple of block_bytes

  /// Bytes moved by one launch: read and written both counted.
  [[nodiscard]] double bytes_moved() const { return 2.0 * static_cast<double>(bytes); }
};
[[nodiscard]] cudaError_t launch(const DramCopy& kernel, const void* source, void* destination, cudaStream_t stream);

}  // namespace peakproof::kernels
