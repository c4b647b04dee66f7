#include "bench/harness/copy_lanes.hpp"

#include <utility>

namespace peakproof::bench {

void CopyLanes::add(int gpu, Copy copy) {
  const OnGpu on(gpu);
  Lane lane{.gpu = gpu, .own = make_stream(), .end = make_event(), .copy = std::move(copy)};
  lane.stream = lane.own.get();
  lanes_.push_back(std::move(lane));
}

void CopyLanes::run(std::int64_t times) const {
  check(cudaEventRecord(begin_.get(), timed_));
  for (const Lane& lane : lanes_)
    if (lane.own) check(cudaStreamWaitEvent(lane.stream, begin_.get(), 0));
  for (std::int64_t i = 0; i < times; ++i)
    for (const Lane& lane : lanes_) lane.copy(lane.stream);
  for (const Lane& lane : lanes_) {
    if (!lane.own) continue;
    const OnGpu on(lane.gpu);  // an event is recorded in a stream of its own GPU
    check(cudaEventRecord(lane.end.get(), lane.stream));
  }
  for (const Lane& lane : lanes_)
    if (lane.own) check(cudaStreamWaitEvent(timed_, lane.end.get(), 0));
}

}  // namespace peakproof::bench
