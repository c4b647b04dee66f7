// A device that can be measured: what the measuring code needs of a GPU or a CPU.
#pragma once

#include <memory>
#include <optional>
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
  /// What is sampled from now on is watched: how the device fares, and why its clock is low.
  virtual void begin_region() = 0;
  struct Region {
    std::optional<reports::Telemetry> telemetry;  ///< nothing where nobody can be asked
    reports::ClockReasons clock;
  };
  /// What was seen since begin_region.
  [[nodiscard]] virtual Region end_region() = 0;
  /// Per-SM clocks over the last sample; empty where they are not known.
  [[nodiscard]] virtual reports::UnitMap unit_clocks() const = 0;
  /// Facts at the end of the run that may differ from the start (event reasons, temperatures, error counters). Returns
  /// what went wrong with the device meanwhile, such as uncorrectable memory errors; empty: nothing.
  [[nodiscard]] virtual std::string note_end_of_run(reports::Device& description) = 0;
  /// How the device fared from before it was opened until now; nothing where it has no health of its own, like a CPU.
  [[nodiscard]] virtual std::optional<reports::Health> health() { return std::nullopt; }
};

}  // namespace peakproof::bench
