// Going through a working set again and again, in tiles of 8 KiB: the k-th tile of all passes is that of block k mod blocks.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/caches.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::int64_t kTileBytes = 8192;
constexpr std::int64_t kTileWords = kTileBytes / 8;

struct Part {
  const std::uint64_t* source;
  std::uint64_t* out;
  std::int64_t tiles;
  std::int64_t passes;

  explicit Part(const Launch& launch)
      : source(launch.argument<const std::uint64_t*>(0)),
        out(launch.argument<std::uint64_t*>(1)),
        tiles(launch.argument<std::uint32_t>(2)),
        passes(launch.argument<std::int64_t>(3)) {}
};

/// What serves a set that is read again and again: the innermost level that holds all of it.
Cost cost(const Launch& launch, int buffers) {
  const Part part(launch);
  const auto set = buffers * part.tiles * kTileBytes;
  const double bytes = static_cast<double>(set) * static_cast<double>(part.passes);
  const Caches levels = caches();
  if (buffers == 1 && set <= levels.l1_bytes) return {.sm_cycles = bytes / (levels.l1_bytes_per_clk * settings().sms)};
  if (set <= Caches::l2_bytes()) return {.sm_cycles = bytes / levels.l2_bytes_per_clk};
  return {.dram_bytes = bytes};
}

cudaError_t read(const Launch& launch) {
  const Part part(launch);
  const std::int64_t blocks = launch.blocks();
  if (!elements(part.source, part.tiles * kTileWords) || !elements(part.out, blocks)) return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done({static_cast<std::uint64_t>(part.tiles), static_cast<std::uint64_t>(part.passes),
                          static_cast<std::uint64_t>(blocks)},
                         {part.source}, part.out, [&] {
                           std::vector<std::uint64_t> of_tile;
                           for (std::int64_t tile = 0; tile < part.tiles; ++tile) {
                             const auto* words = part.source + tile * kTileWords;
                             of_tile.push_back(std::accumulate(words, words + kTileWords, std::uint64_t{0}));
                           }
                           const std::int64_t reads = part.tiles * part.passes - (launch.flaw == Flaw::shorter ? 1 : 0);
                           // A block is back at its first tile after `round` of them.
                           const std::int64_t round = part.tiles / std::gcd(part.tiles, blocks);
                           for (std::int64_t block = 0; block < blocks; ++block) {
                             const std::int64_t count = block < reads ? (reads - block - 1) / blocks + 1 : 0;
                             std::uint64_t sum = 0;
                             for (std::int64_t k = 0; k < std::min(count, round); ++k) {
                               const auto times = static_cast<std::uint64_t>((count - k - 1) / round + 1);
                               sum += times * of_tile[static_cast<std::size_t>((block + k * blocks) % part.tiles)];
                             }
                             if (launch.flaw == Flaw::dropped) sum -= part.source[block % kTileWords];
                             part.out[block] = sum;
                           }
                           if (launch.flaw == Flaw::wrong) part.out[blocks / 2] ^= 1U;
                         });
  return cudaSuccess;
}

cudaError_t copy(const Launch& launch) {
  const Part part(launch);
  const std::int64_t words = part.tiles * kTileWords;
  if (!elements(part.source, words) || !elements(part.out, words)) return cudaErrorIllegalAddress;
  static Repetition repetition;
  repetition.unless_done({static_cast<std::uint64_t>(words)}, {part.source}, part.out, [&] {
    const std::int64_t copied = launch.flaw == Flaw::shorter && part.passes == 1 ? words - kTileWords : words;
    std::memcpy(part.out, part.source, static_cast<std::size_t>(copied) * sizeof(std::uint64_t));
    if (launch.flaw == Flaw::wrong) part.out[words / 2] ^= 1U;
  });
  return cudaSuccess;
}

const Model kRead({.name = "working_set_read",
                   .kernel = "working_set<Read>",
                   .role = Role::measured,
                   .cost = [](const Launch& launch) { return cost(launch, 1); },
                   .answer = read});
const Model kCopy({.name = "working_set_copy",
                   .kernel = "working_set<Copy>",
                   .role = Role::measured,
                   .cost = [](const Launch& launch) { return cost(launch, 2); },
                   .answer = copy});

}  // namespace
}  // namespace peakproof::stand_in
