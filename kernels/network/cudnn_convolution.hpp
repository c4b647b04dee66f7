// A convolution by cuDNN 9, which is opened when it is first asked for: executables start without it. A build without
// cudnn.h has the same functions, and cudnn_lacks() says so.
//
//   idea     the library is asked for the algorithms that it would take, best guess first, and whoever launches times
//            them. Winograd's and Fourier's are left out: they do fewer operations than a convolution is counted with
//   work     2 x items x output pixels x kernel^2 x in x out operations
//   machine  the library's own, not audited
//   answer   y = convolution of x with w (a cross-correlation), NHWC and KRSC, zero padding; sums in FP32, of s8 in INT32
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "kernels/tensor/gemm.hpp"

namespace peakproof::kernels {

/// Why there is no cuDNN here; nothing: there is.
[[nodiscard]] std::optional<std::string> cudnn_lacks();
/// "9.19.0"; empty where there is none.
[[nodiscard]] std::string cudnn_version();

struct ConvolutionShape {
  std::int64_t items = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t pad = 0;
  [[nodiscard]] std::int64_t out_height() const { return (height + 2 * pad - kernel) / stride + 1; }
  [[nodiscard]] std::int64_t out_width() const { return (width + 2 * pad - kernel) / stride + 1; }
  [[nodiscard]] double operations() const {
    return 2.0 * static_cast<double>(items * out_height() * out_width()) * static_cast<double>(kernel * kernel) *
           static_cast<double>(in * out);
  }
};

/// What cuDNN's legacy interface convolves: f32, tf32, f16, bf16 to the same, s8 (channels in multiples of 4) to f32.
[[nodiscard]] bool cudnn_convolves(Element operand);
[[nodiscard]] constexpr Element convolution_out(Element operand) {
  return operand == Element::s8 || operand == Element::tf32 ? Element::f32 : operand;
}

/// What went wrong, and in which call: "cudnnCreate: CUDNN_STATUS_NOT_INITIALIZED". Empty: nothing.
using CudnnFailure = std::string;

/// One convolution: the library's handle, what it was told, and the algorithms that it offered.
class CudnnConvolution {
 public:
  CudnnConvolution();
  CudnnConvolution(const CudnnConvolution&) = delete;
  CudnnConvolution& operator=(const CudnnConvolution&) = delete;
  ~CudnnConvolution();

  /// Asks the library of the current device. All work will go into `stream`. Algorithms that need more than
  /// `workspace_bytes` are not offered.
  [[nodiscard]] CudnnFailure open(Element operand, const ConvolutionShape& shape, std::size_t workspace_bytes,
                                  cudaStream_t stream);
  [[nodiscard]] int candidates() const;
  /// "implicit_precomp_gemm" and so on.
  [[nodiscard]] std::string candidate_name(int candidate) const;
  /// Of device memory, on 256 bytes.
  [[nodiscard]] std::size_t workspace_bytes(int candidate) const;
  [[nodiscard]] CudnnFailure launch(int candidate, const void* x, const void* w, void* y, void* workspace) const;

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace peakproof::kernels
