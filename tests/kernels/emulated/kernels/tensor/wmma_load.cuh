// In the place of the kernels' own: the architecture is the test's, and all operands come by load_matrix_sync.
#pragma once

#include <mma.h>

#include <cstdint>

namespace peakproof::kernels::wmma_gemm {

namespace wmma = nvcuda::wmma;

inline constexpr int kArchitecture = EMULATED_ARCHITECTURE;

template <int leading, class Memory, class Fragment>
void load(Fragment& fragment, const std::uint8_t* corner) {
  wmma::load_matrix_sync(fragment, corner, leading);
}

}  // namespace peakproof::kernels::wmma_gemm
