// Times launches on a WorkerPool: the sampler's Timer for the CPU.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/harness/cpu_clock.hpp"
#include "bench/harness/worker_pool.hpp"
#include "reports/sample.hpp"

namespace peakproof::bench {

/// prepare(); start(); pool.run(job); stop(); sample(). The launch in between is exactly one run of the pool: its
/// seconds go from the first worker's start to the last one's end, and the pool probes every core's clock around it.
class HostTimer {
 public:
  /// The pool outlives the timer; its probe belongs to the timer until the timer ends.
  explicit HostTimer(WorkerPool& pool, HostLimits limits = {});
  ~HostTimer();
  HostTimer(const HostTimer&) = delete;
  HostTimer& operator=(const HostTimer&) = delete;
  HostTimer(HostTimer&&) = delete;
  HostTimer& operator=(HostTimer&&) = delete;

  void prepare() {}
  void start();
  void stop();
  /// Of the run between start and stop.
  [[nodiscard]] reports::Sample sample() const;

  /// What was read around the latest sample, and what is thought of it.
  [[nodiscard]] const HostReadings& readings() const { return readings_; }
  [[nodiscard]] const HostAssessment& assessment() const { return assessment_; }
  /// Why samples were contaminated so far: reason -> how often. For the note of the result.
  [[nodiscard]] const std::map<std::string, int>& reasons() const { return reasons_; }
  /// The CPUs that took part in the latest sample, and each one's clock: mean of before and after.
  [[nodiscard]] std::vector<int> cores() const;
  [[nodiscard]] std::vector<double> core_clocks_hz() const;

 private:
  WorkerPool& pool_;
  HostLimits limits_;
  std::vector<int> cpus_;
  std::vector<double> stolen_;  ///< per CPU at start()
  HostReadings readings_;
  HostAssessment assessment_;
  std::map<std::string, int> reasons_;
};

}  // namespace peakproof::bench
