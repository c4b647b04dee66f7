// The 32 lanes of a warp beside each other on the host: what a vector unit likes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace peakproof::stand_in {

inline constexpr int kLanes = 32;
template <class Value>
using Lanes = std::array<Value, kLanes>;

/// Value of every lane by its number.
template <class Value, class Make>
[[nodiscard]] Lanes<Value> make_lanes(const Make& make) {
  Lanes<Value> lanes{};
  for (int lane = 0; lane < kLanes; ++lane) lanes[static_cast<std::size_t>(lane)] = make(lane);
  return lanes;
}

namespace detail {

template <class State, class Step>
[[gnu::always_inline]] inline void step_all_lanes(State& state, std::int64_t times, const Step& step) {
  State local = state;
  for (std::int64_t i = 0; i < times; ++i)
    for (std::size_t lane = 0; lane < kLanes; ++lane) step(local, lane);
  state = local;
}
#if defined(__x86_64__)
template <class State, class Step>
[[gnu::target("avx2,fma")]] void step_by_vectors(State& state, std::int64_t times, const Step& step) {
  step_all_lanes(state, times, step);
}
#endif

}  // namespace detail

/// Calls step(state, lane) for every lane, `times` times over. A `step` that is [[gnu::always_inline]] is compiled
/// for the vector unit too, where a fused multiply-add is an instruction.
template <class State, class Step>
void step_lanes(State& state, std::int64_t times, const Step& step) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0)
    return detail::step_by_vectors(state, times, step);
#endif
  detail::step_all_lanes(state, times, step);
}

}  // namespace peakproof::stand_in
