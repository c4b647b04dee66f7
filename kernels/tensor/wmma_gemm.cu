// Matrix products through nvcuda::wmma in every type that it has: C = A x B, A and C row-major, B column-major.
//
//   idea     a block of 8 warps owns 128 x 256 of C, a warp 64 x 64 of it in accumulator fragments: the largest warp
//            tile that the register file holds, so that each operand read from shared memory serves 64 products (of
//            FP64, whose sums are twice as wide, 128 x 128 and 32 x 64). Slabs of A and B wait in a ring of
//            shared-memory stages; while one slab is multiplied the ones behind it arrive, by cp.async from compute
//            capability 8.0 on and through registers on 7.5. The fragments of the next step of k are read while those
//            of this one are multiplied. Rows are padded by 16 bytes, so that the 8 rows that an LDSM reads lie in
//            different banks (of FP64 by 32, for the 4 rows of 32 bytes). Blocks walk C in bands of 16 tile rows, so
//            that those running together share their slabs in L2
//   work     2 m n k operations; a multiply-add of bits is AND and a count
//   machine  one trip of the loop multiplies one slab of 64 bytes of k, on 9.0 and 10.x 128, in steps of a fragment's
//            k: 32 bytes of a floating-point type, 16 of an integer. A step is 16 fragment products, each of FP16 and
//            BF16 2 HMMA.16816 or 4 HMMA.1688, of TF32 4 HMMA.1684, of INT8 2 IMMA.16816 or 4 IMMA.8816; of INT4 and
//            bits it is 64 products, of FP64 32, each of one instruction. An operand fragment is one LDSM, of TF32 four
//            LDS, of FP64 one LDS.64. 256 threads copy the slab's 384 (256) rows by 16 bytes each. Behind FP64 are
//            fillers: NOP and DEPBAR on 9.0 and 10.0, thousands of UIADD3 on 12.0. INT4 is made of INT8 from 9.0 on,
//            AND of bits of bytes on 10.0 and 12.0, and 7.5 has none: not measured there
//   sass     sm_75                      loop wmma_gemm_fp16  HMMA.1688.F32=128 HMMA=128 LDSM=32 LDS=0
//                                       LDG.E.128=6 LDG=6 STS.128=6 STS=6
//   sass     sm_80,sm_86,sm_89,sm_120a  loop wmma_gemm_fp16  HMMA.16816.F32=64 HMMA=64 LDSM.16.M88.4=16 LDSM=16 LDS=0
//                                       LDGSTS.E.BYPASS.128=6 LDGSTS=6
//   sass     sm_90a,sm_100a             loop wmma_gemm_fp16  HMMA.16816.F32=128 HMMA=128 LDSM.16.M88.4=32 LDSM=32 LDS=0
//                                       LDGSTS.E.BYPASS.128=12 LDGSTS=12
//   sass     sm_75                      loop wmma_gemm_fp16_acc16  HMMA.1688.F16=128 HMMA=128 LDSM=32 LDS=0
//                                       LDG.E.128=6 LDG=6 STS.128=6 STS=6
//   sass     sm_80,sm_86,sm_89,sm_120a  loop wmma_gemm_fp16_acc16  HMMA.16816.F16=64 HMMA=64 LDSM.16.M88.4=16 LDSM=16
//                                       LDS=0 LDGSTS.E.BYPASS.128=6 LDGSTS=6
//   sass     sm_90a,sm_100a             loop wmma_gemm_fp16_acc16  HMMA.16816.F16=128 HMMA=128 LDSM.16.M88.4=32 LDSM=32
//                                       LDS=0 LDGSTS.E.BYPASS.128=12 LDGSTS=12
//   sass     sm_75                      absent wmma_gemm_bf16
//   sass     sm_80,sm_86,sm_89,sm_120a  loop wmma_gemm_bf16  HMMA.16816.F32.BF16=64 HMMA=64 LDSM.16.M88.4=16 LDSM=16
//                                       LD=0 LDS=0 LDGSTS.E.BYPASS.128=6 LDGSTS=6
//   sass     sm_90a,sm_100a             loop wmma_gemm_bf16  HMMA.16816.F32.BF16=128 HMMA=128 LDSM.16.M88.4=32 LDSM=32
//                                       LD=0 LDS=0 LDGSTS.E.BYPASS.128=12 LDGSTS=12
//   sass     sm_75                      absent wmma_gemm_tf32
//   sass     sm_80,sm_86,sm_89,sm_120a  loop wmma_gemm_tf32  HMMA.1684.F32.TF32=128 HMMA=128 LDS=64 LDSM=0 LD=0
//                                       LDGSTS.E.BYPASS.128=6 LDGSTS=6
//   sass     sm_90a,sm_100a             loop wmma_gemm_tf32  HMMA.1684.F32.TF32=256 HMMA=256 LDS=128 LDSM=0 LD=0
//                                       LDGSTS.E.BYPASS.128=12 LDGSTS=12
//   sass     sm_75                      absent wmma_gemm_fp64
//   sass     sm_80,sm_86,sm_89          loop wmma_gemm_fp64  DMMA.884=64 DMMA=64 LDS.64=24 LDS=24 LD=0
//                                       LDGSTS.E.BYPASS.128=4 LDGSTS=4
//   sass     sm_120a                    loop wmma_gemm_fp64  DMMA.8x8x4=64 DMMA=64 LDS.64=24 LDS=24 LD=0
//                                       LDGSTS.E.BYPASS.128=4 LDGSTS=4
//   sass     sm_90a,sm_100a             loop wmma_gemm_fp64  DMMA.8x8x4=128 DMMA=128 LDS.64=48 LDS=48 LD=0
//                                       LDGSTS.E.BYPASS.128=8 LDGSTS=8
//   sass     sm_75                      loop wmma_gemm_int8  IMMA.8816.S8.S8=256 IMMA=256 LDSM=32 LDS=0
//                                       LDG.E.128=6 LDG=6 STS.128=6 STS=6
//   sass     sm_80,sm_86,sm_89,sm_120a  loop wmma_gemm_int8  IMMA.16816.S8.S8=128 IMMA=128 LDSM.16.M88.2=32 LDSM=32
//                                       LDS=0 LDGSTS.E.BYPASS.128=6 LDGSTS=6
//   sass     sm_90a,sm_100a             loop wmma_gemm_int8  IMMA.16816.S8.S8=256 IMMA=256 LDSM.16.M88.2=64 LDSM=64
//                                       LDS=0 LDGSTS.E.BYPASS.128=12 LDGSTS=12
//   sass     sm_75                      loop wmma_gemm_int4  IMMA.8832.S4.S4=256 IMMA=256 LDSM=64 LDS=0
//                                       LDG.E.128=6 LDG=6 STS.128=6 STS=6
//   sass     sm_80,sm_86,sm_89          loop wmma_gemm_int4  IMMA.8832.S4.S4=256 IMMA=256 LDSM=64 LDS=0
//                                       LDGSTS.E.BYPASS.128=6 LDGSTS=6
//   sass     sm_90a,sm_100a,sm_120a     absent wmma_gemm_int4
//   sass     sm_75,sm_100a,sm_120a      absent wmma_gemm_b1
//   sass     sm_80,sm_86,sm_89          loop wmma_gemm_b1  BMMA.88128.AND.POPC=256 BMMA=256 LDSM=64 LDS=0
//                                       LDGSTS.E.BYPASS.128=6 LDGSTS=6
//   sass     sm_90a                     loop wmma_gemm_b1  BMMA.88128.AND.POPC=512 BMMA=512 LDSM=128 LDS=0
//                                       LDGSTS.E.BYPASS.128=12 LDGSTS=12
//   limit    the tensor pipe of the type, or its Pipe::mma_... (on Hopper mma.sync has a lower ceiling than wgmma:
//            about 62 % of it)
//   answer   exact on small integers; on random operands within the rounding of the accumulator of an FP64 product
#include "kernels/tensor/wmma_gemm.cuh"

namespace peakproof::kernels {

__global__ void __launch_bounds__(WmmaGemm::threads, 1)
    wmma_gemm_fp16(const void* a, const void* b, void* c, int m, int n, int k) {
  wmma_gemm::multiply_or_trap<WmmaType::fp16>(a, b, c, m, n, k);
}
__global__ void __launch_bounds__(WmmaGemm::threads, 1)
    wmma_gemm_fp16_acc16(const void* a, const void* b, void* c, int m, int n, int k) {
  wmma_gemm::multiply_or_trap<WmmaType::fp16_acc16>(a, b, c, m, n, k);
}
__global__ void __launch_bounds__(WmmaGemm::threads, 1)
    wmma_gemm_bf16(const void* a, const void* b, void* c, int m, int n, int k) {
  wmma_gemm::multiply_or_trap<WmmaType::bf16>(a, b, c, m, n, k);
}
__global__ void __launch_bounds__(WmmaGemm::threads, 1)
    wmma_gemm_tf32(const void* a, const void* b, void* c, int m, int n, int k) {
  wmma_gemm::multiply_or_trap<WmmaType::tf32>(a, b, c, m, n, k);
}
__global__ void __launch_bounds__(WmmaGemm::threads, 1)
    wmma_gemm_fp64(const void* a, const void* b, void* c, int m, int n, int k) {
  wmma_gemm::multiply_or_trap<WmmaType::fp64>(a, b, c, m, n, k);
}
__global__ void __launch_bounds__(WmmaGemm::threads, 1)
    wmma_gemm_int8(const void* a, const void* b, void* c, int m, int n, int k) {
  wmma_gemm::multiply_or_trap<WmmaType::int8>(a, b, c, m, n, k);
}
__global__ void __launch_bounds__(WmmaGemm::threads, 1)
    wmma_gemm_int4(const void* a, const void* b, void* c, int m, int n, int k) {
  wmma_gemm::multiply_or_trap<WmmaType::int4>(a, b, c, m, n, k);
}
__global__ void __launch_bounds__(WmmaGemm::threads, 1)
    wmma_gemm_b1(const void* a, const void* b, void* c, int m, int n, int k) {
  wmma_gemm::multiply_or_trap<WmmaType::b1>(a, b, c, m, n, k);
}

namespace {

using Kernel = void (*)(const void*, const void*, void*, int, int, int);

/// By WmmaType.
struct Instance {
  const char* type;
  const char* symbol;
  Kernel kernel;
};
constexpr Instance kInstances[] = {
    {"fp16", "wmma_gemm_fp16", wmma_gemm_fp16}, {"fp16_acc16", "wmma_gemm_fp16_acc16", wmma_gemm_fp16_acc16},
    {"bf16", "wmma_gemm_bf16", wmma_gemm_bf16}, {"tf32", "wmma_gemm_tf32", wmma_gemm_tf32},
    {"fp64", "wmma_gemm_fp64", wmma_gemm_fp64}, {"int8", "wmma_gemm_int8", wmma_gemm_int8},
    {"int4", "wmma_gemm_int4", wmma_gemm_int4}, {"b1", "wmma_gemm_b1", wmma_gemm_b1},
};
const Instance& instance(WmmaType type) { return kInstances[static_cast<int>(type)]; }

constexpr bool shared_memory_fits() {
  for (const WmmaType type : kWmmaTypes) {
    using wmma_gemm::plan_of;
    using wmma_gemm::shared_bytes;
    if (shared_bytes(type, plan_of(75)) > 64 * 1024 || shared_bytes(type, plan_of(80)) > 99 * 1024 ||
        shared_bytes(type, plan_of(90)) > 227 * 1024) {
      return false;
    }
  }
  return true;
}
static_assert(shared_memory_fits());

}  // namespace

const char* WmmaGemm::type_name() const { return instance(type).type; }
const char* WmmaGemm::symbol() const { return instance(type).symbol; }

bool WmmaGemm::fits() const {
  constexpr std::int64_t limit = 0x7FFFFFFF;
  const auto good = [](std::int64_t extent, int multiple) {
    return extent > 0 && extent <= limit && extent % multiple == 0;
  };
  const GemmTile of = tile();
  return good(shape.m, of.m) && good(shape.n, of.n) && good(shape.k, of.k) &&
         shape.m / of.m <= limit / (shape.n / of.n);
}

cudaError_t launch(const WmmaGemm& gemm, const void* a, const void* b, void* c, cudaStream_t stream) {
  if (!gemm.fits()) return cudaErrorInvalidValue;
  const Kernel kernel = instance(gemm.type).kernel;
  // The plan that the loaded code was compiled with: that of its virtual architecture, whatever the device is.
  cudaFuncAttributes attributes{};
  cudaError_t status = cudaFuncGetAttributes(&attributes, kernel);
  if (status != cudaSuccess) return status;
  const int shared = wmma_gemm::shared_bytes(gemm.type, wmma_gemm::plan_of(attributes.ptxVersion));
  status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared);
  if (status != cudaSuccess) return status;

  const GemmTile tile = gemm.tile();
  const std::int64_t blocks = gemm.shape.m / tile.m * (gemm.shape.n / tile.n);
  kernel<<<static_cast<unsigned>(blocks), WmmaGemm::threads, static_cast<std::size_t>(shared), stream>>>(
      a, b, c, static_cast<int>(gemm.shape.m), static_cast<int>(gemm.shape.n), static_cast<int>(gemm.shape.k));
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
