// Random words, and the number formats of matrices, from their published definitions.
#pragma once

#include <cstdint>

#include "kernels/tensor/gemm.hpp"

namespace peakproof::stand_in {

/// The index-th output of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
/// 2014; the constants are those of its reference code).
[[nodiscard]] std::uint64_t splitmix64(std::uint64_t seed, std::uint64_t index);

/// IEEE 754 binary16, as bits.
[[nodiscard]] float value_of_half(std::uint16_t half);

enum class Rounding { nearest, towards_zero };

/// Bits of one element in memory.
[[nodiscard]] int width_of(kernels::Element element);
/// The number that these bits are.
[[nodiscard]] double value_of(kernels::Element element, std::uint64_t bits);
/// The bits of a number, rounded to the format. Beyond its largest number: infinity, of FP8 the largest, of an integer
/// what its low bits are. NaN: one of the format, of an integer all bits set.
[[nodiscard]] std::uint64_t bits_of_value(kernels::Element element, double value,
                                          Rounding rounding = Rounding::nearest);

/// The index-th element of a dense array.
[[nodiscard]] std::uint64_t read_bits(kernels::Element element, const void* array, std::int64_t index);
void write_bits(kernels::Element element, void* array, std::int64_t index, std::uint64_t bits);

}  // namespace peakproof::stand_in
