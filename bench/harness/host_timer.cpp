#include "bench/harness/host_timer.hpp"

#include "bench/harness/cpu_topology.hpp"

namespace peakproof::bench {

HostTimer::HostTimer(WorkerPool& pool, HostLimits limits) : pool_(pool), limits_(limits), cpus_(pool.cpus()) {
  pool_.set_probe(probe_core);
}

HostTimer::~HostTimer() { pool_.set_probe({}); }

void HostTimer::start() { stolen_ = stolen_seconds(cpus_, "/"); }

void HostTimer::stop() {
  readings_ = {.pool = pool_.last()};
  const std::vector<double> now = stolen_seconds(cpus_, "/");
  for (std::size_t i = 0; i < now.size() && i < stolen_.size(); ++i) {
    readings_.stolen_seconds.push_back(now[i] - stolen_[i]);
  }
  assessment_ = assess(readings_, limits_);
  if (assessment_.contaminated) ++reasons_[assessment_.reason];
}

reports::Sample HostTimer::sample() const {
  return {readings_.pool.seconds, assessment_.clock_hz, assessment_.contaminated};
}

std::vector<int> HostTimer::cores() const {
  std::vector<int> cores;
  cores.reserve(readings_.pool.workers.size());
  for (const WorkerReading& worker : readings_.pool.workers) cores.push_back(worker.cpu);
  return cores;
}

std::vector<double> HostTimer::core_clocks_hz() const {
  std::vector<double> clocks;
  clocks.reserve(readings_.pool.workers.size());
  for (const WorkerReading& worker : readings_.pool.workers) {
    clocks.push_back((worker.before.clock_hz + worker.after.clock_hz) / 2);
  }
  return clocks;
}

}  // namespace peakproof::bench
