// The operations that are products of small matrices, as chains (kernels/arithmetic/chain.hpp): what mma.sync and WMMA
// share. A chain is an accumulator D of m x n elements, spread over the lanes of a warp; a step is D <- D + A x B.
//
// There are two A and two B, and four steps take them through (A0, B0), (A1, B0), (A1, B1), (A0, B1), neighbouring
// chains each one turn ahead. Of floating-point formats A1 = e - A0, with e = 1 in the first column and else 0, and
// B1 = 1 - B0: the products of four steps cancel out but for 1 in every element. Every 32 trips the sign of both B
// turns, so that D walks up and down between narrow bounds, where every sum is exact: an accumulator of FP16 holds
// whole numbers up to 2048, the sums of 8-bit formats have about 14 bits on 8.9 and 9.0 (DeepSeek-V3 technical report,
// arXiv 2412.19437, section 3.3.2), those of FP32 24. No trip leaves D as the one before it did. Integers are random
// over their whole range, and D wraps. Before a chain is folded it takes one more step with (A0, B0), which cancels
// nothing: its answer depends on every element of A0 and B0, and on the trips by what they have added.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/arithmetic/chain.hpp"
#include "kernels/tensor/number_format.hpp"

namespace peakproof::kernels {

/// Zeros in A that are not stored: none; of two neighbours one, of four two, of four pairs two.
enum class Sparsity { dense, one_of_two, two_of_four, two_of_four_pairs };

/// What an instruction multiplies.
struct MatrixProduct {
  int m = 16;
  int n = 8;
  int k = 16;  ///< of B; a sparse A stores half as many columns
  NumberFormat operand;
  NumberFormat accumulator;
  Sparsity sparsity = Sparsity::dense;
  int largest = 3;            ///< magnitude of a random operand; of floating-point formats alone
  bool exclusive_or = false;  ///< of b1: products are a ^ b, else a & b

  [[nodiscard]] constexpr int columns_of_a() const { return sparsity == Sparsity::dense ? k : k / 2; }
  /// The column of the whole A, and row of B, that a stored column of A belongs to. Kept are the second of two, or the
  /// second and the third of four.
  [[nodiscard]] constexpr int row_of_b(int column) const {
    switch (sparsity) {
      case Sparsity::one_of_two:
        return 2 * column + 1;
      case Sparsity::two_of_four:
        return column / 2 * 4 + 1 + column % 2;
      case Sparsity::two_of_four_pairs:
        return column / 4 * 8 + (1 + column % 4 / 2) * 2 + column % 2;
      case Sparsity::dense:
        break;
    }
    return column;
  }
  /// What says so to the instruction: the places of the kept in every four (pairs), two bits each; the same in all lanes.
  [[nodiscard]] constexpr std::uint32_t metadata() const {
    return sparsity == Sparsity::one_of_two ? 0xEEEEEEEE : 0x99999999;
  }
  /// Operations of one lane at a step, a multiply-add counting 2; the zeros of a sparse A are counted, as is the custom.
  [[nodiscard]] constexpr int operations() const { return 2 * m * n * k / 32; }

  /// Random whole numbers over the range of the operands.
  [[nodiscard]] constexpr int random(std::uint32_t index) const {
    std::uint32_t x = index * 0x9e3779b9U + 0x85ebca6bU;
    x ^= x >> 15U;
    x *= 0x2c1b3c6dU;
    x ^= x >> 12U;
    if (operand.integer()) {  // as many bits as there are, extended by the sign where there is one
      const auto bits = static_cast<std::int32_t>(x << unsigned(32 - operand.width));
      return operand.width == 1 ? static_cast<int>(x & 1U) : bits >> (32 - operand.width);
    }
    return static_cast<int>(x % static_cast<std::uint32_t>(2 * largest + 1)) - largest;
  }
  /// Element of A0 or A1 at a stored column.
  [[nodiscard]] constexpr int a(int set, int row, int column) const {
    const auto index = static_cast<std::uint32_t>(row * columns_of_a() + column);
    if (operand.integer()) return random(index + static_cast<std::uint32_t>(set) * 0x10000U);
    return set == 0 ? random(index) : (column == 0 ? 1 : 0) - random(index);
  }
  /// Element of B0 or B1, with its first sign.
  [[nodiscard]] constexpr int b(int set, int row, int column) const {
    const auto index = static_cast<std::uint32_t>(0x20000 + column * k + row);
    if (operand.integer()) return random(index + static_cast<std::uint32_t>(set) * 0x10000U);
    return set == 0 ? random(index) : 1 - random(index);
  }
  /// Of (A0, B0), (A1, B0), (A1, B1), (A0, B1).
  [[nodiscard]] static constexpr int set_of_a(int turn) { return turn == 1 || turn == 2 ? 1 : 0; }
  [[nodiscard]] static constexpr int set_of_b(int turn) { return turn >= 2 ? 1 : 0; }
  /// Element of the product of a turn.
  [[nodiscard]] constexpr std::int64_t dot(int turn, int row, int column) const {
    std::int64_t sum = 0;
    for (int i = 0; i < columns_of_a(); ++i) {
      const std::int64_t left = a(set_of_a(turn), row, i);
      const std::int64_t right = b(set_of_b(turn), row_of_b(i), column);
      sum += exclusive_or ? left ^ right : left * right;
    }
    return sum;
  }
};

/// Trips from one turn of B's sign to the next.
inline constexpr int kTripsPerSign = 32;
/// As every chain has them: an operation is not complete yet where these are needed.
inline constexpr int kWarpLanes = 32;
inline constexpr int kMostChains = 8;

/// How many steps it takes until the operands come again.
struct MatrixTurns {
  static constexpr int count = 4;
};

/// Takes a word of an accumulator in. Rotations and exclusive-or alone would let the small steps of neighbouring whole
/// numbers cancel out, so a multiplication spreads them.
template <typename Bits>
[[nodiscard]] constexpr Bits fold_word(Bits folded, Bits word) {
  constexpr unsigned width = 8 * sizeof(Bits);
  constexpr unsigned rotation = 5;
  const auto rotated = static_cast<Bits>((folded << rotation) | (folded >> (width - rotation)));
  return static_cast<Bits>((rotated ^ word) * static_cast<Bits>(0x9e3779b97f4a7c15ULL >> (64U - width) | 1U));
}

/// What an operation inherits. Op has
///   name, product()
///   elements                                    of D in a lane
///   row(lane, element), column(lane, element)   where one of them lies
template <class Op, class Word>
struct MatrixChain {
  using Bits = Word;  ///< as wide as the accumulator's register
  using Argument = std::uint32_t;
  static constexpr Argument argument = 0;  ///< nothing but the first number of the trips
  static constexpr int body = 64;
  static constexpr int max_threads = 256;
  static constexpr bool has_latency = false;

  /// The elements of a lane, exact; no shape has more.
  using Elements = std::array<std::int64_t, 16>;
  struct Value {
    Elements d{};
    std::size_t lane = 0;
  };

  /// The start of every element of a lane; differs for all lanes and chains.
  static constexpr int start(int lane, int chain) { return lane * kMostChains + chain - 128; }
  static Value seed(int lane, int chain) {
    Value value;
    value.lane = static_cast<std::size_t>(lane);
    value.d.fill(Op::start(lane, chain));
    return value;
  }
  /// `trips` x `steps` steps, and the one before the fold. Steps are a multiple of four.
  static void advance(std::array<Value, kWarpLanes>& lanes, std::int64_t trips, int steps) {
    static const auto kProducts = products();
    const std::int64_t up_and_down = walked(trips) * (steps / MatrixTurns::count);
    const std::int64_t last_sign = sign(trips > 0 ? trips - 1 : 0);
    for (Value& value : lanes) {
      const auto& [first, of_four] = kProducts[value.lane];
      for (std::size_t i = 0; i < Op::elements; ++i) value.d[i] += up_and_down * of_four[i] + last_sign * first[i];
    }
  }
  /// The accumulator as the device has it, word by word.
  static Bits fold(Bits folded, const Value& value) {
    constexpr NumberFormat format = Op::product().accumulator;
    constexpr std::size_t per_word = 8 * sizeof(Word) / format.width;
    for (std::size_t i = 0; i < Op::elements; i += per_word) {
      Word word = 0;
      for (std::size_t part = 0; part < per_word; ++part)
        word |= static_cast<Word>(format.encode(value.d[i + part])) << part * format.width;
      folded = fold_word(folded, word);
    }
    return folded;
  }
  /// Of B in a trip: 1 or -1.
  static constexpr int sign(std::int64_t trip) {
    return !Op::product().operand.integer() && trip / kTripsPerSign % 2 != 0 ? -1 : 1;
  }
  /// The sum of the signs of all trips before this one.
  static constexpr std::int64_t walked(std::int64_t trips) {
    if (Op::product().operand.integer()) return trips;
    constexpr std::int64_t up = kTripsPerSign;
    const std::int64_t in_turn = trips % (2 * up);
    return in_turn <= up ? in_turn : 2 * up - in_turn;
  }

  /// Turns the sign of every operand in a word; 0 for integers.
  static constexpr Word signs() {
    Word word = 0;
    for (int i = 0; i < 8 * static_cast<int>(sizeof(Word)) / Op::product().operand.width; ++i) {
      word |= static_cast<Word>(Op::product().operand.sign()) << static_cast<unsigned>(i * Op::product().operand.width);
    }
    return word;
  }

 private:
  struct Products {
    Elements first{};    ///< of A0 and B0
    Elements of_four{};  ///< of all turns together
  };
  /// By lane.
  static std::array<Products, kWarpLanes> products() {
    std::array<Products, kWarpLanes> all;
    for (int lane = 0; lane < kWarpLanes; ++lane) {
      auto& [first, of_four] = all[static_cast<std::size_t>(lane)];
      for (int i = 0; i < Op::elements; ++i) {
        const auto dot = [&](int turn) { return Op::product().dot(turn, Op::row(lane, i), Op::column(lane, i)); };
        first[static_cast<std::size_t>(i)] = dot(0);
        for (int turn = 0; turn < MatrixTurns::count; ++turn) of_four[static_cast<std::size_t>(i)] += dot(turn);
      }
    }
    return all;
  }
};

}  // namespace peakproof::kernels
