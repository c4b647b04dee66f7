// The device's own time: it stands still but for what is launched, so that a day of measuring takes a moment.
#pragma once

#include <cstdint>

namespace peakproof::stand_in {

/// A stretch of device time at one SM clock. Time in picoseconds since the start of the process, so that sums are
/// exact.
struct Interval {
  std::int64_t begin_ps = 0;
  std::int64_t end_ps = 0;
  double begin_cycles = 0;  ///< of every SM's counter (clock64) at the begin
  double clock_hz = 0;
  [[nodiscard]] double cycles_at(std::int64_t ps) const {
    return begin_cycles + 1e-12 * static_cast<double>(ps - begin_ps) * clock_hz;
  }
};

[[nodiscard]] std::int64_t now_ps();

/// Lets time pass and the cycle counters run, at this SM clock.
Interval pass(double seconds, double clock_hz);

}  // namespace peakproof::stand_in
