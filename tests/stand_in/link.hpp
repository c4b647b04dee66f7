// Copies over the links: between host and device, and from one device to another. The data are there at once, the time is
// that of the link; each direction of a device's link carries one copy after the other.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

namespace peakproof::stand_in {

/// Host memory that cannot be moved, from here on and no more.
void pin(const void* memory, std::size_t bytes);
/// False where it was not pinned.
bool unpin(const void* memory);

/// A copy between host and device, which is checked to be one.
cudaError_t copy_over_pcie(void* to, const void* from, std::size_t bytes, bool to_device, cudaStream_t stream);

}  // namespace peakproof::stand_in
