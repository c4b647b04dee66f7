// Tensor core rate through mma.sync: TF32.
//
//   idea     products of FP32 cut to 10 bits of fraction; dense, and sparse with one of two.
//            Independent chains of accumulators in registers, every operand in registers too (matrix_chain.hpp says
//            which)
//   work     2 m n k operations a warp and step, the zeros of a sparse A counted
//   machine  one trip of the loop is 64 HMMA, the counters of the loop and of the signs, what turns the signs
//            of B, and NOP where one or two chains would not give the next one time
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaTf32K4  HMMA.1684.F32.TF32=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaTf32K4
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaTf32K8  HMMA.1688.F32.TF32=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaTf32K8
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaSparseTf32K8  HMMA.SP.1688.F32.TF32=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaSparseTf32K8
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaSparseTf32K16  HMMA.SP.16816.F32.TF32=1 HMMA=1 other<0.75
//   sass     sm_75  absent MmaSparseTf32K16
//   limit    Pipe::tensor_tf32 and its _sparse; on 9.0 and 10.x Pipe::mma_tf32
//   answer   every element of every accumulator, exact: the sums are whole numbers that the accumulator holds
#include "kernels/tensor/mma.cuh"

namespace peakproof::kernels {

PEAKPROOF_MMA(MmaTf32K4,
              "mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaTf32K8,
              "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaSparseTf32K8, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8, %9}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaSparseTf32K16, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k16.row.col.f32.tf32.tf32.f32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0;")

template struct ChainFunctions<MmaTf32K4>;
template struct ChainFunctions<MmaTf32K8>;
template struct ChainFunctions<MmaSparseTf32K8>;
template struct ChainFunctions<MmaSparseTf32K16>;

}  // namespace peakproof::kernels
