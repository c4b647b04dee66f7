// The host CPU as a Backend: its cores, one pinned worker each, timed together.
#pragma once

#include <string>

#include "bench/harness/backend.hpp"
#include "bench/harness/cpu_device.hpp"
#include "bench/harness/host_timer.hpp"
#include "bench/harness/worker_pool.hpp"

namespace peakproof::bench {

class CpuBackend final : public Backend {
 public:
  CpuBackend();

  [[nodiscard]] const reports::Device& description() const override { return description_; }
  [[nodiscard]] TimerBase& timer() override { return timer_adapter_; }
  [[nodiscard]] const Overhead& overhead() const override { return overhead_; }
  [[nodiscard]] reports::Audit audit(const std::string& kernel) const override;
  void begin_region() override {}
  [[nodiscard]] Region end_region() override { return {}; }
  [[nodiscard]] reports::UnitMap unit_clocks() const override;
  [[nodiscard]] std::string note_end_of_run(reports::Device& description) override;

  [[nodiscard]] WorkerPool& pool() { return pool_; }
  [[nodiscard]] const CpuDevice& device() const { return device_; }

 private:
  [[nodiscard]] Overhead measure_overhead();

  CpuDevice device_;
  WorkerPool pool_;
  HostTimer timer_;
  TimerAdapter<HostTimer> timer_adapter_;
  reports::Device description_;
  Overhead overhead_;
};

}  // namespace peakproof::bench
