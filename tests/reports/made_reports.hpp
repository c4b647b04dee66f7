// Reports of made-up devices for the tests of baselines, comparisons and fleets: figures that follow from their samples.
#pragma once

#include <fmt/format.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "reports/efficiency.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {

constexpr double kMadePeak = 1e14;

/// A result of these times in seconds, of work that takes 10 ms at the peak.
inline Result made_result(std::string name, const std::vector<double>& seconds, double clock = 1.0) {
  Result r{.name = std::move(name), .pipe = theory::Pipe::fp32_fma, .work_per_launch = 0.01 * kMadePeak};
  for (const double each : seconds) r.samples.push_back({.seconds = each, .sm_clock_hz = 2e9 * clock});
  r.summary = summarize(r.samples, StopReason::converged);
  r.achieved_per_s = r.work_per_launch / r.summary.median_s;
  r.unit = "FLOP/s";
  r.peak = theory::Peak{theory::Pipe::fp32_fma, kMadePeak, 2e9, "made up", "made up"};
  r.peak_measured = theory::Peak{theory::Pipe::fp32_fma, kMadePeak * clock, 2e9 * clock, "made up", "made up"};
  r.efficiency = efficiency(r.achieved_per_s, r.peak, r.peak_measured);
  r.floor = Floor{0.9, "made up"};
  r.verification = {.method = "made up", .items = 1};
  r.audit.status = "audited";
  r.verdict = judge(r);
  return r;
}

/// `issue`: what it reaches of the peak, with a scatter of `noise` from sample to sample.
inline Result made_result(std::string name, double issue, std::mt19937& random, double noise = 0.001,
                          double clock = 1.0, int count = 15) {
  std::normal_distribution<double> scatter(0, noise);
  std::vector<double> seconds;
  for (int i = 0; i < count; ++i) seconds.push_back(0.01 / issue / clock * (1 + scatter(random)));
  return made_result(std::move(name), seconds, clock);
}

/// A report whose verdict and exit code follow from its results.
inline Report made_report(int number, std::vector<Result> results, const std::string& host = "node-1") {
  Report r{.run_id = fmt::format("01900000-0000-7000-8000-{:012}", number),
           .started = fmt::format("2026-11-22T10:{:02}:00+00:00", number % 60),
           .finished = fmt::format("2026-11-22T10:{:02}:30+00:00", number % 60)};
  r.tool = {.version = "0.1.0", .commit = "0123abc", .compiler = "g++", .build_type = "Release", .facts = {}};
  r.host.name = host;
  r.device.spec = {
      .name = "Made-up 100", .compute_capability = {9, 0}, .sm_count = 100, .sm_clock_hz = 2e9, .power_limit_w = 700};
  r.device.facts = {{"driver", "580.1"}, {"ecc", "on"}, {"uuid", fmt::format("GPU-{:04}", number)}};
  r.results = std::move(results);
  r.duration_s = 30;
  std::vector<Verdict> verdicts;
  for (const Result& each : r.results) {
    r.completeness.planned.push_back(each.name);
    verdicts.push_back(each.verdict);
  }
  r.exit_code = exit_code(verdicts, {});
  r.verdict = verdict_of_exit_code(r.exit_code);
  return r;
}

/// Of two benchmarks at this efficiency.
inline Report made_report(int number, double issue, const std::string& host = "node-1") {
  std::mt19937 random(static_cast<unsigned>(number));
  return made_report(number, {made_result("fp32_fma", issue, random), made_result("fp64_fma", issue - 0.01, random)},
                     host);
}

}  // namespace peakproof::reports
