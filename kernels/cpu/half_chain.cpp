// Rates of one CPU thread in 16-bit formats, where the CPU has instructions for them: BF16 dot products and FP16 fused
// multiply-add. Highway 1.0 has neither: these are the compiler's intrinsics, behind a look at the CPU.
//
//   idea     independent chains of vectors, as in chain.cpp
//   work     bf16: 4 FLOP per FP32 lane and instruction, two products and two sums; fp16: 2 FLOP per lane
//   machine  bf16, AVX512_BF16: 14 chains x 32 vdpbf16ps zmm, 14 vpternlogq (3 in a hundred) and the loop counter
//            fp16, AVX512-FP16: 28 chains x 8 vfmadd231ph or vfnmadd231ph zmm; NEON: 28 x 8 fmla v.8h; the loop
//            counter, no move (tests/cpu/machine_code_test.py reads them in the disassembly)
//   limit    Pipe::bf16x2_fma, Pipe::fp16x2_fma: no row for CPUs, reported, not judged
//   bf16     Intel 64 and IA-32 Architectures Software Developer's Manual, VDPBF16PS: to each FP32 lane is added first
//            the product of the high halves, then that of the low halves, each a fused multiply-add rounded to nearest
//            even; subnormal inputs count as zeros, subnormal results are flushed, MXCSR is neither read nor written.
//            A Zen 4 agrees with that bit for bit. The instruction can only overwrite its addend, and an FP32 is no
//            pair of BF16: its low half may be an infinity or NaN. So once a trip each chain makes its operand of its
//            own bits: b = the signs and mantissas of the two halves of x, with the exponents of 1. Every
//            step then adds a.high b.high + a.low b.low with a = (-1.4, 1.6 x 2^-10): b.high has the sign of x, so that
//            x is driven through zero by 1.4 to 2.9 a step and stays within +-91; b.low is made of the last bits of x,
//            which the rounding leaves, and makes the sequence irregular. No value is ever subnormal, and every step
//            changes x
//   fp16     q += k p, p -= k q: a rotation. Exactly rounded: a double holds k p + q exactly, and one rounding to FP16
//            is left (half.hpp). A square would fall into cycles of few steps in a format of 11 bits
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernels/cpu/chain.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_neon.h>
#include <sys/auxv.h>
#endif

namespace peakproof::kernels::cpu {
namespace {

constexpr int bf16_chains = 14;
constexpr int fp16_chains = 28;

#if defined(__x86_64__)

bool has_bf16() { return __builtin_cpu_supports("avx512bf16") != 0 && __builtin_cpu_supports("avx512f") != 0; }

struct Feedback {
  __m512 x;
  __m512i b;
};

template <std::size_t... chain>
[[gnu::target("avx512f,avx512bf16")]] void bf16_fma(std::int64_t trips, std::uint32_t constant, const float* seeds,
                                                    float* out, std::index_sequence<chain...> /*all*/) {
  constexpr std::size_t lanes = 16;
  constexpr int select = 0xd8;  // vpternlogq: where the third operand is set the second, else the first
  __m512i a = _mm512_set1_epi32(static_cast<int>(constant));
  __m512i mask = _mm512_set1_epi32(static_cast<int>(Bf16Dot::mask));
  asm("" : "+v"(a), "+v"(mask));  // unknown to the compiler, which keeps copies of what it knows
  const __m512i ones = _mm512_set1_epi32(static_cast<int>(Bf16Dot::ones));
  std::array<Feedback, sizeof...(chain)> c = {Feedback{_mm512_loadu_ps(seeds + chain * lanes), ones}...};
  for (; trips > 0; --trips) {
    ((c[chain].b = _mm512_ternarylogic_epi64(c[chain].b, _mm512_castps_si512(c[chain].x), mask, select)), ...);
#pragma GCC unroll 32
    for (int step = 0; step < Bf16Dot::steps_per_trip; ++step) {
      ((c[chain].x = _mm512_dpbf16_ps(c[chain].x, (__m512bh)a, (__m512bh)c[chain].b)), ...);
    }
  }
  __m512i folded = _mm512_setzero_si512();
  ((folded = _mm512_xor_si512(folded, _mm512_castps_si512(c[chain].x))), ...);
  _mm512_storeu_ps(out, _mm512_castsi512_ps(folded));
}

#else

// BFDOT of Arm rounds otherwise (to odd, without FEAT_EBF16), and no replay of it is written.
bool has_bf16() { return false; }

template <std::size_t... chain>
void bf16_fma(std::int64_t /*trips*/, std::uint32_t /*constant*/, const float* /*seeds*/, float* /*out*/,
              std::index_sequence<chain...> /*all*/) {}

#endif

// AVX512-FP16: GCC 12 and Clang 18 are the first that have all of it. With others, a CPU that has it says that it has not.
#if defined(__x86_64__) && (defined(__clang__) ? __clang_major__ >= 18 : __GNUC__ >= 12)

bool has_fp16() { return __builtin_cpu_supports("avx512fp16") != 0; }

struct Pair {
  __m512h q, p;
};

constexpr int fp16_lanes = 32;
constexpr const char* fp16_target = "AVX512_FP16";

template <std::size_t... pair>
[[gnu::target("avx512f,avx512fp16")]] void fp16_fma(std::int64_t trips, std::uint16_t constant,
                                                    const std::uint16_t* seeds, std::uint16_t* out,
                                                    std::index_sequence<pair...> /*all*/) {
  constexpr std::size_t lanes = fp16_lanes;
  constexpr std::size_t pairs = sizeof...(pair);
  __m512h k = _mm512_castsi512_ph(_mm512_set1_epi16(static_cast<std::int16_t>(constant)));
  asm("" : "+v"(k));
  std::array<Pair, pairs> x = {Pair{_mm512_castsi512_ph(_mm512_loadu_si512(seeds + pair * lanes)),
                                    _mm512_castsi512_ph(_mm512_loadu_si512(seeds + (pairs + pair) * lanes))}...};
  for (; trips > 0; --trips) {
#pragma GCC unroll 8
    for (int step = 0; step < HalfFma::steps_per_trip; ++step) {
      ((x[pair].q = _mm512_fmadd_ph(k, x[pair].p, x[pair].q)), ...);
      ((x[pair].p = _mm512_fnmadd_ph(k, x[pair].q, x[pair].p)), ...);
    }
  }
  __m512i folded = _mm512_setzero_si512();
  ((folded =
        _mm512_xor_si512(folded, _mm512_xor_si512(_mm512_castph_si512(x[pair].q), _mm512_castph_si512(x[pair].p)))),
   ...);
  _mm512_storeu_si512(out, folded);
}

#elif defined(__aarch64__) && defined(__linux__)

bool has_fp16() { return (getauxval(AT_HWCAP) & HWCAP_ASIMDHP) != 0; }

struct Pair {
  float16x8_t q, p;
};

constexpr int fp16_lanes = 8;
constexpr const char* fp16_target = "NEON_FP16";

template <std::size_t... pair>
[[gnu::target("arch=armv8.2-a+fp16")]] void fp16_fma(std::int64_t trips, std::uint16_t constant,
                                                     const std::uint16_t* seeds, std::uint16_t* out,
                                                     std::index_sequence<pair...> /*all*/) {
  constexpr std::size_t lanes = fp16_lanes;
  constexpr std::size_t pairs = sizeof...(pair);
  const auto* from = reinterpret_cast<const float16_t*>(seeds);
  const float16x8_t k = vreinterpretq_f16_u16(vdupq_n_u16(constant));
  const float16x8_t minus_k = vnegq_f16(k);  // FMLA twice: with FMLS, GCC 12 moves registers about
  std::array<Pair, pairs> x = {Pair{vld1q_f16(from + pair * lanes), vld1q_f16(from + (pairs + pair) * lanes)}...};
  for (; trips > 0; --trips) {
#pragma GCC unroll 8
    for (int step = 0; step < HalfFma::steps_per_trip; ++step) {
      ((x[pair].q = vfmaq_f16(x[pair].q, k, x[pair].p)), ...);
      ((x[pair].p = vfmaq_f16(x[pair].p, minus_k, x[pair].q)), ...);
    }
  }
  uint16x8_t folded = vdupq_n_u16(0);
  ((folded = veorq_u16(folded, veorq_u16(vreinterpretq_u16_f16(x[pair].q), vreinterpretq_u16_f16(x[pair].p)))), ...);
  vst1q_u16(out, folded);
}

#else

bool has_fp16() { return false; }

constexpr int fp16_lanes = 0;
constexpr const char* fp16_target = "none";

template <std::size_t... pair>
void fp16_fma(std::int64_t /*trips*/, std::uint16_t /*constant*/, const std::uint16_t* /*seeds*/,
              std::uint16_t* /*out*/, std::index_sequence<pair...> /*all*/) {}

#endif

}  // namespace

ChainShape Bf16Dot::shape() {
  static const bool available = has_bf16();
  return {available ? "AVX512_BF16" : "none", available ? 16 : 0, bf16_chains, ChainLaw::feedback};
}

void Bf16Dot::run(std::int64_t trips, const float* seeds, float* out) {
  bf16_fma(trips, a, seeds, out, std::make_index_sequence<bf16_chains>());
}

ChainShape HalfFma::shape() {
  static const bool available = has_fp16();
  return {available ? fp16_target : "none", available ? fp16_lanes : 0, fp16_chains, ChainLaw::rotation};
}

void HalfFma::run(std::int64_t trips, const Value* seeds, Value* out) {
  fp16_fma(trips, k, seeds, out, std::make_index_sequence<fp16_chains / 2>());
}

}  // namespace peakproof::kernels::cpu
