// Tensor core rate through mma.sync: FP16 and BF16.
//
//   idea     products of 16-bit floating point, with sums in FP32 and, of FP16, in FP16 too; dense and 2:4 sparse.
//            Independent chains of accumulators in registers, every operand in registers too (matrix_chain.hpp says
//            which)
//   work     2 m n k operations a warp and step, the zeros of a sparse A counted
//   machine  one trip of the loop is 64 HMMA, the counters of the loop and of the signs, what turns the signs
//            of B, and NOP where one or two chains would not give the next one time
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaF16K8  HMMA.1688.F32=1 HMMA=1 other<0.75
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaF16K16  HMMA.16816.F32=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaF16K16
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaF16Acc16K8  HMMA.1688.F16=1 HMMA=1 other<0.75
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaF16Acc16K16  HMMA.16816.F16=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaF16Acc16K16
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaBf16K8  HMMA.1688.F32.BF16=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaBf16K8
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaBf16K16  HMMA.16816.F32.BF16=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaBf16K16
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaSparseF16K16  HMMA.SP.16816.F32=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaSparseF16K16
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaSparseF16K32  HMMA.SP.16832.F32=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaSparseF16K32
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaSparseBf16K16  HMMA.SP.16816.F32.BF16=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaSparseBf16K16
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaSparseBf16K32  HMMA.SP.16832.F32.BF16=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaSparseBf16K32
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaSparseF16Acc16K16  HMMA.SP.16816.F16=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaSparseF16Acc16K16
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaSparseF16Acc16K32  HMMA.SP.16832.F16=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaSparseF16Acc16K32
//   limit    Pipe::tensor_fp16, tensor_fp16_acc16, tensor_bf16 and their _sparse; on 9.0 and 10.x Pipe::mma_fp16 and mma_bf16,
//            since mma.sync does not reach what wgmma and tcgen05 do
//   answer   every element of every accumulator, exact: the sums are whole numbers that the accumulator holds
#include "kernels/tensor/mma.cuh"

namespace peakproof::kernels {

PEAKPROOF_MMA(MmaF16K8,
              "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaF16K16,
              "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaF16Acc16K8,
              "mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 "
              "{%0, %1}, {%4, %5}, {%8}, {%0, %1};")
PEAKPROOF_MMA(MmaF16Acc16K16,
              "mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 "
              "{%0, %1}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1};")
PEAKPROOF_MMA(MmaBf16K8,
              "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaBf16K16,
              "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaSparseF16K16, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8, %9}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaSparseF16K32, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k32.row.col.f32.f16.f16.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaSparseBf16K16, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8, %9}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaSparseBf16K32, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k32.row.col.f32.bf16.bf16.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaSparseF16Acc16K16, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 "
              "{%0, %1}, {%4, %5}, {%8, %9}, {%0, %1}, %12, 0x0;")
PEAKPROOF_MMA(MmaSparseF16Acc16K32, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k32.row.col.f16.f16.f16.f16 "
              "{%0, %1}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1}, %12, 0x0;")

template struct ChainFunctions<MmaF16K8>;
template struct ChainFunctions<MmaF16K16>;
template struct ChainFunctions<MmaF16Acc16K8>;
template struct ChainFunctions<MmaF16Acc16K16>;
template struct ChainFunctions<MmaBf16K8>;
template struct ChainFunctions<MmaBf16K16>;
template struct ChainFunctions<MmaSparseF16K16>;
template struct ChainFunctions<MmaSparseF16K32>;
template struct ChainFunctions<MmaSparseBf16K16>;
template struct ChainFunctions<MmaSparseBf16K32>;
template struct ChainFunctions<MmaSparseF16Acc16K16>;
template struct ChainFunctions<MmaSparseF16Acc16K32>;

}  // namespace peakproof::kernels
