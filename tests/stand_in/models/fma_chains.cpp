// x <- fma(x, x, c) of FP32, FP64 and FP32 in pairs, from odd multiples of 2^-10; and of FP16 and BF16 in pairs, from
// consecutive small numbers.
#include <bit>
#include <cstdint>

#include "tests/stand_in/models/chain.hpp"
#include "tests/stand_in/models/half.hpp"
#include "tests/stand_in/models/lanes.hpp"
#include "tests/stand_in/models/numbers.hpp"
#include "tests/stand_in/models/orbit.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::uint32_t kChainsOfWarp = kLanes * kMostChains;

/// 1, 3, 5 … times 2^-10
template <class Real>
Real odd_multiple(std::uint32_t index) {
  return static_cast<Real>(1 + 2 * index) / 1024;
}

template <class Real>
void advance(Lanes<Real>& x, Real c, std::int64_t steps) {
  step_lanes(
      x, steps, [c](Lanes<Real> & lanes, std::size_t lane) __attribute__((always_inline)) {
        if constexpr (sizeof(Real) == 4) lanes[lane] = __builtin_fmaf(lanes[lane], lanes[lane], c);
        if constexpr (sizeof(Real) == 8) lanes[lane] = __builtin_fma(lanes[lane], lanes[lane], c);
      });
}

/// Words of one chain after the other.
template <class Real, class Word>
ChainWords of_one_real(const ChainRun& run, Real c) {
  ChainWords words{};
  for (int chain = 0; chain < run.chains; ++chain) {
    auto x = make_lanes<Real>([&](int lane) { return odd_multiple<Real>(chain_index(lane, chain)); });
    advance(x, c, run.all_steps());
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      words[lane] = fold_in<Word>(words[lane], std::bit_cast<Word>(x[lane]));
  }
  return words;
}

ChainWords fp32(const ChainRun& run) { return of_one_real<float, std::uint32_t>(run, std::bit_cast<float>(run.low())); }
ChainWords fp64(const ChainRun& run) {
  return of_one_real<double, std::uint64_t>(run, std::bit_cast<double>(run.argument));
}

/// The upper values start where the lower ones of all chains end.
ChainWords fp32_pairs(const ChainRun& run) {
  ChainWords words{};
  for (int chain = 0; chain < run.chains; ++chain) {
    const auto start = [&](std::uint32_t first) {
      return make_lanes<float>([&](int lane) { return odd_multiple<float>(first + chain_index(lane, chain)); });
    };
    Lanes<float> low = start(0);
    Lanes<float> high = start(kChainsOfWarp);
    advance(low, std::bit_cast<float>(run.low()), run.all_steps());
    advance(high, std::bit_cast<float>(run.high()), run.all_steps());
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::uint64_t pair =
          std::uint64_t{std::bit_cast<std::uint32_t>(high[lane])} << 32U | std::bit_cast<std::uint32_t>(low[lane]);
      words[lane] = fold_in<std::uint64_t>(words[lane], pair);
    }
  }
  return words;
}

/// A 16-bit format: what its bits mean, and the nearest of its numbers to x * x + c, rounded once.
struct Fp16 {
  static double value(std::uint16_t bits) { return static_cast<double>(value_of_half(bits)); }
  /// The product has 22 bits and lies in 0..4, c within 2^-10 of its size: the sum is exact in FP64. To FP32 it is
  /// rounded to odd, so that the second rounding cannot see a tie that is none.
  static std::uint16_t nearest(double sum) { return static_cast<std::uint16_t>(nearest_half(to_odd(sum))); }
  static float to_odd(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    constexpr std::uint64_t dropped = (1ULL << 29U) - 1;
    const std::uint64_t odd = (bits & ~dropped) | ((bits & dropped) != 0 ? 1ULL << 29U : 0);
    return static_cast<float>(std::bit_cast<double>(odd));
  }
};
struct Bf16 {
  static double value(std::uint16_t bits) {
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U));
  }
  static std::uint16_t nearest(double sum) {
    const auto bits = std::bit_cast<std::uint32_t>(Fp16::to_odd(sum));
    return static_cast<std::uint16_t>((bits + 0x7fffU + (bits >> 16U & 1U)) >> 16U);
  }
};

/// There are 65536 numbers only, so every chain is soon in a cycle.
template <class Format>
std::uint16_t half_after(std::uint16_t first, std::uint16_t c, std::int64_t steps) {
  const auto next = [&](std::uint16_t x) {
    const double value = Format::value(x);
    return Format::nearest(value * value + Format::value(c));
  };
  return walk_orbit(first, steps, next);
}

/// The argument is four constants. A chain takes them by turns, its upper values the one after that of its lower ones.
template <class Format, std::uint16_t first>
ChainWords half_pairs(const ChainRun& run) {
  ChainWords words{};
  for (int chain = 0; chain < run.chains; ++chain) {
    const auto constant = [&](int turn) { return static_cast<std::uint16_t>(run.argument >> (turn % 4 * 16)); };
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto start = static_cast<std::uint16_t>(first + chain_index(lane, chain));
      const auto low = half_after<Format>(start, constant(chain), run.all_steps());
      const auto high =
          half_after<Format>(static_cast<std::uint16_t>(start + kChainsOfWarp), constant(chain + 1), run.all_steps());
      auto& word = words[static_cast<std::size_t>(lane)];
      word = fold_in<std::uint32_t>(word, std::uint32_t{high} << 16U | low);
    }
  }
  return words;
}

using enum Instruction;
const Model kFp32(chain_model(
    {.name = "fp32_fma", .kernel = "chain<Fp32Fma>", .issued = {ffma}, .dependent = {ffma}, .words = fp32}));
const Model kFp64(chain_model({.name = "fp64_fma",
                               .kernel = "chain<Fp64Fma>",
                               .issued = {dfma},
                               .dependent = {dfma},
                               .argument_bytes = 8,
                               .word_bytes = 8,
                               .words = fp64}));
const Model kFp32Pairs(chain_model({.name = "fp32x2_fma",
                                    .kernel = "chain<Fp32x2Fma>",
                                    .issued = {ffma2},
                                    .dependent = {ffma2},
                                    .argument_bytes = 8,
                                    .word_bytes = 8,
                                    .words = fp32_pairs}));
const Model kFp16Pairs(chain_model({.name = "fp16_fma",
                                    .kernel = "chain<Fp16x2Fma>",
                                    .issued = {hfma2},
                                    .dependent = {hfma2},
                                    .argument_bytes = 8,
                                    .words = half_pairs<Fp16, 0x3000>}));
const Model kBf16Pairs(chain_model({.name = "bf16_fma",
                                    .kernel = "chain<Bf16x2Fma>",
                                    .issued = {hfma2_bf16},
                                    .dependent = {hfma2_bf16},
                                    .argument_bytes = 8,
                                    .words = half_pairs<Bf16, 0x3d00>}));

}  // namespace
}  // namespace peakproof::stand_in
