// Chains that run into a cycle: of a map of few numbers onto each other, a million steps are a few thousand.
#pragma once

#include <cstdint>

namespace peakproof::stand_in {

/// `first` after so many steps of `next`. Watches for a state that was there before, by Brent's algorithm ("An
/// improved Monte Carlo factorization algorithm", BIT 20, 1980), which keeps no history. What follows a state depends
/// on it alone as far as `same(a, b)` compares it; the rest, such as a sum, goes round as `repeat(at_begin, at_end,
/// times)` says.
template <class State, class Next, class Same, class Repeat>
[[nodiscard]] State walk_orbit(const State& first, std::int64_t steps, const Next& next, const Same& same,
                               const Repeat& repeat) {
  State remembered = first;
  State now = first;
  std::int64_t period = 0;  // steps since `remembered`
  for (std::int64_t kept_for = 1; steps > 0; --steps) {
    if (period == kept_for) {
      remembered = now;
      kept_for *= 2;
      period = 0;
    }
    now = next(now);
    ++period;
    if (!same(remembered, now)) continue;
    const std::int64_t left = steps - 1;
    now = repeat(remembered, now, left / period);
    for (std::int64_t i = 0; i < left % period; ++i) now = next(now);
    return now;
  }
  return now;
}

/// The same of a plain number.
template <class Number, class Next>
[[nodiscard]] Number walk_orbit(Number first, std::int64_t steps, const Next& next) {
  return walk_orbit(
      first, steps, next, [](Number a, Number b) { return a == b; },
      [](Number /*at_begin*/, Number at_end, std::int64_t /*times*/) { return at_end; });
}

}  // namespace peakproof::stand_in
