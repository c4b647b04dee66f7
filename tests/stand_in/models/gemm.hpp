// Matrix products on the host, for the models of the hand-written one and of cuBLAS.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/stand_in/settings.hpp"

namespace peakproof::stand_in {

/// A dense matrix of halves in device memory: element (row, column) lies at row * row_stride + column * column_stride.
struct HalfMatrix {
  const std::uint16_t* data = nullptr;
  std::int64_t row_stride = 0;
  std::int64_t column_stride = 0;
};

struct Extents {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
};

/// A (m x k) times B (k x n), row-major, every product and sum in `Real`. `Flaw::shorter` leaves out the last 32 of k,
/// `dropped` the first of k, `wrong` adds 1 to one element, `nan` makes one not a number.
template <class Real>
[[nodiscard]] std::vector<Real> product(const Extents& extents, const HalfMatrix& a, const HalfMatrix& b,
                                        Flaw flaw = Flaw::none);

}  // namespace peakproof::stand_in
