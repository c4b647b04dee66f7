// The measuring loop: warm up until the clock has settled, then sample until the median is known. Control flow only, no
// device: a test drives it with a made-up timer and a made-up wall clock.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "bench/harness/timer.hpp"
#include "reports/sample.hpp"

namespace peakproof::bench {

struct SamplePolicy {
  int min_samples = 11;
  int max_samples = 2001;
  double tolerance = 0.0025;       ///< stop when the median's 95 % interval is within +-this
  double budget_s = 5;             ///< of wall time for sampling
  int settle_window = 5;           ///< warm-up ends when this many launches in a row agree …
  double settle_tolerance = 0.01;  ///< … in clock (in time where no clock is seen) within this
  double warmup_min_s = 0;         ///< plateau: stay under load at least this long
  double warmup_budget_s = 2;      ///< give up settling after this long
};

struct Collected {
  std::vector<reports::Sample> samples;
  reports::StopReason stop = reports::StopReason::none;
  int warmups = 0;
  bool settled = false;  ///< the warm-up ended because the clock agreed, not because time was up
};

/// Seconds from any fixed point on.
using WallClock = std::function<double()>;

/// True if the last `window` launches agree within `tolerance`: (max - min) / max of their clock, or of their time
/// where any of them has no clock.
[[nodiscard]] inline bool settled(const std::vector<reports::Sample>& samples, int window, double tolerance) {
  const auto n = static_cast<std::ptrdiff_t>(window);
  if (n < 2 || static_cast<std::ptrdiff_t>(samples.size()) < n) return false;
  const auto first = samples.end() - n;
  const bool have_clock = std::all_of(first, samples.end(), [](const auto& s) { return s.sm_clock_hz.has_value(); });
  const auto value = [have_clock](const reports::Sample& s) { return have_clock ? *s.sm_clock_hz : s.seconds; };
  const auto [low, high] =
      std::minmax_element(first, samples.end(), [&](const auto& a, const auto& b) { return value(a) < value(b); });
  return value(*high) > 0 && value(*high) - value(*low) <= tolerance * value(*high);
}

/// Adds to a timed sample what is read from the device after its launch.
using AfterSample = std::function<void(reports::Sample&)>;

/// Warms up, samples, and says why it stopped. `interrupted` is asked between launches; `after_sample` sees every sample
/// that is kept, right after its launch has ended.
template <Timer T, class Launch>
[[nodiscard]] Collected collect(T& timer, Launch&& launch, const SamplePolicy& policy, const WallClock& now,
                                const std::function<bool()>& interrupted, const AfterSample& after_sample = {}) {
  const auto once = [&] {
    timer.prepare();
    timer.start();
    launch();
    timer.stop();
    return reports::Sample(timer.sample());
  };
  Collected out;

  std::vector<reports::Sample> warmup;
  const double warmup_begin = now();
  while (!interrupted()) {
    const double elapsed = now() - warmup_begin;
    if (elapsed >= policy.warmup_min_s) {
      out.settled = settled(warmup, policy.settle_window, policy.settle_tolerance);
      if (out.settled || (elapsed >= policy.warmup_budget_s && !warmup.empty())) break;
    }
    warmup.push_back(once());
  }
  out.warmups = static_cast<int>(warmup.size());

  const double begin = now();
  while (true) {
    if (interrupted()) {
      out.stop = reports::StopReason::interrupted;
      return out;
    }
    const int count = static_cast<int>(out.samples.size());
    if (count >= policy.min_samples) {
      const reports::Summary summary = reports::summarize(out.samples);
      const bool enough = summary.count >= policy.min_samples && summary.contaminated < count;
      if (enough && reports::converged(summary, policy.tolerance)) {
        out.stop = reports::StopReason::converged;
        return out;
      }
      if (count >= policy.max_samples) {
        out.stop = reports::StopReason::max_samples;
        return out;
      }
      if (now() - begin >= policy.budget_s) {
        out.stop = reports::StopReason::time_budget;
        return out;
      }
    }
    out.samples.push_back(once());
    if (after_sample) after_sample(out.samples.back());
  }
}

}  // namespace peakproof::bench
