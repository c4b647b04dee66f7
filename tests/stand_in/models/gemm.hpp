// Matrix products on the host, for the models of the hand-written ones and of cuBLAS.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/tensor/gemm.hpp"
#include "tests/stand_in/settings.hpp"

namespace peakproof::stand_in {

/// A matrix in device memory: element (row, column) is the (row * row_stride + column * column_stride)-th of `data`,
/// where elements of less than a byte lie beside each other, the first in the lowest bits.
struct Matrix {
  kernels::Element element = kernels::Element::f16;
  const void* data = nullptr;
  std::int64_t row_stride = 0;
  std::int64_t column_stride = 0;
};

struct Extents {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
};

/// A (m x k) times B (k x n), row-major, every product and sum in `Real` (float, double). `Flaw::shorter` leaves out
/// the last 32 of k, `dropped` the first of k, `wrong` adds 1 to one element, `nan` makes one not a number.
template <class Real>
[[nodiscard]] std::vector<Real> product(const Extents& extents, const Matrix& a, const Matrix& b,
                                        Flaw flaw = Flaw::none);

/// A product that accumulates in this format, as doubles: in single precision what the tensor cores have no more for,
/// all others in double.
[[nodiscard]] std::vector<double> product_in(kernels::Element accumulate, const Extents& extents, const Matrix& a,
                                             const Matrix& b, Flaw flaw = Flaw::none);

/// Writes C, row-major and dense, in its format: rounded to nearest, and NaN of integers as all bits set.
void store(const std::vector<double>& values, kernels::Element element, void* c);

/// The first of `count` elements at a device address, or null where any of them lies outside its allocation.
[[nodiscard]] const void* matrix_at(const void* address, kernels::Element element, std::int64_t count);
[[nodiscard]] void* matrix_at(void* address, kernels::Element element, std::int64_t count);

}  // namespace peakproof::stand_in
