// Which loads hit in a cache, from how long each took. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace peakproof::bench {

/// Cycles of single loads: of lines as they were found, of the same lines right after, which hit, and of lines that
/// were driven out before, which miss.
struct LoadCycles {
  std::vector<std::uint32_t> as_found;
  std::vector<std::uint32_t> hits;
  std::vector<std::uint32_t> misses;
};

/// Two groups of a set of values that lie apart.
struct TwoGroups {
  double low = 0;   ///< median of the lower group
  double high = 0;  ///< and of the upper
  double share_of_low = 0;
};
/// The split that leaves the least variance within both groups (Otsu's), where each holds a tenth of the values or more
/// and the medians are further apart than a fifth of the lower; else nothing: there is one group.
[[nodiscard]] std::optional<TwoGroups> two_groups(std::vector<double> values);

struct HitRate {
  double hit_cycles = 0;   ///< median of the certain hits
  double miss_cycles = 0;  ///< and of the certain misses
  /// Halfway from the slowest hits (the 95th percentile) to the fastest misses (the 5th); nothing where they overlap,
  /// and then no load tells what it was.
  std::optional<double> threshold;
  std::optional<double> share;      ///< of the loads as they were found that lie below the threshold
  std::optional<TwoGroups> groups;  ///< of the hits: the near and the far partition
};
/// Nothing where there are no loads of one of the kinds.
[[nodiscard]] std::optional<HitRate> hit_rate(const LoadCycles& cycles);
/// For a note: "hit rate 99.9 % of 4096 lines …".
[[nodiscard]] std::string text(const HitRate& rate, std::size_t lines);

/// The least share of hits among reads at this rate: what misses cannot come faster than the device memory gives it.
[[nodiscard]] double least_hit_share(double bytes_per_s, double memory_bytes_per_s);

}  // namespace peakproof::bench
