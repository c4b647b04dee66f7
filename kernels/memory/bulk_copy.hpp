// Device memory by TMA bulk copies: parameters, work and launch. The kernels and their data sheet are in bulk_copy.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/memory/stream.hpp"
#include "kernels/tensor/native.hpp"

namespace peakproof::kernels {

enum class BulkPattern : int {
  read,   ///< global -> shared, summed up there
  write,  ///< shared -> global, of words made there
  copy,   ///< global -> shared -> global
};
inline constexpr std::array kBulkPatterns = {BulkPattern::read, BulkPattern::write, BulkPattern::copy};

struct BulkCopy {
  static constexpr Native native{90};
  static constexpr int threads = 256;           ///< of a block, but
  static constexpr int threads_of_copy = 32;    ///< where none of them touches the bytes
  static constexpr int tile_bytes = 16 * 1024;  ///< of one bulk copy
  static constexpr int stages = 4;              ///< tiles of the ring
  static constexpr int tiles_of_block = 32;
  static constexpr int ring_bytes = tile_bytes * stages;
  static constexpr std::int64_t block_bytes = std::int64_t{tile_bytes} * tiles_of_block;

  BulkPattern pattern = BulkPattern::copy;
  std::int64_t bytes = 0;  ///< of one buffer; a multiple of block_bytes

  [[nodiscard]] const char* name() const {
    constexpr std::array names = {"tma_read", "tma_write", "tma_copy"};
    return names.at(static_cast<std::size_t>(pattern));
  }
  [[nodiscard]] const char* symbol() const {
    constexpr std::array names = {"bulk_read", "bulk_write", "bulk_copy"};
    return names.at(static_cast<std::size_t>(pattern));
  }
  [[nodiscard]] std::int64_t blocks() const { return bytes / block_bytes; }
  [[nodiscard]] bool reads() const { return pattern != BulkPattern::write; }
  [[nodiscard]] bool writes() const { return pattern != BulkPattern::read; }
  /// Bytes of one launch: read and written both counted.
  [[nodiscard]] double bytes_moved() const {
    return static_cast<double>(bytes) * (static_cast<int>(reads()) + static_cast<int>(writes()));
  }
};

/// What a launch works on. Null what the pattern does not have; buffers lie on 16 bytes.
struct BulkOperands {
  const void* source = nullptr;
  void* destination = nullptr;
  unsigned long long* sums = nullptr;  ///< of a read: one word for each block
  WordSequence words = {};             ///< that a write writes
};

/// Lets the kernel have its shared memory: once, before launches.
[[nodiscard]] cudaError_t prepare(const BulkCopy& kernel);
[[nodiscard]] cudaError_t launch(const BulkCopy& kernel, const BulkOperands& operands, cudaStream_t stream);

}  // namespace peakproof::kernels
