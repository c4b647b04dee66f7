// The host's replay of the chains of chain.cuh: what every lane must answer, bit for bit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/arithmetic/chain.hpp"

namespace peakproof::kernels {
namespace detail {

/// Has steps that differ from trip to trip.
template <class Op>
concept Varies = requires(std::uint32_t number) {
  Op::vary(number);
};
/// Replays all lanes of a chain at once, because they exchange values or because there is a shorter way.
template <class Op>
concept ReplaysLanes = requires(std::array<typename Op::Value, Chain<Op>::lanes> lanes) {
  Op::advance(lanes, std::int64_t{1});
};

/// The same for steps that differ from trip to trip.
template <class Op>
concept ReplaysTrips = requires(std::array<typename Op::Value, Chain<Op>::lanes> lanes) {
  Op::advance(lanes, std::int64_t{1}, 1);
};

/// One chain, all lanes beside each other: what a vector unit likes.
template <class Op>
using Lanes = std::array<typename Op::Value, Chain<Op>::lanes>;

template <class Op>
[[gnu::always_inline]] inline void replay(Lanes<Op>& lanes, std::int64_t trips, int steps) {
  Lanes<Op> x = lanes;
  [[maybe_unused]] std::uint32_t number = 0;
  for (std::int64_t trip = 0; trip < trips; ++trip) {
    if constexpr (Varies<Op>) number = Op::vary(number);
    for (int step = 0; step < steps; ++step) {
      for (auto& value : x) {
        if constexpr (Varies<Op>) {
          value = Op::step(value, number);
        } else {
          value = Op::step(value);
        }
      }
    }
  }
  lanes = x;
}

#if defined(__x86_64__)
/// The same for a processor with FMA instructions: std::fma becomes one of them instead of a library call.
template <class Op>
[[gnu::target("avx2,fma")]] void replay_by_fma(Lanes<Op>& lanes, std::int64_t trips, int steps) {
  replay<Op>(lanes, trips, steps);
}
#endif

template <class Op>
void advance(Lanes<Op>& lanes, std::int64_t trips, int steps) {
  if constexpr (ReplaysTrips<Op>) {
    Op::advance(lanes, trips, steps);
  } else if constexpr (ReplaysLanes<Op>) {
    Op::advance(lanes, trips * steps);
  } else {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0)
      return replay_by_fma<Op>(lanes, trips, steps);
#endif
    replay<Op>(lanes, trips, steps);
  }
}

}  // namespace detail

/// What each lane's thread must leave: its chains, replayed and folded.
template <class Op>
[[nodiscard]] std::array<typename Op::Bits, Chain<Op>::lanes> answer(const Chain<Op>& chain) {
  std::array<typename Op::Bits, Chain<Op>::lanes> folded{};
  for (int c = 0; c < chain.chains; ++c) {
    detail::Lanes<Op> x;
    for (int lane = 0; lane < Chain<Op>::lanes; ++lane) x[static_cast<std::size_t>(lane)] = Op::seed(lane, c);
    detail::advance<Op>(x, chain.trips, chain.steps);
    for (std::size_t lane = 0; lane < x.size(); ++lane) folded[lane] = Op::fold(folded[lane], x[lane]);
  }
  return folded;
}

/// Whether a thread's result is the answer: equal, or close where Op says what is close enough.
template <class Op>
[[nodiscard]] bool matches(const Chain<Op>& chain, typename Op::Bits out, typename Op::Bits answer) {
  if constexpr (requires { Op::matches(out, answer, std::int64_t{1}); }) {
    return Op::matches(out, answer, std::int64_t{chain.chains} * chain.steps * chain.trips);
  } else {
    return out == answer;
  }
}

}  // namespace peakproof::kernels
