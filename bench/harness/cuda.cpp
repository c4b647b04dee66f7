#include "bench/harness/cuda.hpp"

#include <fmt/format.h>

#include <string_view>

namespace peakproof::bench {
namespace {
/// What a user can do about an error that is not ours.
std::string_view advice(cudaError_t code) {
  switch (code) {
    case cudaErrorMemoryAllocation:
      return " (another process holds the memory: see nvidia-smi; or choose a smaller --size)";
    case cudaErrorNoKernelImageForDevice:
      return " (this build has no code for the GPU: rebuild with its architecture in CMAKE_CUDA_ARCHITECTURES)";
    case cudaErrorDevicesUnavailable:
      return " (another process uses the GPU exclusively: see nvidia-smi)";
    default:
      return "";
  }
}
}  // namespace

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
