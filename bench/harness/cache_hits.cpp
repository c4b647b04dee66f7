#include "bench/harness/cache_hits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "reports/sample.hpp"

namespace peakproof::bench {
namespace {

std::vector<double> numbers(const std::vector<std::uint32_t>& cycles) { return {cycles.begin(), cycles.end()}; }

double median(const std::vector<double>& values) { return reports::quantile(values, 0.5); }

}  // namespace

std::optional<TwoGroups> two_groups(std::vector<double> values) {
  constexpr double kSmallestShare = 0.1;
  constexpr double kApart = 1.2;
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  const double all = std::accumulate(values.begin(), values.end(), 0.0);
  double best = 0;
  std::size_t split = 0;
  double sum = 0;
  for (std::size_t low = 1; low < values.size(); ++low) {
    sum += values[low - 1];
    if (values[low] == values[low - 1]) continue;
    const double share = static_cast<double>(low) / count;
    const double apart = sum / static_cast<double>(low) - (all - sum) / (count - static_cast<double>(low));
    if (const double between = share * (1 - share) * apart * apart; between > best) {
      best = between;
      split = low;
    }
  }
  if (split == 0) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(split);
  const TwoGroups groups{.low = median({values.begin(), middle}),
                         .high = median({middle, values.end()}),
                         .share_of_low = static_cast<double>(split) / count};
  const bool both = groups.share_of_low >= kSmallestShare && groups.share_of_low <= 1 - kSmallestShare;
  return both && groups.high > kApart * groups.low ? std::optional(groups) : std::nullopt;
}

std::optional<HitRate> hit_rate(const LoadCycles& cycles) {
  constexpr double kTail = 0.05;
  if (cycles.as_found.empty() || cycles.hits.empty() || cycles.misses.empty()) return std::nullopt;
  const auto hits = numbers(cycles.hits);
  const auto misses = numbers(cycles.misses);
  HitRate rate{.hit_cycles = median(hits), .miss_cycles = median(misses), .groups = two_groups(hits)};
  const double slowest_hits = reports::quantile(hits, 1 - kTail);
  const double fastest_misses = reports::quantile(misses, kTail);
  if (fastest_misses <= slowest_hits) return rate;
  rate.threshold = (slowest_hits + fastest_misses) / 2;
  const auto below = std::count_if(cycles.as_found.begin(), cycles.as_found.end(),
                                   [&](std::uint32_t each) { return each < *rate.threshold; });
  rate.share = static_cast<double>(below) / static_cast<double>(cycles.as_found.size());
  return rate;
}

std::string text(const HitRate& rate, std::size_t lines) {
  std::string note =
      rate.share
          ? fmt::format(
                "hit rate {:.1f} % of {} lines sampled right after a launch (loads below {:.0f} cycles; a "
                "certain hit takes {:.0f}, a certain miss {:.0f})",
                100 * *rate.share, lines, *rate.threshold, rate.hit_cycles, rate.miss_cycles)
          : fmt::format("the hit rate could not be told: a certain hit takes {:.0f} cycles and a certain miss {:.0f}",
                        rate.hit_cycles, rate.miss_cycles);
  if (rate.groups)
    note += fmt::format(
        "; hits from one SM fall into two groups, {:.0f} cycles ({:.0f} %) and {:.0f}: a near and a far "
        "partition",
        rate.groups->low, 100 * rate.groups->share_of_low, rate.groups->high);
  return note;
}

double least_hit_share(double bytes_per_s, double memory_bytes_per_s) {
  return bytes_per_s > 0 ? std::max(0.0, 1 - memory_bytes_per_s / bytes_per_s) : 0;
}

}  // namespace peakproof::bench
