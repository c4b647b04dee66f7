// One thing to measure, as data: a benchmark declares cases and has no loop, no timer and no print.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reports/result.hpp"

namespace peakproof::bench {

/// A second launch on the same operands that the case is held against.
struct ReferenceLaunch {
  std::string name;
  std::function<void()> launch;
  /// What it needs, right before it is measured; the case's release gives it back. May be empty.
  std::function<void()> prepare = {};
  /// What prepare found out, for the result's note; may be empty.
  std::function<std::string()> found = {};
};

struct Case {
  std::string name;
  reports::Texts params;
  std::optional<theory::Pipe> pipe;        ///< nothing: measured and reported, without theory
  std::string unit;                        ///< of the work: "FLOP/s", "OP/s", "B/s"
  std::optional<reports::Floor> floor;     ///< lowest E_issue; nothing: reported, not judged
  std::string kernel;                      ///< symbol of the audited kernel; empty: no machine code of ours
  std::vector<std::string> other_kernels;  ///< of the same launch: the worst audit of all is the case's
  std::string remark;                      ///< goes into the result's note
  bool burst = false;                      ///< is measured from idle too, as a result of its own
  std::optional<std::string> skip;         ///< why the device cannot do this at all; nothing else is used then
  std::optional<std::string> misuse;       ///< why the options do not suit it: a usage error where it is asked for

  /// Takes memory and fills the operands, right before the case is measured; release gives everything back.
  std::function<void()> prepare;
  std::function<void()> release;
  /// What prepare found out, for the result's note; may be empty.
  std::function<std::string()> found;
  /// Sets how much one launch does; empty where the size is fixed. Length 1 is the shortest launch.
  std::function<void(std::int64_t length)> set_length;
  /// Work of one launch at the present length.
  std::function<double()> work;
  /// The peak that the case is held against where the table's row of `pipe` is not it: a link as it was negotiated under
  /// load, a share of a pipe. Asked after the samples, for the rated clock and for the measured one (0: unknown); a peak
  /// that follows no SM clock says so by a clock_hz of 0. Empty: the row of `pipe`.
  std::function<std::optional<theory::Peak>(double clock_hz)> peak;
  /// Puts the outputs into a state that no right answer has; called once before the warm-up.
  std::function<void()> poison;
  std::function<void()> launch;
  /// Seconds of the last launch by a clock of the case's own (the host's, %globaltimer), in the place of the device's
  /// timer. Asked once after every timed launch, which is one of a length that set_length has set. Empty: the device's
  /// timer.
  std::function<double()> own_seconds;
  /// SM cycles per dependent instruction, read in-kernel from the last launch with the loop cost taken out. Asked once
  /// after every timed sample. Empty: the case is no latency. One that is has no pipe, and its unit is "OP/s" (dependent
  /// steps a second).
  std::function<double()> latency_cycles;
  /// Checks what the timed launches left behind.
  std::function<reports::Verification()> verify;
  /// Per-SM (per-core) values of the last launch; may be empty.
  std::function<std::vector<reports::UnitMap>()> unit_maps;
  std::optional<ReferenceLaunch> reference;
  /// What is told of a network beside its rate; asked once, after verify, with the median seconds of one
  /// launch. Empty: the case is no network.
  std::function<reports::Inference(double median_s)> inference;
  std::function<reports::Training(double median_s)> training;
};

}  // namespace peakproof::bench
