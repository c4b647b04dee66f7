// The measuring loop: warm up until the clock has settled, then sample until the median is known. Control flow only, no
// device: a test drives it with a made-up timer and a made-up wall clock.
#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <utility>
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

/// A burst: what the device gives from idle, before heat and power cap slow it down.
struct BurstPolicy {
  double device_s = 0.050;          ///< sampled from the first launch on, without a warm-up …
  int min_samples = 11;             ///< … and longer where launches are too long for that many
  int max_samples = 2001;           ///< ends it where a timer stands still
  double longest_sample_s = 0.002;  ///< the clock may change within a longer one
  double rest_s = 0.5;              ///< the device idles so long before
  double least_busy = 0.9;          ///< of the wall time; less is no burst any more, and is said
};

struct Collected {
  std::vector<reports::Sample> samples;
  reports::StopReason stop = reports::StopReason::none;
  int warmups = 0;
  bool settled = false;  ///< the warm-up ended because the clock agreed, not because time was up
  double wall_s = 0;     ///< from the first sample's start to the last one's end
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
/// Called once, before the first sample that is kept.
using BeforeSamples = std::function<void()>;

/// Times one launch.
template <Timer T, class Launch>
[[nodiscard]] reports::Sample time_launch(T& timer, Launch&& launch) {
  timer.prepare();
  timer.start();
  launch();
  timer.stop();
  return timer.sample();
}

/// Whether there are enough samples, and the median of those that count is known.
[[nodiscard]] inline bool known(const std::vector<reports::Sample>& samples, const SamplePolicy& policy) {
  const reports::Summary summary = reports::summarize(samples);
  const bool enough = summary.count >= policy.min_samples && summary.contaminated < static_cast<int>(samples.size());
  return enough && reports::converged(summary, policy.tolerance);
}

/// Samples several launches in turn, A B A B, so that heat, power cap and clock are the same for all; of one launch it
/// is a plain series. Warms up until every launch has settled, samples until every median is known, and says why it
/// stopped. The budgets of time are per launch. `interrupted` is asked between turns; `after_sample` sees every sample
/// that is kept, right after its launch has ended.
template <Timer T>
[[nodiscard]] std::vector<Collected> collect_in_turn(T& timer, std::span<const std::function<void()>> launches,
                                                     const SamplePolicy& policy, const WallClock& now,
                                                     const std::function<bool()>& interrupted,
                                                     const AfterSample& after_sample = {},
                                                     const BeforeSamples& before_samples = {}) {
  std::vector<Collected> out(launches.size());
  std::vector<std::vector<reports::Sample>> warmups(launches.size());
  const auto times = static_cast<double>(launches.size());
  const auto all = [](const auto& each, const auto& holds) { return std::all_of(each.begin(), each.end(), holds); };

  const double warmup_begin = now();
  bool calm = false;
  while (!interrupted()) {
    const double elapsed = now() - warmup_begin;
    if (elapsed >= policy.warmup_min_s) {
      calm = all(warmups, [&](const auto& w) { return settled(w, policy.settle_window, policy.settle_tolerance); });
      if (calm || (elapsed >= policy.warmup_budget_s * times && !warmups.front().empty())) break;
    }
    for (std::size_t i = 0; i < launches.size(); ++i) warmups[i].push_back(time_launch(timer, launches[i]));
  }
  for (std::size_t i = 0; i < launches.size(); ++i) {
    out[i].warmups = static_cast<int>(warmups[i].size());
    out[i].settled = calm;
  }

  if (before_samples) before_samples();
  const double begin = now();
  const auto end = [&](reports::StopReason why) {
    for (Collected& each : out) {
      each.stop = why;
      each.wall_s = now() - begin;
    }
    return std::move(out);
  };
  while (true) {
    if (interrupted()) return end(reports::StopReason::interrupted);
    const int count = static_cast<int>(out.front().samples.size());
    if (count >= policy.min_samples) {
      if (all(out, [&](const Collected& each) { return known(each.samples, policy); }))
        return end(reports::StopReason::converged);
      if (count >= policy.max_samples) return end(reports::StopReason::max_samples);
      if (now() - begin >= policy.budget_s * times) return end(reports::StopReason::time_budget);
    }
    for (std::size_t i = 0; i < launches.size(); ++i) {
      out[i].samples.push_back(time_launch(timer, launches[i]));
      if (after_sample) after_sample(out[i].samples.back());
    }
  }
}

/// Of one launch.
template <Timer T, class Launch>
[[nodiscard]] Collected collect(T& timer, Launch&& launch, const SamplePolicy& policy, const WallClock& now,
                                const std::function<bool()>& interrupted, const AfterSample& after_sample = {},
                                const BeforeSamples& before_samples = {}) {
  const std::function<void()> only = [&launch] { launch(); };
  return std::move(
      collect_in_turn(timer, std::span(&only, 1), policy, now, interrupted, after_sample, before_samples).front());
}

/// Samples from the first launch on. The caller lets the device idle before.
template <Timer T, class Launch>
[[nodiscard]] Collected collect_burst(T& timer, Launch&& launch, const BurstPolicy& policy, const WallClock& now,
                                      const std::function<bool()>& interrupted) {
  Collected out;
  const double begin = now();
  double device_s = 0;
  while (out.stop == reports::StopReason::none) {
    const int count = static_cast<int>(out.samples.size());
    if (interrupted()) {
      out.stop = reports::StopReason::interrupted;
    } else if (count >= policy.min_samples && !(device_s < policy.device_s)) {
      out.stop = reports::StopReason::time_budget;
    } else if (count >= policy.max_samples) {
      out.stop = reports::StopReason::max_samples;
    } else {
      out.samples.push_back(time_launch(timer, launch));
      device_s += out.samples.back().seconds;
    }
  }
  out.wall_s = now() - begin;
  return out;
}

}  // namespace peakproof::bench
