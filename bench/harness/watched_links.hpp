// The links of GPUs, looked at now and then while a case is measured, with copies of its own behind the timed ones.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/link_watch.hpp"

namespace peakproof::bench {

class WatchedLinks {
 public:
  /// `load` puts a copy over the links into the device's stream, or lets that stream wait for one.
  WatchedLinks(CudaDevice& device, std::vector<LinkWatch::Gpu> gpus, std::function<void()> load);
  WatchedLinks(const WatchedLinks&) = delete;
  WatchedLinks& operator=(const WatchedLinks&) = delete;
  ~WatchedLinks();
  [[nodiscard]] const LinkWatch& watch() const { return watch_; }

 private:
  void look();

  CudaDevice& device_;
  LinkWatch watch_;
  std::function<void()> load_;
  std::chrono::steady_clock::time_point looked_;
};

}  // namespace peakproof::bench
