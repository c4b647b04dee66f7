// Measures through worker processes, one per benchmark and device, so that a crash, a hang, a sticky CUDA error or a lost
// device costs one benchmark and never the report. This process opens no device itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/device.hpp"
#include "bench/harness/options.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

/// devices_meant(options.device), asked of a worker with a deadline, since a driver may hang. Throws UsageError, NoDevice,
/// DeviceFault (the driver hangs), MeasurementError (the worker crashed) and Interrupted.
[[nodiscard]] std::vector<DeviceName> find_devices(const Options& options);

/// What one worker does.
struct Job {
  std::string benchmark;
  std::string filter;  ///< Google Benchmark's, over the names of its cases; empty: the one of the options, or all
  std::vector<std::string> cases;  ///< the planned names, fixed before anything is measured
};
/// Each benchmark's planned cases on this device, told by a worker that declares and measures nothing. A benchmark none of
/// whose cases the filter leaves is left out. Throws as find_devices does; UsageError where nothing is left at all.
/// `described`, where it is given, becomes the description of the device.
[[nodiscard]] std::vector<Job> plan_jobs(const Options& options, const DeviceName& device, std::vector<Job> wanted,
                                         reports::Device* described = nullptr);

/// What happens, for a progress line.
struct Progressed {
  const DeviceName& device;
  std::size_t job = 0;
  std::size_t jobs = 0;
  std::size_t cases_done = 0;  ///< of all jobs
  std::size_t cases = 0;
  std::string now;  ///< the case that is being measured
};

struct Supervision {
  Options options;         ///< what the workers are told (its device and outputs are not)
  double silence_s = 120;  ///< a worker that begins or ends no case for so long is ended: it hangs
  double epoch_s = 0;      ///< steady clock at the beginning of the run: telemetry counts from there
  bool several = false;    ///< devices are measured at the same time: what a worker says names its device
  bool quiet = false;      ///< what workers say on stderr is not passed on
  std::function<void(const Progressed&)> progress;  ///< at least four times a second
  /// After every job, with everything that is known by then: to be saved.
  std::function<void(const reports::Report&)> save;
};
/// What is longer than any case takes by itself: a launch may last as long as the options allow before it counts as hung.
[[nodiscard]] double silence_that_hangs(const Options& options);

/// Measures the jobs on the device, one worker after the other. `done`: a report that was saved before (--resume); the
/// results of jobs that it finished are taken over; throws UsageError where it is of another device, program, plan or
/// choice of options, before anything is measured. Throws for nothing that a worker does: it is in the report (an error
/// result and device.facts["fault"], or the case in completeness.missing with the reason in
/// device.facts["missing.<benchmark>"]). Events that no result shows (device fault, signal) are in `events`. Exit code and
/// verdict of the report are those of a run that is not an acceptance. May run in several threads, one per device.
[[nodiscard]] reports::Report supervise(const Supervision& supervision, const DeviceName& device,
                                        const std::vector<Job>& jobs, const std::optional<reports::Report>& done,
                                        reports::RunEvents& events);

/// Measures the jobs' cases again and puts the new results in the place of the old ones, which become attempts. A case
/// that a worker does not live to measure gets an error.
void measure_again(const Supervision& supervision, const DeviceName& device, const std::vector<Job>& jobs,
                   reports::Report& report, reports::RunEvents& events);

/// The jobs cut down to the cases whose results have these names (reports::row_name): for measure_again.
[[nodiscard]] std::vector<Job> jobs_of(const std::vector<Job>& jobs, const reports::Report& report,
                                       const std::vector<std::string>& row_names);

/// The signal that asked this process to end; 0: none. Set by SIGINT, SIGTERM and SIGHUP while a SupervisorSignals lives;
/// workers are told, and everything ends within two seconds with a partial report. A second one ends the process at once.
[[nodiscard]] int signal_that_ends();
class SupervisorSignals {
 public:
  SupervisorSignals();
  SupervisorSignals(const SupervisorSignals&) = delete;
  SupervisorSignals& operator=(const SupervisorSignals&) = delete;
  ~SupervisorSignals();
};

}  // namespace peakproof::bench
