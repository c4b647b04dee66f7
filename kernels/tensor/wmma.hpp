// The raw rate of the tensor cores through nvcuda::wmma: the operations. The kernels' data sheet is in wmma.cu.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/tensor/matrix_chain.hpp"
#include "kernels/tensor/mma_fragments.hpp"

namespace peakproof::kernels {

/// What tells the operations of this family from others.
struct WmmaOperation {};

/// A fragment's layout is the compiler's own affair, so operands come from images in shared memory (A row-major, B
/// column-major, dense) and D goes back into one (row-major), of which lane l has the elements l, l + 32, l + 64 ….
template <class Op, int m, int n, int k, Format operand, Format accumulator, int largest = 3, bool exclusive_or = false>
struct Wmma : WmmaOperation,
              MmaProduct<m, n, k, operand, accumulator, largest, Sparsity::dense, exclusive_or>,
              MatrixChain<Op, std::conditional_t<operand == Format::f64, std::uint64_t, std::uint32_t>> {
  using Base = MmaProduct<m, n, k, operand, accumulator, largest, Sparsity::dense, exclusive_or>;
  using Word = std::conditional_t<operand == Format::f64, std::uint64_t, std::uint32_t>;
  using Base::product;
  static constexpr Format operand_format = operand;
  static constexpr Format accumulator_format = accumulator;
  static constexpr int rows = m;
  static constexpr int columns = n;
  static constexpr int depth = k;
  static constexpr int operations = Base::product().operations();
  static constexpr int elements = m * n / kWarpLanes;
  static constexpr int per_word = 8 * static_cast<int>(sizeof(Word)) / number_format(operand).width;
  static constexpr int words_of_a = m * k / per_word;
  static constexpr int words_of_b = k * n / per_word;

  /// All elements of a fragment start alike.
  static constexpr int start(int /*lane*/, int chain) { return 5 * chain - 20; }
  static constexpr int row(int lane, int element) { return (lane + kWarpLanes * element) / n; }
  static constexpr int column(int lane, int element) { return (lane + kWarpLanes * element) % n; }

  /// The images of A0, A1, B0, B1, one after the other.
  static constexpr int words() { return 2 * (words_of_a + words_of_b); }
  static constexpr Word word(int index) {
    const int in_b = index - 2 * words_of_a;
    const int words_of_one = in_b < 0 ? words_of_a : words_of_b;
    const int in_both = in_b < 0 ? index : in_b;
    Word word = 0;
    for (int i = 0; i < per_word; ++i) {
      const int element = in_both % words_of_one * per_word + i;
      const int value = in_b < 0 ? product().a(in_both / words_of_one, element / k, element % k)
                                 : product().b(in_both / words_of_one, element % k, element / k);
      word |= static_cast<Word>(product().operand.encode(value)) << static_cast<unsigned>(i * product().operand.width);
    }
    return word;
  }
};

struct WmmaF16 : Wmma<WmmaF16, 16, 16, 16, Format::f16, Format::f32, 127> {
  static constexpr const char* name = "WmmaF16";
  static constexpr Native native{75};
};
struct WmmaF16Acc16 : Wmma<WmmaF16Acc16, 16, 16, 16, Format::f16, Format::f16> {
  static constexpr const char* name = "WmmaF16Acc16";
  static constexpr Native native{75};
};
struct WmmaBf16 : Wmma<WmmaBf16, 16, 16, 16, Format::bf16, Format::f32, 127> {
  static constexpr const char* name = "WmmaBf16";
  static constexpr Native native{80};
};
struct WmmaTf32 : Wmma<WmmaTf32, 16, 16, 8, Format::f32, Format::f32, 127> {
  static constexpr const char* name = "WmmaTf32";
  static constexpr Native native{80};
};
struct WmmaF64 : Wmma<WmmaF64, 8, 8, 4, Format::f64, Format::f64, 1 << 20> {
  static constexpr const char* name = "WmmaF64";
  static constexpr Native native{80};
};
struct WmmaS8 : Wmma<WmmaS8, 16, 16, 16, Format::s8, Format::s32> {
  static constexpr const char* name = "WmmaS8";
  static constexpr Native native{75};
};
struct WmmaS4 : Wmma<WmmaS4, 8, 8, 32, Format::s4, Format::s32> {
  static constexpr const char* name = "WmmaS4";
  static constexpr Native native{75, 89};
};
struct WmmaB1Xor : Wmma<WmmaB1Xor, 8, 8, 128, Format::b1, Format::s32, 3, true> {
  static constexpr const char* name = "WmmaB1Xor";
  static constexpr Native native{75, 89};
};
struct WmmaB1And : Wmma<WmmaB1And, 8, 8, 128, Format::b1, Format::s32> {
  static constexpr const char* name = "WmmaB1And";
  static constexpr Native native{80, 90};
};

}  // namespace peakproof::kernels
