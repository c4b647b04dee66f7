// Rates of one CPU thread in what every SIMD unit has: FP32 and FP64 fused multiply-add, INT32 multiply-add and add.
//
//   idea     independent chains of SIMD vectors, enough of them to cover the latency of the units without help from a
//            second hardware thread
//   work     operations x lanes x chains x 8 steps x trips; no load, no store, no move in the loop
//   machine  one trip is chains x 8 of the instruction and the loop counter, nothing else
//            (tests/cpu/machine_code_test.py reads them in the disassembly):
//              FMA       AVX-512 24 x 8 vfmadd zmm, AVX2 12 x 8 vfmadd ymm, SVE 24 x 8 fmad z, NEON 28 x 8 fmla v
//              int32_mad x86-64 24 x 8 or 12 x 8 vpmulld and as many vpaddd, SVE 24 x 8 mad or mla, NEON 28 x 8 mla:
//                        2 operations per lane, whether the CPU has one instruction for them or needs two
//              int32_add x86-64 12 x 8 vpaddd, SVE 24 x 8 add z, NEON 28 x 8 add v
//   latency  an FMA takes 5 cycles on Haswell, Broadwell, Zen and Zen 2, 4 on later Intel and AMD cores, two a cycle:
//            10 in flight are enough, and 12 is what 16 registers allow beside c (Agner Fog, instruction tables).
//            Neoverse V1 and V2: 4 cycles, up to four a cycle, so 16 (Arm, software optimization guides). vpmulld and
//            vpaddd are 11 cycles, one vector a cycle, on Intel (uops.info): 12 chains. An add is 1 or 2 cycles, and
//            the chains go in pairs, one of which waits for the other: 6 or more adds in flight
//   limit    Pipe::fp32_fma, Pipe::fp64_fma: cores x lanes per clock x 2 x clock. No row for INT32: reported, not judged
//   answer   x <- fma(x, x, -1.9) is exactly rounded, bounded and chaotic: every lane is compared bit for bit with
//            std::fma (chain_answer.cpp). NEON's FMLA overwrites its addend, so that the square would cost a move per
//            FMA; there, pairs of chains turn: q += k p, p -= k q, a rotation that keeps its radius. Integers are exact
//            modulo 2^32: x <- x a + a visits all of them; where MLA overwrites its addend, q += a p, p += a q;
//            additions go q += p, p += q. Both are one to one, so that a pair that is not 0, 0 never comes to rest
#include "kernels/cpu/chain.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/chain.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace peakproof::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::ScalableTag<T>;
template <class T>
using Vector = hn::Vec<Tag<T>>;
template <class T, std::size_t>
using VectorAt = Vector<T>;

// Highway numbers the targets of x86 from the best down: what comes before AVX2 is AVX-512, with 32 registers.
constexpr bool few_registers = HWY_ARCH_X86 && HWY_TARGET >= HWY_AVX2;
constexpr bool overwrites_addend =
    HWY_ARCH_ARM_A64 && (HWY_TARGET & (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)) == 0;
constexpr bool is_emulated = HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR;
// PMULLD came with SSE4.1.
constexpr bool has_int32_multiply = !is_emulated && (!HWY_ARCH_X86 || HWY_TARGET <= HWY_SSE4);

// A value stays in the register that it is in. GCC 12 gives a vector of integers another one in each step, and needs
// moves at the end of a trip to bring them back.
template <class V>
HWY_INLINE void keep_in_place(V& x) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  asm("" : "+v"(x.raw));
#else
  (void)x;
#endif
}

// Of every kernel in this file.
constexpr int steps = 8;
static_assert(steps == Fma<float>::steps_per_trip && steps == Fma<double>::steps_per_trip &&
              steps == IntegerMultiplyAdd::steps_per_trip && steps == IntegerAdd::steps_per_trip);

// The steps of the laws. The constants come as arguments: of known ones, GCC keeps copies and moves them about.
struct Square {
  template <class V>
  static HWY_INLINE V step(V x, V c, V /*unused*/) {
    return hn::MulAdd(x, x, c);
  }
};

struct Congruence {
  template <class V>
  static HWY_INLINE V step(V x, V factor, V addend) {
    return hn::Add(hn::Mul(x, factor), addend);
  }
};

struct Rotation {
  template <class V>
  static HWY_INLINE V first(V q, V p, V k) {
    return hn::MulAdd(k, p, q);
  }
  template <class V>
  static HWY_INLINE V second(V p, V q, V k) {
    return hn::NegMulAdd(k, q, p);
  }
};

struct Shears {
  template <class V>
  static HWY_INLINE V first(V q, V p, V factor) {
    return hn::Add(q, hn::Mul(factor, p));
  }
  template <class V>
  static HWY_INLINE V second(V p, V q, V factor) {
    return hn::Add(p, hn::Mul(factor, q));
  }
};

struct Fibonacci {
  template <class V>
  static HWY_INLINE V first(V q, V p, V /*unused*/) {
    return hn::Add(q, p);
  }
  template <class V>
  static HWY_INLINE V second(V p, V q, V /*unused*/) {
    return hn::Add(p, q);
  }
};

// Packs of variables, because a vector of unknown length (SVE) fits in no array.
template <class T, class Law, class... Chains>
HWY_INLINE Vector<T> single_loop(std::int64_t trips, Vector<T> a, Vector<T> b, Chains... x) {
  for (; trips > 0; --trips) {
#pragma GCC unroll 8
    for (int step = 0; step < steps; ++step) ((x = Law::step(x, a, b), keep_in_place(x)), ...);
  }
  Vector<T> folded = hn::Zero(Tag<T>());
  ((folded = hn::Xor(folded, x)), ...);
  return folded;
}

template <class T, class Law, std::size_t... chain>
HWY_INLINE void singles(std::int64_t trips, T a, T b, const T* seeds, T* out, std::index_sequence<chain...> /*all*/) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  hn::StoreU(single_loop<T, Law>(trips, hn::Set(d, a), hn::Set(d, b), hn::LoadU(d, seeds + chain * lanes)...), d, out);
}

template <class T, class Law, class... First>
struct PairLoop {
  template <class... Second>
  static HWY_INLINE Vector<T> run(std::int64_t trips, Vector<T> a, First... q, Second... p) {
    for (; trips > 0; --trips) {
#pragma GCC unroll 8
      for (int step = 0; step < steps; ++step) {
        ((q = Law::first(q, p, a), keep_in_place(q), keep_in_place(p)), ...);
        ((p = Law::second(p, q, a), keep_in_place(p), keep_in_place(q)), ...);
      }
    }
    Vector<T> folded = hn::Zero(Tag<T>());
    ((folded = hn::Xor(folded, hn::Xor(q, p))), ...);
    return folded;
  }
};

// The first half of the chains holds q, the second p.
template <class T, class Law, std::size_t... pair>
HWY_INLINE void pairs(std::int64_t trips, T a, const T* seeds, T* out, std::index_sequence<pair...> /*all*/) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  constexpr std::size_t count = sizeof...(pair);
  hn::StoreU(PairLoop<T, Law, VectorAt<T, pair>...>::run(trips, hn::Set(d, a), hn::LoadU(d, seeds + pair * lanes)...,
                                                         hn::LoadU(d, seeds + (count + pair) * lanes)...),
             d, out);
}

template <std::size_t chains>
using Singles = std::make_index_sequence<chains>;
template <std::size_t chains>
using Pairs = std::make_index_sequence<chains / 2>;

constexpr int chain_count = overwrites_addend ? 28 : (few_registers ? 12 : 24);
constexpr int add_chain_count = HWY_ARCH_X86 ? 12 : chain_count;

template <class T>
ChainShape shape_of(bool available, ChainLaw law, int chains = chain_count) {
  return {hwy::TargetName(HWY_TARGET), available ? static_cast<int>(hn::Lanes(Tag<T>())) : 0, chains, law};
}

// Without a fused multiply-add Highway rounds twice: another operation, and another rate.
constexpr bool has_fma = HWY_NATIVE_FMA && !is_emulated;
constexpr ChainLaw fma_law = overwrites_addend ? ChainLaw::rotation : ChainLaw::square;

ChainShape fp32_fma_shape() { return shape_of<float>(has_fma, fma_law); }
ChainShape fp64_fma_shape() { return shape_of<double>(has_fma && HWY_HAVE_FLOAT64, fma_law); }
ChainShape int32_mad_shape() {
  return shape_of<std::uint32_t>(has_int32_multiply, overwrites_addend ? ChainLaw::shears : ChainLaw::congruence);
}
ChainShape int32_add_shape() { return shape_of<std::uint32_t>(!is_emulated, ChainLaw::fibonacci, add_chain_count); }

// `constant` is the law's.
template <class T>
HWY_INLINE void fma_chains(std::int64_t trips, T constant, const T* seeds, T* out) {
  if constexpr (overwrites_addend) {
    pairs<T, Rotation>(trips, constant, seeds, out, Pairs<chain_count>());
  } else {
    singles<T, Square>(trips, constant, constant, seeds, out, Singles<chain_count>());
  }
}

void fp32_fma(std::int64_t trips, float constant, const float* seeds, float* out) {
  fma_chains(trips, constant, seeds, out);
}

void fp64_fma(std::int64_t trips, double constant, const double* seeds, double* out) {
#if HWY_HAVE_FLOAT64
  fma_chains(trips, constant, seeds, out);
#else
  (void)trips, (void)constant, (void)seeds, (void)out;  // its shape has no lanes: never called
#endif
}

void int32_mad(std::int64_t trips, std::uint32_t factor, std::uint32_t addend, const std::uint32_t* seeds,
               std::uint32_t* out) {
  if constexpr (overwrites_addend) {
    pairs<std::uint32_t, Shears>(trips, factor, seeds, out, Pairs<chain_count>());
  } else {
    singles<std::uint32_t, Congruence>(trips, factor, addend, seeds, out, Singles<chain_count>());
  }
}

void int32_add(std::int64_t trips, const std::uint32_t* seeds, std::uint32_t* out) {
  pairs<std::uint32_t, Fibonacci>(trips, 0, seeds, out, Pairs<add_chain_count>());
}

}  // namespace peakproof::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace peakproof::kernels::cpu {

HWY_EXPORT(fp32_fma_shape);
HWY_EXPORT(fp64_fma_shape);
HWY_EXPORT(int32_mad_shape);
HWY_EXPORT(int32_add_shape);
HWY_EXPORT(fp32_fma);
HWY_EXPORT(fp64_fma);
HWY_EXPORT(int32_mad);
HWY_EXPORT(int32_add);

template <>
ChainShape Fma<float>::shape() {
  return HWY_DYNAMIC_DISPATCH(fp32_fma_shape)();
}
template <>
ChainShape Fma<double>::shape() {
  return HWY_DYNAMIC_DISPATCH(fp64_fma_shape)();
}
ChainShape IntegerMultiplyAdd::shape() { return HWY_DYNAMIC_DISPATCH(int32_mad_shape)(); }
ChainShape IntegerAdd::shape() { return HWY_DYNAMIC_DISPATCH(int32_add_shape)(); }

template <>
void Fma<float>::run(std::int64_t trips, const float* seeds, float* out) {
  HWY_DYNAMIC_DISPATCH(fp32_fma)(trips, shape().law == ChainLaw::square ? c : k, seeds, out);
}
template <>
void Fma<double>::run(std::int64_t trips, const double* seeds, double* out) {
  HWY_DYNAMIC_DISPATCH(fp64_fma)(trips, shape().law == ChainLaw::square ? c : k, seeds, out);
}
void IntegerMultiplyAdd::run(std::int64_t trips, const Value* seeds, Value* out) {
  HWY_DYNAMIC_DISPATCH(int32_mad)(trips, a, a, seeds, out);
}
void IntegerAdd::run(std::int64_t trips, const Value* seeds, Value* out) {
  HWY_DYNAMIC_DISPATCH(int32_add)(trips, seeds, out);
}

}  // namespace peakproof::kernels::cpu
#endif  // HWY_ONCE
