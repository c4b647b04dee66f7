// A device that can be measured: what the measuring code needs of a GPU or a CPU.
#pragma once

#include <memory>
#include <string>

#include "bench/harness/timer.hpp"
#include "reports/efficiency.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

/// What measuring itself costs on this device, in seconds.
struct Overhead {
  double launch_s = 0;   ///< a launch that does nothing, begin to end
  double timer_s = 0;    ///< the timer around nothing
  double sampler_s = 0;  ///< wall time of one turn of the sampler beyond the launch
};

class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  [[nodiscard]] virtual const reports::Device& description() const = 0;
  [[nodiscard]] virtual TimerBase& timer() = 0;
  [[nodiscard]] virtual const Overhead& overhead() const = 0;
  /// The audit of this kernel's machine code on this device; an empty name is a library call.
  [[nodiscard]] virtual reports::Audit audit(const std::string& kernel) const = 0;
  /// Forget the reasons for a lower clock seen so far / the share of the samples since then that showed each.
  virtual void reset_clock_reasons() = 0;
  [[nodiscard]] virtual reports::ClockReasons clock_reasons() const = 0;
  /// Per-SM clocks over the last sample; empty where they are not known.
  [[nodiscard]] virtual reports::UnitMap unit_clocks() const = 0;
  /// Facts at the end of the run that may differ from the start (event reasons, temperatures, error counters). Returns
  /// what went wrong with the device meanwhile, such as uncorrectable memory errors; empty: nothing.
  [[nodiscard]] virtual std::string note_end_of_run(reports::Device& description) const = 0;
};

}  // namespace peakproof::bench
