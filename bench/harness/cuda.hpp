// The CUDA runtime with exceptions and owners. Destructors never throw.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/harness/errors.hpp"

namespace peakproof::bench {

/// Throws MeasurementError (DeviceFault where the device itself is lost, hung or corrupt) with the caller's place, and
/// clears the sticky error. Place arguments rather than std::source_location, which clang 14 lacks on libstdc++ 12.
void check(cudaError_t code, const char* file = __builtin_FILE(), int line = __builtin_LINE());
/// Why no kernel of the launch runs on this device, where that is since the build has no machine code for it; the runtime
/// then forgets the error. Nothing for any other status, a success included.
[[nodiscard]] std::optional<std::string> no_machine_code(cudaError_t status);

/// True for the errors after which the device cannot be believed any more.
[[nodiscard]] bool is_device_fault(cudaError_t code);

/// How long a wait for the device may last before it counts as hung; 60 s unless set.
void set_wait_limit(double seconds);
/// Waits until everything in the stream has ended (until the event has come). Throws DeviceFault where that outlasts the
/// limit: CUDA's own waiting functions have none.
void wait_for(cudaStream_t stream);
void wait_for(cudaEvent_t event);

/// Runs calls that wait for the device by CUDA's own functions on a thread of its own, so that the limit holds for them
/// too: throws DeviceFault where they outlast it, and what they threw.
void with_limit(std::function<void()> calls);

template <class Handle, cudaError_t (*Destroy)(Handle)>
struct CudaDeleter {
  using pointer = Handle;
  void operator()(Handle handle) const noexcept {
    if (!DeviceFault::happened) static_cast<void>(Destroy(handle));
  }
};
using Stream = std::unique_ptr<CUstream_st, CudaDeleter<cudaStream_t, cudaStreamDestroy>>;
using Event = std::unique_ptr<CUevent_st, CudaDeleter<cudaEvent_t, cudaEventDestroy>>;

[[nodiscard]] Stream make_stream();
[[nodiscard]] Event make_event();

/// Makes another GPU the current one for as long as it lives: memory, streams and launches are those of the current one.
class OnGpu {
 public:
  explicit OnGpu(int index) {
    check(cudaGetDevice(&before_));
    check(cudaSetDevice(index));
  }
  OnGpu(const OnGpu&) = delete;
  OnGpu& operator=(const OnGpu&) = delete;
  ~OnGpu() {
    if (!DeviceFault::happened) static_cast<void>(cudaSetDevice(before_));
  }

 private:
  int before_ = 0;
};

/// `count` elements of device memory.
template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::int64_t count) : count_(count) {
    void* memory = nullptr;
    check(cudaMalloc(&memory, static_cast<std::size_t>(count) * sizeof(T)));
    data_.reset(static_cast<T*>(memory));
  }
  [[nodiscard]] T* data() const { return data_.get(); }
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::size_t bytes() const { return static_cast<std::size_t>(count_) * sizeof(T); }

  /// A copy on the host, after everything in `stream` has ended.
  [[nodiscard]] std::vector<T> to_host(cudaStream_t stream) const {
    std::vector<T> host(static_cast<std::size_t>(count_));
    wait_for(stream);  // a copy to the host waits too, but without a limit
    check(cudaMemcpyAsync(host.data(), data_.get(), bytes(), cudaMemcpyDeviceToHost, stream));
    check(cudaStreamSynchronize(stream));
    return host;
  }
  /// Sets every byte.
  void fill_bytes(int byte, cudaStream_t stream) const { check(cudaMemsetAsync(data_.get(), byte, bytes(), stream)); }

 private:
  struct Free {
    void operator()(T* memory) const noexcept {
      if (!DeviceFault::happened) static_cast<void>(cudaFree(memory));
    }
  };
  std::unique_ptr<T, Free> data_;
  std::int64_t count_ = 0;
};

/// Pinned host memory, for PinnedBuffer. Throws MeasurementError where the host does not give it.
[[nodiscard]] void* allocate_pinned(std::size_t bytes);

/// `count` elements of host memory that stays where it is (pinned), as copies without a stop on the way need it.
template <class T>
class PinnedBuffer {
 public:
  PinnedBuffer() = default;
  explicit PinnedBuffer(std::int64_t count) : count_(count) {
    data_.reset(static_cast<T*>(allocate_pinned(static_cast<std::size_t>(count) * sizeof(T))));
  }
  [[nodiscard]] T* data() const { return data_.get(); }
  [[nodiscard]] std::span<T> elements() const { return {data_.get(), static_cast<std::size_t>(count_)}; }

 private:
  struct Free {
    void operator()(T* memory) const noexcept {
      if (!DeviceFault::happened) static_cast<void>(cudaFreeHost(memory));
    }
  };
  std::unique_ptr<T, Free> data_;
  std::int64_t count_ = 0;
};

}  // namespace peakproof::bench
