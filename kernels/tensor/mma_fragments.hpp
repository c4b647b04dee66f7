// How mma.sync spreads its matrices over the lanes of a warp: one rule for every shape and format (PTX ISA, "Matrix
// Fragments for mma" and "Matrix multiply-accumulate operation using mma.sp").
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/tensor/matrix_chain.hpp"
#include "kernels/tensor/native.hpp"

namespace peakproof::kernels {

/// What tells the operations of this family from others.
struct MmaOperation {};

/// The product, as data.
template <int m, int n, int k, Format operand, Format accumulator, int largest, Sparsity sparsity, bool exclusive_or>
struct MmaProduct : MmaOperation {
  static constexpr MatrixProduct product() {
    return {m, n, k, number_format(operand), number_format(accumulator), sparsity, largest, exclusive_or};
  }
};

/// Lane l is number l % 4 of group l / 4. A register of A holds neighbouring columns of row (group), and the next one
/// those of the row eight further down where there are 16; then the columns go on. A register of B holds neighbouring
/// rows of column (group). D: two neighbouring columns of row (group), then of the row eight further down.
/// Word is as wide as a register: 64 bits for FP64, else 32.
template <class Op, int m, int n, int k, Format operand, Format accumulator, int largest = 3,
          Sparsity sparsity = Sparsity::dense, bool exclusive_or = false>
struct Mma : MmaProduct<m, n, k, operand, accumulator, largest, sparsity, exclusive_or>,
             MatrixChain<Op, std::conditional_t<operand == Format::f64, std::uint64_t, std::uint32_t>> {
  using Base = MmaProduct<m, n, k, operand, accumulator, largest, sparsity, exclusive_or>;
  using Word = std::conditional_t<operand == Format::f64, std::uint64_t, std::uint32_t>;
  using Base::product;
  static constexpr int lanes = 32;
  static constexpr int operations = Base::product().operations();
  static constexpr int elements = m * n / lanes;
  static constexpr int word_bits = 8 * static_cast<int>(sizeof(Word));
  static constexpr int row_blocks = m / 8;
  static constexpr int per_word = word_bits / number_format(operand).width;
  static constexpr int words_of_a = m * Base::product().columns_of_a() / per_word / lanes;
  static constexpr int words_of_b = k * n / per_word / lanes;
  static constexpr int words_of_d = m * n / (word_bits / number_format(accumulator).width) / lanes;

  static constexpr int row(int lane, int element) { return lane / 4 + element / 2 * 8; }
  static constexpr int column(int lane, int element) { return lane % 4 * 2 + element % 2; }

  static constexpr Word word_of_a(int set, int index, int lane) {
    const int row_of_a = lane / 4 + index % row_blocks * 8;
    const int first = (lane % 4 + index / row_blocks * 4) * per_word;
    Word word = 0;
    for (int i = 0; i < per_word; ++i) {
      word |= static_cast<Word>(product().operand.encode(product().a(set, row_of_a, first + i)))
              << static_cast<unsigned>(i * product().operand.width);
    }
    return word;
  }
  static constexpr Word word_of_b(int set, int index, int lane) {
    const int first = (lane % 4 + index * 4) * per_word;
    Word word = 0;
    for (int i = 0; i < per_word; ++i) {
      word |= static_cast<Word>(product().operand.encode(product().b(set, first + i, lane / 4)))
              << static_cast<unsigned>(i * product().operand.width);
    }
    return word;
  }

  /// All registers of all lanes, lane by lane: A0, A1, B0, B1.
  static constexpr int words() { return 2 * (words_of_a + words_of_b) * lanes; }
  static constexpr Word word(int index) {
    const int lane = index % lanes;
    const int place = index / lanes;
    const int in_b = place - 2 * words_of_a;
    return in_b < 0 ? word_of_a(place / words_of_a, place % words_of_a, lane)
                    : word_of_b(in_b / words_of_b, in_b % words_of_b, lane);
  }
  /// Block scales, where the instruction has them: 2 and 1/2 in every byte, as UE8M0 (an exponent with bias 127) or, of
  /// Op::scale_e4m3, as UE4M3.
  static constexpr std::uint32_t scale_of_a() { return Op::scale_e4m3 ? 0x40404040 : 0x80808080; }
  static constexpr std::uint32_t scale_of_b() { return Op::scale_e4m3 ? 0x30303030 : 0x7e7e7e7e; }
  static constexpr bool scale_e4m3 = false;
};

}  // namespace peakproof::kernels
