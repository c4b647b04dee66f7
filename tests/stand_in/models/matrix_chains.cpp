// D <- D + A x B of small matrices, by mma.sync and by WMMA: accumulators that walk up and down by what four products,
// which nearly cancel out, leave behind (kernels/tensor/matrix_chain.hpp). Here every matrix is a whole one, the zeros
// of a sparse A in their places, and every trip is walked.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/stand_in/models/chain.hpp"
#include "tests/stand_in/models/numbers.hpp"
#include "tests/stand_in/tensor_rates.hpp"

namespace peakproof::stand_in {
namespace {

/// Which columns of A are zeros: none; the first of two; the outer ones of four, or of four pairs.
enum class Zeros { none, one_of_two, two_of_four, two_of_four_pairs };

struct Operation {
  const char* name;
  TensorType type;
  int m;
  int n;
  int k;
  int largest = 0;  ///< magnitude of a floating-point operand; 0: integers, over their whole range
  Zeros zeros = Zeros::none;
  bool exclusive_or = false;
  bool wmma = false;  ///< else mma.sync: it says which lane has what

  [[nodiscard]] bool keeps(int column) const {
    switch (zeros) {
      case Zeros::one_of_two:
        return column % 2 == 1;
      case Zeros::two_of_four:
        return column % 4 == 1 || column % 4 == 2;
      case Zeros::two_of_four_pairs:
        return column / 2 % 4 == 1 || column / 2 % 4 == 2;
      case Zeros::none:
        break;
    }
    return true;
  }
  /// Bits of an integer operand.
  [[nodiscard]] int width() const {
    if (type == TensorType::int8) return 8;
    return type == TensorType::int4 ? 4 : 1;
  }
};

/// Random whole numbers.
std::int64_t random(const Operation& op, std::uint32_t index) {
  std::uint32_t x = index * 2654435769U + 2246822507U;
  x = (x ^ (x >> 15U)) * 739982445U;
  x ^= x >> 12U;
  if (op.largest > 0) {
    const auto range = static_cast<std::uint32_t>(op.largest);
    return std::int64_t{x % (2 * range + 1)} - range;
  }
  const std::int64_t values = std::int64_t{1} << op.width();
  const auto bits = static_cast<std::int64_t>(x) % values;
  return op.width() > 1 && bits >= values / 2 ? bits - values : bits;
}

struct Matrix {
  Matrix(int rows, int columns)
      : columns_(static_cast<std::size_t>(columns)), values_(static_cast<std::size_t>(rows) * columns_, 0) {}
  [[nodiscard]] std::int64_t& at(int row, int column) {
    return values_[static_cast<std::size_t>(row) * columns_ + static_cast<std::size_t>(column)];
  }
  [[nodiscard]] std::int64_t at(int row, int column) const {
    return values_[static_cast<std::size_t>(row) * columns_ + static_cast<std::size_t>(column)];
  }

 private:
  std::size_t columns_;
  std::vector<std::int64_t> values_;
};

/// A0 or A1, m x k, with its zeros.
Matrix matrix_a(const Operation& op, int set) {
  Matrix a(op.m, op.k);
  const int stored = op.zeros == Zeros::none ? op.k : op.k / 2;
  for (int row = 0; row < op.m; ++row) {
    int place = 0;
    for (int column = 0; column < op.k; ++column) {
      if (!op.keeps(column)) continue;
      const auto index = static_cast<std::uint32_t>(row * stored + place);
      auto& value = a.at(row, column);
      if (op.largest == 0)
        value = random(op, index + (set == 0 ? 0 : 65536U));
      else
        value = set == 0 ? random(op, index) : (place == 0 ? 1 : 0) - random(op, index);
      ++place;
    }
  }
  return a;
}

/// B0 or B1, k x n, with its first sign.
Matrix matrix_b(const Operation& op, int set) {
  Matrix b(op.k, op.n);
  for (int row = 0; row < op.k; ++row)
    for (int column = 0; column < op.n; ++column) {
      const auto index = static_cast<std::uint32_t>(2 * 65536 + column * op.k + row);
      auto& value = b.at(row, column);
      if (op.largest == 0)
        value = random(op, index + (set == 0 ? 0 : 65536U));
      else
        value = set == 0 ? random(op, index) : 1 - random(op, index);
    }
  return b;
}

void add_product(Matrix& d, const Operation& op, const Matrix& a, const Matrix& b) {
  for (int row = 0; row < op.m; ++row)
    for (int column = 0; column < op.n; ++column)
      for (int i = 0; i < op.k; ++i) {
        const std::int64_t left = a.at(row, i);
        const std::int64_t right = b.at(i, column);
        d.at(row, column) += op.exclusive_or ? left ^ right : left * right;
      }
}

bool halves(const Operation& op) { return op.type == TensorType::fp16_acc16 || op.type == TensorType::fp8_acc16; }

/// As the accumulator has it: a half, an FP32, an FP64 or an INT32.
std::uint64_t encoded(const Operation& op, std::int64_t value) {
  using kernels::Element;
  if (op.largest == 0) return static_cast<std::uint32_t>(value);
  const Element sum = op.type == TensorType::fp64 ? Element::f64 : halves(op) ? Element::f16 : Element::f32;
  return bits_of_value(sum, static_cast<double>(value));
}

/// The element of a lane.
std::int64_t element_of(const Operation& op, const Matrix& d, int lane, int element) {
  if (op.wmma) {
    const int place = lane + kLanes * element;
    return d.at(place / op.n, place % op.n);
  }
  return d.at(lane / 4 + (element >= 2 ? 8 : 0), 2 * (lane % 4) + element % 2);
}

/// D of one chain but for its start, after all steps and the one more before the fold.
Matrix walked(const Operation& op, const ChainRun& run) {
  const std::vector<Matrix> a = {matrix_a(op, 0), matrix_a(op, 1)};
  const std::vector<Matrix> b = {matrix_b(op, 0), matrix_b(op, 1)};
  Matrix first(op.m, op.n);
  add_product(first, op, a[0], b[0]);
  Matrix four = first;
  add_product(four, op, a[1], b[0]);
  add_product(four, op, a[1], b[1]);
  add_product(four, op, a[0], b[1]);

  constexpr std::int64_t trips_of_sign = 32;
  std::int64_t sum = 0;
  std::int64_t sign = 1;
  for (std::int64_t trip = 0; trip < run.trips; ++trip) {
    if (op.largest > 0 && trip > 0 && trip % trips_of_sign == 0) sign = -sign;
    sum += sign;
  }
  Matrix d(op.m, op.n);
  for (int row = 0; row < op.m; ++row)
    for (int column = 0; column < op.n; ++column)
      d.at(row, column) = sum * (run.steps / 4) * four.at(row, column) + sign * first.at(row, column);
  return d;
}

/// Takes the bits in: rotated, exclusive-or, multiplied.
template <class Word>
Word mixed(Word word, Word bits, Word factor) {
  return (std::rotl(word, 5) ^ bits) * factor;
}

ChainWords words(const Operation& op, const ChainRun& run) {
  const Matrix d = walked(op, run);
  const int elements = op.m * op.n / kLanes;
  ChainWords folded{};
  for (int chain = 0; chain < run.chains; ++chain)
    for (int lane = 0; lane < kLanes; ++lane) {
      const std::int64_t start = op.wmma ? 5 * chain - 20 : std::int64_t{chain_index(lane, chain)} - 128;
      auto& word = folded[static_cast<std::size_t>(lane)];
      for (int i = 0; i < elements; i += halves(op) ? 2 : 1) {
        std::uint64_t bits = encoded(op, start + element_of(op, d, lane, i));
        if (halves(op)) bits |= encoded(op, start + element_of(op, d, lane, i + 1)) << 16U;
        word = op.type == TensorType::fp64 ? mixed<std::uint64_t>(word, bits, 0x9e3779b97f4a7c15ULL)
                                           : mixed<std::uint32_t>(static_cast<std::uint32_t>(word),
                                                                  static_cast<std::uint32_t>(bits), 0x9e3779b9U);
      }
    }
  return folded;
}

Model model(const Operation& op) {
  return Model(chain_model({.name = op.name,
                            .kernel = std::string("chain<") + op.name + ">",
                            .argument_bytes = 4,
                            .word_bytes = op.type == TensorType::fp64 ? 8 : 4,
                            .words = [op](const ChainRun& run) { return words(op, run); },
                            .threads_per_clock =
                                [op] {
                                  const double fma = double(op.m) * op.n * op.k;
                                  const double rate = mma_rate(op.type) * (op.zeros == Zeros::none ? 1 : 2);
                                  return rate * kLanes / fma;
                                }}));
}

// clang-format off
constexpr auto kOperations = std::to_array<Operation>({
    {"MmaF16K8", TensorType::fp16, 16, 8, 8, 127},
    {"MmaF16K16", TensorType::fp16, 16, 8, 16, 127},
    {"MmaF16Acc16K8", TensorType::fp16_acc16, 16, 8, 8, 3},
    {"MmaF16Acc16K16", TensorType::fp16_acc16, 16, 8, 16, 3},
    {"MmaBf16K8", TensorType::bf16, 16, 8, 8, 127},
    {"MmaBf16K16", TensorType::bf16, 16, 8, 16, 127},
    {"MmaSparseF16K16", TensorType::fp16, 16, 8, 16, 127, Zeros::two_of_four},
    {"MmaSparseF16K32", TensorType::fp16, 16, 8, 32, 127, Zeros::two_of_four},
    {"MmaSparseBf16K16", TensorType::bf16, 16, 8, 16, 127, Zeros::two_of_four},
    {"MmaSparseBf16K32", TensorType::bf16, 16, 8, 32, 127, Zeros::two_of_four},
    {"MmaSparseF16Acc16K16", TensorType::fp16_acc16, 16, 8, 16, 3, Zeros::two_of_four},
    {"MmaSparseF16Acc16K32", TensorType::fp16_acc16, 16, 8, 32, 3, Zeros::two_of_four},
    {"MmaTf32K4", TensorType::tf32, 16, 8, 4, 127},
    {"MmaTf32K8", TensorType::tf32, 16, 8, 8, 127},
    {"MmaSparseTf32K8", TensorType::tf32, 16, 8, 8, 127, Zeros::one_of_two},
    {"MmaSparseTf32K16", TensorType::tf32, 16, 8, 16, 127, Zeros::one_of_two},
    {"MmaF64M8K4", TensorType::fp64, 8, 8, 4, 1 << 20},
    {"MmaF64K4", TensorType::fp64, 16, 8, 4, 1 << 20},
    {"MmaF64K8", TensorType::fp64, 16, 8, 8, 1 << 20},
    {"MmaF64K16", TensorType::fp64, 16, 8, 16, 1 << 20},
    {"MmaS8M8K16", TensorType::int8, 8, 8, 16, 0},
    {"MmaS8K16", TensorType::int8, 16, 8, 16, 0},
    {"MmaS8K32", TensorType::int8, 16, 8, 32, 0},
    {"MmaSparseS8K32", TensorType::int8, 16, 8, 32, 0, Zeros::two_of_four},
    {"MmaSparseS8K64", TensorType::int8, 16, 8, 64, 0, Zeros::two_of_four},
    {"MmaS4M8K32", TensorType::int4, 8, 8, 32, 0},
    {"MmaS4K32", TensorType::int4, 16, 8, 32, 0},
    {"MmaS4K64", TensorType::int4, 16, 8, 64, 0},
    {"MmaSparseS4K64", TensorType::int4, 16, 8, 64, 0, Zeros::two_of_four_pairs},
    {"MmaSparseS4K128", TensorType::int4, 16, 8, 128, 0, Zeros::two_of_four_pairs},
    {"MmaB1XorM8K128", TensorType::b1, 8, 8, 128, 0, Zeros::none, true},
    {"MmaB1XorK128", TensorType::b1, 16, 8, 128, 0, Zeros::none, true},
    {"MmaB1XorK256", TensorType::b1, 16, 8, 256, 0, Zeros::none, true},
    {"MmaB1AndM8K128", TensorType::b1, 8, 8, 128, 0},
    {"MmaB1AndK128", TensorType::b1, 16, 8, 128, 0},
    {"MmaB1AndK256", TensorType::b1, 16, 8, 256, 0},
    {"MmaE4m3K16", TensorType::fp8, 16, 8, 16, 3},
    {"MmaE4m3K32", TensorType::fp8, 16, 8, 32, 3},
    {"MmaE4m3Acc16K16", TensorType::fp8_acc16, 16, 8, 16, 3},
    {"MmaE4m3Acc16K32", TensorType::fp8_acc16, 16, 8, 32, 3},
    {"MmaSparseE4m3K64", TensorType::fp8, 16, 8, 64, 3, Zeros::two_of_four},
    {"MmaSparseE4m3Acc16K64", TensorType::fp8_acc16, 16, 8, 64, 3, Zeros::two_of_four},
    {"MmaE5m2K16", TensorType::fp8, 16, 8, 16, 3},
    {"MmaE5m2K32", TensorType::fp8, 16, 8, 32, 3},
    {"MmaE5m2Acc16K16", TensorType::fp8_acc16, 16, 8, 16, 3},
    {"MmaE5m2Acc16K32", TensorType::fp8_acc16, 16, 8, 32, 3},
    {"MmaSparseE5m2K64", TensorType::fp8, 16, 8, 64, 3, Zeros::two_of_four},
    {"MmaSparseE5m2Acc16K64", TensorType::fp8_acc16, 16, 8, 64, 3, Zeros::two_of_four},
    {"MmaE3m2K32", TensorType::fp6, 16, 8, 32, 3},
    {"MmaSparseE3m2K64", TensorType::fp6, 16, 8, 64, 3, Zeros::two_of_four},
    {"MmaE2m3K32", TensorType::fp6, 16, 8, 32, 3},
    {"MmaSparseE2m3K64", TensorType::fp6, 16, 8, 64, 3, Zeros::two_of_four},
    {"MmaE2m1K32", TensorType::fp6, 16, 8, 32, 3},
    {"MmaSparseE2m1K64", TensorType::fp6, 16, 8, 64, 3, Zeros::two_of_four},
    {"MmaMxE4m3K32", TensorType::fp8, 16, 8, 32, 3},
    {"MmaMxE5m2K32", TensorType::fp8, 16, 8, 32, 3},
    {"MmaMxE3m2K32", TensorType::fp6, 16, 8, 32, 3},
    {"MmaMxE2m3K32", TensorType::fp6, 16, 8, 32, 3},
    {"MmaMxE2m1K32", TensorType::fp6, 16, 8, 32, 3},
    {"MmaMxf4K64", TensorType::fp4, 16, 8, 64, 3},
    {"MmaNvf4K64", TensorType::fp4, 16, 8, 64, 3},
    {"MmaSparseMxf4K128", TensorType::fp4, 16, 8, 128, 3, Zeros::two_of_four_pairs},
    {"MmaSparseNvf4K128", TensorType::fp4, 16, 8, 128, 3, Zeros::two_of_four_pairs},
    {"WmmaF16", TensorType::fp16, 16, 16, 16, 127, Zeros::none, false, true},
    {"WmmaF16Acc16", TensorType::fp16_acc16, 16, 16, 16, 3, Zeros::none, false, true},
    {"WmmaBf16", TensorType::bf16, 16, 16, 16, 127, Zeros::none, false, true},
    {"WmmaTf32", TensorType::tf32, 16, 16, 8, 127, Zeros::none, false, true},
    {"WmmaF64", TensorType::fp64, 8, 8, 4, 1 << 20, Zeros::none, false, true},
    {"WmmaS8", TensorType::int8, 16, 16, 16, 0, Zeros::none, false, true},
    {"WmmaS4", TensorType::int4, 8, 8, 32, 0, Zeros::none, false, true},
    {"WmmaB1Xor", TensorType::b1, 8, 8, 128, 0, Zeros::none, true, true},
    {"WmmaB1And", TensorType::b1, 8, 8, 128, 0, Zeros::none, false, true},
});
// clang-format on

const bool kKnown = [] {
  for (const Operation& op : kOperations) static_cast<void>(model(op));
  return true;
}();

}  // namespace
}  // namespace peakproof::stand_in
