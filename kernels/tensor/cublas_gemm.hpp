// A matrix product by cuBLASLt: what the vendor's library reaches, and what a hand-written product is held against.
//
//   idea     the library is asked for the algorithms that it would take for one product of one shape, best guess first.
//            Whoever launches times them and takes the fastest: the first guess can be half as fast as the best
//   work     2 m n k operations a launch, by one call or more of kernels of the library's own choice
//   machine  the library's: FFMA for FP32, DMMA, HMMA, IMMA, on 9.0 wgmma, on 10.x tcgen05. Not ours, so not audited
//   limit    the tensor pipe itself, not the ceiling of mma.sync; for FP32 the FFMA pipe
//   answer   A x B, rounded once: parts of a sum over k (split-k) are added in the accumulator's format
#pragma once

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/tensor/gemm.hpp"

namespace peakproof::kernels {

/// What cuBLASLt said, and to which call.
struct CublasStatus {
  cublasStatus_t code = CUBLAS_STATUS_SUCCESS;
  const char* call = "";
  [[nodiscard]] bool ok() const { return code == CUBLAS_STATUS_SUCCESS; }
  /// "CUBLAS_STATUS_NOT_SUPPORTED" and so on.
  [[nodiscard]] const char* name() const { return cublasLtGetStatusName(code); }
};

/// Number formats in cuBLASLt's words.
struct CublasFormats {
  cudaDataType_t operand = CUDA_R_16F;
  cudaDataType_t out = CUDA_R_32F;
  cudaDataType_t scale = CUDA_R_32F;  ///< of the factors alpha and beta
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
};
/// Nothing where cuBLASLt documents no such product, on any device: of two e5m2 among others.
[[nodiscard]] std::optional<CublasFormats> cublas_formats(const GemmTypes& types);
/// What m, n and k must be multiples of. 8-bit operands need 16 bytes of k, and no smaller m and n are promised.
[[nodiscard]] GemmTile cublas_tile(const GemmTypes& types);
/// The lowest compute capability whose products of this format cuBLASLt has: 80 for 8.0; 0 for all.
[[nodiscard]] int cublas_least_architecture(Element operand);

/// What is done with the sums within the product (cuBLASLt's epilogues).
enum class CublasEnding : int { none, bias, relu_bias };

/// What a caller may choose.
struct CublasChoices {
  /// FP8 on 8.9 and 9.0: sums stay in the tensor core, which keeps fewer bits than FP32, instead of being added up in
  /// FP32 registers every few steps.
  bool fast_accumulation = true;
  /// The least alignment of any of the matrices in bytes, a power of two: algorithms that need more are not offered.
  std::uint32_t alignment = 256;
  /// A as k x m, B as k x n, both row-major: m or n runs fastest, not k. Not for 8-bit operands.
  bool a_turned = false;
  bool b_turned = false;
  /// So many products, whose matrices lie one behind the other.
  std::int64_t batches = 1;
  /// C = factor x A x B; of integer products 1 alone.
  float factor = 1;
  /// What becomes of each sum before it is written: a bias is added to each column of C, and what is negative is cut off.
  CublasEnding ending = CublasEnding::none;
  /// n numbers in C's format, in device memory; outlives the product. Not for 8-bit operands.
  const void* bias = nullptr;
};

/// One product of one shape: the library's handle, what it was told, and the algorithms that it offered.
class CublasGemm {
 public:
  static constexpr int most_candidates = 8;
  static constexpr std::size_t workspace_bytes = std::size_t{32} << 20U;  ///< what NVIDIA recommends for 9.0

  /// Asks the library of the current device. CUBLAS_STATUS_INVALID_VALUE for a shape that does not fit the tile and for
  /// choices that do not fit the formats, and CUBLAS_STATUS_NOT_SUPPORTED for formats that the library lacks, or where it
  /// offers nothing.
  [[nodiscard]] CublasStatus open(const GemmTypes& types, const GemmShape& shape, const CublasChoices& choices = {});
  /// How many algorithms were offered, in the order in which the library would take them.
  [[nodiscard]] int candidates() const { return static_cast<int>(algorithms_.size()); }
  /// C = A x B by one of them. `workspace`: workspace_bytes of device memory, on 256 bytes.
  [[nodiscard]] CublasStatus launch(int candidate, const void* a, const void* b, void* c, void* workspace,
                                    cudaStream_t stream) const;

 private:
  template <class Handle, cublasStatus_t (*destroy)(Handle)>
  struct Destroy {
    using pointer = Handle;
    void operator()(Handle handle) const noexcept { static_cast<void>(destroy(handle)); }
  };
  using Layout =
      std::unique_ptr<cublasLtMatrixLayoutOpaque_t, Destroy<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>>;

  [[nodiscard]] CublasStatus describe(const GemmTypes& types, const CublasFormats& formats, const GemmShape& shape,
                                      const CublasChoices& choices);
  [[nodiscard]] CublasStatus ask(const GemmTypes& types, const CublasChoices& choices);

  std::unique_ptr<cublasLtContext, Destroy<cublasLtHandle_t, cublasLtDestroy>> library_;
  std::unique_ptr<cublasLtMatmulDescOpaque_t, Destroy<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>> operation_;
  Layout a_;
  Layout b_;
  Layout c_;
  alignas(double) std::array<std::byte, sizeof(double)> factor_{};
  alignas(double) std::array<std::byte, sizeof(double)> zero_{};  ///< of every format all bits 0
  std::vector<cublasLtMatmulAlgo_t> algorithms_;
};

/// The library's version as it says it: "13.1.0".
struct CublasVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;
};
[[nodiscard]] CublasVersion cublas_version();

}  // namespace peakproof::kernels
