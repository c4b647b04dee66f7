// What the chains of chain.cpp and half_chain.cpp must hold at the end: the same arithmetic, one value after the other,
// with std::fma and integers, and nothing of Highway in it. The loops over the values are plain, so that the compiler
// makes vectors of them; a replay takes a few times as long as the run of one thread.
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/chain.hpp"
#include "kernels/cpu/half.hpp"

namespace peakproof::kernels::cpu {
namespace {

// On x86 the baseline has no FMA instruction, and std::fma would be a library call per value; nor can it multiply
// vectors of 32-bit integers.
#if defined(__x86_64__)
#define PEAKPROOF_WITH_FMA [[gnu::target_clones("avx512f", "fma", "default")]]
#define PEAKPROOF_WITH_INTEGERS [[gnu::target_clones("avx512f", "avx2", "default")]]
#else
#define PEAKPROOF_WITH_FMA
#define PEAKPROOF_WITH_INTEGERS
#endif

// The clones take no template: one function per type, and what they share is inlined into them.
template <class T>
[[gnu::always_inline]] inline void square(T* x, std::size_t count, std::int64_t steps) {
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < count; ++i) x[i] = std::fma(x[i], x[i], Fma<T>::c);
  }
}

template <class T>
[[gnu::always_inline]] inline void rotation(T* q, T* p, std::size_t count, std::int64_t steps) {
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < count; ++i) {
      q[i] = std::fma(Fma<T>::k, p[i], q[i]);
      p[i] = std::fma(-Fma<T>::k, q[i], p[i]);
    }
  }
}

PEAKPROOF_WITH_FMA void replay_square(float* x, std::size_t count, std::int64_t steps) { square(x, count, steps); }
PEAKPROOF_WITH_FMA void replay_square(double* x, std::size_t count, std::int64_t steps) { square(x, count, steps); }
PEAKPROOF_WITH_FMA void replay_rotation(float* q, float* p, std::size_t count, std::int64_t steps) {
  rotation(q, p, count, steps);
}
PEAKPROOF_WITH_FMA void replay_rotation(double* q, double* p, std::size_t count, std::int64_t steps) {
  rotation(q, p, count, steps);
}

PEAKPROOF_WITH_INTEGERS void replay_congruence(std::uint32_t* x, std::size_t count, std::int64_t steps) {
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < count; ++i) x[i] = x[i] * IntegerMultiplyAdd::a + IntegerMultiplyAdd::a;
  }
}

PEAKPROOF_WITH_INTEGERS void replay_shears(std::uint32_t* q, std::uint32_t* p, std::size_t count, std::int64_t steps,
                                           std::uint32_t factor) {
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < count; ++i) {
      q[i] += factor * p[i];
      p[i] += factor * q[i];
    }
  }
}

// The value of the upper BF16 of a pair.
float high(std::uint32_t pair) { return std::bit_cast<float>(pair & 0xffff0000U); }
float low(std::uint32_t pair) { return std::bit_cast<float>(pair << 16U); }

// No operand and no result is ever subnormal here: flushing them, as the instruction does, would change nothing.
PEAKPROOF_WITH_FMA void replay_feedback(float* x, std::size_t count, std::int64_t trips) {
  const float a_high = high(Bf16Dot::a);
  const float a_low = low(Bf16Dot::a);
  for (std::int64_t trip = 0; trip < trips; ++trip) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t b = (std::bit_cast<std::uint32_t>(x[i]) & Bf16Dot::mask) | Bf16Dot::ones;
      for (int step = 0; step < Bf16Dot::steps_per_trip; ++step) {
        x[i] = std::fma(a_low, low(b), std::fma(a_high, high(b), x[i]));
      }
    }
  }
}

// Halves in doubles: the fused sum is exact there (11 bits times 11 bits, beside a number of the same size).
PEAKPROOF_WITH_FMA void replay_half_rotation(double* q, double* p, std::size_t count, std::int64_t steps) {
  const double k = from_half(HalfFma::k);
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < count; ++i) {
      q[i] = round_to_half(k * p[i] + q[i]);
      p[i] = round_to_half(p[i] - k * q[i]);
    }
  }
}

}  // namespace

template <class T>
void Fma<T>::replay(ChainLaw law, std::int64_t trips, std::span<T> x) {
  const std::size_t half = x.size() / 2;
  if (law == ChainLaw::square) {
    replay_square(x.data(), x.size(), trips * steps_per_trip);
  } else {
    replay_rotation(x.data(), x.data() + half, half, trips * steps_per_trip);
  }
}
template void Fma<float>::replay(ChainLaw, std::int64_t, std::span<float>);
template void Fma<double>::replay(ChainLaw, std::int64_t, std::span<double>);

void IntegerMultiplyAdd::replay(ChainLaw law, std::int64_t trips, std::span<Value> x) {
  const std::size_t half = x.size() / 2;
  if (law == ChainLaw::congruence) {
    replay_congruence(x.data(), x.size(), trips * steps_per_trip);
  } else {
    replay_shears(x.data(), x.data() + half, half, trips * steps_per_trip, a);
  }
}

void IntegerAdd::replay(ChainLaw /*fibonacci*/, std::int64_t trips, std::span<Value> x) {
  const std::size_t half = x.size() / 2;
  replay_shears(x.data(), x.data() + half, half, trips * steps_per_trip, 1);
}

void Bf16Dot::replay(ChainLaw /*feedback*/, std::int64_t trips, std::span<float> x) {
  replay_feedback(x.data(), x.size(), trips);
}

void HalfFma::replay(ChainLaw /*rotation*/, std::int64_t trips, std::span<Value> x) {
  std::vector<double> values;
  values.reserve(x.size());
  for (const Value bits : x) values.push_back(from_half(bits));
  const std::size_t half = x.size() / 2;
  replay_half_rotation(values.data(), values.data() + half, half, trips * steps_per_trip);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = half_bits(values[i]);
}

}  // namespace peakproof::kernels::cpu
