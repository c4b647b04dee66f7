// Reading small pieces far apart: parameters, the order of the pieces, work, launch and check. The kernel and its data
// sheet are in scattered.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/memory/pattern.hpp"

namespace peakproof::kernels {

/// The largest power of two that is not above `number` (1 or more), as its exponent.
[[nodiscard]] constexpr int log2_floor(std::uint64_t number) {
  int bits = 0;
  while (number >> (bits + 1) != 0) ++bits;
  return bits;
}

/// Piece i lies `stride` bytes behind piece i - 1. At the end of the buffer the pieces begin again at its start, one
/// line further on, until every line was visited. So a piece's neighbours come long before or long after it.
struct StridedOrder {
  std::uint32_t slot_mask;  ///< pieces from the start of the buffer to its end, less 1
  int slot_bits;
  int stride_bits;

  static constexpr int line_bits = 7;
  [[nodiscard]] __host__ __device__ constexpr std::uint64_t offset(std::uint32_t piece) const {
    return (std::uint64_t{piece & slot_mask} << stride_bits) + (std::uint64_t{piece >> slot_bits} << line_bits);
  }
};

/// Piece i lies at a place that is a hash of i: three times a product with an odd number, and the upper half of the
/// bits over the lower half. Each is a bijection of the numbers below 2^bits, hence so is all.
struct RandomOrder {
  std::uint32_t mask;  ///< 2^bits - 1
  int half;            ///< of the bits, rounded up
  int piece_bits;      ///< log2 of a piece's bytes

  [[nodiscard]] __host__ __device__ constexpr std::uint64_t offset(std::uint32_t piece) const {
    std::uint32_t x = piece * 0x9E3779B1U & mask;
    x ^= x >> half;
    x = x * 0x85EBCA6BU & mask;
    x ^= x >> half;
    x = x * 0xC2B2AE35U & mask;
    x ^= x >> half;
    return std::uint64_t{x} << piece_bits;
  }
};

struct Scattered {
  static constexpr int threads = 256;
  static constexpr int loads = 4;  ///< independent 16-byte loads in flight per thread
  static constexpr int vector_bytes = 16;
  static constexpr int sector_bytes = 32;  ///< the least that an L2 asks a memory for
  static constexpr int line_bytes = 128;   ///< of a cache
  static constexpr int block_bytes = threads * loads * vector_bytes;
  static constexpr std::int64_t least_bytes = std::int64_t{1} << 20;
  static constexpr std::int64_t most_bytes = std::int64_t{1} << 36;  ///< fewer than 2^32 pieces
  static constexpr int most_stride = 4096;

  std::int64_t bytes = least_bytes;  ///< of the buffer; a power of two from least_bytes to most_bytes
  int piece_bytes = sector_bytes;    ///< sector_bytes, or line_bytes of a random order
  int stride_bytes = 0;              ///< 0: a random order; or a power of two from piece_bytes to most_stride

  [[nodiscard]] bool random() const { return stride_bytes == 0; }
  [[nodiscard]] const char* symbol() const {
    if (random()) return piece_bytes == line_bytes ? "scattered<RandomOrder, 8>" : "scattered<RandomOrder, 2>";
    return "scattered<StridedOrder, 2>";
  }
  [[nodiscard]] bool valid() const {
    const auto power_of_two = [](std::int64_t number) { return number > 0 && (number & (number - 1)) == 0; };
    const bool piece = piece_bytes == sector_bytes || (piece_bytes == line_bytes && random());
    const bool stride =
        random() || (power_of_two(stride_bytes) && stride_bytes >= piece_bytes && stride_bytes <= most_stride);
    return power_of_two(bytes) && bytes >= least_bytes && bytes <= most_bytes && piece && stride;
  }
  /// Read by one launch: a strided order of more than a sector takes one sector of each stride or line, whichever is
  /// smaller; a random one all.
  [[nodiscard]] std::int64_t useful_bytes() const {
    if (random()) return bytes;
    return bytes / (stride_bytes < line_bytes ? stride_bytes : line_bytes) * piece_bytes;
  }
  /// Whether no more crosses the pins than is asked for: whole lines, or sectors without a gap.
  [[nodiscard]] bool moves_what_it_reads() const { return piece_bytes == line_bytes || stride_bytes == sector_bytes; }
  [[nodiscard]] std::int64_t pieces() const { return useful_bytes() / piece_bytes; }
  [[nodiscard]] std::int64_t blocks() const { return useful_bytes() / block_bytes; }
  [[nodiscard]] StridedOrder strided_order() const {
    const int slot_bits = log2_floor(static_cast<std::uint64_t>(bytes / stride_bytes));
    return {static_cast<std::uint32_t>((std::uint64_t{1} << slot_bits) - 1), slot_bits,
            log2_floor(static_cast<std::uint64_t>(stride_bytes))};
  }
  [[nodiscard]] RandomOrder random_order() const {
    const int bits = log2_floor(static_cast<std::uint64_t>(pieces()));
    return {static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1), (bits + 1) / 2,
            log2_floor(static_cast<std::uint64_t>(piece_bytes))};
  }
};

/// `sums` has one word for each block. cudaErrorInvalidValue for what is not valid().
[[nodiscard]] cudaError_t launch(const Scattered& kernel, const void* data, unsigned long long* sums,
                                 cudaStream_t stream);
/// Adds the blocks whose sum is not that of the pattern's words in its pieces to *mismatches (device memory).
/// Every block is held against its own pieces, so that another order shows.
[[nodiscard]] cudaError_t count_mismatches(const Scattered& kernel, const Pattern& pattern,
                                           const unsigned long long* sums, Mismatches* mismatches, cudaStream_t stream);

}  // namespace peakproof::kernels
