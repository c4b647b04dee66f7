#include "kernels/memory/shared_write.hpp"

namespace peakproof::kernels {

std::vector<std::uint32_t> answer(const SharedWrite& kernel) {
  std::vector<std::uint32_t> answer;
  const std::uint32_t gone_on = SharedWrite::step * static_cast<std::uint32_t>(kernel.trips);
  for (int thread = 0; thread < SharedWrite::threads; ++thread) {
    const int neighbour = (thread / SharedWrite::lanes + 1) % SharedWrite::warps;
    std::uint32_t folded = 0;
    for (int row = 0; row < SharedWrite::warp_words / SharedWrite::lanes; ++row) {
      const int index = neighbour * SharedWrite::warp_words + row * SharedWrite::lanes + thread % SharedWrite::lanes;
      folded = fold_word(folded, SharedWrite::first_word(index) + gone_on);
    }
    answer.push_back(folded);
  }
  return answer;
}

}  // namespace peakproof::kernels
