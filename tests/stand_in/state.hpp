// The runtime's state of health: the last error, the loss of the device, the launch that never ends.
#pragma once

#include <cuda_runtime_api.h>

namespace peakproof::stand_in {

/// To be asked first by every call that touches the device: why it cannot, or cudaSuccess.
[[nodiscard]] cudaError_t health();

/// Why the chosen device gives nobody a context (compute mode, somebody else), or cudaSuccess.
[[nodiscard]] cudaError_t refusal_of_device();
/// Why no kernel runs there, since the build has no code for it, or cudaSuccess.
[[nodiscard]] cudaError_t refusal_of_kernels();

/// Keeps an error for cudaGetLastError and returns it; does nothing with cudaSuccess.
cudaError_t remember(cudaError_t error);

/// From here on every call fails with this error, as after a fault of the device.
void lose_device(cudaError_t error);

/// From here on nothing on the device ends. Where the settings make the process deaf this does not return.
void hang_device();
[[nodiscard]] bool device_hangs();
/// To be called where a call waits for the device: does not return if that never ends.
void wait_for_device();

/// Number of devices that are visible: settings and CUDA_VISIBLE_DEVICES (indices or UUIDs) decide; and which ones.
[[nodiscard]] int visible_count();
[[nodiscard]] int physical_index(int visible_index);
/// What cudaSetDevice has chosen in this thread.
[[nodiscard]] int current_device();

}  // namespace peakproof::stand_in
