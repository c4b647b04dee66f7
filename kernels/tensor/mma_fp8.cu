// Tensor core rate through mma.sync: FP8.
//
//   idea     products of FP8, with sums in FP32 and in FP16. On 9.0 and 10.0 mma.sync makes FP16 products of them (the
//            hardware takes FP8 by wgmma and tcgen05 alone): not measured there.
//            Independent chains of accumulators in registers, every operand in registers too (matrix_chain.hpp says
//            which)
//   work     2 m n k operations a warp and step, the zeros of a sparse A counted
//   machine  one trip of the loop is 64 QMMA, the counters of the loop and of the signs, what turns the signs
//            of B, and NOP where one or two chains would not give the next one time
//   sass     sm_89,sm_120a  step MmaE4m3K16  QMMA.16816.F32.E4M3=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_90a,sm_100a  absent MmaE4m3K16
//   sass     sm_89,sm_120a  step MmaE4m3K32  QMMA.16832.F32.E4M3=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_90a,sm_100a  absent MmaE4m3K32
//   sass     sm_89,sm_120a  step MmaE4m3Acc16K16  QMMA.16816.F16.E4M3=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_90a,sm_100a  absent MmaE4m3Acc16K16
//   sass     sm_89,sm_120a  step MmaE4m3Acc16K32  QMMA.16832.F16.E4M3=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_90a,sm_100a  absent MmaE4m3Acc16K32
//   sass     sm_89,sm_120a  step MmaSparseE4m3K64  QMMA.SP.16864.F32.E4M3=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_90a,sm_100a  absent MmaSparseE4m3K64
//   sass     sm_120a  step MmaSparseE4m3Acc16K64  QMMA.SP.16864.F16.E4M3=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaSparseE4m3Acc16K64
//   sass     sm_89,sm_120a  step MmaE5m2K16  QMMA.16816.F32.E5M2=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_90a,sm_100a  absent MmaE5m2K16
//   sass     sm_89,sm_120a  step MmaE5m2K32  QMMA.16832.F32.E5M2=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_90a,sm_100a  absent MmaE5m2K32
//   sass     sm_89,sm_120a  step MmaE5m2Acc16K16  QMMA.16816.F16.E5M2=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_90a,sm_100a  absent MmaE5m2Acc16K16
//   sass     sm_89,sm_120a  step MmaE5m2Acc16K32  QMMA.16832.F16.E5M2=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_90a,sm_100a  absent MmaE5m2Acc16K32
//   sass     sm_89,sm_120a  step MmaSparseE5m2K64  QMMA.SP.16864.F32.E5M2=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_90a,sm_100a  absent MmaSparseE5m2K64
//   sass     sm_120a  step MmaSparseE5m2Acc16K64  QMMA.SP.16864.F16.E5M2=1 QMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  absent MmaSparseE5m2Acc16K64
//   limit    Pipe::tensor_fp8, tensor_fp8_acc16 and their _sparse
//   answer   every element of every accumulator, exact: the sums are whole numbers that the accumulator holds
#include "kernels/tensor/mma.cuh"

namespace peakproof::kernels {

PEAKPROOF_MMA(MmaE4m3K16,
              "mma.sync.aligned.m16n8k16.row.col.f32.e4m3.e4m3.f32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaE4m3K32,
              "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaE4m3Acc16K16,
              "mma.sync.aligned.m16n8k16.row.col.f16.e4m3.e4m3.f16 "
              "{%0, %1}, {%4, %5}, {%8}, {%0, %1};")
PEAKPROOF_MMA(MmaE4m3Acc16K32,
              "mma.sync.aligned.m16n8k32.row.col.f16.e4m3.e4m3.f16 "
              "{%0, %1}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1};")
PEAKPROOF_MMA(MmaSparseE4m3K64, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k64.row.col.f32.e4m3.e4m3.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaSparseE4m3Acc16K64, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k64.row.col.f16.e4m3.e4m3.f16 "
              "{%0, %1}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1}, %12, 0x0;")
PEAKPROOF_MMA(MmaE5m2K16,
              "mma.sync.aligned.m16n8k16.row.col.f32.e5m2.e5m2.f32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaE5m2K32,
              "mma.sync.aligned.m16n8k32.row.col.f32.e5m2.e5m2.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaE5m2Acc16K16,
              "mma.sync.aligned.m16n8k16.row.col.f16.e5m2.e5m2.f16 "
              "{%0, %1}, {%4, %5}, {%8}, {%0, %1};")
PEAKPROOF_MMA(MmaE5m2Acc16K32,
              "mma.sync.aligned.m16n8k32.row.col.f16.e5m2.e5m2.f16 "
              "{%0, %1}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1};")
PEAKPROOF_MMA(MmaSparseE5m2K64, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k64.row.col.f32.e5m2.e5m2.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaSparseE5m2Acc16K64, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k64.row.col.f16.e5m2.e5m2.f16 "
              "{%0, %1}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1}, %12, 0x0;")

template struct ChainFunctions<MmaE4m3K16>;
template struct ChainFunctions<MmaE4m3K32>;
template struct ChainFunctions<MmaE4m3Acc16K16>;
template struct ChainFunctions<MmaE4m3Acc16K32>;
template struct ChainFunctions<MmaSparseE4m3K64>;
template struct ChainFunctions<MmaSparseE4m3Acc16K64>;
template struct ChainFunctions<MmaE5m2K16>;
template struct ChainFunctions<MmaE5m2K32>;
template struct ChainFunctions<MmaE5m2Acc16K16>;
template struct ChainFunctions<MmaE5m2Acc16K32>;
template struct ChainFunctions<MmaSparseE5m2K64>;
template struct ChainFunctions<MmaSparseE5m2Acc16K64>;

}  // namespace peakproof::kernels
