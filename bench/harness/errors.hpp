// What can go wrong, by the exit code that it leads to.
#pragma once

#include <stdexcept>

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
  using MeasurementError::MeasurementError;
};

}  // namespace peakproof::bench
