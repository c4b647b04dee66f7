#include "kernels/memory/shared_read.hpp"

namespace peakproof::kernels {

std::vector<std::uint32_t> answer(const SharedRead& kernel) {
  return tile_answer(0, kernel.trips, [ways = kernel.ways](int lane, int load) {
    if (ways == 0) return load / 4 * 4 * SharedTile::lanes + lane * 4 + load % 4;
    return load / ways * ways * SharedTile::lanes + lane * ways + load % ways;
  });
}

}  // namespace peakproof::kernels
