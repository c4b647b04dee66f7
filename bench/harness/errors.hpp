// What can go wrong, by the exit code that it leads to.
#pragma once

#include <atomic>
#include <stdexcept>
#include <string>

namespace peakproof::bench {

/// Wrong options, an unknown device, an unreadable file: nothing was measured (exit 2).
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// There is nothing that could be measured: no driver, no GPU, no CUDA in this build (exit 3; 77 with
/// --skip-if-no-gpu).
struct NoDevice : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// This measurement failed, others may go on (verdict error, exit 3).
struct MeasurementError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The device is lost, hung or corrupt: nothing more can be measured on it (exit 4).
struct DeviceFault : MeasurementError {
  explicit DeviceFault(const std::string& what) : MeasurementError(what) { happened = true; }
  /// True from the first one on. Whatever waits for the device, freeing its memory included, may then wait for ever: owners
  /// keep what they have, and the end of the process takes it.
  static inline std::atomic<bool> happened = false;
};

/// A signal asked for the end before anything was measured (exit 128 + signal).
struct Interrupted : std::runtime_error {
  explicit Interrupted(int number)
      : std::runtime_error("ended by a signal before anything was measured"), signal(number) {}
  int signal;
};

}  // namespace peakproof::bench
