// Tensor core rate through mma.sync: FP6, FP4 and block scales.
//
//   idea     products of FP6 and FP4 at the width of FP8 (kind::f8f6f4), the same with a scale for every 32 of k
//            (kind::mxf8f6f4), and FP4 at its own width with a scale for every 32 or 16 (kind::mxf4, mxf4nvf4). On 12.0
//            alone; 10.0 has them by tcgen05.
//            Independent chains of accumulators in registers, every operand in registers too (matrix_chain.hpp says
//            which)
//   work     2 m n k operations a warp and step, the zeros of a sparse A counted
//   machine  one trip of the loop is 64 QMMA or OMMA, the counters of the loop and of the signs, what turns the signs
//            of B, and NOP where one or two chains would not give the next one time
//   sass     sm_120a  step MmaE3m2K32  QMMA.16832.F32.E3M2=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaE3m2K32
//   sass     sm_120a  step MmaSparseE3m2K64  QMMA.SP.16864.F32.E3M2=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaSparseE3m2K64
//   sass     sm_120a  step MmaE2m3K32  QMMA.16832.F32.E2M3=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaE2m3K32
//   sass     sm_120a  step MmaSparseE2m3K64  QMMA.SP.16864.F32.E2M3=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaSparseE2m3K64
//   sass     sm_120a  step MmaE2m1K32  QMMA.16832.F32.E2M1=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaE2m1K32
//   sass     sm_120a  step MmaSparseE2m1K64  QMMA.SP.16864.F32.E2M1=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaSparseE2m1K64
//   sass     sm_120a  step MmaMxE4m3K32  QMMA.SF.16832.F32.E4M3.E8=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaMxE4m3K32
//   sass     sm_120a  step MmaMxE5m2K32  QMMA.SF.16832.F32.E5M2.E8=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaMxE5m2K32
//   sass     sm_120a  step MmaMxE3m2K32  QMMA.SF.16832.F32.E3M2.E8=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaMxE3m2K32
//   sass     sm_120a  step MmaMxE2m3K32  QMMA.SF.16832.F32.E2M3.E8=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaMxE2m3K32
//   sass     sm_120a  step MmaMxE2m1K32  QMMA.SF.16832.F32.E2M1.E8=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaMxE2m1K32
//   sass     sm_120a  step MmaMxf4K64  OMMA.SF.16864.F32.E2M1.E2M1.E8=1 OMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaMxf4K64
//   sass     sm_120a  step MmaNvf4K64  OMMA.SF.16864.F32.E2M1.E2M1.UE4M3.4X=1 OMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaNvf4K64
//   sass     sm_120a  step MmaSparseMxf4K128  OMMA.SP.SF.168128.F32.E2M1.E2M1.E8=1 OMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaSparseMxf4K128
//   sass     sm_120a  step MmaSparseNvf4K128  OMMA.SP.SF.168128.F32.E2M1.E2M1.UE4M3.4X=1 OMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaSparseNvf4K128
//   limit    Pipe::tensor_fp8, tensor_fp6 and tensor_fp4 and their _sparse: kind::f8f6f4 takes FP4 at the rate of FP6
//   answer   every element of every accumulator, exact: the sums are whole numbers that the accumulator holds
#include "kernels/tensor/mma.cuh"

namespace peakproof::kernels {

PEAKPROOF_MMA(MmaE3m2K32,
              "mma.sync.aligned.kind::f8f6f4.m16n8k32.row.col.f32.e3m2.e3m2.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaSparseE3m2K64, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.kind::f8f6f4.m16n8k64.row.col.f32.e3m2.e3m2.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaE2m3K32,
              "mma.sync.aligned.kind::f8f6f4.m16n8k32.row.col.f32.e2m3.e2m3.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaSparseE2m3K64, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.kind::f8f6f4.m16n8k64.row.col.f32.e2m3.e2m3.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaE2m1K32,
              "mma.sync.aligned.kind::f8f6f4.m16n8k32.row.col.f32.e2m1.e2m1.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaSparseE2m1K64, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.kind::f8f6f4.m16n8k64.row.col.f32.e2m1.e2m1.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaMxE4m3K32,
              "mma.sync.aligned.kind::mxf8f6f4.block_scale.scale_vec::1X.m16n8k32.row.col.f32.e4m3.e4m3.f32.ue8m0 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3}, %13, {0, 0}, %14, {0, 0};")
PEAKPROOF_MMA(MmaMxE5m2K32,
              "mma.sync.aligned.kind::mxf8f6f4.block_scale.scale_vec::1X.m16n8k32.row.col.f32.e5m2.e5m2.f32.ue8m0 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3}, %13, {0, 0}, %14, {0, 0};")
PEAKPROOF_MMA(MmaMxE3m2K32,
              "mma.sync.aligned.kind::mxf8f6f4.block_scale.scale_vec::1X.m16n8k32.row.col.f32.e3m2.e3m2.f32.ue8m0 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3}, %13, {0, 0}, %14, {0, 0};")
PEAKPROOF_MMA(MmaMxE2m3K32,
              "mma.sync.aligned.kind::mxf8f6f4.block_scale.scale_vec::1X.m16n8k32.row.col.f32.e2m3.e2m3.f32.ue8m0 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3}, %13, {0, 0}, %14, {0, 0};")
PEAKPROOF_MMA(MmaMxE2m1K32,
              "mma.sync.aligned.kind::mxf8f6f4.block_scale.scale_vec::1X.m16n8k32.row.col.f32.e2m1.e2m1.f32.ue8m0 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3}, %13, {0, 0}, %14, {0, 0};")
PEAKPROOF_MMA(MmaMxf4K64,
              "mma.sync.aligned.kind::mxf4.block_scale.scale_vec::2X.m16n8k64.row.col.f32.e2m1.e2m1.f32.ue8m0 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3}, %13, {0, 0}, %14, {0, 0};")
PEAKPROOF_MMA(MmaNvf4K64,
              "mma.sync.aligned.kind::mxf4nvf4.block_scale.scale_vec::4X.m16n8k64.row.col.f32.e2m1.e2m1.f32.ue4m3 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3}, %13, {0, 0}, %14, {0, 0};")
PEAKPROOF_MMA(
    MmaSparseMxf4K128, PEAKPROOF_MMA_SPARSE
    ".sync.aligned.kind::mxf4.block_scale.scale_vec::2X.m16n8k128.row.col.f32.e2m1.e2m1.f32.ue8m0 "
    "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0, %13, {0, 0}, %14, {0, 0};")
PEAKPROOF_MMA(
    MmaSparseNvf4K128, PEAKPROOF_MMA_SPARSE
    ".sync.aligned.kind::mxf4nvf4.block_scale.scale_vec::4X.m16n8k128.row.col.f32.e2m1.e2m1.f32.ue4m3 "
    "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0, %13, {0, 0}, %14, {0, 0};")

template struct ChainFunctions<MmaE3m2K32>;
template struct ChainFunctions<MmaSparseE3m2K64>;
template struct ChainFunctions<MmaE2m3K32>;
template struct ChainFunctions<MmaSparseE2m3K64>;
template struct ChainFunctions<MmaE2m1K32>;
template struct ChainFunctions<MmaSparseE2m1K64>;
template struct ChainFunctions<MmaMxE4m3K32>;
template struct ChainFunctions<MmaMxE5m2K32>;
template struct ChainFunctions<MmaMxE3m2K32>;
template struct ChainFunctions<MmaMxE2m3K32>;
template struct ChainFunctions<MmaMxE2m1K32>;
template struct ChainFunctions<MmaMxf4K64>;
template struct ChainFunctions<MmaNvf4K64>;
template struct ChainFunctions<MmaSparseMxf4K128>;
template struct ChainFunctions<MmaSparseNvf4K128>;

}  // namespace peakproof::kernels
