#include "kernels/memory/constant_read.hpp"

#include <algorithm>
#include <cstddef>

namespace peakproof::kernels {

std::vector<std::uint32_t> answer(const ConstantRead& kernel) {
  const int words = kernel.width / 4;  // of a load
  const int columns = ConstantRead::row_bytes / kernel.width;
  const int period = kernel.sections() * columns;
  std::vector<std::uint32_t> answer;
  for (int warp = 0; warp < kernel.sections(); ++warp) {
    for (int lane = 0; lane < ConstantRead::lanes; ++lane) {
      FourSums sums{};
      for (int trip = 0; trip < std::min(period, kernel.trips); ++trip) {
        const auto times = static_cast<std::uint32_t>((kernel.trips - trip - 1) / period + 1);
        const int place = warp + trip;
        const int column = (place / kernel.sections() + (kernel.divergent ? lane : 0)) % columns;
        for (int load = 0; load < ConstantRead::loads; ++load) {
          const int first =
              (place % kernel.sections() * ConstantRead::section_bytes + load * ConstantRead::row_bytes) / 4;
          for (int word = 0; word < words; ++word)
            sums[static_cast<std::size_t>((load * words + word) % 4)] +=
                times * ConstantRead::word(static_cast<std::uint32_t>(first + column * words + word));
        }
      }
      answer.push_back(fold_sums(sums));
    }
  }
  return answer;
}

}  // namespace peakproof::kernels
