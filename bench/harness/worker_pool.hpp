// Threads that are pinned one per core and run a job at the same time, each reading its own clocks around it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace peakproof::bench {

/// What a core looked like for a moment.
struct CoreProbe {
  double clock_hz = 0;  ///< 0: unknown
  double share = 0;     ///< of its multiply rate that this thread got: 1 where nobody shares the core; 0: unknown
};

/// What one worker saw of its job.
struct WorkerReading {
  int cpu = -1;                           ///< where the worker is pinned
  double seconds = 0;                     ///< from its start to its end, steady clock
  double cpu_seconds = 0;                 ///< of the thread, in the same interval
  std::int64_t involuntary_switches = 0;  ///< the scheduler put something else on the core
  CoreProbe before;                       ///< what the probe returned right before the job
  CoreProbe after;                        ///< and right after it
};

/// What a run took.
struct PoolReading {
  double seconds = 0;                  ///< from the first worker's start to the last one's end
  std::vector<WorkerReading> workers;  ///< those that took part
};

class WorkerPool {
 public:
  using Job = std::function<void(int worker)>;
  using Probe = std::function<CoreProbe()>;

  /// One thread per entry of `cpus`, pinned to it. Throws std::invalid_argument without any, std::system_error where a
  /// thread cannot be made or pinned.
  explicit WorkerPool(const std::vector<int>& cpus);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  WorkerPool(WorkerPool&&) = delete;
  WorkerPool& operator=(WorkerPool&&) = delete;

  [[nodiscard]] int size() const { return static_cast<int>(threads_.size()); }
  [[nodiscard]] std::vector<int> cpus() const;

  /// Run by every worker right before and right after each job, while the core is still awake and warm; an empty one
  /// ends that. Not while a run is under way.
  void set_probe(Probe probe) { probe_ = std::move(probe); }

  /// Runs `job(worker)` on all workers at once and waits for all of them. The workers wake up, probe, wait for each
  /// other and only then start. What a job throws is thrown here, after all have ended.
  void run(const Job& job) { run(job, size()); }
  /// The same on the first `workers` only: the others sleep, and their cores idle. At least one.
  void run(const Job& job, int workers);
  /// Of the latest run.
  [[nodiscard]] const PoolReading& last() const { return last_; }

 private:
  void work(int worker);
  void run_once(int worker);
  void wait_for_all(std::uint64_t arrivals);
  void stop() noexcept;

  Probe probe_;
  const Job* job_ = nullptr;
  PoolReading last_;
  std::vector<WorkerReading> readings_;  ///< of all workers
  std::vector<double> starts_;
  std::vector<double> ends_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::uint64_t generation_ = 0;  ///< of the run that is wanted
  int running_ = 0;
  int wanted_ = 0;  ///< workers that take part in the run
  bool stopping_ = false;
  std::exception_ptr error_;
  std::atomic<std::uint64_t> arrived_{0};
  std::vector<std::thread> threads_;
};

}  // namespace peakproof::bench
