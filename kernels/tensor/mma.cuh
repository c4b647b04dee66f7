// mma.sync as a chain: every operand in registers. A pipe's .cu gives each operation its instruction with PEAKPROOF_MMA and
// instantiates ChainFunctions<Op>.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <type_traits>

#include "kernels/tensor/matrix_chain.cuh"
#include "kernels/tensor/mma.hpp"

namespace peakproof::kernels {

/// A register, as an instruction's text takes it.
template <class Op>
using MmaRegister = std::conditional_t<sizeof(typename Op::Word) == 8, double, std::uint32_t>;

__device__ __forceinline__ std::uint32_t bits_of(std::uint32_t x) { return x; }
__device__ __forceinline__ std::uint64_t bits_of(double x) {
  return static_cast<std::uint64_t>(__double_as_longlong(x));
}
__device__ __forceinline__ void set_bits(std::uint32_t& x, std::uint32_t bits) { x = bits; }
__device__ __forceinline__ void set_bits(double& x, std::uint64_t bits) {
  x = __longlong_as_double(static_cast<long long>(bits));
}

/// The registers of one accumulator. The instructions' text names four, of which those of small tiles use two.
template <class Op>
struct MmaAccumulator {
  MmaRegister<Op> d[4];
};

template <class Op>
struct DeviceMma {
  using Value = MmaAccumulator<Op>;
  using Register = MmaRegister<Op>;
  using Word = typename Op::Word;
  Register a[2][Op::words_of_a];
  Register b[2][Op::words_of_b];
  Turns turns;

  /// Every thread of the block calls it.
  __device__ explicit DeviceMma(std::uint32_t argument) : turns(argument) {
    __shared__ Word words[Op::words()];
    for (int i = static_cast<int>(threadIdx.x); i < Op::words(); i += static_cast<int>(blockDim.x))
      words[i] = Op::word(i);
    __syncthreads();
    const int lane = static_cast<int>(threadIdx.x % 32U);
    const Word* next = words + lane;
#pragma unroll
    for (int set = 0; set < 2; ++set) {
#pragma unroll
      for (int i = 0; i < Op::words_of_a; ++i, next += 32) set_bits(a[set][i], *next);
    }
#pragma unroll
    for (int set = 0; set < 2; ++set) {
#pragma unroll
      for (int i = 0; i < Op::words_of_b; ++i, next += 32) set_bits(b[set][i], *next);
    }
  }
  __device__ static Value seed(int lane, int chain) {
    constexpr NumberFormat format = Op::product().accumulator;
    const auto element = static_cast<Word>(format.encode(Op::start(lane, chain)));
    Value value;
#pragma unroll
    for (auto& d : value.d) set_bits(d, format.width == 16 ? element | element << 16U : element);
    return value;
  }
  __device__ __forceinline__ void begin_trip() {
    const bool turn = turns.begin_trip();
    if constexpr (Op::signs() != 0) {
      const Word signs = turn ? Op::signs() : 0;
#pragma unroll
      for (auto& set : b) {
#pragma unroll
        for (auto& word : set) set_bits(word, bits_of(word) ^ signs);
      }
    }
  }
  __device__ __forceinline__ void begin_step() { turns.begin_step(); }
  __device__ __forceinline__ Value step(Value x) { return multiplied(x, turns.next()); }
  __device__ __forceinline__ typename Op::Bits fold(typename Op::Bits folded, Value x) const {
    x = multiplied(x, 0);
#pragma unroll
    for (int i = 0; i < Op::words_of_d; ++i) folded = fold_word(folded, bits_of(x.d[i]));
    return folded;
  }

 private:
  __device__ __forceinline__ Value multiplied(Value x, int turn) const {
    multiply(Op{}, x.d, a[MatrixProduct::set_of_a(turn)], b[MatrixProduct::set_of_b(turn)]);
    return x;
  }
};

/// Every instruction that the architecture has; else nothing but a trap.
template <class Op>
struct DeviceOperation<Op, std::enable_if_t<std::is_base_of_v<MmaOperation, Op>>>
    : std::conditional_t<Op::native.on(kCodeArchitecture), DeviceMma<Op>, AbsentOperation<Op>> {
  using std::conditional_t<Op::native.on(kCodeArchitecture), DeviceMma<Op>, AbsentOperation<Op>>::conditional_t;
};

}  // namespace peakproof::kernels

/// The first word of a sparse one. CUDA 12.4 has none yet for metadata in order, and what it has does the same.
#if CUDART_VERSION >= 12050
#define PEAKPROOF_MMA_SPARSE "mma.sp::ordered_metadata"
#else
#define PEAKPROOF_MMA_SPARSE "mma.sp"
#endif

/// The instruction of an operation. `text` names its registers: D as %0 to %3, A as %4 to %7 and B as %8 to %11 (from its
/// first on), the metadata of a sparse A as %12, the scales of A and B, which are 2 and 1/2, as %13 and %14. Text cannot be
/// a template's argument, so this is a macro.
#define PEAKPROOF_MMA(Op, ...)                                                                                \
  __device__ __forceinline__ void multiply(Op, std::uint32_t(&d)[4], const std::uint32_t(&a)[Op::words_of_a], \
                                           const std::uint32_t(&b)[Op::words_of_b]) {                         \
    constexpr int na = Op::words_of_a;                                                                        \
    constexpr int nb = Op::words_of_b;                                                                        \
    asm volatile(__VA_ARGS__                                                                                  \
                 : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])                                             \
                 : "r"(a[0]), "r"(a[1 % na]), "r"(a[2 % na]), "r"(a[3 % na]), "r"(b[0]), "r"(b[1 % nb]),      \
                   "r"(b[2 % nb]), "r"(b[3 % nb]), "r"(Op::product().metadata()), "r"(Op::scale_of_a()),      \
                   "r"(Op::scale_of_b()));                                                                    \
  }
