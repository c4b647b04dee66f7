// Tensor core rate through nvcuda::wmma, in every type that it has.
//
//   idea     as mma_half and its siblings, by CUDA's own interface: a WMMA product is two or four of the instructions.
//            Independent chains of accumulator fragments; the operands' fragments are filled from shared memory once.
//            INT4 is made of INT8 from 9.0 on, bits of bytes on 10.0 and 12.0, XOR of AND on 9.0: not measured there
//   work     2 m n k operations a warp and step
//   machine  one trip of the loop is 64 products, the counters of the loop and of the signs, what turns the signs of B,
//            and NOP behind FP64 and where one or two chains would not give the next one time. The products with
//            16-bit operands are two HMMA.16816, on 7.5 four HMMA.1688; those of TF32 four HMMA.1684
//   sass     sm_75  step WmmaF16  HMMA.1688.F32=4 HMMA=4 other<0.75
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step WmmaF16  HMMA.16816.F32=2 HMMA=2 other<0.75
//   sass     sm_75  step WmmaF16Acc16  HMMA.1688.F16=4 HMMA=4 other<0.75
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step WmmaF16Acc16  HMMA.16816.F16=2 HMMA=2 other<0.75
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step WmmaBf16  HMMA.16816.F32.BF16=2 HMMA=2 other<0.75
//   sass     sm_75  absent WmmaBf16
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step WmmaTf32  HMMA.1684.F32.TF32=4 HMMA=4 other<0.75
//   sass     sm_75  absent WmmaTf32
//   sass     sm_80,sm_86,sm_89  step WmmaF64  DMMA.884=1 DMMA=1 other<0.75
//   sass     sm_90a,sm_100a  step WmmaF64  DMMA.8x8x4=1 DMMA=1 other<0.75
//   sass     sm_120a  step WmmaF64  DMMA.8x8x4=1 DMMA=1 other<0.98
//   sass     sm_75  absent WmmaF64
//   sass     sm_75  step WmmaS8  IMMA.8816.S8.S8=4 IMMA=4 other<0.75
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step WmmaS8  IMMA.16816.S8.S8=2 IMMA=2 other<0.75
//   sass     sm_75,sm_80,sm_86,sm_89  step WmmaS4  IMMA.8832.S4.S4=1 IMMA=1 other<0.75
//   sass     sm_90a,sm_100a,sm_120a  absent WmmaS4
//   sass     sm_75,sm_80,sm_86,sm_89  step WmmaB1Xor  BMMA.88128.XOR.POPC=1 BMMA=1 other<0.75
//   sass     sm_90a,sm_100a,sm_120a  absent WmmaB1Xor
//   sass     sm_80,sm_86,sm_89,sm_90a  step WmmaB1And  BMMA.88128.AND.POPC=1 BMMA=1 other<0.75
//   sass     sm_75,sm_100a,sm_120a  absent WmmaB1And
//   limit    the tensor pipe of the type; on 9.0 and 10.x the mma_… pipe, since WMMA is mma.sync
//   answer   every element of every accumulator, exact: the sums are whole numbers that the accumulator holds
#include <mma.h>

#include <cstddef>

#include "kernels/tensor/matrix_chain.cuh"
#include "kernels/tensor/wmma.hpp"

namespace peakproof::kernels {

namespace wmma = nvcuda::wmma;

/// What a format is to WMMA: the type of a fragment's elements, and of those in memory.
template <Format format>
struct WmmaElement;
template <>
struct WmmaElement<Format::f16> {
  using Fragment = __half;
  using Memory = __half;
};
template <>
struct WmmaElement<Format::f64> {
  using Fragment = double;
  using Memory = double;
};
template <>
struct WmmaElement<Format::s8> {
  using Fragment = signed char;
  using Memory = signed char;
};
template <>
struct WmmaElement<Format::s4> {
  using Fragment = wmma::experimental::precision::s4;
  using Memory = void;
};
template <>
struct WmmaElement<Format::b1> {
  using Fragment = wmma::experimental::precision::b1;
  using Memory = void;
};
template <>
struct WmmaElement<Format::s32> {
  using Fragment = int;
  using Memory = int;
};
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800  // mma.h declares them from there on
template <>
struct WmmaElement<Format::bf16> {
  using Fragment = __nv_bfloat16;
  using Memory = __nv_bfloat16;
};
template <>
struct WmmaElement<Format::f32> {
  using Fragment = wmma::precision::tf32;
  using Memory = float;
};
#endif

/// FP32 is TF32 to an operand, and itself to an accumulator.
template <Format format>
struct WmmaSum : WmmaElement<format> {};
template <>
struct WmmaSum<Format::f32> {
  using Fragment = float;
  using Memory = float;
};

template <class Op>
struct DeviceWmma {
  using Operand = typename WmmaElement<Op::operand_format>::Fragment;
  using Memory = typename WmmaElement<Op::operand_format>::Memory;
  using Sum = typename WmmaSum<Op::accumulator_format>::Memory;
  using Word = typename Op::Word;
  using A = wmma::fragment<wmma::matrix_a, Op::rows, Op::columns, Op::depth, Operand, wmma::row_major>;
  using B = wmma::fragment<wmma::matrix_b, Op::rows, Op::columns, Op::depth, Operand, wmma::col_major>;
  using Value = wmma::fragment<wmma::accumulator, Op::rows, Op::columns, Op::depth, Sum>;
  A a[2];
  B b[2];
  Turns turns;

  /// Every thread of the block calls it.
  __device__ explicit DeviceWmma(std::uint32_t argument) : turns(argument) {
    __shared__ __align__(32) Word words[Op::words()];
    for (int i = static_cast<int>(threadIdx.x); i < Op::words(); i += static_cast<int>(blockDim.x))
      words[i] = Op::word(i);
    __syncthreads();
#pragma unroll
    for (int set = 0; set < 2; ++set) {
      const Word* image_of_a = words + set * Op::words_of_a;
      const Word* image_of_b = words + 2 * Op::words_of_a + set * Op::words_of_b;
      wmma::load_matrix_sync(a[set], reinterpret_cast<const Memory*>(image_of_a), Op::depth);
      wmma::load_matrix_sync(b[set], reinterpret_cast<const Memory*>(image_of_b), Op::depth);
    }
  }
  __device__ static Value seed(int lane, int chain) {
    Value value;
    wmma::fill_fragment(value, static_cast<Sum>(Op::start(lane, chain)));
    return value;
  }
  __device__ __forceinline__ void begin_trip() {
    const bool turn = turns.begin_trip();
    if constexpr (Op::signs() != 0) {
      const Word signs = turn ? Op::signs() : 0;
#pragma unroll
      for (auto& fragment : b) {
#pragma unroll
        for (std::size_t i = 0; i < sizeof fragment.x / sizeof(Word); ++i) {
          reinterpret_cast<Word*>(fragment.x)[i] ^= signs;
        }
      }
    }
  }
  __device__ __forceinline__ void begin_step() { turns.begin_step(); }
  __device__ __forceinline__ Value step(Value x) { return multiplied(x, turns.next()); }
  /// Every thread of the warp calls it.
  __device__ __forceinline__ typename Op::Bits fold(typename Op::Bits folded, Value x) const {
    __shared__ __align__(32) Sum images[Op::max_threads / kWarpLanes][Op::rows * Op::columns];
    auto& image = images[threadIdx.x / kWarpLanes];
    wmma::store_matrix_sync(image, multiplied(x, 0), Op::columns, wmma::mem_row_major);
    __syncwarp();
    constexpr int per_word = static_cast<int>(sizeof(Word) / sizeof(Sum));
#pragma unroll
    for (int i = 0; i < Op::elements; i += per_word) {
      union {
        Sum parts[per_word];
        Word word;
      } together = {};
#pragma unroll
      for (int part = 0; part < per_word; ++part)
        together.parts[part] = image[threadIdx.x % kWarpLanes + kWarpLanes * (i + part)];
      folded = fold_word(folded, together.word);
    }
    __syncwarp();  // the next chain's image goes to the same place
    return folded;
  }

 private:
  __device__ __forceinline__ Value multiplied(Value x, int turn) const {
    const A& left = a[MatrixProduct::set_of_a(turn)];
    const B& right = b[MatrixProduct::set_of_b(turn)];
    if constexpr (Op::operand_format != Format::b1) {
      wmma::mma_sync(x, left, right, x);
    } else {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
      constexpr auto operation =
          Op::product().exclusive_or ? wmma::experimental::bmmaBitOpXOR : wmma::experimental::bmmaBitOpAND;
      wmma::bmma_sync(x, left, right, x, operation, wmma::experimental::bmmaAccumulateOpPOPC);
#else
      wmma::bmma_sync(x, left, right, x);  // XOR is all there is
#endif
    }
    return x;
  }
};

template <class Op>
struct DeviceOperation<Op, std::enable_if_t<std::is_base_of_v<WmmaOperation, Op>>>
    : std::conditional_t<Op::native.on(kCodeArchitecture), DeviceWmma<Op>, AbsentOperation<Op>> {
  using std::conditional_t<Op::native.on(kCodeArchitecture), DeviceWmma<Op>, AbsentOperation<Op>>::conditional_t;
};

template struct ChainFunctions<WmmaF16>;
template struct ChainFunctions<WmmaF16Acc16>;
template struct ChainFunctions<WmmaBf16>;
template struct ChainFunctions<WmmaTf32>;
template struct ChainFunctions<WmmaF64>;
template struct ChainFunctions<WmmaS8>;
template struct ChainFunctions<WmmaS4>;
template struct ChainFunctions<WmmaB1Xor>;
template struct ChainFunctions<WmmaB1And>;

}  // namespace peakproof::kernels
