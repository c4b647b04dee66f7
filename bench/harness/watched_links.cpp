#include "bench/harness/watched_links.hpp"

#include <utility>

namespace peakproof::bench {

WatchedLinks::WatchedLinks(CudaDevice& device, std::vector<LinkWatch::Gpu> gpus, std::function<void()> load)
    : device_(device), watch_(std::move(gpus)), load_(std::move(load)) {
  device.also_watch([this] { look(); });
}

WatchedLinks::~WatchedLinks() {
  if (!DeviceFault::happened) device_.also_watch({});
}

void WatchedLinks::look() {
  using std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kOften{100};
  if (looked_ != steady_clock::time_point{} && steady_clock::now() - looked_ < kOften) return;
  looked_ = steady_clock::now();
  const cudaStream_t stream = device_.stream();
  wait_for(stream);  // what is timed has ended, and is not disturbed
  watch_.look(load_, [stream] { return cudaStreamQuery(stream) == cudaErrorNotReady; });
  wait_for(stream);
}

}  // namespace peakproof::bench
