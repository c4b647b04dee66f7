// The course of an acceptance: find the devices, fix the plan, measure each of them in worker processes, measure again
// what failed on performance, and give the verdict. What is required of a device is the policy's and is in reports/.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/harness/levels.hpp"
#include "bench/harness/options.hpp"
#include "reports/evaluate.hpp"
#include "reports/policy.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

struct AcceptOptions {
  Options options;                 ///< device, outputs, --anonymous, --timeout
  std::vector<std::string> names;  ///< benchmarks; empty: those of the level
  const Level* level = nullptr;
  double hours = 0;                         ///< of a soak
  bool parallel = false;                    ///< all devices at once, but for what they share
  int expect_gpus = 0;                      ///< 0: as many as there are
  bool dry_run = false;                     ///< print the plan and measure nothing
  bool measure_again = true;                ///< what failed on performance, as often as the policy says
  bool strict = false;                      ///< a warning rejects
  bool quiet = false;                       ///< nothing on stdout where all is well, and nothing on stderr but errors
  reports::Terms terms;                     ///< with a policy
  std::vector<reports::KnownResult> known;  ///< what patterns of the policy may mean
  std::optional<reports::Report> done;      ///< --resume: what was saved before
};

/// Runs the acceptance and writes its reports; returns the exit code (reports/verdict.hpp). Throws UsageError where
/// nothing can be measured as asked, and NoDevice where there is nothing to measure.
[[nodiscard]] int accept(const AcceptOptions& options);

// --- parts, pure ---------------------------------------------------------------------------------------------------

/// Every warning becomes a failure (a check of its own, "run.strict.<id>"), in the members too, and the exit codes
/// follow.
void reject_warnings(reports::Report& report);

/// The report of a device that cannot be measured at all: who it is and why, without a single result.
[[nodiscard]] reports::Report unusable_device(const DeviceName& device, const std::string& why, bool fault);

/// That fewer GPUs are there than should be; nothing where there are enough.
[[nodiscard]] std::optional<reports::Check> missing_gpus(std::span<const DeviceName> devices, int expected);

}  // namespace peakproof::bench
