// A matrix product in FP32 on the calling thread alone, by oneDNN. A build without oneDNN has the same functions, and
// sgemm_lacks() says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace peakproof::kernels {

/// Why there is none here; nothing: there is.
[[nodiscard]] std::optional<std::string> sgemm_lacks();
/// "oneDNN 2.6.3"; empty where there is none.
[[nodiscard]] std::string sgemm_found();

/// A matrix, row-major and dense, read as it lies or transposed.
struct SgemmOperand {
  const float* data = nullptr;
  bool transposed = false;
};
/// C (m x n, row-major and dense) = A (m x k) x B (k x n). False where the library refuses. Throws std::runtime_error
/// where it cannot be kept to this thread.
[[nodiscard]] bool sgemm(std::int64_t m, std::int64_t n, std::int64_t k, SgemmOperand a, SgemmOperand b, float* c);

}  // namespace peakproof::kernels
