// FP32 fused multiply-add rate of one CPU thread.
//
//   idea     independent chains of SIMD vectors, enough of them to cover the latency of the FMA units without help from
//            a second hardware thread
//   work     2 FLOP x lanes x chains x 8 steps x trips; no load, no store, no move in the loop
//   machine  one trip is chains x 8 vector FMA and the loop counter, nothing else:
//            AVX-512 24 x 8 vfmadd zmm, AVX2 12 x 8 vfmadd ymm, SVE 24 x 8 fmad z, NEON 28 x 8 fmla v
//            (tests/cpu/machine_code_test.py reads them in the disassembly)
//   latency  an FMA takes 5 cycles on Haswell, Broadwell, Zen and Zen 2, 4 on later Intel and AMD cores, two a cycle:
//            10 in flight are enough, and 12 is what 16 registers allow beside c (Agner Fog, instruction tables).
//            Neoverse V1 and V2: 4 cycles, up to four a cycle, so 16 (Arm, software optimization guides)
//   limit    Pipe::fp32_fma: cores x FP32 lanes per clock x 2 x clock
//   answer   x <- fma(x, x, -1.9) is exactly rounded, bounded and chaotic: every lane is compared bit for bit with
//            std::fma (fp32_fma_answer.cpp). NEON's FMLA overwrites its addend, so that the square would cost a move
//            per FMA; there, pairs of chains turn: q += k p, p -= k q, a rotation that keeps its radius
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/fp32_fma.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cpu/fp32_fma.hpp"

HWY_BEFORE_NAMESPACE();
namespace peakproof::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;

#if HWY_ARCH_ARM_A64 && (HWY_TARGET & (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)) == 0
constexpr ChainLaw law = ChainLaw::rotation;
constexpr int chain_count = 28;

struct Pair {
  Vector q, p;
};

// The first half of the chains holds q, the second p.
template <std::size_t... pair>
HWY_INLINE Vector rotation(std::int64_t trips, float constant, const float* seeds, std::index_sequence<pair...>) {
  const Tag d;
  constexpr std::size_t pairs = sizeof...(pair);
  const Vector k = hn::Set(d, constant);
  const std::size_t lanes = hn::Lanes(d);
  Pair x[pairs] = {{hn::LoadU(d, seeds + pair * lanes), hn::LoadU(d, seeds + (pairs + pair) * lanes)}...};
  for (; trips > 0; --trips) {
#pragma GCC unroll 8
    for (int step = 0; step < Fp32Fma::steps_per_trip; ++step) {
      ((x[pair].q = hn::MulAdd(k, x[pair].p, x[pair].q)), ...);
      ((x[pair].p = hn::NegMulAdd(k, x[pair].q, x[pair].p)), ...);
    }
  }
  Vector folded = hn::Zero(d);
  ((folded = hn::Xor(folded, hn::Xor(x[pair].q, x[pair].p))), ...);
  return folded;
}

template <std::size_t... chain>
HWY_INLINE Vector run_chains(std::int64_t trips, float constant, const float* seeds, std::index_sequence<chain...>) {
  return rotation(trips, constant, seeds, std::make_index_sequence<sizeof...(chain) / 2>());
}
#else
constexpr ChainLaw law = ChainLaw::square;
// Highway numbers the targets of x86 from the best down: what comes before AVX2 is AVX-512, with 32 registers.
constexpr int chain_count = HWY_ARCH_X86 && HWY_TARGET >= HWY_AVX2 ? 12 : 24;

// A pack of variables, because a vector of unknown length (SVE) fits in no array.
template <class... Chains>
HWY_INLINE Vector square(std::int64_t trips, Vector c, Chains... x) {
  for (; trips > 0; --trips) {
#pragma GCC unroll 8
    for (int step = 0; step < Fp32Fma::steps_per_trip; ++step) ((x = hn::MulAdd(x, x, c)), ...);
  }
  Vector folded = hn::Zero(Tag());
  ((folded = hn::Xor(folded, x)), ...);
  return folded;
}

template <std::size_t... chain>
HWY_INLINE Vector run_chains(std::int64_t trips, float constant, const float* seeds, std::index_sequence<chain...>) {
  const Tag d;
  return square(trips, hn::Set(d, constant), hn::LoadU(d, seeds + chain * hn::Lanes(d))...);
}
#endif

Fp32FmaShape fp32_fma_shape() {
  // Without a fused multiply-add Highway rounds twice: another operation, and another rate.
  const int lanes = HWY_NATIVE_FMA ? static_cast<int>(hn::Lanes(Tag())) : 0;
  return {hwy::TargetName(HWY_TARGET), lanes, chain_count, law};
}

// The law's constant comes as an argument: of a known one, GCC keeps copies and moves them about in the loop.
void fp32_fma(std::int64_t trips, float constant, const float* seeds, float* out) {
  hn::StoreU(run_chains(trips, constant, seeds, std::make_index_sequence<chain_count>()), Tag(), out);
}

}  // namespace peakproof::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace peakproof::kernels::cpu {

HWY_EXPORT(fp32_fma_shape);
HWY_EXPORT(fp32_fma);

Fp32FmaShape Fp32Fma::shape() { return HWY_DYNAMIC_DISPATCH(fp32_fma_shape)(); }

std::vector<Fp32Fma::Bits> Fp32Fma::run() const {
  const Fp32FmaShape s = shape();
  std::vector<float> out(static_cast<std::size_t>(s.lanes));
  if (!out.empty())
    HWY_DYNAMIC_DISPATCH(fp32_fma)(trips, s.law == ChainLaw::square ? c : k, seeds(s).data(), out.data());
  std::vector<Bits> bits;
  bits.reserve(out.size());
  for (const float value : out) bits.push_back(std::bit_cast<Bits>(value));
  return bits;
}

}  // namespace peakproof::kernels::cpu
#endif  // HWY_ONCE
