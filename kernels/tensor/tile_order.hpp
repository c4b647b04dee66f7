// In which order the tiles of a matrix are computed, so that those under way together share their operands in L2.
#pragma once

#include <cstdint>

namespace peakproof::kernels {

struct TilePosition {
  int row = 0;
  int column = 0;
};

/// Bands of `band` rows of tiles, one after the other; in a band column after column, each from its top. The tiles that
/// follow one another thus lie in a rectangle, whose sides need the fewest operands when it is near to a square. Every
/// second band runs backwards, so that it begins with the columns that were read last.
struct BandedOrder {
  int rows = 0;  ///< of tiles, at least 1
  int columns = 0;
  int band = 1;

  [[nodiscard]] constexpr int tiles() const { return rows * columns; }
  /// Of the `index`-th tile (0 to tiles() - 1).
  [[nodiscard]] constexpr TilePosition at(int index) const {
    // Without signs, which cost a GPU half of a division.
    const auto in = static_cast<std::uint32_t>(index);
    const auto wide = static_cast<std::uint32_t>(columns);
    const auto full = static_cast<std::uint32_t>(band);
    const std::uint32_t which = in / (full * wide);
    const std::uint32_t first = which * full;
    const std::uint32_t below = static_cast<std::uint32_t>(rows) - first;
    const std::uint32_t high = below < full ? below : full;
    const std::uint32_t in_band = in - first * wide;
    const std::uint32_t column = in_band / high;
    return {static_cast<int>(first + in_band % high), static_cast<int>(which % 2 == 0 ? column : wide - 1 - column)};
  }
};

/// How many of `most` workers shall do `tiles` tiles: as few as need no more turns than all would.
[[nodiscard]] constexpr int even_workers(int tiles, int most) {
  const int turns = tiles / most + (tiles % most == 0 ? 0 : 1);
  return tiles / turns + (tiles % turns == 0 ? 0 : 1);
}

}  // namespace peakproof::kernels
