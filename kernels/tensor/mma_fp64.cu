// Tensor core rate through mma.sync: FP64.
//
//   idea     products of FP64. The shapes of 16 rows are instructions on 9.0 alone; elsewhere the compiler makes several of
//            8 x 8 x 4 of them.
//            Independent chains of accumulators in registers, every operand in registers too (matrix_chain.hpp says
//            which)
//   work     2 m n k operations a warp and step, the zeros of a sparse A counted
//   machine  one trip of the loop is 64 DMMA, the counters of the loop and of the signs, what turns the signs of B, and
//            NOP, in which nothing else of the warp is issued: 1 behind a DMMA of 8 x 8 x 4 (on 12.0 some 38: two units
//            do the work), 5 behind one of 16 x 8 x 16
//   sass     sm_80,sm_86,sm_89  step MmaF64M8K4  DMMA.884=1 DMMA=1 other<0.75
//   sass     sm_90a,sm_100a  step MmaF64M8K4  DMMA.8x8x4=1 DMMA=1 other<0.75
//   sass     sm_120a  step MmaF64M8K4  DMMA.8x8x4=1 DMMA=1 other<0.98
//   sass     sm_75  absent MmaF64M8K4
//   sass     sm_90a  step MmaF64K4  DMMA.16x8x4=1 DMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_100a,sm_120a  absent MmaF64K4
//   sass     sm_90a  step MmaF64K8  DMMA.16x8x8=1 DMMA=1 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89,sm_100a,sm_120a  absent MmaF64K8
//   sass     sm_90a  step MmaF64K16  DMMA.16x8x16=1 DMMA=1 other<0.85
//   sass     sm_75,sm_80,sm_86,sm_89,sm_100a,sm_120a  absent MmaF64K16
//   limit    Pipe::tensor_fp64
//   answer   every element of every accumulator, exact: the sums are whole numbers that the accumulator holds
#include "kernels/tensor/mma.cuh"

namespace peakproof::kernels {

__device__ __forceinline__ void multiply(MmaF64M8K4, double (&d)[4], const double (&a)[1], const double (&b)[1]) {
  asm volatile(
      "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, "
      "{%3}, {%0, %1};"
      : "+d"(d[0]), "+d"(d[1])
      : "d"(a[0]), "d"(b[0]));
}
__device__ __forceinline__ void multiply(MmaF64K4, double (&d)[4], const double (&a)[2], const double (&b)[1]) {
  asm volatile(
      "mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5}, "
      "{%6}, {%0, %1, %2, %3};"
      : "+d"(d[0]), "+d"(d[1]), "+d"(d[2]), "+d"(d[3])
      : "d"(a[0]), "d"(a[1]), "d"(b[0]));
}
__device__ __forceinline__ void multiply(MmaF64K8, double (&d)[4], const double (&a)[4], const double (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+d"(d[0]), "+d"(d[1]), "+d"(d[2]), "+d"(d[3])
      : "d"(a[0]), "d"(a[1]), "d"(a[2]), "d"(a[3]), "d"(b[0]), "d"(b[1]));
}
__device__ __forceinline__ void multiply(MmaF64K16, double (&d)[4], const double (&a)[8], const double (&b)[4]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7, %8, %9, %10, %11}, "
      "{%12, %13, %14, %15}, {%0, %1, %2, %3};"
      : "+d"(d[0]), "+d"(d[1]), "+d"(d[2]), "+d"(d[3])
      : "d"(a[0]), "d"(a[1]), "d"(a[2]), "d"(a[3]), "d"(a[4]), "d"(a[5]), "d"(a[6]), "d"(a[7]), "d"(b[0]), "d"(b[1]),
        "d"(b[2]), "d"(b[3]));
}

template struct ChainFunctions<MmaF64M8K4>;
template struct ChainFunctions<MmaF64K4>;
template struct ChainFunctions<MmaF64K8>;
template struct ChainFunctions<MmaF64K16>;

}  // namespace peakproof::kernels
