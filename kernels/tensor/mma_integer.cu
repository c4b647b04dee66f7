// Tensor core rate through mma.sync: INT8, INT4 and single bits.
//
//   idea     products of signed 8 and 4-bit integers, dense and sparse, and of bits (XOR or AND, counted), summed in INT32.
//            INT4 is made of INT8 from 9.0 on, bits are made of bytes on 10.0 and 12.0, XOR of AND on 9.0: not measured
//            there.
//            Independent chains of accumulators in registers, every operand in registers too (matrix_chain.hpp says
//            which)
//   work     2 m n k operations a warp and step, the zeros of a sparse A counted
//   machine  one trip of the loop is 64 IMMA or BMMA, the counters of the loop and of the signs, what turns the signs
//            of B, and NOP where one or two chains would not give the next one time
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a  step MmaS8M8K16  IMMA.8816.S8.S8=1 IMMA=1 other<0.75
//   sass     sm_100a,sm_120a  absent MmaS8M8K16
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaS8K16  IMMA.16816.S8.S8=1 IMMA=1 other<0.75
//   sass     sm_75  absent MmaS8K16
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaS8K32  IMMA.16832.S8.S8=1 IMMA=1 other<0.75
//   sass     sm_75  absent MmaS8K32
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaSparseS8K32  IMMA.SP.16832.S8.S8=1 IMMA=1 other<0.75
//   sass     sm_75  absent MmaSparseS8K32
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step MmaSparseS8K64  IMMA.SP.16864.S8.S8=1 IMMA=1 other<0.75
//   sass     sm_75  absent MmaSparseS8K64
//   sass     sm_75,sm_80,sm_86,sm_89  step MmaS4M8K32  IMMA.8832.S4.S4=1 IMMA=1 other<0.75
//   sass     sm_90a,sm_100a,sm_120a  absent MmaS4M8K32
//   sass     sm_80,sm_86,sm_89  step MmaS4K32  IMMA.16832.S4.S4=1 IMMA=1 other<0.75
//   sass     sm_75,sm_90a,sm_100a,sm_120a  absent MmaS4K32
//   sass     sm_80,sm_86,sm_89  step MmaS4K64  IMMA.16864.S4.S4=1 IMMA=1 other<0.75
//   sass     sm_75,sm_90a,sm_100a,sm_120a  absent MmaS4K64
//   sass     sm_80,sm_86,sm_89  step MmaSparseS4K64  IMMA.SP.16864.S4.S4=1 IMMA=1 other<0.75
//   sass     sm_75,sm_90a,sm_100a,sm_120a  absent MmaSparseS4K64
//   sass     sm_80,sm_86,sm_89  step MmaSparseS4K128  IMMA.SP.168128.S4.S4=1 IMMA=1 other<0.75
//   sass     sm_75,sm_90a,sm_100a,sm_120a  absent MmaSparseS4K128
//   sass     sm_75,sm_80,sm_86,sm_89  step MmaB1XorM8K128  BMMA.88128.XOR.POPC=1 BMMA=1 other<0.75
//   sass     sm_90a,sm_100a,sm_120a  absent MmaB1XorM8K128
//   sass     sm_80,sm_86,sm_89  step MmaB1XorK128  BMMA.168128.XOR.POPC=1 BMMA=1 other<0.75
//   sass     sm_75,sm_90a,sm_100a,sm_120a  absent MmaB1XorK128
//   sass     sm_80,sm_86,sm_89  step MmaB1XorK256  BMMA.168256.XOR.POPC=1 BMMA=1 other<0.75
//   sass     sm_75,sm_90a,sm_100a,sm_120a  absent MmaB1XorK256
//   sass     sm_80,sm_86,sm_89,sm_90a  step MmaB1AndM8K128  BMMA.88128.AND.POPC=1 BMMA=1 other<0.75
//   sass     sm_75,sm_100a,sm_120a  absent MmaB1AndM8K128
//   sass     sm_80,sm_86,sm_89,sm_90a  step MmaB1AndK128  BMMA.168128.AND.POPC=1 BMMA=1 other<0.75
//   sass     sm_75,sm_100a,sm_120a  absent MmaB1AndK128
//   sass     sm_80,sm_86,sm_89,sm_90a  step MmaB1AndK256  BMMA.168256.AND.POPC=1 BMMA=1 other<0.75
//   sass     sm_75,sm_100a,sm_120a  absent MmaB1AndK256
//   limit    Pipe::tensor_int8, tensor_int4, tensor_b1 and their _sparse; on 9.0 Pipe::mma_int8
//   answer   every element of every accumulator, exact: the sums are whole numbers that the accumulator holds
#include "kernels/tensor/mma.cuh"

namespace peakproof::kernels {

PEAKPROOF_MMA(MmaS8M8K16,
              "mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 "
              "{%0, %1}, {%4}, {%8}, {%0, %1};")
PEAKPROOF_MMA(MmaS8K16,
              "mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaS8K32,
              "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaSparseS8K32, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8, %9}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaSparseS8K64, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k64.row.col.s32.s8.s8.s32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaS4M8K32,
              "mma.sync.aligned.m8n8k32.row.col.s32.s4.s4.s32 "
              "{%0, %1}, {%4}, {%8}, {%0, %1};")
PEAKPROOF_MMA(MmaS4K32,
              "mma.sync.aligned.m16n8k32.row.col.s32.s4.s4.s32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaS4K64,
              "mma.sync.aligned.m16n8k64.row.col.s32.s4.s4.s32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaSparseS4K64, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k64.row.col.s32.s4.s4.s32 "
              "{%0, %1, %2, %3}, {%4, %5}, {%8, %9}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaSparseS4K128, PEAKPROOF_MMA_SPARSE
              ".sync.aligned.m16n8k128.row.col.s32.s4.s4.s32 "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, 0x0;")
PEAKPROOF_MMA(MmaB1XorM8K128,
              "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.xor.popc "
              "{%0, %1}, {%4}, {%8}, {%0, %1};")
PEAKPROOF_MMA(MmaB1XorK128,
              "mma.sync.aligned.m16n8k128.row.col.s32.b1.b1.s32.xor.popc "
              "{%0, %1, %2, %3}, {%4, %5}, {%8}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaB1XorK256,
              "mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.xor.popc "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaB1AndM8K128,
              "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.and.popc "
              "{%0, %1}, {%4}, {%8}, {%0, %1};")
PEAKPROOF_MMA(MmaB1AndK128,
              "mma.sync.aligned.m16n8k128.row.col.s32.b1.b1.s32.and.popc "
              "{%0, %1, %2, %3}, {%4, %5}, {%8}, {%0, %1, %2, %3};")
PEAKPROOF_MMA(MmaB1AndK256,
              "mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc "
              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")

template struct ChainFunctions<MmaS8M8K16>;
template struct ChainFunctions<MmaS8K16>;
template struct ChainFunctions<MmaS8K32>;
template struct ChainFunctions<MmaSparseS8K32>;
template struct ChainFunctions<MmaSparseS8K64>;
template struct ChainFunctions<MmaS4M8K32>;
template struct ChainFunctions<MmaS4K32>;
template struct ChainFunctions<MmaS4K64>;
template struct ChainFunctions<MmaSparseS4K64>;
template struct ChainFunctions<MmaSparseS4K128>;
template struct ChainFunctions<MmaB1XorM8K128>;
template struct ChainFunctions<MmaB1XorK128>;
template struct ChainFunctions<MmaB1XorK256>;
template struct ChainFunctions<MmaB1AndM8K128>;
template struct ChainFunctions<MmaB1AndK128>;
template struct ChainFunctions<MmaB1AndK256>;

}  // namespace peakproof::kernels
