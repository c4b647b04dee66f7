// The host's time for many calls, by the median of batches of them: one that the scheduler interrupts does not count.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "reports/sample.hpp"

namespace peakproof::bench {

class HostBatches {
 public:
  /// Times `calls` calls that `batch` makes.
  template <class Batch>
  void time(std::int64_t calls, const Batch& batch) {
    const auto begin = std::chrono::steady_clock::now();
    batch();
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    seconds_per_call_.push_back(passed.count() / static_cast<double>(calls));
    calls_ += calls;
  }
  /// For all the calls, had every batch been the median one.
  [[nodiscard]] double seconds() const {
    return static_cast<double>(calls_) * reports::quantile(seconds_per_call_, 0.5);
  }

 private:
  std::vector<double> seconds_per_call_;
  std::int64_t calls_ = 0;
};

}  // namespace peakproof::bench
