// The special function unit. Its rate: of operands that are chains of fma(x, x, c), the bits of the results are
// summed up. Its latency: chains of the function and a multiply-add, which the device replays itself, one step a
// trip. And single values.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/chain.hpp"
#include "tests/stand_in/models/lanes.hpp"
#include "tests/stand_in/models/orbit.hpp"
#include "tests/stand_in/models/special_function.hpp"

namespace peakproof::stand_in {
namespace {

float odd_multiple(int lane, int chain) { return static_cast<float>(1 + 2 * chain_index(lane, chain)) / 1024; }

/// The function of x, moved to where it has no zero.
float moved(SpecialFunction function, float x) {
  if (function == SpecialFunction::lg2) return special_function(function, x + 6.0F);
  if (function == SpecialFunction::rsqrt) return special_function(function, std::fabs(x));
  if (function == SpecialFunction::sin)
    return special_function(function, std::fma(x, 0.5F, static_cast<float>(std::numbers::pi / 2)));
  return special_function(function, x);
}

/// What the sum takes of a result: of tanh, whose low bits mean nothing, the upper 20.
std::uint32_t counted_bits(SpecialFunction function, float result) {
  const auto bits = std::bit_cast<std::uint32_t>(result);
  return function == SpecialFunction::tanh ? bits >> 12U : bits;
}

struct OperandAndSum {
  float x = 0;
  std::uint32_t sum = 0;
};

/// What every sum has beside its result; those of shortened results have nothing.
std::uint32_t added(SpecialFunction function) { return function == SpecialFunction::tanh ? 0 : 0x9e3779b9; }

/// FP32 chains run into cycles of about a thousand steps, so that there are few different operands.
OperandAndSum after(SpecialFunction function, float first, float c, std::int64_t steps) {
  const auto next = [&](const OperandAndSum& now) {
    return OperandAndSum{std::fma(now.x, now.x, c),
                         now.sum + counted_bits(function, moved(function, now.x)) + added(function)};
  };
  const auto same = [](const OperandAndSum& a, const OperandAndSum& b) { return a.x == b.x; };
  const auto repeat = [](const OperandAndSum& begin, const OperandAndSum& end, std::int64_t times) {
    return OperandAndSum{end.x, end.sum + static_cast<std::uint32_t>(times) * (end.sum - begin.sum)};
  };
  return walk_orbit(OperandAndSum{first, 0}, steps, next, same, repeat);
}

/// Upper half: the operands, folded. Lower half: the sum of all sums. The argument is c.
template <SpecialFunction function>
ChainWords rate(const ChainRun& run) {
  ChainWords words{};
  for (int chain = 0; chain < run.chains; ++chain) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto end = after(function, odd_multiple(lane, chain), std::bit_cast<float>(run.low()), run.all_steps());
      auto& word = words[static_cast<std::size_t>(lane)];
      const std::uint64_t operands = fold_in<std::uint32_t>(word >> 32U, std::bit_cast<std::uint32_t>(end.x));
      word = operands << 32U | (static_cast<std::uint32_t>(word) + end.sum);
    }
  }
  return words;
}

/// x <- a f(|x|) + b, of rcp and sin without the sign gone, of ex2 with a minus; lg2 has its own result for a.
float latency_step(SpecialFunction function, float x, float a, float b) {
  switch (function) {
    case SpecialFunction::ex2:
      return std::fma(special_function(function, -std::fabs(x)), a, b);
    case SpecialFunction::rcp:
    case SpecialFunction::sin:
      return std::fma(special_function(function, x), a, b);
    case SpecialFunction::lg2: {
      const float y = special_function(function, std::fabs(x));
      return std::fma(y, y, b);
    }
    default:
      return std::fma(special_function(function, std::fabs(x)), a, b);
  }
}

template <SpecialFunction function>
ChainWords latency(const ChainRun& run) {
  const auto next = [&](float x) {
    return latency_step(function, x, std::bit_cast<float>(run.low()), std::bit_cast<float>(run.high()));
  };
  ChainWords words{};
  for (int chain = 0; chain < run.chains; ++chain) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const float x = walk_orbit(0.35F + odd_multiple(lane, chain), run.all_steps(), next);
      auto& word = words[static_cast<std::size_t>(lane)];
      word = fold_in<std::uint32_t>(word, std::bit_cast<std::uint32_t>(x));
    }
  }
  return words;
}

using enum Instruction;

/// The three models of a function: its rate, its latency, and the replay of the latter, which is no measurement.
template <SpecialFunction function>
struct Models {
  Model of_rate;
  Model of_latency;
  Model of_replay;

  /// `name` as in a setting, `type` as in C++; `extra`: what the rate's operand needs beside MUFU, FFMA and IADD3.
  Models(const std::string& name, const std::string& type, const std::vector<Instruction>& extra)
      : of_rate(chain_model({.name = "sfu_" + name,
                             .kernel = "chain<Sfu" + type + ">",
                             .issued = with(extra),
                             .dependent = {ffma},  // the sum, in its IADD3, takes as long
                             .word_bytes = 8,
                             .words = rate<function>})),
        of_latency(chain_model(latency_operation("latency_" + name, "chain<Latency" + type + ">", Role::measured))),
        of_replay(
            chain_model(latency_operation("replay_" + name, "chain<Latency" + type + ", 1, 1>", Role::auxiliary))) {}

  static std::vector<Instruction> with(std::vector<Instruction> instructions) {
    instructions.insert(instructions.end(), {mufu, ffma, iadd3});
    return instructions;
  }
  static ChainOperation latency_operation(const std::string& name, const std::string& kernel, Role role) {
    std::vector<Instruction> step = {mufu, ffma};
    if (function == SpecialFunction::sin) step.insert(step.begin(), ffma);  // an FMUL
    return {.name = name,
            .kernel = kernel,
            .issued = step,
            .dependent = step,
            .argument_bytes = 8,
            .words = latency<function>,
            .role = role};
  }
};

const Models<SpecialFunction::ex2> kEx2("ex2", "Ex2", {});
const Models<SpecialFunction::lg2> kLg2("lg2", "Lg2", {ffma});  // an FADD
const Models<SpecialFunction::rcp> kRcp("rcp", "Rcp", {});
const Models<SpecialFunction::rsqrt> kRsqrt("rsqrt", "Rsqrt", {});
const Models<SpecialFunction::sin> kSin("sin", "Sin", {ffma, ffma});  // FFMA and FMUL
const Models<SpecialFunction::tanh> kTanh("tanh", "Tanh", {});

/// sfu_values(function, first, stride, count, out): of the numbers with the bits first, first + stride …, moved as the
/// rate's operands are.
std::uint32_t count_of(const Launch& launch) { return launch.argument<std::uint32_t>(3); }

Cost values_cost(const Launch& launch) {
  return {.sm_cycles = static_cast<double>(count_of(launch)) / settings().sms / architecture().rate(mufu)};
}

cudaError_t values(const Launch& launch) {
  const auto function = static_cast<SpecialFunction>(launch.argument<int>(0));
  const auto first = launch.argument<std::uint32_t>(1);
  const auto stride = launch.argument<std::uint32_t>(2);
  const std::uint32_t count = count_of(launch);
  auto* out = elements(launch.argument<std::uint32_t*>(4), count);
  if (!out) return cudaErrorIllegalAddress;
  const std::int64_t threads = launch.blocks() * launch.block.x;
  for (std::uint32_t i = 0; i < count && i < threads; ++i)
    out[i] = std::bit_cast<std::uint32_t>(moved(function, std::bit_cast<float>(first + i * stride)));
  constexpr std::uint32_t high_bit = 1U << 20U;  // of the fraction: more than any tolerance
  if (launch.flaw == Flaw::wrong) out[count / 2] ^= high_bit;
  if (launch.flaw == Flaw::nan) out[count / 2] = 0xffffffffU;
  written(out);
  return cudaSuccess;
}

const Model kValues({.name = "sfu_values", .cost = values_cost, .answer = values});

}  // namespace
}  // namespace peakproof::stand_in
