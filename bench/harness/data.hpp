// --data in the words of the kernels.
#pragma once

#include <string>

#include "bench/harness/options.hpp"
#include "kernels/memory/pattern.hpp"
#include "kernels/tensor/gemm_check.hpp"

namespace peakproof::bench {

[[nodiscard]] inline kernels::Data kernel_data(DataChoice choice) {
  switch (choice) {
    case DataChoice::zero:
      return kernels::Data::zero;
    case DataChoice::ones:
      return kernels::Data::ones;
    case DataChoice::random:
      break;
  }
  return kernels::Data::random;
}

[[nodiscard]] inline kernels::MatrixData matrix_data(DataChoice choice) {
  switch (choice) {
    case DataChoice::zero:
      return kernels::MatrixData::zero;
    case DataChoice::ones:
      return kernels::MatrixData::ones;
    case DataChoice::random:
      break;
  }
  return kernels::MatrixData::random;
}

}  // namespace peakproof::bench
