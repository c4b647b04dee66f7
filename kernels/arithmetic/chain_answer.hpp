// The host's replay of the chains of chain.cuh: what every lane must answer, bit for bit.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace peakproof::kernels {
namespace detail {

/// Advances `count` values by `steps` steps, in groups that the compiler keeps in vector registers.
template <std::size_t count, typename Value, typename Step>
[[gnu::always_inline]] inline void advance(std::array<Value, count>& x, std::int64_t steps, const Step& step) {
  constexpr std::size_t group = std::min<std::size_t>(count, 64);
  static_assert(count % group == 0);
  for (std::size_t first = 0; first < count; first += group) {
    std::array<Value, group> part;
    std::copy_n(x.begin() + first, group, part.begin());
    for (std::int64_t i = 0; i < steps; ++i) {
      for (Value& value : part) value = step(value);
    }
    std::copy_n(part.begin(), group, x.begin() + first);
  }
}

#if defined(__x86_64__)
/// The same for a processor with FMA instructions: std::fma becomes one of them instead of a library call.
template <std::size_t count, typename Value, typename Step>
[[gnu::target("avx2,fma")]] void advance_by_fma(std::array<Value, count>& x, std::int64_t steps, const Step& step) {
  advance(x, steps, step);
}
#endif

}  // namespace detail

/// The bits of the chains of each lane after `steps` steps, xor-folded. `seed(lane, chain)` gives a start, `step(x)`
/// the next value; a step must be exact on every machine (std::fma and integer arithmetic are), so that this is the
/// answer.
template <typename Bits, std::size_t lanes, std::size_t chains, typename Seed, typename Step>
[[nodiscard]] std::array<Bits, lanes> chain_answer(std::int64_t steps, const Seed& seed, const Step& step) {
  using Value = decltype(seed(0, 0));
  static_assert(sizeof(Bits) == sizeof(Value));
  std::array<Value, lanes * chains> x;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = seed(static_cast<int>(i / chains), static_cast<int>(i % chains));
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0) {
    detail::advance_by_fma(x, steps, step);
  } else {
    detail::advance(x, steps, step);
  }
#else
  detail::advance(x, steps, step);
#endif
  std::array<Bits, lanes> fold{};
  for (std::size_t i = 0; i < x.size(); ++i) fold[i / chains] ^= std::bit_cast<Bits>(x[i]);
  return fold;
}

}  // namespace peakproof::kernels
