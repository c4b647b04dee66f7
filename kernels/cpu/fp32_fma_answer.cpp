// What the chains of fp32_fma.cpp must hold at the end: the same arithmetic, one value after the other with std::fma,
// and nothing of Highway in it. The loops over the values are plain, so that the compiler makes vectors of them; a
// replay takes a few times as long as the run of one thread.
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/fp32_fma.hpp"

namespace peakproof::kernels::cpu {
namespace {

// On x86 the baseline has no FMA instruction, and std::fma would be a library call per value.
#if defined(__x86_64__)
#define PEAKPROOF_WITH_FMA [[gnu::target_clones("avx512f", "fma", "default")]]
#else
#define PEAKPROOF_WITH_FMA
#endif

PEAKPROOF_WITH_FMA void replay_square(float* x, std::size_t count, std::int64_t steps) {
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < count; ++i) x[i] = std::fma(x[i], x[i], Fp32Fma::c);
  }
}

PEAKPROOF_WITH_FMA void replay_rotation(float* q, float* p, std::size_t count, std::int64_t steps) {
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < count; ++i) {
      q[i] = std::fma(Fp32Fma::k, p[i], q[i]);
      p[i] = std::fma(-Fp32Fma::k, q[i], p[i]);
    }
  }
}

}  // namespace

std::vector<float> Fp32Fma::seeds(const Fp32FmaShape& shape) {
  std::vector<float> x;
  x.reserve(static_cast<std::size_t>(shape.lanes) * static_cast<std::size_t>(shape.chains));
  for (int chain = 0; chain < shape.chains; ++chain) {
    for (int lane = 0; lane < shape.lanes; ++lane) x.push_back(seed(lane, chain));
  }
  return x;
}

std::vector<Fp32Fma::Bits> Fp32Fma::answer(const Fp32FmaShape& shape) const {
  std::vector<float> x = seeds(shape);
  const std::int64_t steps = trips * steps_per_trip;
  if (shape.law == ChainLaw::square) {
    replay_square(x.data(), x.size(), steps);
  } else {
    const std::size_t half = x.size() / 2;
    replay_rotation(x.data(), x.data() + half, half, steps);
  }
  const auto lanes = static_cast<std::size_t>(shape.lanes);
  std::vector<Bits> folded(lanes, 0);
  for (std::size_t i = 0; i < x.size(); ++i) folded[i % lanes] ^= std::bit_cast<Bits>(x[i]);
  return folded;
}

}  // namespace peakproof::kernels::cpu
