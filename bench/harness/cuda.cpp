#include "bench/harness/cuda.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string_view>
#include <thread>
#include <utility>

namespace peakproof::bench {
namespace {
/// What a user can do about an error that is not ours.
std::string_view advice(cudaError_t code) {
  switch (code) {
    case cudaErrorMemoryAllocation:
      return " (the memory is full: see nvidia-smi for another process that holds it, or choose a smaller --size)";
    case cudaErrorNoKernelImageForDevice:
      return " (this build has no code for the GPU: rebuild with its architecture in CMAKE_CUDA_ARCHITECTURES)";
    case cudaErrorDevicesUnavailable:
      return " (another process uses the GPU exclusively: see nvidia-smi)";
    default:
      return "";
  }
}

std::atomic<double> wait_limit_s = 60;

[[noreturn]] void throw_hang() {
  throw DeviceFault(
      fmt::format("the GPU did not end a launch within {} s: it hangs (look into dmesg for Xid; "
                  "--timeout sets the limit)",
                  wait_limit_s.load()));
}

template <class Query>
void wait_until_ready(const Query& query) {
  using std::chrono::steady_clock;
  const auto begin = steady_clock::now();
  while (true) {
    const cudaError_t status = query();
    if (status != cudaErrorNotReady) return check(status);
    const std::chrono::duration<double> waited = steady_clock::now() - begin;
    if (waited.count() > wait_limit_s) throw_hang();
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}
}  // namespace

std::optional<std::string> no_machine_code(cudaError_t status) {
  if (status != cudaErrorNoKernelImageForDevice && status != cudaErrorInvalidDeviceFunction) return std::nullopt;
  static_cast<void>(cudaGetLastError());
  return "this build has no machine code for this device";
}

bool is_device_fault(cudaError_t code) {
  switch (code) {
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalAddress:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorUnknown:
    case cudaErrorSystemNotReady:
      return true;
    default:
      return false;
  }
}

void check(cudaError_t code, const char* file, int line) {
  if (code == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());
  std::string_view place(file);
  if (const auto at = place.rfind("bench/"); at != std::string_view::npos) place.remove_prefix(at);
  const std::string what =
      fmt::format("{}: {}{} [{}:{}]", cudaGetErrorName(code), cudaGetErrorString(code), advice(code), place, line);
  if (is_device_fault(code)) throw DeviceFault(what);
  throw MeasurementError(what);
}

void set_wait_limit(double seconds) { wait_limit_s = seconds; }
void wait_for(cudaStream_t stream) {
  wait_until_ready([stream] { return cudaStreamQuery(stream); });
}
void wait_for(cudaEvent_t event) {
  wait_until_ready([event] { return cudaEventQuery(event); });
}

void with_limit(std::function<void()> calls) {
  int device = 0;
  check(cudaGetDevice(&device));
  std::packaged_task<void()> task([calls = std::move(calls), device] {
    check(cudaSetDevice(device));  // each thread has its own current device
    calls();
  });
  auto done = task.get_future();
  std::thread thread(std::move(task));
  if (done.wait_for(std::chrono::duration<double>(wait_limit_s.load())) != std::future_status::ready) {
    thread.detach();  // it waits for ever
    throw_hang();
  }
  thread.join();
  done.get();
}

void* allocate_pinned(std::size_t bytes) {
  void* memory = nullptr;
  const cudaError_t status = cudaMallocHost(&memory, bytes);
  if (status == cudaErrorMemoryAllocation) {
    static_cast<void>(cudaGetLastError());
    throw MeasurementError(
        fmt::format("the host does not give {} bytes of pinned memory (see free, the control group's limit and ulimit "
                    "-l; or choose a smaller --size)",
                    bytes));
  }
  check(status);
  return memory;
}

Stream make_stream() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return Stream(stream);
}

Event make_event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreate(&event));
  return Event(event);
}

}  // namespace peakproof::bench
