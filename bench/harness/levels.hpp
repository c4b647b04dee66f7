// What an acceptance measures at which level, as a table, and what a soak without a failure proves. Pure data and pure
// functions: no device.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/harness/supervisor.hpp"

namespace peakproof::bench {

/// One benchmark of a level.
struct LevelRow {
  std::string_view benchmark;
  /// Google Benchmark's, over the names of its cases; "{device}" stands for the device's label. Empty: every case.
  std::string_view filter;
  /// Left out where any case of this benchmark is planned, since it measures the same unit better.
  std::string_view unless = {};
  /// Of what devices share (links, the host): never on several devices at once, not even in a parallel run.
  bool alone = false;
};

struct Level {
  std::string_view name;
  bool quick = false;   ///< sampled like --quick
  double budget_s = 0;  ///< the most that a device may take by plan; 0: as long as the user says
  /// Of one case, samples, warm-up, operands and check of the answer together: a prediction from the samplers' budgets
  /// (SamplePolicy), not a measurement.
  double case_s = 0;
  std::span<const LevelRow> gpu;
  std::span<const LevelRow> cpu;
  [[nodiscard]] std::span<const LevelRow> rows(bool of_cpu) const { return of_cpu ? cpu : gpu; }
};
/// quick, standard, extended, soak; each holds everything that the one before it holds.
[[nodiscard]] std::span<const Level> levels();
/// Null for a name that is none.
[[nodiscard]] const Level* find_level(std::string_view name);

/// A device's part of a level, before its cases are known: the rows of the level, or of it those of the benchmarks that
/// are named. One that is named and not in the level is measured whole but for its bursts.
[[nodiscard]] std::vector<Job> wanted_jobs(const Level& level, const DeviceName& device,
                                           const std::vector<std::string>& names);

/// What becomes of it once the cases are known.
struct LevelPlan {
  std::vector<Job> jobs;
  std::vector<std::string> left_out;  ///< "wgmma: no such case on this device", for people
  [[nodiscard]] std::size_t cases() const;
};
/// `planned`: what plan_jobs() made of `wanted`. `named`: the user chose the benchmarks, so that none gives way to
/// another.
[[nodiscard]] LevelPlan level_plan(const Level& level, const std::vector<Job>& wanted, std::vector<Job> planned,
                                   bool named = false);

/// Whether the level measures this benchmark on one device at a time.
[[nodiscard]] bool measured_alone(const Level& level, std::string_view benchmark);

/// How long the plan is predicted to take on one device: a worker that plans, and the jobs.
[[nodiscard]] double planned_seconds(const Level& level, const LevelPlan& plan);
[[nodiscard]] double job_seconds(const Level& level, const Job& job);

/// The start of a worker process until it measures, context and audit included: a prediction.
inline constexpr double kWorkerStartSeconds = 1.5;

/// The confidence of a soak's claim.
inline constexpr double kSoakConfidence = 0.95;
/// Zero failures in T hours demonstrate an MTBF of at least M = -T / ln(1 - c) at the confidence c (exponential times
/// to failure; T = -M ln(1 - c)). NaN unless T > 0 and 0 < c < 1.
[[nodiscard]] double demonstrated_mtbf_hours(double device_hours, double confidence);
/// The hours that a claim of M takes: T = -M ln(1 - c). NaN unless M > 0 and 0 < c < 1.
[[nodiscard]] double needed_device_hours(double mtbf_hours, double confidence);
/// "no failure in 24.0 GPU-hours (12 rounds): …, or that there were failures and nothing is claimed".
[[nodiscard]] std::string soak_claim(double device_hours, int rounds, bool failed, std::string_view unit = "GPU");

}  // namespace peakproof::bench
