// How many blocks of a kernel an SM holds.
#pragma once

#include <cuda_runtime_api.h>

namespace peakproof::kernels {

/// The blocks of `function` that fill one SM, which is told to keep as much of its memory for shared memory as it can.
/// cudaErrorInvalidValue where there is no function, cudaErrorLaunchOutOfResources where no block fits.
[[nodiscard]] inline cudaError_t fill_sm(const void* function, int threads, int* blocks) {
  if (function == nullptr) return cudaErrorInvalidValue;
  cudaError_t status =
      cudaFuncSetAttribute(function, cudaFuncAttributePreferredSharedMemoryCarveout, cudaSharedmemCarveoutMaxShared);
  if (status == cudaSuccess) status = cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, threads, 0);
  if (status == cudaSuccess && *blocks < 1) return cudaErrorLaunchOutOfResources;
  return status;
}

}  // namespace peakproof::kernels
