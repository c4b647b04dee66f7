// Chains of FP32 fused multiply-adds: 8 a thread, 64 steps a trip, x <- fma(x, x, c); each thread writes the xor of its
// chains' bits. A seed depends on lane and chain only, so that 256 chains stand for all threads.
#include <array>
#include <bit>
#include <cmath>

#include "kernels/probe/block_trace.hpp"
#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"

namespace peakproof::stand_in {
namespace {

constexpr int kLanes = 32;
constexpr int kChains = 8;
constexpr std::int64_t kStepsPerTrip = 64;

/// Chain by chain, all lanes of one chain beside each other: what a vector unit likes.
using Values = std::array<float, kLanes>;

[[gnu::always_inline]] inline void steps_of(Values& x, float c, std::int64_t steps) {
  Values values = x;
  for (std::int64_t step = 0; step < steps; ++step)
    for (float& value : values) value = __builtin_fmaf(value, value, c);
  x = values;
}
#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void steps_by_vectors(Values& x, float c, std::int64_t steps) { steps_of(x, c, steps); }
void advance(Values& x, float c, std::int64_t steps) {
  const bool vectors = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  vectors ? steps_by_vectors(x, c, steps) : steps_of(x, c, steps);
}
#else
void advance(Values& x, float c, std::int64_t steps) { steps_of(x, c, steps); }
#endif

std::array<std::uint32_t, kLanes> answers(float c, std::int64_t trips, int chains) {
  std::array<std::uint32_t, kLanes> folded{};
  for (int chain = 0; chain < chains; ++chain) {
    Values x{};
    for (int lane = 0; lane < kLanes; ++lane)  // odd multiples of 2^-10: 1, 3, 5 … 511
      x[static_cast<std::size_t>(lane)] = std::ldexp(static_cast<float>(1 + 2 * (kChains * lane + chain)), -10);
    advance(x, c, trips * kStepsPerTrip);
    for (std::size_t lane = 0; lane < x.size(); ++lane) folded[lane] ^= std::bit_cast<std::uint32_t>(x[lane]);
  }
  return folded;
}

Cost cost(const Launch& launch) {
  const double steps = static_cast<double>(launch.argument<int>(1)) * kStepsPerTrip;
  const double fmas = static_cast<double>(launch.blocks_of_busiest_sm()) * launch.block.x * kChains * steps;
  return {.sm_cycles = fmas / architecture().fp32_fma};
}

cudaError_t answer(const Launch& launch) {
  const auto c = launch.argument<float>(0);
  const auto trips = launch.argument<int>(1);
  const std::int64_t threads = launch.blocks() * launch.block.x;
  auto* out = elements(launch.argument<std::uint32_t*>(2), threads);
  auto* trace = elements(launch.argument<kernels::BlockTrace*>(3), launch.blocks());
  if (!out || !trace) return cudaErrorIllegalAddress;

  static Repetition repetition;
  repetition.unless_done({std::bit_cast<std::uint32_t>(c), static_cast<std::uint64_t>(trips)}, {}, out, [&] {
    const auto lanes = answers(c, launch.flaw == Flaw::shorter ? trips - 1 : trips,
                               launch.flaw == Flaw::dropped ? kChains - 1 : kChains);
    for (std::int64_t i = 0; i < threads; ++i) out[i] = lanes[static_cast<std::size_t>(i % kLanes)];
    if (launch.flaw == Flaw::wrong) out[threads / 2] ^= 1U;
    if (launch.flaw == Flaw::nan) out[threads / 2] = 0x7fc00000U;
  });

  const auto begin = static_cast<std::int64_t>(launch.interval.begin_cycles);
  const auto end = static_cast<std::int64_t>(launch.interval.cycles_at(launch.interval.end_ps));
  for (std::int64_t block = 0; block < launch.blocks(); ++block)
    trace[block] = {.begin_clk = begin, .end_clk = end, .smid = block % settings().sms};
  written(trace);
  return cudaSuccess;
}

const Model kModel({.name = "fp32_fma", .role = Role::measured, .cost = cost, .answer = answer});

}  // namespace
}  // namespace peakproof::stand_in
