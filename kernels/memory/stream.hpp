// The STREAM patterns in device memory: parameters, work and launch. The kernel and its data sheet are in stream.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>
#include <string>

namespace peakproof::kernels {

/// Those of BabelStream (https://github.com/UoB-HPC/BabelStream), with the one-way ones beside them.
enum class StreamPattern : int {
  read,   ///< the sum of x, 64-bit words modulo 2^64
  write,  ///< out = a word made of its position
  copy,   ///< out = x
  scale,  ///< out = s x
  add,    ///< out = x + y
  triad,  ///< out = x + s y
  dot,    ///< the sum of x y
};
inline constexpr std::array kStreamPatterns = {StreamPattern::read,  StreamPattern::write, StreamPattern::copy,
                                               StreamPattern::scale, StreamPattern::add,   StreamPattern::triad,
                                               StreamPattern::dot};
/// "read", "write" …
[[nodiscard]] const char* name(StreamPattern pattern);

/// Words that depend on their position and cost an addition each: first, first + step, … modulo 2^64.
struct WordSequence {
  std::uint64_t first = 0;
  std::uint64_t step = 0;
};

struct StreamKernel {
  static constexpr int threads = 256;
  static constexpr int vectors_per_thread = 8;  ///< of 16 bytes, in flight at once; with two inputs half of each
  static constexpr std::int64_t vector_bytes = 16;
  /// What the size of a buffer must be a multiple of, whatever the pattern.
  static constexpr std::int64_t granule = vector_bytes * threads * vectors_per_thread;

  StreamPattern pattern = StreamPattern::copy;
  std::int64_t bytes = 0;  ///< of one buffer

  [[nodiscard]] std::string symbol() const;  ///< "stream<Copy>"
  [[nodiscard]] int inputs() const;          ///< buffers that are read: none, x, or x and y
  [[nodiscard]] bool sums() const;           ///< leaves a sum per block, not a buffer
  /// Buffers of `bytes` that it needs.
  [[nodiscard]] int buffers() const { return inputs() + (sums() ? 0 : 1); }
  /// Of each input in a block's part, and of the output.
  [[nodiscard]] std::int64_t block_bytes() const { return inputs() == 2 ? granule / 2 : granule; }
  [[nodiscard]] std::int64_t blocks() const { return bytes / block_bytes(); }
  /// Of the output: `bytes`, or those of the blocks' sums.
  [[nodiscard]] std::int64_t output_bytes() const { return sums() ? 8 * blocks() : bytes; }
  /// Bytes of one launch: each one read or written counted once. The sums of read and dot (0.03 %) are not counted.
  [[nodiscard]] double bytes_moved() const { return static_cast<double>(buffers()) * static_cast<double>(bytes); }
};
/// What a launch works on. Buffers that the pattern does not have are null; all lie on 16 bytes.
struct StreamOperands {
  const void* x = nullptr;
  const void* y = nullptr;
  void* out = nullptr;      ///< output_bytes()
  double scalar = 0.4;      ///< s; BabelStream's
  WordSequence words = {};  ///< that write writes
};
[[nodiscard]] cudaError_t launch(const StreamKernel& kernel, const StreamOperands& operands, cudaStream_t stream);

}  // namespace peakproof::kernels
