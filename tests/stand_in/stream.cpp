// Streams and events. Everything is done when it is called; what takes time is the virtual time that it ends at.
#include "tests/stand_in/stream.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>

#include "tests/stand_in/graph.hpp"
#include "tests/stand_in/settings.hpp"
#include "tests/stand_in/state.hpp"
#include "tests/stand_in/virtual_time.hpp"

namespace peakproof::stand_in {
namespace {

struct Event {
  int device = 0;
  std::int64_t recorded_ps = -1;
  bool pending = false;  // recorded behind a launch that never ends
};
struct Stream {
  int device = 0;
  std::int64_t end_ps = 0;
  bool ends_with_event = false;
  std::unique_ptr<Graph> recording;
};

/// Handles that were given out and not yet taken back.
template <class Object>
class Handles {
 public:
  void* make() {
    auto* handle = new Object();
    handle->device = current_device();
    handles_.insert(handle);
    return handle;
  }
  [[nodiscard]] Object* find(void* handle) const {
    return handles_.count(handle) == 0 ? nullptr : static_cast<Object*>(handle);
  }
  bool destroy(void* handle) {
    if (handles_.erase(handle) == 0) return false;
    delete static_cast<Object*>(handle);
    return true;
  }

 private:
  std::set<void*> handles_;
};
Handles<Event>& events() {
  static Handles<Event> events;
  return events;
}
Handles<Stream>& streams() {
  static Handles<Stream> streams;
  return streams;
}

struct Looks {
  bool link_busy = false;
  std::uint64_t epoch = 0;
};
Looks& looks() {
  static Looks looks;
  return looks;
}

Stream* stream_of(cudaStream_t stream) {
  static Stream default_stream;
  return stream == nullptr ? &default_stream : streams().find(stream);
}

void pass_until(std::int64_t ps) {
  if (ps <= now_ps()) return;
  pass(1e-12 * static_cast<double>(ps - now_ps()), 1e6 * settings().sm_mhz * settings().clock);
}

/// The host looks whether something has ended: cudaErrorNotReady the first time after a copy over a link.
cudaError_t look() {
  ++looks().epoch;
  if (device_hangs()) return cudaErrorNotReady;
  if (!looks().link_busy) return cudaSuccess;
  looks().link_busy = false;
  return cudaErrorNotReady;
}

/// The host waits for everything until this moment.
void wait_until(std::int64_t ps) {
  wait_for_device();
  ++looks().epoch;
  looks().link_busy = false;
  pass_until(ps);
}

cudaError_t make_event(cudaEvent_t* event) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  *event = static_cast<cudaEvent_t>(events().make());
  return cudaSuccess;
}

cudaError_t make_stream(cudaStream_t* stream) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  *stream = static_cast<cudaStream_t>(streams().make());
  return cudaSuccess;
}

/// What recording an event takes shows only where another one stands right before it: work hides it.
cudaError_t record(cudaEvent_t handle, cudaStream_t stream) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  Event* event = events().find(handle);
  Stream* found = stream_of(stream);
  if (!event || !found || (stream != nullptr && event->device != found->device)) return cudaErrorInvalidResourceHandle;
  if (found->recording) return cudaErrorStreamCaptureUnsupported;
  constexpr double ps_per_us = 1e6;
  const double cost_ps = found->ends_with_event ? ps_per_us * settings().event_us : 0;
  event->recorded_ps = end_of(stream) + static_cast<std::int64_t>(cost_ps);
  event->pending = device_hangs();
  extend(stream, event->recorded_ps);
  found->ends_with_event = true;
  return cudaSuccess;
}

cudaError_t wait_event(cudaStream_t stream, cudaEvent_t handle) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  const Event* event = events().find(handle);
  const Stream* found = stream_of(stream);
  if (!event || !found) return cudaErrorInvalidResourceHandle;
  if (found->recording) return cudaErrorStreamCaptureUnsupported;
  extend(stream, event->recorded_ps);
  return cudaSuccess;
}

cudaError_t query(cudaEvent_t handle) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  const Event* event = events().find(handle);
  if (!event) return cudaErrorInvalidResourceHandle;
  if (event->pending || look() == cudaErrorNotReady) return cudaErrorNotReady;
  pass_until(event->recorded_ps);
  return cudaSuccess;
}

cudaError_t elapsed(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  const Event* first = events().find(begin);
  const Event* last = events().find(end);
  if (!first || !last || first->device != last->device || first->recorded_ps < 0 || last->recorded_ps < 0)
    return cudaErrorInvalidResourceHandle;
  if (first->pending || last->pending) return cudaErrorNotReady;
  *milliseconds = static_cast<float>(1e-9 * static_cast<double>(last->recorded_ps - first->recorded_ps));
  return cudaSuccess;
}

/// Why the host cannot look at the stream or wait for it, or cudaSuccess.
cudaError_t refusal(cudaStream_t stream) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  const Stream* found = stream_of(stream);
  if (!found) return cudaErrorInvalidResourceHandle;
  return found->recording ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

}  // namespace

cudaError_t find_stream(cudaStream_t stream) {
  return stream_of(stream) != nullptr ? cudaSuccess : cudaErrorInvalidResourceHandle;
}
cudaError_t find_own_stream(cudaStream_t stream) {
  const Stream* found = stream_of(stream);
  const bool own = found != nullptr && (stream == nullptr || found->device == current_device());
  return own ? cudaSuccess : cudaErrorInvalidResourceHandle;
}

std::int64_t end_of(cudaStream_t stream) { return std::max(stream_of(stream)->end_ps, now_ps()); }
void extend(cudaStream_t stream, std::int64_t end_ps) {
  Stream& found = *stream_of(stream);
  found.end_ps = std::max(found.end_ps, end_ps);
  found.ends_with_event = false;
}
void settle(cudaStream_t stream) {
  ++looks().epoch;
  pass_until(stream_of(stream)->end_ps);
  stream_of(stream)->ends_with_event = false;
}

Graph* recording_of(cudaStream_t stream) { return stream_of(stream)->recording.get(); }

void link_is_busy() { looks().link_busy = true; }
bool is_link_busy() { return looks().link_busy; }
std::uint64_t epoch() { return looks().epoch; }

}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
namespace self = peakproof::stand_in;
extern "C" {

/// Asked by the played NVML: links train up while something moves over them.
int peakproof_stand_in_link_is_busy() { return self::is_link_busy() ? 1 : 0; }

cudaError_t cudaStreamCreate(cudaStream_t* stream) { return self::remember(self::make_stream(stream)); }
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned /*flags*/) { return cudaStreamCreate(stream); }
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  if (!self::streams().destroy(stream)) return self::remember(cudaErrorInvalidResourceHandle);
  return self::remember(self::health());
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (const cudaError_t refused = self::refusal(stream); refused != cudaSuccess) return self::remember(refused);
  self::wait_until(self::end_of(stream));
  return cudaSuccess;
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  if (const cudaError_t refused = self::refusal(stream); refused != cudaSuccess) return self::remember(refused);
  if (self::look() == cudaErrorNotReady) return cudaErrorNotReady;
  self::settle(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned /*flags*/) {
  return self::remember(self::wait_event(stream, event));
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode /*mode*/) {
  if (const cudaError_t refused = self::refusal(stream); refused != cudaSuccess) return self::remember(refused);
  if (stream == nullptr) return self::remember(cudaErrorStreamCaptureUnsupported);  // the legacy stream records nothing
  self::stream_of(stream)->recording = std::make_unique<self::Graph>();
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  const cudaError_t found = self::find_stream(stream);
  if (found != cudaSuccess) return self::remember(found);
  auto& recording = self::stream_of(stream)->recording;
  if (!recording) return self::remember(cudaErrorIllegalState);
  *graph = self::keep(std::move(recording));
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) { return self::remember(self::make_event(event)); }
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned /*flags*/) { return cudaEventCreate(event); }
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  if (!self::events().destroy(event)) return self::remember(cudaErrorInvalidResourceHandle);
  return self::remember(self::health());
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return self::remember(self::record(event, stream));
}
cudaError_t cudaEventQuery(cudaEvent_t event) { return self::remember(self::query(event)); }
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  const self::Event* found = self::events().find(event);
  if (!found) return self::remember(cudaErrorInvalidResourceHandle);
  if (found->pending) self::wait_for_device();
  self::wait_until(found->recorded_ps);
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  return self::remember(self::elapsed(milliseconds, begin, end));
}
}
// NOLINTEND(readability-identifier-naming)
