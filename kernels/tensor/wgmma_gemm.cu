// Matrix product of BF16, E4M3 or E5M2 on Hopper's warpgroup instructions (wgmma): C (BF16) = A x B, FP32 sums.
//
//   idea     a cluster of two CTAs owns 256 x 256 of C, a CTA 128 x 256 of it, and each of its two consumer warpgroups
//            64 x 256: the widest instruction, with 128 sums in a thread's registers. One thread of a third warpgroup,
//            which gives its registers to the others, keeps a ring of four stages full by TMA. A stage is a slab of
//            128 bytes of k, in the swizzle that the tensor cores read without bank conflicts. Both CTAs need the same
//            columns of B: each loads half of them for both (multicast), so that the L2 delivers 32 KiB an SM and slab,
//            not 48. A barrier counts the bytes of a stage, another one the consumer warps of both CTAs that are done
//            with it: only then may either CTA write there. A warpgroup always has the products of one slab under way
//            while it asks for the next, and gives the slab before back. The kernel is persistent: every cluster does
//            one tile after the other, the producer runs ahead into the next one, and C leaves by TMA, its first half
//            before the next tile's products begin and its second half beneath them. As many clusters as end together
//            are launched, not one more: they share their panels of A and B in L2 (tile_order.hpp)
//   work     2 m n k FLOP
//   machine  a trip of the hot loop is one slab of one warpgroup: 4 instructions of 64 x 256 x 32 bytes, one wait for
//            the slab, one for the slab before, one arrival; nothing but the tensor cores reads shared memory. A slab
//            is 1024 cycles of the tensor cores, in which TMA writes 48 KiB of shared memory and the instructions read
//            80 KiB (2 of A and 8 of B each): 128 bytes a cycle together, what an SM's shared memory is said to move
//   sass     sm_90a  loop wgmma_gemm_bf16  HGMMA.64x256x16.F32.BF16=4 HGMMA=4 WARPGROUP.ARRIVE=1 WARPGROUP.DEPBAR=1
//                    SYNCS.PHASECHK=2 SYNCS.ARRIVE=1 SYNCS=3 LDS=0 STS=0 LDSM=0 STSM=0 LDG=0 MEMBAR=0
//                    HGMMA.anywhere=8 UTMALDG.anywhere=2 UTMALDG.MULTICAST.anywhere=1 UTMASTG.anywhere=6
//   sass     sm_90a  loop wgmma_gemm_e4m3  QGMMA.64x256x32.F32.E4M3.E4M3=4 QGMMA=4 WARPGROUP.ARRIVE=1
//                    WARPGROUP.DEPBAR=1 SYNCS.PHASECHK=2 SYNCS.ARRIVE=1 SYNCS=3 LDS=0 STS=0 LDSM=0 STSM=0 LDG=0
//                    MEMBAR=0 FADD=0 QGMMA.anywhere=8 UTMALDG.anywhere=2 UTMALDG.MULTICAST.anywhere=1
//                    UTMASTG.anywhere=6
//   sass     sm_90a  loop wgmma_gemm_e5m2  QGMMA.64x256x32.F32.E5M2.E5M2=4 QGMMA=4 WARPGROUP.ARRIVE=1
//                    WARPGROUP.DEPBAR=1 SYNCS.PHASECHK=2 SYNCS.ARRIVE=1 SYNCS=3 LDS=0 STS=0 LDSM=0 STSM=0 LDG=0
//                    MEMBAR=0 FADD=0 QGMMA.anywhere=8 UTMALDG.anywhere=2 UTMALDG.MULTICAST.anywhere=1
//                    UTMASTG.anywhere=6
//   sass     sm_75,sm_80,sm_86,sm_89,sm_100a,sm_120a  absent wgmma_gemm_bf16
//   sass     sm_75,sm_80,sm_86,sm_89,sm_100a,sm_120a  absent wgmma_gemm_e4m3
//   sass     sm_75,sm_80,sm_86,sm_89,sm_100a,sm_120a  absent wgmma_gemm_e5m2
//   limit    Pipe::tensor_bf16, Pipe::tensor_fp8
//   answer   exact on small integers, as far as BF16 is; on random operands BF16 is within FP32 rounding of an FP64
//            product, rounded once to BF16. Sums of FP8 products stay in the tensor cores over all of k, where they
//            have about 14 bits (DeepSeek-V3 technical report, arXiv 2412.19437, 3.3.2): the fast accumulation of
//            cuBLASLt. Adding them to FP32 registers every few slabs would be more accurate, and slower
#include "kernels/tensor/tensor_map.hpp"
#include "kernels/tensor/wgmma_gemm.cuh"
#include "kernels/tensor/wgmma_gemm.hpp"

namespace peakproof::kernels {

using wgmma::Type;
using wgmma_gemm::multiply_matrices;

#if defined(__CUDA_ARCH__) && !defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define PEAKPROOF_CLUSTER  // architectures below 9.0 refuse the attribute
#else
#define PEAKPROOF_CLUSTER __cluster_dims__(WgmmaGemm::cluster, 1, 1)
#endif

__global__ void PEAKPROOF_CLUSTER __launch_bounds__(WgmmaGemm::threads, 1)
    wgmma_gemm_bf16(const __grid_constant__ CUtensorMap a, const __grid_constant__ CUtensorMap b,
                    const __grid_constant__ CUtensorMap c, const BandedOrder order, int slabs) {
  if constexpr (wgmma::available) {
    multiply_matrices<Type::bf16>({a, b, c, order, slabs});
  } else {
    __trap();
  }
}
__global__ void PEAKPROOF_CLUSTER __launch_bounds__(WgmmaGemm::threads, 1)
    wgmma_gemm_e4m3(const __grid_constant__ CUtensorMap a, const __grid_constant__ CUtensorMap b,
                    const __grid_constant__ CUtensorMap c, const BandedOrder order, int slabs) {
  if constexpr (wgmma::available) {
    multiply_matrices<Type::e4m3>({a, b, c, order, slabs});
  } else {
    __trap();
  }
}
__global__ void PEAKPROOF_CLUSTER __launch_bounds__(WgmmaGemm::threads, 1)
    wgmma_gemm_e5m2(const __grid_constant__ CUtensorMap a, const __grid_constant__ CUtensorMap b,
                    const __grid_constant__ CUtensorMap c, const BandedOrder order, int slabs) {
  if constexpr (wgmma::available) {
    multiply_matrices<Type::e5m2>({a, b, c, order, slabs});
  } else {
    __trap();
  }
}
#undef PEAKPROOF_CLUSTER

namespace {

using Kernel = void (*)(CUtensorMap, CUtensorMap, CUtensorMap, BandedOrder, int);
Kernel kernel_of(Element operand) {
  switch (operand) {
    case Element::bf16:
      return wgmma_gemm_bf16;
    case Element::e4m3:
      return wgmma_gemm_e4m3;
    case Element::e5m2:
      return wgmma_gemm_e5m2;
    default:
      return nullptr;
  }
}

}  // namespace

const char* WgmmaGemm::symbol() const {
  switch (operand) {
    case Element::bf16:
      return "wgmma_gemm_bf16";
    case Element::e4m3:
      return "wgmma_gemm_e4m3";
    case Element::e5m2:
      return "wgmma_gemm_e5m2";
    default:
      return "";
  }
}

bool WgmmaGemm::fits() const {
  constexpr std::int64_t limit = 0x7FFFFFFF;
  constexpr std::int64_t most_tiles = 1 << 30;
  const auto good = [](std::int64_t extent, int of) { return extent > 0 && extent <= limit && extent % of == 0; };
  return kernel_of(operand) != nullptr && good(shape.m, tile().m) && good(shape.n, tile().n) &&
         good(shape.k, tile().k) && shape.m / tile_m <= most_tiles / (shape.n / tile_n);
}

cudaError_t make_plan(const WgmmaGemm& gemm, const void* a, const void* b, void* c, WgmmaGemmPlan* plan) {
  if (plan == nullptr || !gemm.fits()) return cudaErrorInvalidValue;
  const GemmShape& shape = gemm.shape;
  WgmmaGemmPlan made{gemm};
  cudaError_t status = make_tensor_map({gemm.operand, a, shape.m, shape.k}, WgmmaGemm::cta_m, &made.a);
  if (status == cudaSuccess)
    status = make_tensor_map({gemm.operand, b, shape.n, shape.k}, wgmma_gemm::kShareB, &made.b);
  if (status == cudaSuccess)
    status = make_tensor_map({Element::bf16, c, shape.m, shape.n}, wgmma_gemm::kWarpRows, &made.c);
  int device = 0;
  int sms = 0;
  if (status == cudaSuccess) status = cudaGetDevice(&device);
  if (status == cudaSuccess) status = cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount, device);
  if (status != cudaSuccess) return status;
  made.clusters = even_workers(gemm.order().tiles(), sms < WgmmaGemm::cluster ? 1 : sms / WgmmaGemm::cluster);
  *plan = made;
  return cudaFuncSetAttribute(kernel_of(gemm.operand), cudaFuncAttributeMaxDynamicSharedMemorySize,
                              WgmmaGemm::shared_bytes);
}

cudaError_t launch(const WgmmaGemmPlan& plan, cudaStream_t stream) {
  const WgmmaGemm& gemm = plan.gemm;
  if (!gemm.fits() || plan.clusters < 1) return cudaErrorInvalidValue;
  const auto blocks = static_cast<unsigned>(plan.clusters * WgmmaGemm::cluster);
  kernel_of(gemm.operand)<<<blocks, WgmmaGemm::threads, WgmmaGemm::shared_bytes, stream>>>(
      plan.a, plan.b, plan.c, gemm.order(), static_cast<int>(gemm.shape.k / gemm.tile().k));
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
