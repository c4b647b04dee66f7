// Device time by CUDA events, with every SM's clock measured over the same interval.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "bench/harness/cuda.hpp"
#include "kernels/probe/clock_probe.hpp"
#include "reports/result.hpp"
#include "reports/sample.hpp"

namespace peakproof::bench {

/// Each SM's clock between two readings, in Hz; only SMs that both readings saw. Of several readings of one SM the
/// first counts. Pure.
[[nodiscard]] reports::UnitMap sm_clocks(const std::vector<kernels::ClockReading>& before,
                                         const std::vector<kernels::ClockReading>& after);
/// The median over the SMs; nothing if none was seen.
[[nodiscard]] std::optional<double> median_clock_hz(const reports::UnitMap& clocks);

/// A Timer (timer.hpp) for one stream:
///   prepare  wait for quiet, read every SM's clock counter
///   start    event
///   stop     event, read the counters again
///   sample   wait (a launch that outlasts the limit is a DeviceFault), seconds between the events, median clock
class EventTimer {
 public:
  struct Settings {
    int sm_count = 1;
    std::function<std::optional<double>()>
        power_w;                          ///< asked once per sample while the launch is under way; may be empty
    std::function<void()> while_running;  ///< called right after; may be empty
    std::function<bool()> contaminated;   ///< asked once per sample; may be empty
  };
  EventTimer(cudaStream_t stream, Settings settings);

  void prepare();
  void start();
  void stop();
  [[nodiscard]] reports::Sample sample();
  /// Over the last sample.
  [[nodiscard]] const reports::UnitMap& unit_clocks() const { return unit_clocks_; }

 private:
  cudaStream_t stream_;
  Settings settings_;
  Event start_ = make_event();
  Event stop_ = make_event();
  Event end_ = make_event();
  DeviceBuffer<kernels::ClockReading> before_;
  DeviceBuffer<kernels::ClockReading> after_;
  reports::UnitMap unit_clocks_;
};

}  // namespace peakproof::bench
