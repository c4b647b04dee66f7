// Measures through worker processes, one per benchmark and device, so that a crash, a hang, a sticky CUDA error or a lost
// device costs one benchmark and never the report. This process opens no device itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/options.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

/// A device as a worker found it.
struct DeviceName {
  std::string selector;  ///< what --device takes: the UUID of a GPU, "cpu"
  std::string label;     ///< "cuda:0", "cpu": short, for people
  std::string uuid;
  std::string pci;
  std::string name;
};
/// The devices that this --device means: "" and "cuda:0" the first GPU, "all" every visible one, "cuda:0,cuda:2" these,
/// "cpu". Asked of a worker with a deadline, since a driver may hang. Throws NoDevice, UsageError, DeviceFault.
[[nodiscard]] std::vector<DeviceName> find_devices(const Options& options);

/// What one worker does.
struct Job {
  std::string benchmark;
  std::string filter;              ///< Google Benchmark's, over the names of its cases; empty: all
  std::vector<std::string> cases;  ///< the planned names, fixed before anything is measured
};
/// Each benchmark's planned cases on this device, told by a worker that declares and measures nothing. A benchmark none of
/// whose cases the filter leaves is left out. Throws as find_devices does.
[[nodiscard]] std::vector<Job> plan_jobs(const Options& options, const DeviceName& device, std::vector<Job> wanted);

/// What happens, for a progress line.
struct Progressed {
  const DeviceName& device;
  std::size_t job = 0;
  std::size_t jobs = 0;
  std::size_t cases_done = 0;  ///< of all jobs
  std::size_t cases = 0;
  std::string now;  ///< the benchmark that is being measured
};

struct Supervision {
  Options options;         ///< what the workers are told (its device and outputs are not)
  double silence_s = 120;  ///< a worker that finishes no case for so long is ended: it hangs
  double epoch_s = 0;      ///< steady clock at the beginning of the run: telemetry counts from there
  std::function<void(const Progressed&)> progress;
  /// After every job, with everything that is known by then: to be saved.
  std::function<void(const reports::Report&)> save;
};

/// Measures the jobs on the device, one worker after the other. `done`: a report that was saved before (--resume); of its
/// results those of jobs that it finished are taken over. Never throws for what a worker does: it is in the report (an
/// error result and a "fault" fact, or the case in completeness.missing with the reason in device.facts["missing.<benchmark>"]).
/// Events that no result shows (device fault, signal) are in `events`.
[[nodiscard]] reports::Report supervise(const Supervision& supervision, const DeviceName& device,
                                        const std::vector<Job>& jobs, const std::optional<reports::Report>& done,
                                        reports::RunEvents& events);

/// Measures these cases again and puts the new results in the place of the old ones, which become attempts.
void measure_again(const Supervision& supervision, const DeviceName& device, const std::vector<Job>& jobs,
                   reports::Report& report, reports::RunEvents& events);

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
