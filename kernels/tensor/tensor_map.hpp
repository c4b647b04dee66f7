// What the tensor memory accelerator must know of a matrix: a tensor map, which a kernel gets as an argument.
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/tensor/gemm.hpp"

namespace peakproof::kernels {

/// A dense row-major matrix in device memory. `data` is aligned to 16 bytes, and a row has a multiple of them.
struct MatrixView {
  Element element = Element::bf16;  ///< of 8 bits or more
  const void* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

/// Boxes of `box_rows` rows (1 to 256) and 128 bytes of columns, in shared memory in the 128-byte swizzle that wgmma
/// reads: bits 4 to 6 of an address are exchanged by its bits 7 to 9. The driver makes it, and its entry point is asked
/// of the runtime, so that nothing links the driver. cudaErrorInvalidValue where something of this is not so,
/// cudaErrorSymbolNotFound where the driver is too old.
[[nodiscard]] cudaError_t make_tensor_map(const MatrixView& matrix, int box_rows, CUtensorMap* map);

}  // namespace peakproof::kernels
