// Addresses in a block's own shared memory.
#pragma once

#include <cstdint>

namespace peakproof::kernels {

/// As the instructions of PTX take it, which name the shared window.
__device__ __forceinline__ std::uint32_t shared_address(const void* pointer) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(pointer));
}

}  // namespace peakproof::kernels
