// What an acceptance will do, fixed before anything is measured: the devices, their cases, and the terms they are held
// to.
#pragma once

#include <string>
#include <vector>

#include "bench/harness/acceptance.hpp"
#include "bench/harness/levels.hpp"
#include "bench/harness/supervisor.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

/// One device with its part of the plan.
struct PlannedDevice {
  DeviceName device;
  LevelPlan plan;
  reports::Report described;  ///< what its report begins with: everything planned, nothing measured
  std::string unusable;       ///< why nothing can be measured on it; empty: it can
  bool fault = false;         ///< it is unusable because it failed, not because of how it is set up
};

/// What the workers are told.
[[nodiscard]] Options worker_options(const AcceptOptions& options);

/// Plans each device. One that cannot be planned is unusable and keeps its place; the others go on. Throws UsageError
/// for benchmarks that no device has, and NoDevice where another run holds one of the devices.
[[nodiscard]] std::vector<PlannedDevice> plan_devices(const AcceptOptions& options,
                                                      const std::vector<DeviceName>& devices);

/// Throws UsageError where the policy cannot be meant so, or the baseline is of other devices than these. Without
/// devices: as far as it can be told.
void require_terms(const AcceptOptions& options, const std::vector<PlannedDevice>& devices);

/// The time that the run is predicted to take on the clock on the wall: of all devices in turn, or side by side.
[[nodiscard]] double planned_wall_seconds(const AcceptOptions& options, const std::vector<PlannedDevice>& devices);

/// The plan for people: a headline, a line for each device, and with `cases` every case and what is left out.
[[nodiscard]] std::string plan_text(const AcceptOptions& options, const std::vector<PlannedDevice>& devices,
                                    bool cases);

}  // namespace peakproof::bench
