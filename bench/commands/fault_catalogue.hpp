// The catalogue of faults that an acceptance must survive and call by their names: how each is injected on the stand-in
// device, what is run, and what must come of it. `peakproof selftest --faults` runs it. Plain data.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace peakproof::bench {

/// Where a fault can be shown.
enum class FaultPlace {
  stand_in,  ///< on the played device
  machine,   ///< on this machine as it is, every GPU hidden
  build,     ///< when PeakProof is built: nothing to run here
  gpu,       ///< on a real GPU only
};

/// One way of injecting a fault; a fault may have several.
struct FaultTrial {
  int number = 0;             ///< of the fault
  std::string_view fault;     ///< what goes wrong
  std::string_view injected;  ///< how, for people
  FaultPlace place = FaultPlace::stand_in;
  std::string_view stand_in;  ///< settings of the played devices (tests/stand_in/README.md)
  /// What sh runs, in an empty folder and with peakproof in its path. Its exit code is the trial's.
  std::string_view command;
  int exit_code = 0;
  /// What must stand in what the command prints, one below the other; "!" before a line: what must not.
  std::string_view says;
};

[[nodiscard]] std::span<const FaultTrial> fault_catalogue();

/// The verdict that belongs to an exit code of peakproof (reports/verdict.hpp); of a usage error "refused".
[[nodiscard]] std::string_view expected_verdict(int exit_code);

}  // namespace peakproof::bench
