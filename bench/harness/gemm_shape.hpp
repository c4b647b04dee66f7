// Which matrix products are measured where the user names none.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/tensor/gemm.hpp"

namespace peakproof::bench {

/// The side of a large product: one that shows what the tensor cores reach, and whose operands do not fit in the L2.
inline constexpr std::int64_t kGemmSide = 8192;

/// A product that keeps every SM busy to its end, where an SM computes one tile of C after the other: as near to
/// side x side x side as there is one whose number of tiles is a multiple of the number of SMs, with the more rows than
/// columns of two alike. Where there is none within a factor of 1.5 of the side, as with an odd number of SMs, the one
/// that leaves the smallest part of the last wave idle.
[[nodiscard]] inline kernels::GemmShape whole_waves(int sm_count, const kernels::GemmTile& tile,
                                                    std::int64_t side = kGemmSide) {
  constexpr double kFurthest = 1.5;
  const auto wanted = static_cast<double>(side);
  const auto from = [&](int extent) {
    return std::max(std::int64_t{1}, static_cast<std::int64_t>(std::ceil(wanted / kFurthest / extent)));
  };
  const auto to = [&](int extent) {
    return std::max(std::int64_t{1}, static_cast<std::int64_t>(std::floor(wanted * kFurthest / extent)));
  };
  const auto off = [&](std::int64_t extent) { return std::abs(std::log(static_cast<double>(extent) / wanted)); };

  kernels::GemmShape best{0, 0, std::max<std::int64_t>(1, (side + tile.k / 2) / tile.k) * tile.k};
  double least_idle = 0;
  double least_off = 0;
  for (std::int64_t tiles_m = to(tile.m); tiles_m >= from(tile.m); --tiles_m) {
    for (std::int64_t tiles_n = from(tile.n); tiles_n <= to(tile.n); ++tiles_n) {
      const std::int64_t tiles = tiles_m * tiles_n;
      const std::int64_t waves = (tiles + sm_count - 1) / sm_count;
      const double idle = static_cast<double>(waves * sm_count - tiles) / static_cast<double>(waves * sm_count);
      const double distance = off(tiles_m * tile.m) + off(tiles_n * tile.n);
      constexpr double kAlike = 1e-9;  // of logarithms that are the same but for their rounding
      const bool better = idle < least_idle - kAlike || (idle < least_idle + kAlike && distance < least_off - kAlike);
      if (best.m != 0 && !better) continue;
      best.m = tiles_m * tile.m;
      best.n = tiles_n * tile.n;
      least_idle = idle;
      least_off = distance;
    }
  }
  return best;
}

/// What the user fixed of a shape; 0: nothing.
struct FixedShape {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
};

/// The shapes of a sweep: rows and columns of 1/4, 1/2, 1 and 3/2 of the default's, rounded to whole tiles, with k of
/// 2048 to 16384; what is fixed stays as it is.
[[nodiscard]] inline std::vector<kernels::GemmShape> swept_shapes(const kernels::GemmShape& normal,
                                                                  const kernels::GemmTile& tile,
                                                                  const FixedShape& fixed = {}) {
  const auto around = [](std::int64_t extent, int multiple, std::int64_t only) {
    std::vector<std::int64_t> extents;
    for (const int quarters : {1, 2, 4, 6}) {
      const std::int64_t wanted = extent * quarters / 4;
      extents.push_back(std::max<std::int64_t>(1, (wanted + multiple / 2) / multiple) * multiple);
    }
    extents.erase(std::unique(extents.begin(), extents.end()), extents.end());
    return only > 0 ? std::vector{only} : extents;
  };
  std::vector<std::int64_t> depths = {2048, 4096, 8192, 16384};
  if (fixed.k > 0) depths = {fixed.k};

  std::vector<kernels::GemmShape> shapes;
  for (const std::int64_t k : depths) {
    if (fixed.k == 0 && k % tile.k != 0) continue;
    for (const std::int64_t m : around(normal.m, tile.m, fixed.m))
      for (const std::int64_t n : around(normal.n, tile.n, fixed.n)) shapes.push_back({m, n, k});
  }
  return shapes;
}

}  // namespace peakproof::bench
