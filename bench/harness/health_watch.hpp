// How a GPU fares while it is measured, by NVML: counters before and after, telemetry, the driver's events.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/nvml.hpp"
#include "bench/harness/patient_nvml.hpp"
#include "bench/harness/telemetry.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

class HealthWatch {
 public:
  /// Nobody can be asked, and `why` says so.
  explicit HealthWatch(std::string why) : why_(std::move(why)) {}
  /// Reads the counters and begins to look at the device. `device` is one of `nvml`'s.
  HealthWatch(const PatientNvml& nvml, const NvmlDevice& device, Telemetry::Settings settings);
  HealthWatch(const HealthWatch&) = delete;
  HealthWatch& operator=(const HealthWatch&) = delete;
  ~HealthWatch();

  void begin_region();
  [[nodiscard]] Telemetry::Region end_region();
  /// The board's power while a launch of the region is under way; empty where NVML does not tell, or not in time.
  [[nodiscard]] std::optional<double> power_w();
  /// Processes that compute on the device, as they were counted last; empty: not counted.
  [[nodiscard]] std::optional<int> processes() const;

  /// The link as it is while copies keep it busy: from now on in the place of the reading afterwards, which is at rest.
  void link_under_load(std::optional<theory::PcieLink> link);
  /// NVML has stopped answering, as far as anybody can tell by now: what is asked of it is not worth the wait.
  [[nodiscard]] bool late() const { return telemetry_ && telemetry_->late(); }
  /// Everything until now.
  [[nodiscard]] reports::Health health();
  /// What the driver reported that makes the device unfit, such as an Xid 79: its text. Empty: nothing.
  [[nodiscard]] std::string fault() const;

 private:
  [[nodiscard]] std::vector<CounterReading> read_counters() const;

  std::string source_;
  std::string why_;
  std::shared_ptr<CallThread> thread_;
  std::shared_ptr<const NvmlDevice> device_;  ///< for calls on the thread
  std::vector<CounterReading> before_;
  std::optional<theory::PcieLink> loaded_link_;
  std::unique_ptr<Telemetry> telemetry_;
  bool first_of_region_ = false;
};

/// Before and after, by the names of the first. Pure.
[[nodiscard]] std::vector<reports::Counter> join_counters(const std::vector<CounterReading>& before,
                                                          const std::vector<CounterReading>& after);
/// What an event means and what to do. Pure.
[[nodiscard]] reports::HealthEvent describe(const DriverEvent& event);

/// Who looks over our shoulder and makes every time wrong: a profiler or tracer that is loaded by the environment, or a
/// debugger that is attached (`status` is /proc/self/status). Empty: nobody. Pure.
[[nodiscard]] std::string profiler_in(const std::vector<std::string>& environment, const std::string& status);
/// Of this process, now.
[[nodiscard]] std::string attached_profiler();

}  // namespace peakproof::bench
