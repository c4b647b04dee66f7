#include "reports/sample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace peakproof::reports {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kFewestForInterval = 6;  // below it min..max covers the median with less than 95 %

constexpr std::array kStopNames = {
    std::pair{StopReason::none, std::string_view("none")},
    std::pair{StopReason::converged, std::string_view("converged")},
    std::pair{StopReason::time_budget, std::string_view("time_budget")},
    std::pair{StopReason::max_samples, std::string_view("max_samples")},
    std::pair{StopReason::interrupted, std::string_view("interrupted")},
};

bool holds_nan(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

/// Of sorted values without NaN, at least one.
double sorted_quantile(const std::vector<double>& sorted, double q) {
  const double rank = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const auto above = std::min(below + 1, sorted.size() - 1);
  const double part = rank - static_cast<double>(below);
  // Equal neighbours (two infinities among them) need no interpolation.
  if (part == 0 || sorted[below] == sorted[above]) return sorted[below];
  return std::lerp(sorted[below], sorted[above], part);
}

/// The largest k with P(X < k) <= 2.5 % for X ~ Binomial(n, 1/2); 0 where there is none. The k-th and the (n+1-k)-th
/// order statistic then enclose the median with 1 - 2 P(X < k) >= 95 %. The terms are added as logarithms, because
/// 2^-n itself underflows from n = 1075 on.
std::size_t interval_rank(std::size_t n) {
  constexpr double kTail = 0.025;
  const auto count = static_cast<double>(n);
  double log_term = -count * std::log(2.0);  // of P(X = 0)
  double below = 0;
  std::size_t k = 0;
  while (k < n) {
    below += std::exp(log_term);
    if (below > kTail) break;
    const auto i = static_cast<double>(k);
    log_term += std::log((count - i) / (i + 1));
    ++k;
  }
  return k;
}

Interval sorted_interval(const std::vector<double>& sorted) {
  const std::size_t k = interval_rank(sorted.size());
  if (k == 0) return {-kInfinity, kInfinity};
  return {sorted[k - 1], sorted[sorted.size() - k]};
}

/// Those that figures are made from: without the contaminated ones, unless there are no others.
std::vector<Sample> clean(std::span<const Sample> samples) {
  std::vector<Sample> kept;
  std::copy_if(samples.begin(), samples.end(), std::back_inserter(kept),
               [](const Sample& s) { return !s.contaminated; });
  if (kept.empty()) kept.assign(samples.begin(), samples.end());
  return kept;
}

/// Of the samples in which the field is known.
std::optional<double> median_of(const std::vector<Sample>& samples, std::optional<double> Sample::*field) {
  std::vector<double> values;
  for (const Sample& sample : samples) {
    if (sample.*field && *(sample.*field) > 0) values.push_back(*(sample.*field));
  }
  if (values.empty()) return std::nullopt;
  return quantile(std::move(values), 0.5);
}

bool positive(double x) { return std::isfinite(x) && x > 0; }

/// Of sorted values without NaN, at least one.
double sorted_spread(const std::vector<double>& sorted) {
  if (sorted.size() < std::size_t{kFewestForInterval}) return kInfinity;
  return (sorted_quantile(sorted, 0.9) - sorted_quantile(sorted, 0.1)) / sorted_quantile(sorted, 0.5);
}

}  // namespace

std::string_view name(StopReason reason) {
  for (const auto& [value, text] : kStopNames) {
    if (value == reason) return text;
  }
  return "none";
}

std::optional<StopReason> stop_reason_from_name(std::string_view name) {
  for (const auto& [value, text] : kStopNames) {
    if (text == name) return value;
  }
  return std::nullopt;
}

double quantile(std::vector<double> values, double q) {
  if (values.empty() || holds_nan(values) || !(q >= 0 && q <= 1)) return kNaN;
  std::sort(values.begin(), values.end());
  return sorted_quantile(values, q);
}

Interval median_interval95(std::vector<double> values) {
  if (values.empty() || holds_nan(values)) return {kNaN, kNaN};
  std::sort(values.begin(), values.end());
  return sorted_interval(values);
}

Summary summarize(std::span<const Sample> samples, StopReason stop) {
  const std::vector<Sample> used = clean(samples);
  std::vector<double> seconds;
  seconds.reserve(used.size());
  for (const Sample& sample : used) seconds.push_back(sample.seconds);
  Summary s;
  s.stop = stop;
  s.count = static_cast<int>(used.size());
  s.contaminated = static_cast<int>(
      std::count_if(samples.begin(), samples.end(), [](const Sample& sample) { return sample.contaminated; }));
  s.median_sm_clock_hz = median_of(used, &Sample::sm_clock_hz);
  s.median_power_w = median_of(used, &Sample::power_w);
  if (seconds.empty() || holds_nan(seconds)) {
    for (double* field :
         {&s.median_s, &s.min_s, &s.max_s, &s.p10_s, &s.p90_s, &s.ci95_low_s, &s.ci95_high_s, &s.spread}) {
      *field = kNaN;
    }
    return s;
  }
  std::sort(seconds.begin(), seconds.end());
  s.median_s = sorted_quantile(seconds, 0.5);
  s.min_s = seconds.front();
  s.max_s = seconds.back();
  s.p10_s = sorted_quantile(seconds, 0.1);
  s.p90_s = sorted_quantile(seconds, 0.9);
  const Interval interval = sorted_interval(seconds);
  s.ci95_low_s = interval.low;
  s.ci95_high_s = interval.high;
  s.spread = sorted_spread(seconds);
  return s;
}

double issue_spread(std::span<const Sample> samples) {
  const std::vector<Sample> used = clean(samples);
  if (used.empty()) return kNaN;
  const bool have_clock = std::all_of(used.begin(), used.end(), [](const Sample& s) { return s.sm_clock_hz > 0; });
  std::vector<double> values;
  values.reserve(used.size());
  for (const Sample& sample : used) {
    if (!positive(sample.seconds)) return kNaN;
    values.push_back(have_clock ? 1 / (sample.seconds * *sample.sm_clock_hz) : sample.seconds);
  }
  if (holds_nan(values)) return kNaN;
  std::sort(values.begin(), values.end());
  return sorted_spread(values);
}

std::optional<Latency> latency(std::span<const Sample> samples) {
  if (std::none_of(samples.begin(), samples.end(), [](const Sample& s) { return s.latency_cycles.has_value(); }))
    return std::nullopt;
  const std::vector<Sample> used = clean(samples);
  std::vector<double> cycles;
  cycles.reserve(used.size());
  // A reading that is missing or none makes the whole no number: a median would hide it.
  for (const Sample& sample : used) {
    const double reading = sample.latency_cycles.value_or(kNaN);
    cycles.push_back(positive(reading) ? reading : kNaN);
  }
  Latency out{.cycles = quantile(cycles, 0.5), .ci95 = median_interval95(cycles)};
  if (const auto clock = median_of(used, &Sample::sm_clock_hz); clock && positive(out.cycles))
    out.ns = out.cycles / *clock * 1e9;
  return out;
}

bool usable(const Latency& latency) { return positive(latency.cycles) && (!latency.ns || positive(*latency.ns)); }

bool converged(const Summary& summary, double tolerance) {
  // Every comparison is false for NaN and for an infinite interval, so that too few samples never converge.
  return summary.median_s > 0 && summary.ci95_low_s >= summary.median_s * (1 - tolerance) &&
         summary.ci95_high_s <= summary.median_s * (1 + tolerance);
}

}  // namespace peakproof::reports
