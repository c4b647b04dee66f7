// Chains of conversions. The walks go u <- u + a * bits(converted), their operand u's low bits under a fixed
// exponent; a and that exponent are the argument, in this order.
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/stand_in/models/chain.hpp"
#include "tests/stand_in/models/half.hpp"
#include "tests/stand_in/models/lanes.hpp"

namespace peakproof::stand_in {
namespace {

using Words = Lanes<std::uint32_t>;

constexpr std::uint32_t kFraction = 0x7fffff;  // of FP32

[[gnu::always_inline]] inline float under(std::uint32_t exponent, std::uint32_t u) {
  return std::bit_cast<float>((u & kFraction) | exponent);
}

/// `next(u, a, exponent)` from multiples of an odd number, made odd.
template <class Next>
ChainWords walk(const ChainRun& run, const Next& next) {
  ChainWords words{};
  for (int chain = 0; chain < run.chains; ++chain) {
    Words u = make_lanes<std::uint32_t>([&](int lane) { return (chain_index(lane, chain) + 1) * 0x85ebca6bU | 1U; });
    step_lanes(
        u, run.all_steps(),
        [&next, a = run.low(), exponent = run.high() ](Words & w, std::size_t lane)
            __attribute__((always_inline)) { w[lane] = next(w[lane], a, exponent); });
    for (std::size_t lane = 0; lane < kLanes; ++lane) words[lane] = fold_in<std::uint32_t>(words[lane], u[lane]);
  }
  return words;
}

/// Towards zero; the numbers lie in [2^20, 2^21).
ChainWords f32_to_s32(const ChainRun& run) {
  return walk(
      run, [](std::uint32_t u, std::uint32_t a, std::uint32_t exponent) __attribute__((always_inline)) {
        return u + a * static_cast<std::uint32_t>(static_cast<std::int32_t>(under(exponent, u)));
      });
}

ChainWords s32_to_f32(const ChainRun& run) {
  return walk(
      run, [](std::uint32_t u, std::uint32_t a, std::uint32_t) __attribute__((always_inline)) {
        return u + a * std::bit_cast<std::uint32_t>(static_cast<float>(std::bit_cast<std::int32_t>(u)));
      });
}

ChainWords f32_to_f16(const ChainRun& run) {
  return walk(
      run, [](std::uint32_t u, std::uint32_t a, std::uint32_t exponent)
               __attribute__((always_inline)) { return u + a * nearest_half(under(exponent, u)); });
}

ChainWords s16_to_s32(const ChainRun& run) {
  return walk(
      run, [](std::uint32_t u, std::uint32_t a, std::uint32_t) __attribute__((always_inline)) {
        const std::uint32_t sign = u >> 15U & 1U;
        return u + a * ((u & 0xffffU) | (0U - sign) << 16U);
      });
}

/// The lower word of the FP64 is u itself.
ChainWords f64_to_f32(const ChainRun& run) {
  return walk(
      run, [](std::uint32_t u, std::uint32_t a, std::uint32_t exponent) __attribute__((always_inline)) {
        constexpr std::uint32_t upper_fraction = 0xfffff;
        const auto x = std::bit_cast<double>(std::uint64_t{(u & upper_fraction) | exponent} << 32U | u);
        return u + a * std::bit_cast<std::uint32_t>(static_cast<float>(x));
      });
}

/// The upper word of the FP64 is what is added; the lower word goes in by an exclusive or.
ChainWords f32_to_f64(const ChainRun& run) {
  return walk(
      run, [](std::uint32_t u, std::uint32_t a, std::uint32_t exponent) __attribute__((always_inline)) {
        const auto y = std::bit_cast<std::uint64_t>(static_cast<double>(under(exponent, u)));
        return (u + a * static_cast<std::uint32_t>(y >> 32U)) ^ static_cast<std::uint32_t>(y);
      });
}

/// z(t+1) = c v - z(t-1), where v is z(t) as a half, twice, read as an FP32.
ChainWords pack(const ChainRun& run) {
  struct LastTwo {
    Lanes<float> before;
    Lanes<float> now;
  };
  ChainWords words{};
  for (int chain = 0; chain < run.chains; ++chain) {
    const auto start = [&](int first) {  // odd multiples of 2^-10
      return make_lanes<float>(
          [&](int lane) { return static_cast<float>(first + 2 * static_cast<int>(chain_index(lane, chain))) / 1024; });
    };
    LastTwo z{.before = start(513), .now = start(511)};
    step_lanes(
        z, run.all_steps(),
        [c = std::bit_cast<float>(run.low())](LastTwo & two, std::size_t lane) __attribute__((always_inline)) {
          const float now = two.now[lane];
          const std::uint32_t half = nearest_half(now);
          const auto v = std::bit_cast<float>(half << 16U | half);
          two.now[lane] = __builtin_fmaf(v, c, -two.before[lane]);
          two.before[lane] = now;
        });
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      words[lane] = fold_in<std::uint32_t>(words[lane], std::bit_cast<std::uint32_t>(z.before[lane]));
      words[lane] = fold_in<std::uint32_t>(words[lane], std::bit_cast<std::uint32_t>(z.now[lane]));
    }
  }
  return words;
}

using enum Instruction;

/// A walk is a conversion and an IMAD, with a LOP3 before it where the operand is a floating-point number, and one
/// behind it for the exclusive or.
ChainOperation walk_of(const std::string& name, const std::string& kernel, const std::vector<Instruction>& step,
                       ChainWords (*words)(const ChainRun&)) {
  return {.name = name, .kernel = kernel, .issued = step, .dependent = step, .argument_bytes = 8, .words = words};
}

const Model kF32ToS32(chain_model(walk_of("convert_f32_to_s32", "chain<ConvertF32ToS32>", {lop3, f2f, imad},
                                          f32_to_s32)));
const Model kS32ToF32(chain_model(walk_of("convert_s32_to_f32", "chain<ConvertS32ToF32>", {i2f, imad}, s32_to_f32)));
const Model kF32ToF16(chain_model(walk_of("convert_f32_to_f16", "chain<ConvertF32ToF16>", {lop3, f2f, imad},
                                          f32_to_f16)));
const Model kS16ToS32(chain_model(walk_of("convert_s16_to_s32", "chain<ConvertS16ToS32>", {prmt, imad}, s16_to_s32)));
const Model kF64ToF32(chain_model(walk_of("convert_f64_to_f32", "chain<ConvertF64ToF32>", {lop3, f2f_64, imad},
                                          f64_to_f32)));
const Model kF32ToF64(chain_model(walk_of("convert_f32_to_f64", "chain<ConvertF32ToF64>", {lop3, f2f_64, imad, lop3},
                                          f32_to_f64)));
const Model kPack(chain_model({.name = "convert_f32_to_f16x2",
                               .kernel = "chain<ConvertPack>",
                               .issued = {f2fp, ffma},
                               .dependent = {f2fp, ffma},
                               .words = pack}));

}  // namespace
}  // namespace peakproof::stand_in
