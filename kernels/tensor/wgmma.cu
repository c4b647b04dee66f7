// Hopper's raw wgmma rate: warpgroup matrix multiplies, one behind the other.
//
//   idea     one warpgroup on each SM (two where n < 64) multiplies 64 x k by k x n and does nothing else: one set of
//            accumulators, a commit for every 8 instructions and no wait before the last of all, so that the tensor
//            cores always find the next one. B lies in shared memory, A there ("Shared") or in registers ("Registers"),
//            both K-major in the 128-byte swizzle. "Sparse": A is 2:4 sparse (TF32 1:2), and k twice as large
//   work     2 x 64 x n x k an instruction, the zeros of a sparse A counted
//   machine  one trip of the loop is 8 instructions of the shape, one WARPGROUP.ARRIVE, no wait, and what chooses B and
//            counts, which goes on beside the n / 2 clocks that an instruction takes the tensor cores. ptxas must not
//            serialise: the build fails where it says that it does (scripts/cmake/strict_ptxas.sh)
//   sass     sm_90a  step WgmmaFp16Shared HGMMA.64x{n}x16.F32=1 HGMMA=1 HGMMA.registers=1 HGMMA.BF16=0
//   sass     sm_90a  step WgmmaFp16Registers HGMMA.64x{n}x16.F32=1 HGMMA=1 HGMMA.registers=2 HGMMA.BF16=0
//   sass     sm_90a  step WgmmaFp16SparseShared HGMMA.SP.64x{n}x32.F32=1 HGMMA=1 HGMMA.registers=2 HGMMA.BF16=0
//   sass     sm_90a  step WgmmaFp16SparseRegisters HGMMA.SP.64x{n}x32.F32=1 HGMMA=1 HGMMA.registers=3 HGMMA.BF16=0
//   sass     sm_90a  step WgmmaFp16Acc16Shared HGMMA.64x{n}x16.F16=1 HGMMA=1 HGMMA.registers=1
//   sass     sm_90a  step WgmmaFp16Acc16Registers HGMMA.64x{n}x16.F16=1 HGMMA=1 HGMMA.registers=2
//   sass     sm_90a  step WgmmaFp16Acc16SparseShared HGMMA.SP.64x{n}x32.F16=1 HGMMA=1 HGMMA.registers=2
//   sass     sm_90a  step WgmmaFp16Acc16SparseRegisters HGMMA.SP.64x{n}x32.F16=1 HGMMA=1 HGMMA.registers=3
//   sass     sm_90a  step WgmmaBf16Shared HGMMA.64x{n}x16.F32.BF16=1 HGMMA=1 HGMMA.registers=1
//   sass     sm_90a  step WgmmaBf16Registers HGMMA.64x{n}x16.F32.BF16=1 HGMMA=1 HGMMA.registers=2
//   sass     sm_90a  step WgmmaBf16SparseShared HGMMA.SP.64x{n}x32.F32.BF16=1 HGMMA=1 HGMMA.registers=2
//   sass     sm_90a  step WgmmaBf16SparseRegisters HGMMA.SP.64x{n}x32.F32.BF16=1 HGMMA=1 HGMMA.registers=3
//   sass     sm_90a  step WgmmaTf32Shared HGMMA.64x{n}x8.F32.TF32=1 HGMMA=1 HGMMA.registers=1
//   sass     sm_90a  step WgmmaTf32Registers HGMMA.64x{n}x8.F32.TF32=1 HGMMA=1 HGMMA.registers=2
//   sass     sm_90a  step WgmmaTf32SparseShared HGMMA.SP.64x{n}x16.F32.TF32=1 HGMMA=1 HGMMA.registers=2
//   sass     sm_90a  step WgmmaTf32SparseRegisters HGMMA.SP.64x{n}x16.F32.TF32=1 HGMMA=1 HGMMA.registers=3
//   sass     sm_90a  step WgmmaE4m3Shared QGMMA.64x{n}x32.F32.E4M3=1 QGMMA=1 QGMMA.registers=1 QGMMA.E5M2=0
//   sass     sm_90a  step WgmmaE4m3Registers QGMMA.64x{n}x32.F32.E4M3=1 QGMMA=1 QGMMA.registers=2 QGMMA.E5M2=0
//   sass     sm_90a  step WgmmaE4m3SparseShared QGMMA.SP.64x{n}x64.F32.E4M3=1 QGMMA=1 QGMMA.registers=2 QGMMA.E5M2=0
//   sass     sm_90a  step WgmmaE4m3SparseRegisters QGMMA.SP.64x{n}x64.F32.E4M3=1 QGMMA=1 QGMMA.registers=3 QGMMA.E5M2=0
//   sass     sm_90a  step WgmmaE5m2Shared QGMMA.64x{n}x32.F32.E5M2=1 QGMMA=1 QGMMA.registers=1 QGMMA.E4M3=0
//   sass     sm_90a  step WgmmaE5m2Registers QGMMA.64x{n}x32.F32.E5M2=1 QGMMA=1 QGMMA.registers=2 QGMMA.E4M3=0
//   sass     sm_90a  step WgmmaE5m2SparseShared QGMMA.SP.64x{n}x64.F32.E5M2=1 QGMMA=1 QGMMA.registers=2 QGMMA.E4M3=0
//   sass     sm_90a  step WgmmaE5m2SparseRegisters QGMMA.SP.64x{n}x64.F32.E5M2=1 QGMMA=1 QGMMA.registers=3 QGMMA.E4M3=0
//   sass     sm_90a  step WgmmaInt8Shared IGMMA.64x{n}x32.S8.S8=1 IGMMA=1 IGMMA.registers=1
//   sass     sm_90a  step WgmmaInt8Registers IGMMA.64x{n}x32.S8.S8=1 IGMMA=1 IGMMA.registers=2
//   sass     sm_90a  step WgmmaInt8SparseShared IGMMA.SP.64x{n}x64.S8.S8=1 IGMMA=1 IGMMA.registers=2
//   sass     sm_90a  step WgmmaInt8SparseRegisters IGMMA.SP.64x{n}x64.S8.S8=1 IGMMA=1 IGMMA.registers=3
//   sass     sm_90a  step Wgmma* WARPGROUP.ARRIVE=0+1 WARPGROUP.DEPBAR=0 CS2R=0 LDS=0 LDG=0 other<0.85
//   sass     sm_75,sm_80,sm_86,sm_89,sm_100a,sm_120a  absent Wgmma*
//   limit    Pipe::tensor_fp16, tensor_fp16_acc16, tensor_bf16, tensor_tf32, tensor_fp8, tensor_int8 and their _sparse.
//            Shared memory gives 128 bytes a clock, and an instruction reads the whole A (2 KiB, unless it is in
//            registers) and B (32 n bytes, sparse 64 n) in n / 2 clocks. Predicted from that: A in shared memory
//            reaches at most 22 % of the peak at n = 8, 40 % at 16 and 67 % at 32, and sparse 20, 33, 50, 67, 80 and 89
//            % from n = 8 to 256. With A in registers a dense B takes half of the bytes and a sparse one all of them;
//            there the time between dependent instructions is in the way where n is small
//   operands whole numbers, as wgmma_matrices makes them. A has 4 slices and B 2, of which instruction i of a trip
//            takes slice i % 4 and slice i % 2. Slices 2 and 3 of A are minus slices 0 and 1, but for one element of
//            each row: in row r that of slice r / 8 % 2 in (stored) column r % columns, which is one nearer to 0, and 1
//            where that is 0. So four instructions add one row of B to a row of D, or take it away. Each trip takes B
//            or -B, of either slice: -B in the trips t in which the upper bit of the lower 32 of t x (2^31 / h) is set.
//            h is 12011 for slice 0 and 13007 for slice 1; 167 and 173 of E4M3 and E5M2; 79 and 83 of FP16 sums. Hence
//            the accumulators walk up and down, every trip changes every one of them, and what a turn of one slice
//            hides, the other shows. Behind the last trip slices 0 and 1 are multiplied once more, with B, which
//            nothing undoes: the answer depends on every element.
//            Random A are up to 255 in magnitude, of E4M3, E5M2 and FP16 sums up to 7, of INT8 127; B up to 127, 7 and
//            127; none is 0. All sums and their parts stay below 2^22, of FP16 sums below 2^11, and of E4M3 and E5M2
//            below 2^12, of whose sums Hopper keeps about 14 bits (DeepSeek-V3 report, arXiv 2412.19437, section
//            3.3.2): they are exact in any order. INT32 may wrap.
//            zero: all 0, but for that one element of each row of A, and for the first row of B (sparse: 4 rows, TF32
//            2).
//            ones: A is 1 and -1 (0 in that element), B is 1 and -1
//   answer   every accumulator, from 1 on, exact; a thread's, in the order of their registers, are folded by f <-
//            rotated(f ^ bits, 13) x 0x9E3779B1 (f from 0 on, rotated to the left), and every thread is compared
#include "kernels/tensor/wgmma.cuh"

namespace peakproof::kernels {

// The names by which the kernels are audited: Wgmma::symbol() makes the same.
struct WgmmaFp16Shared : WgmmaOperation<wgmma::Type::f16, false, false> {};
struct WgmmaFp16Registers : WgmmaOperation<wgmma::Type::f16, false, true> {};
struct WgmmaFp16SparseShared : WgmmaOperation<wgmma::Type::f16, true, false> {};
struct WgmmaFp16SparseRegisters : WgmmaOperation<wgmma::Type::f16, true, true> {};
struct WgmmaFp16Acc16Shared : WgmmaOperation<wgmma::Type::f16_acc16, false, false> {};
struct WgmmaFp16Acc16Registers : WgmmaOperation<wgmma::Type::f16_acc16, false, true> {};
struct WgmmaFp16Acc16SparseShared : WgmmaOperation<wgmma::Type::f16_acc16, true, false> {};
struct WgmmaFp16Acc16SparseRegisters : WgmmaOperation<wgmma::Type::f16_acc16, true, true> {};
struct WgmmaBf16Shared : WgmmaOperation<wgmma::Type::bf16, false, false> {};
struct WgmmaBf16Registers : WgmmaOperation<wgmma::Type::bf16, false, true> {};
struct WgmmaBf16SparseShared : WgmmaOperation<wgmma::Type::bf16, true, false> {};
struct WgmmaBf16SparseRegisters : WgmmaOperation<wgmma::Type::bf16, true, true> {};
struct WgmmaTf32Shared : WgmmaOperation<wgmma::Type::tf32, false, false> {};
struct WgmmaTf32Registers : WgmmaOperation<wgmma::Type::tf32, false, true> {};
struct WgmmaTf32SparseShared : WgmmaOperation<wgmma::Type::tf32, true, false> {};
struct WgmmaTf32SparseRegisters : WgmmaOperation<wgmma::Type::tf32, true, true> {};
struct WgmmaE4m3Shared : WgmmaOperation<wgmma::Type::e4m3, false, false> {};
struct WgmmaE4m3Registers : WgmmaOperation<wgmma::Type::e4m3, false, true> {};
struct WgmmaE4m3SparseShared : WgmmaOperation<wgmma::Type::e4m3, true, false> {};
struct WgmmaE4m3SparseRegisters : WgmmaOperation<wgmma::Type::e4m3, true, true> {};
struct WgmmaE5m2Shared : WgmmaOperation<wgmma::Type::e5m2, false, false> {};
struct WgmmaE5m2Registers : WgmmaOperation<wgmma::Type::e5m2, false, true> {};
struct WgmmaE5m2SparseShared : WgmmaOperation<wgmma::Type::e5m2, true, false> {};
struct WgmmaE5m2SparseRegisters : WgmmaOperation<wgmma::Type::e5m2, true, true> {};
struct WgmmaInt8Shared : WgmmaOperation<wgmma::Type::s8, false, false> {};
struct WgmmaInt8Registers : WgmmaOperation<wgmma::Type::s8, false, true> {};
struct WgmmaInt8SparseShared : WgmmaOperation<wgmma::Type::s8, true, false> {};
struct WgmmaInt8SparseRegisters : WgmmaOperation<wgmma::Type::s8, true, true> {};

template <class Op, int n, int steps>
__global__ void __launch_bounds__(Wgmma::threads)
    wgmma_chain(const uint4* operands, int trips, std::uint32_t* out, BlockTrace* trace) {
  if constexpr (!wgmma::available) {
    __trap();
  } else {
    extern __shared__ __align__(1024) uint4 shared[];
    run_wgmma_chain<Op, n, steps>(shared, operands, trips, out, trace);
  }
}

namespace {

constexpr int kSharedOfSm = 228 * 1024;

using Kernel = void (*)(const uint4*, int, std::uint32_t*, BlockTrace*);

template <class Op>
Kernel of_width(int n) {
  switch (n) {
    case 8:
      return wgmma_chain<Op, 8, Wgmma::steps>;
    case 16:
      return wgmma_chain<Op, 16, Wgmma::steps>;
    case 32:
      return wgmma_chain<Op, 32, Wgmma::steps>;
    case 64:
      return wgmma_chain<Op, 64, Wgmma::steps>;
    case 128:
      return wgmma_chain<Op, 128, Wgmma::steps>;
    case 256:
      return wgmma_chain<Op, 256, Wgmma::steps>;
    default:
      return nullptr;
  }
}

template <class... Ops>
Kernel find_among(const Wgmma& chain) {
  Kernel found = nullptr;
  const auto consider = [&](auto op) {
    using Op = decltype(op);
    if (Op::type == chain.type && Op::sparse == chain.sparse && Op::a_in_registers == chain.a_in_registers)
      found = of_width<Op>(chain.n);
  };
  (consider(Ops{}), ...);
  return found;
}

/// The kernel of that shape, or null.
Kernel find(const Wgmma& chain) {
  return find_among<
      WgmmaFp16Shared, WgmmaFp16Registers, WgmmaFp16SparseShared, WgmmaFp16SparseRegisters, WgmmaFp16Acc16Shared,
      WgmmaFp16Acc16Registers, WgmmaFp16Acc16SparseShared, WgmmaFp16Acc16SparseRegisters, WgmmaBf16Shared,
      WgmmaBf16Registers, WgmmaBf16SparseShared, WgmmaBf16SparseRegisters, WgmmaTf32Shared, WgmmaTf32Registers,
      WgmmaTf32SparseShared, WgmmaTf32SparseRegisters, WgmmaE4m3Shared, WgmmaE4m3Registers, WgmmaE4m3SparseShared,
      WgmmaE4m3SparseRegisters, WgmmaE5m2Shared, WgmmaE5m2Registers, WgmmaE5m2SparseShared, WgmmaE5m2SparseRegisters,
      WgmmaInt8Shared, WgmmaInt8Registers, WgmmaInt8SparseShared, WgmmaInt8SparseRegisters>(chain);
}

/// More than the part of an SM's shared memory that would let one more block in.
int shared_bytes(const Wgmma& chain) { return kSharedOfSm / (chain.blocks_per_sm() + 1) + 1024; }

}  // namespace

cudaError_t prepare(const Wgmma& chain) {
  const Kernel kernel = find(chain);
  if (kernel == nullptr) return cudaErrorInvalidValue;
  return cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes(chain));
}

cudaError_t launch(const Wgmma& chain, const std::uint32_t* operands, std::uint32_t* out, BlockTrace* trace,
                   cudaStream_t stream) {
  const Kernel kernel = find(chain);
  if (kernel == nullptr || chain.blocks < 1 || chain.trips < 1) return cudaErrorInvalidValue;
  const auto bytes = static_cast<std::size_t>(shared_bytes(chain));
  kernel<<<static_cast<unsigned>(chain.blocks), Wgmma::threads, bytes, stream>>>(
      reinterpret_cast<const uint4*>(operands), chain.trips, out, trace);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
