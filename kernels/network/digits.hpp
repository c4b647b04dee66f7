// The UCI handwritten digits (8 x 8 pixels of 0 to 16), compiled in, and a multilayer perceptron that learns them: the
// plain host version in FP64, which gradients and curves are held against.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/network/program.hpp"

namespace peakproof::kernels {

struct Digits {
  static constexpr int pixels = 64;
  static constexpr int classes = 10;
  std::vector<float> images;  ///< items x pixels, 0 to 1
  std::vector<int> labels;
  [[nodiscard]] std::int64_t items() const { return static_cast<std::int64_t>(labels.size()); }
};
struct SplitDigits {
  Digits learn;  ///< 1437
  Digits test;   ///< 360: every fifth item
};
[[nodiscard]] const SplitDigits& digits();
/// The file as it is: authors, source and licence are in digits.LICENSE.md.
[[nodiscard]] std::string_view digits_csv();
/// Lines of 64 pixels of 0 to 16 and a label of 0 to 9. Throws std::invalid_argument, with the line, for any other.
[[nodiscard]] SplitDigits split_digits(std::string_view csv);

/// 64 -> hidden (ReLU) -> hidden (ReLU) -> 10 scores.
[[nodiscard]] Program digits_mlp(std::int64_t hidden = 128);
/// The weights that plain FP64 training on the host ends with (a fixed seed, a few epochs, about a second), rounded to
/// FP32; made once per process.
[[nodiscard]] const ProgramWeights& trained_digits_mlp();

}  // namespace peakproof::kernels
