// One report out of what several workers left behind. Pure: a test needs no process.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/harness/supervisor.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

/// What one worker left behind.
struct Part {
  std::optional<reports::Report> report;  ///< nothing: none that can be read
  std::string under_way;                  ///< the case that had begun and not ended; empty: none
  std::string problem;                    ///< why it did not do all of its job; empty: it did
  bool device_fault = false;
};

/// The report before the first job: planned is everything, and all of it is missing.
[[nodiscard]] reports::Report begun_report(const Options& options, const DeviceName& device,
                                           const std::vector<Job>& jobs);

/// Adds a worker's results, health and facts. Of a job with a problem the case under way becomes a result with verdict
/// error; what else has no result stays missing, with the reason in device.facts["missing.<benchmark>"]. A device fault is
/// in device.facts["fault"].
void join(reports::Report& report, const Job& job, Part part);

/// Puts results that were measured again in the place of those of the same name, which become attempts.
void join_again(reports::Report& report, const Job& job, Part part);

/// Before from the first that tells, after from the last; what the last did not tell is not known.
void join_health(std::optional<reports::Health>& health, std::optional<reports::Health> part);

/// Sets what follows from the results: completeness.missing, exit code and verdict.
void settle(reports::Report& report, reports::RunEvents& events);

/// The report to go on from (--resume): that of `done` with the results of the jobs that it finished; the others in
/// `to_do`. A job with an error is done again. Throws UsageError where device, program, options or plan are others.
[[nodiscard]] reports::Report resumed_report(const reports::Report& done, const reports::Report& begun,
                                             const std::vector<Job>& jobs, std::vector<Job>& to_do);

/// A result of a case that a worker did not live to measure.
[[nodiscard]] reports::Result failed_result(const std::string& planned, const std::string& why);

}  // namespace peakproof::bench
