#include "kernels/memory/dsmem.hpp"

namespace peakproof::kernels {

std::vector<std::uint32_t> answer(const DsmemRead& kernel) {
  const auto word_of = [](int lane, int load) { return load / 4 * 4 * SharedTile::lanes + lane * 4 + load % 4; };
  std::vector<std::uint32_t> answer;
  for (int rank = 0; rank < kernel.cluster; ++rank) {
    const auto first = tile_answer((rank + 1) % kernel.cluster, kernel.trips, word_of);
    for (int repeated = 0; repeated < DsmemRead::threads / SharedTile::period; ++repeated)
      answer.insert(answer.end(), first.begin(), first.end());
  }
  return answer;
}

std::uint32_t answer(const DsmemChase& kernel) {
  const std::int64_t steps = std::int64_t{kernel.steps} * kernel.trips;
  return static_cast<std::uint32_t>(steps % DsmemChase::places * DsmemChase::stride % DsmemChase::places);
}

}  // namespace peakproof::kernels
