// Matrix products as a library computes them: what the device multiplies, how fast, and by which algorithms.
#pragma once

#include <cublasLt.h>

#include <array>
#include <cstdint>

#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/models/gemm.hpp"

namespace peakproof::stand_in {

struct Operation {
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  cudaDataType_t scale = CUDA_R_32F;
  cublasOperation_t a = CUBLAS_OP_N;
  cublasOperation_t b = CUBLAS_OP_N;
  std::int8_t fast_accumulation = 0;
  std::uint32_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
  std::int32_t bias_type = -1;  ///< that of D
};
/// Column-major matrices, so many of them at a distance.
struct Layout {
  cudaDataType_t type = CUDA_R_32F;
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  std::int64_t leading = 0;
  std::int32_t batches = 1;
  std::int64_t apart = 0;  ///< elements from one to the next
  friend bool operator==(const Layout&, const Layout&) = default;
};

/// Products: D = op(A) op(B), each operand as it is or transposed.
struct Problem {
  Operation operation;
  Layout a;
  Layout b;
  Layout d;
  [[nodiscard]] Extents extents() const {
    return {static_cast<std::int64_t>(d.rows), static_cast<std::int64_t>(d.columns),
            static_cast<std::int64_t>(operation.a == CUBLAS_OP_T ? a.rows : a.columns)};
  }
};
/// A number that differs from problem to problem.
[[nodiscard]] std::uint64_t fingerprint(const Problem& problem);

[[nodiscard]] kernels::Element element_of(cudaDataType_t type);
[[nodiscard]] bool eight_bits(cudaDataType_t type);
/// Whether the epilogue is one that is played: none, a bias, a bias and ReLU.
[[nodiscard]] bool plays(std::uint32_t epilogue);
[[nodiscard]] bool adds_bias(const Operation& operation);
/// Whether the library has such a product on this device.
[[nodiscard]] bool can_multiply(const Problem& problem);
/// Whether D has fewer bits than the sums.
[[nodiscard]] bool shorter_out(const Problem& problem);

struct Algorithm {
  double speed;
  std::uint64_t workspace;
  std::uint32_t alignment;    ///< that it needs of every matrix, in bytes
  bool rounds_parts = false;  ///< splits the sum over k, and rounds its parts to the output's shorter format
};
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
/// In the library's order: its first guess is not its best, and what is faster still cannot be had with 32 MiB or is
/// less exact.
constexpr std::array kAlgorithms = std::to_array<Algorithm>({
    {0.90, 0, 1},
    {0.95, 4 * kMiB, 16},
    {1.005, 8 * kMiB, 16, true},
    {1.00, 16 * kMiB, 16},
    {0.80, 0, 16},
    {1.004, 64 * kMiB, 16},
    {0.97, 0, 16},
    {0.75, 32 * kMiB, 16},
    {0.60, 0, 1},
    {0.50, 0, 1},
});

struct Call {
  Problem problem;
  Algorithm algorithm{};
  const void* a = nullptr;
  const void* b = nullptr;
  void* d = nullptr;
  double alpha = 1;
};
/// The model of an algorithm that was offered as the n-th: its launch has a Call* as its argument.
[[nodiscard]] KernelModel library_model(std::uint64_t offer);

}  // namespace peakproof::stand_in
