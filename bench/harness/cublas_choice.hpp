// Which of a library's algorithms is the fastest: timed in turn, so that none has the cool device for itself.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace peakproof::bench {

/// One of the algorithms that were offered.
struct CublasCandidate {
  double seconds = 0;   ///< of a launch
  std::string failure;  ///< why it does not run; empty: it does
};

/// What timing them found.
struct CublasChoice {
  std::vector<CublasCandidate> candidates;  ///< in the library's order, its best guess first
  int best = -1;                            ///< -1: none runs
};

/// Seconds of `launches` launches of a candidate, one after the other. Throws MeasurementError if it does not run.
using TimeCandidate = std::function<double(int candidate, int launches)>;

/// Times `count` candidates in turn: once each to load and wake, then up to five rounds, of which the medians count. A
/// launch so long that the rounds take more than a second ends them early.
[[nodiscard]] CublasChoice choose(int count, const TimeCandidate& time);

/// "candidate 3 of 8: 781 TFLOP/s (in the library's order 702, CUBLAS_STATUS_NOT_SUPPORTED, 781, 650 TFLOP/s)"
[[nodiscard]] std::string describe(const CublasChoice& choice, double operations, std::string_view unit);

/// Variables of this process's environment that change what cuBLASLt computes with, as "NAME=value": the result is then
/// that of other arithmetic than its type says. `get`: std::getenv.
[[nodiscard]] std::vector<std::string> cublas_overrides(const std::function<const char*(const char*)>& get);

}  // namespace peakproof::bench
