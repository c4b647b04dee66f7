// Streams and events. Everything runs when it is launched, in virtual time, so that a stream is a name and an event a
// time.
#include <cuda_runtime_api.h>

#include <cstdint>
#include <set>

#include "tests/stand_in/state.hpp"
#include "tests/stand_in/virtual_time.hpp"

namespace peakproof::stand_in {
namespace {

struct Event {
  std::int64_t recorded_ps = -1;
  bool pending = false;  // recorded behind a launch that never ends
};
using Stream = int;

/// Handles that were given out and not yet taken back.
template <class Object>
class Handles {
 public:
  void* make() {
    void* handle = new Object();
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

bool is_stream(cudaStream_t stream) { return stream == nullptr || streams().find(stream) != nullptr; }

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

cudaError_t record(cudaEvent_t handle, cudaStream_t stream) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  Event* event = events().find(handle);
  if (!event || !is_stream(stream)) return cudaErrorInvalidResourceHandle;
  *event = {.recorded_ps = now_ps(), .pending = device_hangs()};
  return cudaSuccess;
}

cudaError_t query(cudaEvent_t handle) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  const Event* event = events().find(handle);
  if (!event) return cudaErrorInvalidResourceHandle;
  return event->pending ? cudaErrorNotReady : cudaSuccess;
}

cudaError_t elapsed(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  const Event* first = events().find(begin);
  const Event* last = events().find(end);
  if (!first || !last || first->recorded_ps < 0 || last->recorded_ps < 0) return cudaErrorInvalidResourceHandle;
  if (first->pending || last->pending) return cudaErrorNotReady;
  *milliseconds = static_cast<float>(1e-9 * static_cast<double>(last->recorded_ps - first->recorded_ps));
  return cudaSuccess;
}

}  // namespace
}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
namespace self = peakproof::stand_in;
extern "C" {

cudaError_t cudaStreamCreate(cudaStream_t* stream) { return self::remember(self::make_stream(stream)); }
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned /*flags*/) { return cudaStreamCreate(stream); }
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  if (!self::streams().destroy(stream)) return self::remember(cudaErrorInvalidResourceHandle);
  return self::remember(self::health());
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  if (!self::is_stream(stream)) return self::remember(cudaErrorInvalidResourceHandle);
  self::wait_for_device();
  return cudaSuccess;
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  if (const cudaError_t sick = self::health(); sick != cudaSuccess) return self::remember(sick);
  if (!self::is_stream(stream)) return self::remember(cudaErrorInvalidResourceHandle);
  return self::device_hangs() ? cudaErrorNotReady : cudaSuccess;
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
  const cudaError_t status = self::query(event);
  if (status == cudaErrorNotReady) self::wait_for_device();
  return self::remember(status);
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  return self::remember(self::elapsed(milliseconds, begin, end));
}
}
// NOLINTEND(readability-identifier-naming)
