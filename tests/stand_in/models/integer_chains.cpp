// Chains of 32-bit words: multiply-add, additions of the last two words, logic on the last two words, dot products of
// bytes, shuffles; and FP32 together with additions.
#include <array>
#include <bit>
#include <cstdint>

#include "tests/stand_in/models/chain.hpp"
#include "tests/stand_in/models/lanes.hpp"

namespace peakproof::stand_in {
namespace {

using Words = Lanes<std::uint32_t>;

constexpr std::uint32_t kGolden = 0x9e3779b9;
constexpr std::uint32_t kOtherOdd = 0x85ebca6b;

/// Multiples of an odd number, from one times on.
Words multiples(std::uint32_t odd, int chain) {
  return make_lanes<std::uint32_t>([&](int lane) { return (chain_index(lane, chain) + 1) * odd; });
}

/// Every chain of one word from its start to its end.
template <class Advance>
ChainWords of_one_word(const ChainRun& run, const Advance& advance) {
  ChainWords words{};
  for (int chain = 0; chain < run.chains; ++chain) {
    Words x = multiples(kGolden, chain);
    advance(x);
    for (std::size_t lane = 0; lane < kLanes; ++lane) words[lane] = fold_in<std::uint32_t>(words[lane], x[lane]);
  }
  return words;
}

/// x <- x a + a
ChainWords multiply_add(const ChainRun& run) {
  return of_one_word(run, [&run](Words& x) {
    step_lanes(
        x, run.all_steps(), [a = run.low()](Words & w, std::size_t lane) __attribute__((always_inline)) {
          w[lane] = w[lane] * a + a;
        });
  });
}

/// x <- x + bytes(x) . bytes(a), all of them unsigned
ChainWords dot_product(const ChainRun& run) {
  return of_one_word(run, [&run](Words& x) {
    step_lanes(
        x, run.all_steps(), [a = run.low()](Words & w, std::size_t lane) __attribute__((always_inline)) {
          const std::uint32_t v = w[lane];
          w[lane] = v + (v & 0xffU) * (a & 0xffU) + (v >> 8U & 0xffU) * (a >> 8U & 0xffU) +
                    (v >> 16U & 0xffU) * (a >> 16U & 0xffU) + (v >> 24U) * (a >> 24U);
        });
  });
}

/// Each lane takes the word of a lane farther on in its ring: rings of 5, 7, 9 and 11 lanes.
ChainWords shuffle(const ChainRun& run) {
  constexpr std::array<std::size_t, 4> ring_lengths = {5, 7, 9, 11};
  const auto steps = static_cast<std::size_t>(run.all_steps());
  Lanes<std::size_t> source{};
  std::size_t first = 0;
  for (const std::size_t length : ring_lengths) {
    for (std::size_t i = 0; i < length; ++i) source[first + i] = first + (i + steps * run.low()) % length;
    first += length;
  }
  return of_one_word(run, [&source](Words& x) {
    const Words before = x;
    for (std::size_t lane = 0; lane < kLanes; ++lane) x[lane] = before[source[lane]];
  });
}

/// The last two words of a chain. Instead of moving them, a step writes over the older one.
struct LastTwo {
  std::array<Words, 2> words;
  [[nodiscard]] const Words& before(std::int64_t steps) const { return words[steps % 2 == 0 ? 0 : 1]; }
  [[nodiscard]] const Words& now(std::int64_t steps) const { return words[steps % 2 == 0 ? 1 : 0]; }
};

/// `next(before, now)` for so many steps, of which the first is number `from`.
template <class Next>
void advance(LastTwo& chain, std::int64_t from, std::int64_t steps, const Next& next) {
  const auto step = [&](std::size_t older) {
    step_lanes(
        chain, 1, [ older, &next ](LastTwo & c, std::size_t lane) __attribute__((always_inline)) {
          c.words[older][lane] = next(c.words[older][lane], c.words[1 - older][lane]);
        });
  };
  if (from % 2 != 0 && steps > 0) {
    step(1);
    --steps;
  }
  step_lanes(
      chain, steps / 2, [&next](LastTwo & c, std::size_t lane) __attribute__((always_inline)) {
        c.words[0][lane] = next(c.words[0][lane], c.words[1][lane]);
        c.words[1][lane] = next(c.words[1][lane], c.words[0][lane]);
      });
  if (steps % 2 != 0) step(0);
}

/// z(t+1) = z(t) + z(t-1) + constant
template <std::uint32_t constant>
LastTwo sum_chain(const ChainRun& run, std::uint32_t odd, int chain) {
  LastTwo z{{multiples(odd, chain), multiples(kGolden, chain)}};
  advance(
      z, 0, run.all_steps(),
      [](std::uint32_t before, std::uint32_t now) __attribute__((always_inline)) { return before + now + constant; });
  return z;
}

template <std::uint32_t constant>
ChainWords sum_of_two(const ChainRun& run) {
  ChainWords words{};
  const std::int64_t steps = run.all_steps();
  for (int chain = 0; chain < run.chains; ++chain) {
    const LastTwo z = sum_chain<constant>(run, run.low(), chain);
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      words[lane] =
          fold_in<std::uint32_t>(fold_in<std::uint32_t>(words[lane], z.before(steps)[lane]), z.now(steps)[lane]);
  }
  return words;
}

/// z(t+1) = z(t-1) ^ (z(t) | n), with n <- n a + a before each trip
LastTwo logic_chain(const ChainRun& run, std::uint32_t a, int chain) {
  LastTwo z{{multiples(kOtherOdd, chain), multiples(kGolden, chain)}};
  std::uint32_t n = 0;
  for (std::int64_t trip = 0; trip < run.trips; ++trip) {
    n = n * a + a;
    advance(
        z, trip * run.steps, run.steps, [n](std::uint32_t before, std::uint32_t now) __attribute__((always_inline)) {
          return before ^ (now | n);
        });
  }
  return z;
}

ChainWords logic(const ChainRun& run) {
  ChainWords words{};
  const std::int64_t steps = run.all_steps();
  for (int chain = 0; chain < run.chains; ++chain) {
    const LastTwo z = logic_chain(run, run.low(), chain);
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      words[lane] =
          fold_in<std::uint32_t>(fold_in<std::uint32_t>(words[lane], z.before(steps)[lane]), z.now(steps)[lane]);
  }
  return words;
}

/// A chain of fma(x, x, c) as fp32_fma has it, and one of additions; c lies in the lower half of the argument.
ChainWords mix(const ChainRun& run) {
  ChainWords words{};
  const std::int64_t steps = run.all_steps();
  for (int chain = 0; chain < run.chains; ++chain) {
    auto x = make_lanes<float>([&](int lane) { return static_cast<float>(1 + 2 * chain_index(lane, chain)) / 1024; });
    step_lanes(
        x, steps,
        [c = std::bit_cast<float>(run.low())](Lanes<float> & lanes, std::size_t lane)
            __attribute__((always_inline)) { lanes[lane] = __builtin_fmaf(lanes[lane], lanes[lane], c); });
    const LastTwo z = sum_chain<kGolden>(run, run.high(), chain);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      words[lane] = fold_in<std::uint32_t>(words[lane], std::bit_cast<std::uint32_t>(x[lane]));
      words[lane] = fold_in<std::uint32_t>(words[lane], z.before(steps)[lane]);
      words[lane] = fold_in<std::uint32_t>(words[lane], z.now(steps)[lane]);
    }
  }
  return words;
}

using enum Instruction;
const Model kMad(chain_model(
    {.name = "int32_mad", .kernel = "chain<Int32Mad>", .issued = {imad}, .dependent = {imad}, .words = multiply_add}));
const Model kAdd(chain_model({.name = "int32_add",
                              .kernel = "chain<Int32Add>",
                              .issued = {iadd3},
                              .dependent = {iadd3},
                              .words = sum_of_two<kGolden>}));
const Model kAddTwo(chain_model({.name = "int32_add",
                                 .kernel = "chain<Int32AddTwo>",
                                 .issued = {iadd3_two},
                                 .dependent = {iadd3_two},
                                 .words = sum_of_two<0>}));
const Model kLogic(chain_model(
    {.name = "int32_logic", .kernel = "chain<Int32Logic>", .issued = {lop3}, .dependent = {lop3}, .words = logic}));
const Model kDp4a(chain_model(
    {.name = "dp4a", .kernel = "chain<Dp4a>", .issued = {idp4a}, .dependent = {idp4a}, .words = dot_product}));
const Model kShuffle(chain_model(
    {.name = "shuffle", .kernel = "chain<Shuffle>", .issued = {shfl}, .dependent = {shfl}, .words = shuffle}));
const Model kMix(chain_model({.name = "fp32_int32_mix",
                              .kernel = "chain<Fp32Int32Mix>",
                              .issued = {ffma, iadd3},
                              .dependent = {ffma},  // the two do not wait for each other, and take equally long
                              .argument_bytes = 8,
                              .words = mix}));

}  // namespace
}  // namespace peakproof::stand_in
