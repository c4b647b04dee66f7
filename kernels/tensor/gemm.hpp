// What every matrix product is: number formats, shape, layout and work.
#pragma once

#include <cstdint>
#include <string_view>

namespace peakproof::kernels {

/// The number format of a matrix's elements. tf32 lies in memory as FP32 whose lower 13 bits of significand are 0; two
/// s4 share a byte, the even one in its lower half; 8 b1 share a byte, the first in its lowest bit.
enum class Element : int { f64, f32, tf32, f16, bf16, e4m3, e5m2, s32, s8, s4, b1 };

[[nodiscard]] constexpr int bits_of(Element element) {
  switch (element) {
    case Element::f64:
      return 64;
    case Element::f32:
    case Element::tf32:
    case Element::s32:
      return 32;
    case Element::f16:
    case Element::bf16:
      return 16;
    case Element::e4m3:
    case Element::e5m2:
    case Element::s8:
      return 8;
    case Element::s4:
      return 4;
    case Element::b1:
      return 1;
  }
  return 0;
}
/// As PTX writes it: "f16", "bf16", "e4m3", "s8" …
[[nodiscard]] constexpr std::string_view name_of(Element element) {
  constexpr std::string_view names[] = {"f64", "f32", "tf32", "f16", "bf16", "e4m3", "e5m2", "s32", "s8", "s4", "b1"};
  return names[static_cast<int>(element)];
}
[[nodiscard]] constexpr bool is_integer(Element element) { return element >= Element::s32; }
/// Of `elements` elements that begin at a byte and end in a whole one.
[[nodiscard]] constexpr std::int64_t bytes_of(Element element, std::int64_t elements) {
  return (elements * bits_of(element) + 7) / 8;
}

/// C = A x B with operands of one format, sums of another, and C of a third.
struct GemmTypes {
  Element operand = Element::f16;
  Element accumulate = Element::f32;
  Element out = Element::f32;
  friend constexpr bool operator==(const GemmTypes& a, const GemmTypes& b) {
    return a.operand == b.operand && a.accumulate == b.accumulate && a.out == b.out;
  }
};

/// C (m x n, row-major) = A (m x k, row-major) x B (k x n, column-major): both operands are dense with k running
/// fastest, the layout that every tensor instruction takes. The product of b1 is AND, and its sum counts.
struct GemmShape {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  [[nodiscard]] double operations() const {
    return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  }
};

/// What m, n and k must be multiples of.
struct GemmTile {
  int m = 1;
  int n = 1;
  int k = 1;
};

}  // namespace peakproof::kernels
