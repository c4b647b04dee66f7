// Holds the blocks' sums of scattered.cu against the pattern. Not timed.
//
//   idea     the words of a block's pieces are made again from their positions, and nothing is read but the sums
//   answer   the number of blocks whose sum is another
#include "kernels/memory/mismatches.cuh"
#include "kernels/memory/pattern.cuh"
#include "kernels/memory/scattered.cuh"

namespace peakproof::kernels {

template <class Order, int lanes>
__global__ void __launch_bounds__(Scattered::threads)
    scattered_mismatches(Order order, Pattern pattern, const unsigned long long* sums, Mismatches* mismatches) {
  std::uint64_t places[Scattered::loads];
  scattering::find_places<lanes>(order, places);
  std::uint64_t sum = 0;
  for (const std::uint64_t place : places) sum += word_at(pattern, place / 8) + word_at(pattern, place / 8 + 1);
  sum = streaming::block_sum<Scattered::threads>(sum);
  if (threadIdx.x != 0) return;
  ThreadMismatches found;
  found.compare(blockIdx.x, sums[blockIdx.x], sum);
  found.add_to(mismatches);
}

cudaError_t count_mismatches(const Scattered& kernel, const Pattern& pattern, const unsigned long long* sums,
                             Mismatches* mismatches, cudaStream_t stream) {
  if (sums == nullptr || mismatches == nullptr) return cudaErrorInvalidValue;
  return scattering::with_order(kernel, [&](const auto& order, auto lanes) {
    using Order = std::decay_t<decltype(order)>;
    scattered_mismatches<Order, decltype(lanes)::value>
        <<<static_cast<unsigned>(kernel.blocks()), Scattered::threads, 0, stream>>>(order, pattern, sums, mismatches);
    return cudaGetLastError();
  });
}

}  // namespace peakproof::kernels
