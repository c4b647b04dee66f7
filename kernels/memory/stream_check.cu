// Fills the inputs of the STREAM patterns and compares what they leave with what their positions demand. None is timed.
//
//   idea     an element of every buffer is made of its position, so that what is right never comes from another buffer
//   work     8 bytes an element, written or read once; the sums of a block are made again from its positions
//   answer   StreamData::input, output and sum, bit for bit: of a dot 19 + 19 bits behind the point and 2048 products
//            below 4 are integers below 2^51 in units of 2^-38, and such sums are exact in any order
#include "kernels/memory/hash.cuh"
#include "kernels/memory/mismatches.cuh"
#include "kernels/memory/pattern.cuh"
#include "kernels/memory/stream.cuh"
#include "kernels/memory/stream_check.hpp"

namespace peakproof::kernels {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMostBlocks = 65536;  // each block goes on by the whole grid's stride
constexpr int kMantissaBits = 52;
constexpr int kMantissaBitsOfDot = 19;

template <class To, class From>
__host__ __device__ To bits_as(From from) {
  static_assert(sizeof(To) == sizeof(From));
  union {
    From from;
    To to;
  } both{from};
  return both.to;
}

__host__ __device__ Pattern words_of(const StreamData& data, StreamInput which) {
  return {data.data, data.seed + static_cast<std::uint64_t>(which)};
}

/// An operand of what is computed in FP64.
__host__ __device__ double number_at(const StreamData& data, StreamInput which, int mantissa_bits,
                                     std::uint64_t index) {
  constexpr std::uint64_t one = 0x3FF0000000000000;
  constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
  if (data.data == Data::zero) return 0;
  if (data.data == Data::ones) return 1;
  const std::uint64_t word = word_at(words_of(data, which), index);
  const std::uint64_t mantissa =
      word & ((std::uint64_t{1} << kMantissaBits) - 1) & ~((std::uint64_t{1} << (kMantissaBits - mantissa_bits)) - 1);
  return bits_as<double>((word & sign) | one | mantissa);
}

/// Whether the elements are numbers that are computed with, not just words.
__host__ __device__ bool computes(StreamPattern pattern) {
  return pattern == StreamPattern::scale || pattern == StreamPattern::add || pattern == StreamPattern::triad ||
         pattern == StreamPattern::dot;
}

__host__ __device__ std::uint64_t input_at(const StreamData& data, StreamPattern pattern, StreamInput which,
                                           std::uint64_t index) {
  if (!computes(pattern)) return word_at(words_of(data, which), index);
  return bits_as<std::uint64_t>(
      number_at(data, which, pattern == StreamPattern::dot ? kMantissaBitsOfDot : kMantissaBits, index));
}

__host__ __device__ std::uint64_t word_at(const WordSequence& words, std::uint64_t index) {
  return words.first + index * words.step;
}

__host__ __device__ WordSequence sequence_of(const StreamData& data) {
  if (data.data == Data::zero) return {0, 0};
  if (data.data == Data::ones) return {~std::uint64_t{0}, 0};
  return {data.seed, 0x9E3779B97F4A7C15};  // an odd step, as SplitMix64 has: no two words are the same
}

/// One operation each, correctly rounded on the host and on the device: nothing that could be contracted.
__host__ __device__ std::uint64_t output_at(const StreamData& data, StreamPattern pattern, double scalar,
                                            std::uint64_t index) {
  if (pattern == StreamPattern::write) return word_at(sequence_of(data), index);
  const std::uint64_t x_bits = input_at(data, pattern, StreamInput::x, index);
  if (pattern == StreamPattern::copy) return x_bits;
  const double x = bits_as<double>(x_bits);
  if (pattern == StreamPattern::scale) return bits_as<std::uint64_t>(scalar * x);
  const double y = bits_as<double>(input_at(data, pattern, StreamInput::y, index));
  if (pattern == StreamPattern::add) return bits_as<std::uint64_t>(x + y);
  return bits_as<std::uint64_t>(fma(scalar, y, x));
}

/// What one position adds to the sum: a word, or a product in units of 2^-38.
__host__ __device__ std::uint64_t part_at(const StreamData& data, StreamPattern pattern, std::uint64_t index) {
  if (pattern == StreamPattern::read) return input_at(data, pattern, StreamInput::x, index);
  constexpr double unit = 1 << kMantissaBitsOfDot;
  const auto x = static_cast<std::int64_t>(number_at(data, StreamInput::x, kMantissaBitsOfDot, index) * unit);
  const auto y = static_cast<std::int64_t>(number_at(data, StreamInput::y, kMantissaBitsOfDot, index) * unit);
  return static_cast<std::uint64_t>(x * y);
}

/// The bits of a sum of such parts.
__host__ __device__ std::uint64_t sum_of_parts(StreamPattern pattern, std::uint64_t parts) {
  if (pattern == StreamPattern::read) return parts;
  constexpr double unit = std::uint64_t{1} << (2 * kMantissaBitsOfDot);
  return bits_as<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(parts)) / unit);
}

unsigned blocks_for(std::int64_t parts) { return static_cast<unsigned>(parts < kMostBlocks ? parts : kMostBlocks); }
unsigned blocks_for_words(std::int64_t words) { return blocks_for((words + kThreads - 1) / kThreads); }

__device__ std::int64_t first_index() { return std::int64_t{blockIdx.x} * kThreads + threadIdx.x; }
__device__ std::int64_t grid_stride() { return std::int64_t{gridDim.x} * kThreads; }

}  // namespace

__global__ void __launch_bounds__(kThreads)
    stream_fill(StreamData data, StreamPattern pattern, StreamInput which, std::uint64_t* out, std::int64_t words) {
  for (std::int64_t i = first_index(); i < words; i += grid_stride()) {
    out[i] = input_at(data, pattern, which, static_cast<std::uint64_t>(i));
  }
}

__global__ void __launch_bounds__(kThreads)
    stream_mismatches(StreamData data, StreamPattern pattern, double scalar, const std::uint64_t* out,
                      std::int64_t words, Mismatches* mismatches) {
  ThreadMismatches mine;
  for (std::int64_t i = first_index(); i < words; i += grid_stride()) {
    const auto index = static_cast<std::uint64_t>(i);
    mine.compare(index, out[i], output_at(data, pattern, scalar, index));
  }
  mine.add_to(mismatches);
}

__global__ void __launch_bounds__(kThreads)
    stream_sum_mismatches(StreamData data, StreamPattern pattern, const std::uint64_t* sums, std::int64_t count,
                          std::int64_t words_of_each, Mismatches* mismatches) {
  ThreadMismatches found;
  for (std::int64_t which = blockIdx.x; which < count; which += gridDim.x) {
    std::uint64_t mine = 0;
    for (std::int64_t i = threadIdx.x; i < words_of_each; i += kThreads) {
      mine += part_at(data, pattern, static_cast<std::uint64_t>(which * words_of_each + i));
    }
    const std::uint64_t parts = streaming::block_sum<kThreads>(mine);
    if (threadIdx.x == 0) found.compare(static_cast<std::uint64_t>(which), sums[which], sum_of_parts(pattern, parts));
    __syncthreads();  // the shared memory of the sum is used again
  }
  found.add_to(mismatches);
}

__global__ void __launch_bounds__(kThreads)
    word_mismatches(WordSequence words, const std::uint64_t* data, std::int64_t count, Mismatches* mismatches) {
  ThreadMismatches mine;
  for (std::int64_t i = first_index(); i < count; i += grid_stride()) {
    const auto index = static_cast<std::uint64_t>(i);
    mine.compare(index, data[i], word_at(words, index));
  }
  mine.add_to(mismatches);
}

WordSequence StreamData::words() const { return sequence_of(*this); }
std::uint64_t StreamData::input(StreamPattern pattern, StreamInput which, std::uint64_t index) const {
  return input_at(*this, pattern, which, index);
}
std::uint64_t StreamData::output(StreamPattern pattern, double scalar, std::uint64_t index) const {
  return output_at(*this, pattern, scalar, index);
}
std::uint64_t StreamData::sum(StreamPattern pattern, std::uint64_t first, std::uint64_t count) const {
  std::uint64_t parts = 0;
  for (std::uint64_t i = first; i < first + count; ++i) parts += part_at(*this, pattern, i);
  return sum_of_parts(pattern, parts);
}

cudaError_t fill_inputs(const StreamKernel& kernel, const StreamData& data, void* x, void* y, cudaStream_t stream) {
  const std::int64_t words = kernel.bytes / 8;
  void* const inputs[] = {x, y};
  for (int which = 0; which < kernel.inputs(); ++which) {
    if (inputs[which] == nullptr || words < 1) return cudaErrorInvalidValue;
    stream_fill<<<blocks_for_words(words), kThreads, 0, stream>>>(data, kernel.pattern, StreamInput{which},
                                                                  static_cast<std::uint64_t*>(inputs[which]), words);
  }
  return cudaGetLastError();
}

std::int64_t items(const StreamKernel& kernel) { return kernel.output_bytes() / 8; }

cudaError_t count_mismatches(const StreamKernel& kernel, const StreamData& data, const StreamOperands& operands,
                             Mismatches* mismatches, cudaStream_t stream) {
  const std::int64_t count = items(kernel);
  if (operands.out == nullptr || mismatches == nullptr || count < 1) return cudaErrorInvalidValue;
  const auto* out = static_cast<const std::uint64_t*>(operands.out);
  if (kernel.sums())
    stream_sum_mismatches<<<blocks_for(count), kThreads, 0, stream>>>(data, kernel.pattern, out, count,
                                                                      kernel.block_bytes() / 8, mismatches);
  else
    stream_mismatches<<<blocks_for_words(count), kThreads, 0, stream>>>(data, kernel.pattern, operands.scalar, out,
                                                                        count, mismatches);
  return cudaGetLastError();
}

cudaError_t count_mismatches(const WordSequence& words, const void* data, std::int64_t bytes, Mismatches* mismatches,
                             cudaStream_t stream) {
  const std::int64_t count = bytes / 8;
  if (data == nullptr || mismatches == nullptr || bytes <= 0 || bytes % 8 != 0) return cudaErrorInvalidValue;
  word_mismatches<<<blocks_for_words(count), kThreads, 0, stream>>>(words, static_cast<const std::uint64_t*>(data),
                                                                    count, mismatches);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
