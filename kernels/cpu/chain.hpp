// Arithmetic rates of one CPU thread, each as chains of one operation: parameters, work, run and answer. The kernels
// and their data sheets are in chain.cpp (what every SIMD unit has) and half_chain.cpp (16-bit formats).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace peakproof::kernels::cpu {

/// The arithmetic of a chain. All of them stay finite, keep changing and never settle, so that every step shows in the
/// answer. Those of two variables take a pair of chains.
enum class ChainLaw {
  square,      ///< x <- fma(x, x, c): chaotic. Needs an FMA that may overwrite a factor (x86 FMA3, SVE)
  rotation,    ///< q <- fma(k, p, q), then p <- fma(-k, q, p): for units that can only overwrite the addend (NEON)
  congruence,  ///< x <- x a + a mod 2^32: a generator of full period, 2^32
  shears,      ///< q <- q + a p, then p <- p + a q mod 2^32: one to one, for units that can only overwrite the addend
  fibonacci,   ///< q <- q + p, then p <- p + q mod 2^32: one to one
  feedback,    ///< x <- x + the dot product of a constant and a pair of BF16 made of x (half_chain.cpp)
};

/// What this CPU makes of a kernel.
struct ChainShape {
  std::string target;  ///< the instruction set in use: Highway's name of it, e.g. "AVX3", or "AVX512_BF16"
  int lanes = 0;       ///< values in a vector; 0: this CPU has no instruction for it that the kernel could use
  int chains = 0;      ///< independent accumulators: as many vectors are in flight
  ChainLaw law = ChainLaw::square;
};

inline constexpr int max_chains = 28;  ///< of any kernel

/// Chains of one operation. `Operation` says what its values are, where they start (`seed`), how many operations a step
/// is per lane, how many steps of each chain a trip of its loop has, what the CPU makes of it (`shape`), and has the
/// kernel (`run`) and a plain replay of it (`replay`).
template <class Operation_>
struct Chain {
  using Operation = Operation_;
  using Value = typename Operation::Value;
  using Bits = std::conditional_t<sizeof(Value) == 8, std::uint64_t,
                                  std::conditional_t<sizeof(Value) == 4, std::uint32_t, std::uint16_t>>;
  static constexpr const char* symbol = Operation::symbol;

  std::int64_t trips = 1;

  /// The shape on this CPU. It does not change while the program runs.
  [[nodiscard]] static ChainShape shape() { return Operation::shape(); }
  /// The value that a chain starts from in one lane: distinct for all of them, up to 64 lanes.
  [[nodiscard]] static constexpr Value seed(int lane, int chain) {
    return Operation::seed(lane * max_chains + chain + 1);
  }
  /// All of them, lane by lane within chain by chain.
  [[nodiscard]] static std::vector<Value> seeds(const ChainShape& shape) {
    std::vector<Value> x;
    x.reserve(static_cast<std::size_t>(shape.lanes) * static_cast<std::size_t>(shape.chains));
    for (int chain = 0; chain < shape.chains; ++chain) {
      for (int lane = 0; lane < shape.lanes; ++lane) x.push_back(seed(lane, chain));
    }
    return x;
  }
  [[nodiscard]] static constexpr int simd_bits(const ChainShape& shape) {
    return static_cast<int>(8 * sizeof(Value)) * shape.lanes;
  }
  /// Operations of one run of one thread.
  [[nodiscard]] double operations_per_thread() const { return operations_per_thread(shape()); }
  [[nodiscard]] double operations_per_thread(const ChainShape& shape) const {
    return static_cast<double>(Operation::operations) * shape.lanes * shape.chains * Operation::steps_per_trip *
           static_cast<double>(trips);
  }
  /// Runs on the calling thread; per lane the bits of its chains, xor-folded. Empty where shape().lanes is 0.
  [[nodiscard]] std::vector<Bits> run() const {
    const ChainShape s = shape();
    std::vector<Value> out(static_cast<std::size_t>(s.lanes));
    if (!out.empty()) Operation::run(trips, seeds(s).data(), out.data());
    return fold(out, out.size());
  }
  /// What run() must return on a CPU of that shape: replayed without any SIMD code of ours.
  [[nodiscard]] std::vector<Bits> answer(const ChainShape& shape) const {
    std::vector<Value> x = seeds(shape);
    Operation::replay(shape.law, trips, x);
    return fold(x, static_cast<std::size_t>(shape.lanes));
  }
  [[nodiscard]] std::vector<Bits> answer() const { return answer(shape()); }

 private:
  [[nodiscard]] static std::vector<Bits> fold(const std::vector<Value>& x, std::size_t lanes) {
    std::vector<Bits> folded(lanes, 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      folded[i % lanes] = static_cast<Bits>(folded[i % lanes] ^ std::bit_cast<Bits>(x[i]));
    }
    return folded;
  }
};

/// Fused multiply-add in FP32 (T = float) or FP64 (T = double): 2 FLOP.
template <class T>
struct Fma {
  using Value = T;
  static constexpr const char* symbol = sizeof(T) == 4 ? "cpu_fp32_fma" : "cpu_fp64_fma";
  static constexpr int operations = 2;
  static constexpr int steps_per_trip = 8;
  static constexpr T c = static_cast<T>(-1.9);  ///< of ChainLaw::square; |x| < 2 always
  static constexpr T k = static_cast<T>(0.7);   ///< of ChainLaw::rotation; |x| < 3 always
  /// Within (0, 0.9].
  [[nodiscard]] static constexpr T seed(int number) { return static_cast<T>(number) / 2048; }
  [[nodiscard]] static ChainShape shape();
  static void run(std::int64_t trips, const T* seeds, T* out);
  static void replay(ChainLaw law, std::int64_t trips, std::span<T> x);
};

template <>
ChainShape Fma<float>::shape();
template <>
ChainShape Fma<double>::shape();
template <>
void Fma<float>::run(std::int64_t trips, const float* seeds, float* out);
template <>
void Fma<double>::run(std::int64_t trips, const double* seeds, double* out);

/// Multiply-add of 32-bit integers, modulo 2^32: 2 operations, in one instruction or in two.
struct IntegerMultiplyAdd {
  using Value = std::uint32_t;
  static constexpr const char* symbol = "cpu_int32_mad";
  static constexpr int operations = 2;
  static constexpr int steps_per_trip = 8;
  static constexpr Value a = 1664525;  ///< a = 1 mod 4 and odd: full period (Hull and Dobell, 1962)
  [[nodiscard]] static constexpr Value seed(int number) { return static_cast<Value>(number) * 2654435769U; }
  [[nodiscard]] static ChainShape shape();
  static void run(std::int64_t trips, const Value* seeds, Value* out);
  static void replay(ChainLaw law, std::int64_t trips, std::span<Value> x);
};

/// Add of 32-bit integers, modulo 2^32: 1 operation.
struct IntegerAdd {
  using Value = std::uint32_t;
  static constexpr const char* symbol = "cpu_int32_add";
  static constexpr int operations = 1;
  static constexpr int steps_per_trip = 8;
  [[nodiscard]] static constexpr Value seed(int number) { return IntegerMultiplyAdd::seed(number); }
  [[nodiscard]] static ChainShape shape();
  static void run(std::int64_t trips, const Value* seeds, Value* out);
  static void replay(ChainLaw law, std::int64_t trips, std::span<Value> x);
};

/// Dot product of two pairs of BF16, accumulated in FP32: 4 FLOP per FP32 lane.
struct Bf16Dot {
  using Value = float;
  static constexpr const char* symbol = "cpu_bf16_fma";
  static constexpr int operations = 4;
  static constexpr int steps_per_trip = 32;
  static constexpr std::uint32_t a = 0xbfb43ad2;     ///< the constant pair: high -1.40625, low 1.640625 x 2^-10
  static constexpr std::uint32_t ones = 0x3f803f80;  ///< the pair 1, 1: the exponents of every operand
  static constexpr std::uint32_t mask = 0x807f807f;  ///< what x gives to an operand: signs and mantissas
  /// |x| < 91 always.
  [[nodiscard]] static constexpr float seed(int number) { return static_cast<float>(number) * 0x1.9e3779p-11F; }
  [[nodiscard]] static ChainShape shape();
  static void run(std::int64_t trips, const float* seeds, float* out);
  static void replay(ChainLaw law, std::int64_t trips, std::span<float> x);
};

/// Fused multiply-add in FP16: 2 FLOP. A value is the 16 bits of the format.
struct HalfFma {
  using Value = std::uint16_t;
  static constexpr const char* symbol = "cpu_fp16_fma";
  static constexpr int operations = 2;
  static constexpr int steps_per_trip = 8;
  static constexpr Value k = 0x399a;  ///< 0.7001953125; |x| < 3 always
  /// number / 2048, exactly: of 1 to 2047.
  [[nodiscard]] static constexpr Value seed(int number) {
    const auto n = static_cast<unsigned>(number);
    const auto exponent = static_cast<unsigned>(std::bit_width(n)) - 1U;  // of n; n / 2048 has exponent - 11 + 15
    return static_cast<Value>(((exponent + 4U) << 10U) + ((n << (10U - exponent)) & 0x3ffU));
  }
  [[nodiscard]] static ChainShape shape();
  static void run(std::int64_t trips, const Value* seeds, Value* out);
  static void replay(ChainLaw law, std::int64_t trips, std::span<Value> x);
};

using Fp32Fma = Chain<Fma<float>>;
using Fp64Fma = Chain<Fma<double>>;
using Int32Mad = Chain<IntegerMultiplyAdd>;
using Int32Add = Chain<IntegerAdd>;
using Bf16Fma = Chain<Bf16Dot>;
using Fp16Fma = Chain<HalfFma>;

}  // namespace peakproof::kernels::cpu
