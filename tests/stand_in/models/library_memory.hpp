// What the runtime itself does with device memory, where it is long enough to be measured.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

namespace peakproof::stand_in {

/// Shorter fills serve the measuring and are free.
inline constexpr std::size_t kMeasuredFill = std::size_t{1} << 20U;

/// cudaMemcpyAsync from device to device. Both lie in device memory.
cudaError_t play_copy(void* to, const void* from, std::size_t bytes);
/// cudaMemsetAsync. It serves the measuring too (it spoils what kernels shall write), so that it is flawed only by name.
cudaError_t play_fill(void* memory, int value, std::size_t bytes);

}  // namespace peakproof::stand_in
