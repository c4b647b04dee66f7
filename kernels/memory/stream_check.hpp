// What the STREAM patterns work on, and what they must leave: filled in and checked on the device, from positions alone.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/memory/mismatches.hpp"
#include "kernels/memory/pattern.hpp"
#include "kernels/memory/stream.hpp"

namespace peakproof::kernels {

enum class StreamInput : int { x = 0, y = 1 };

/// read and copy: the words of Pattern. write: a sequence of words (zero: 0; ones: every bit set). The others: FP64, random
/// numbers of either sign in [1, 2) with every bit of the mantissa, for dot with its first 19 (so that the sums of a block
/// are exact); zero: 0.0; ones: 1.0.
struct StreamData {
  Data data = Data::random;
  std::uint64_t seed = 1;  ///< of x; that of y is the next

  /// What write writes.
  [[nodiscard]] WordSequence words() const;
  /// The 64 bits of an input at `index` (host and device compute the same).
  [[nodiscard]] std::uint64_t input(StreamPattern pattern, StreamInput which, std::uint64_t index) const;
  /// The 64 bits of the output at `index` where it is a buffer.
  [[nodiscard]] std::uint64_t output(StreamPattern pattern, double scalar, std::uint64_t index) const;
  /// The 64 bits of the sum of `count` elements from `first` on where the output is one of sums.
  [[nodiscard]] std::uint64_t sum(StreamPattern pattern, std::uint64_t first, std::uint64_t count) const;
};
/// Fills the inputs that the pattern has.
[[nodiscard]] cudaError_t fill_inputs(const StreamKernel& kernel, const StreamData& data, void* x, void* y,
                                      cudaStream_t stream);
/// What is compared: elements, or the sums of blocks.
[[nodiscard]] std::int64_t items(const StreamKernel& kernel);
/// Adds the items in operands.out that differ in any bit from what should be there to *mismatches (device memory). The
/// inputs are not looked at.
[[nodiscard]] cudaError_t count_mismatches(const StreamKernel& kernel, const StreamData& data,
                                           const StreamOperands& operands, Mismatches* mismatches, cudaStream_t stream);
/// The same of any buffer that should hold a sequence of words; `bytes` is a multiple of 8.
[[nodiscard]] cudaError_t count_mismatches(const WordSequence& words, const void* data, std::int64_t bytes,
                                           Mismatches* mismatches, cudaStream_t stream);

}  // namespace peakproof::kernels
