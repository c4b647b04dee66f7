// Fills a buffer with a pattern, counts where a buffer differs from it, and sums it up. None of it is timed.
//
//   idea     a word depends on its position, so that a block copied to the wrong place shows
//   work     8 bytes a word, written or read once
//   answer   Pattern::word
#include "kernels/memory/mismatches.cuh"
#include "kernels/memory/pattern.cuh"

namespace peakproof::kernels {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMostBlocks = 65536;  // each thread goes on by the whole grid's stride

unsigned blocks_for(std::int64_t words) {
  const std::int64_t blocks = (words + kThreads - 1) / kThreads;
  return static_cast<unsigned>(blocks < kMostBlocks ? blocks : kMostBlocks);
}

__device__ std::int64_t first_index() { return std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; }
__device__ std::int64_t grid_stride() { return std::int64_t{gridDim.x} * blockDim.x; }

}  // namespace

__global__ void __launch_bounds__(kThreads) fill_pattern(Pattern pattern, std::uint64_t* data, std::int64_t words) {
  for (std::int64_t i = first_index(); i < words; i += grid_stride()) {
    data[i] = word_at(pattern, static_cast<std::uint64_t>(i));
  }
}

__global__ void __launch_bounds__(kThreads)
    pattern_mismatches(Pattern pattern, const std::uint64_t* data, std::int64_t words, Mismatches* mismatches) {
  ThreadMismatches mine;
  for (std::int64_t i = first_index(); i < words; i += grid_stride()) {
    const auto index = static_cast<std::uint64_t>(i);
    mine.compare(index, data[i], word_at(pattern, index));
  }
  mine.add_to(mismatches);
}

__global__ void __launch_bounds__(kThreads) pattern_sum(Pattern pattern, std::int64_t words, unsigned long long* sum) {
  unsigned long long mine = 0;
  for (std::int64_t i = first_index(); i < words; i += grid_stride()) {
    mine += word_at(pattern, static_cast<std::uint64_t>(i));
  }
  atomicAdd(sum, mine);
}

std::uint64_t Pattern::word(std::uint64_t index) const { return word_at(*this, index); }

cudaError_t fill(const Pattern& pattern, void* data, std::int64_t bytes, cudaStream_t stream) {
  const std::int64_t words = bytes / 8;
  if (data == nullptr || bytes <= 0 || bytes % 8 != 0) return cudaErrorInvalidValue;
  fill_pattern<<<blocks_for(words), kThreads, 0, stream>>>(pattern, static_cast<std::uint64_t*>(data), words);
  return cudaGetLastError();
}

cudaError_t count_mismatches(const Pattern& pattern, const void* data, std::int64_t bytes, Mismatches* mismatches,
                             cudaStream_t stream) {
  const std::int64_t words = bytes / 8;
  if (data == nullptr || mismatches == nullptr || bytes <= 0 || bytes % 8 != 0) return cudaErrorInvalidValue;
  pattern_mismatches<<<blocks_for(words), kThreads, 0, stream>>>(pattern, static_cast<const std::uint64_t*>(data),
                                                                 words, mismatches);
  return cudaGetLastError();
}

cudaError_t sum_of_words(const Pattern& pattern, std::int64_t words, unsigned long long* sum, cudaStream_t stream) {
  if (sum == nullptr || words <= 0) return cudaErrorInvalidValue;
  pattern_sum<<<blocks_for(words), kThreads, 0, stream>>>(pattern, words, sum);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
