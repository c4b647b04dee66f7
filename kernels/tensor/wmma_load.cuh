// What the WMMA matrix products take from the machine: which architecture the code is for, and operands from shared
// memory.
#pragma once

#include <mma.h>

#include <cstdint>

namespace peakproof::kernels::wmma_gemm {

namespace wmma = nvcuda::wmma;

#ifdef __CUDA_ARCH__
inline constexpr int kArchitecture = __CUDA_ARCH__ / 10;
#else
inline constexpr int kArchitecture = 80;  // the host pass compiles no kernel
#endif

/// Fills a fragment from shared memory, whose rows of A or columns of B are `leading` elements apart.
template <int leading, class Memory, class Fragment>
__device__ __forceinline__ void load(Fragment& fragment, const std::uint8_t* corner) {
  wmma::load_matrix_sync(fragment, reinterpret_cast<const Memory*>(corner), leading);
}

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
// The same for BF16, TF32 and FP64, whose load_matrix_sync the compiler takes for one from any memory: generic loads of
// 4 and 8 bytes instead of LDSM and LDS.
__device__ __forceinline__ std::uint32_t shared_address(const std::uint8_t* corner) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(corner));
}
template <class Use, class Layout>
using FragmentBf16 = wmma::fragment<Use, 16, 16, 16, __nv_bfloat16, Layout>;
template <class Use, class Layout>
using FragmentTf32 = wmma::fragment<Use, 16, 16, 8, wmma::precision::tf32, Layout>;
template <class Use, class Layout>
using FragmentFp64 = wmma::fragment<Use, 8, 8, 4, double, Layout>;

template <int leading, class Memory>
__device__ __forceinline__ void load(FragmentBf16<wmma::matrix_a, wmma::row_major>& a, const std::uint8_t* corner) {
  auto* words = reinterpret_cast<std::uint32_t*>(a.x);
  asm volatile("wmma.load.a.sync.aligned.row.m16n16k16.shared.bf16 {%0, %1, %2, %3}, [%4], %5;"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(shared_address(corner)), "n"(leading)
               : "memory");
}
template <int leading, class Memory>
__device__ __forceinline__ void load(FragmentBf16<wmma::matrix_b, wmma::col_major>& b, const std::uint8_t* corner) {
  auto* words = reinterpret_cast<std::uint32_t*>(b.x);
  asm volatile("wmma.load.b.sync.aligned.col.m16n16k16.shared.bf16 {%0, %1, %2, %3}, [%4], %5;"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(shared_address(corner)), "n"(leading)
               : "memory");
}
template <int leading, class Memory>
__device__ __forceinline__ void load(FragmentTf32<wmma::matrix_a, wmma::row_major>& a, const std::uint8_t* corner) {
  auto* words = reinterpret_cast<std::uint32_t*>(a.x);
  asm volatile("wmma.load.a.sync.aligned.row.m16n16k8.shared.tf32 {%0, %1, %2, %3}, [%4], %5;"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(shared_address(corner)), "n"(leading)
               : "memory");
}
template <int leading, class Memory>
__device__ __forceinline__ void load(FragmentTf32<wmma::matrix_b, wmma::col_major>& b, const std::uint8_t* corner) {
  auto* words = reinterpret_cast<std::uint32_t*>(b.x);
  asm volatile("wmma.load.b.sync.aligned.col.m16n16k8.shared.tf32 {%0, %1, %2, %3}, [%4], %5;"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(shared_address(corner)), "n"(leading)
               : "memory");
}
template <int leading, class Memory>
__device__ __forceinline__ void load(FragmentFp64<wmma::matrix_a, wmma::row_major>& a, const std::uint8_t* corner) {
  asm volatile("wmma.load.a.sync.aligned.row.m8n8k4.shared.f64 {%0}, [%1], %2;"
               : "=d"(a.x[0])
               : "r"(shared_address(corner)), "n"(leading)
               : "memory");
}
template <int leading, class Memory>
__device__ __forceinline__ void load(FragmentFp64<wmma::matrix_b, wmma::col_major>& b, const std::uint8_t* corner) {
  asm volatile("wmma.load.b.sync.aligned.col.m8n8k4.shared.f64 {%0}, [%1], %2;"
               : "=d"(b.x[0])
               : "r"(shared_address(corner)), "n"(leading)
               : "memory");
}
#endif

}  // namespace peakproof::kernels::wmma_gemm
