// What lies in shared memory while it is read: 16 KiB that are the same in every block (of a cluster, in every block of
// that rank), and how a trip of the loop goes through them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/memory/mix.hpp"

namespace peakproof::kernels {

/// Four sections of 4 KiB. In a trip every warp reads one of them whole: 128 bytes a lane. Warp w begins with section
/// w % 4, and every trip goes on to the next.
struct SharedTile {
  static constexpr int sections = 4;
  static constexpr int section_words = 1024;
  static constexpr int section_bytes = 4 * section_words;
  static constexpr int words = sections * section_words;
  static constexpr int bytes = sections * section_bytes;
  static constexpr int lanes = 32;
  static constexpr int lane_words = section_words / lanes;  ///< of a trip
  static constexpr int period = sections * lanes;           ///< threads after which the answers repeat

  /// All words of all ranks differ.
  static constexpr std::uint32_t word(int rank, int index) {
    return mix32(static_cast<std::uint32_t>(rank * words + index));
  }
};

/// What each of the first 128 threads of a block leaves after so many trips; the others repeat them. `word_of(lane, load)`
/// is the place in a section of what a lane reads as the load-th of its 32 words, which goes into sum load % 4.
template <class WordOf>
[[nodiscard]] std::vector<std::uint32_t> tile_answer(int rank, std::int64_t trips, const WordOf& word_of) {
  std::vector<std::uint32_t> answer;
  for (int thread = 0; thread < SharedTile::period; ++thread) {
    const int warp = thread / SharedTile::lanes;
    FourSums sums{};
    for (int after = 0; after < SharedTile::sections && after < trips; ++after) {
      const int section = (warp + after) % SharedTile::sections;
      const auto times = static_cast<std::uint32_t>((trips - after - 1) / SharedTile::sections + 1);
      for (int load = 0; load < SharedTile::lane_words; ++load) {
        const int index = section * SharedTile::section_words + word_of(thread % SharedTile::lanes, load);
        sums[static_cast<std::size_t>(load % 4)] += times * SharedTile::word(rank, index);
      }
    }
    answer.push_back(fold_sums(sums));
  }
  return answer;
}

}  // namespace peakproof::kernels
