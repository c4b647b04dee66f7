// A build without cudnn.h.
#include "kernels/network/cudnn_convolution.hpp"

namespace peakproof::kernels {
namespace {
constexpr const char* kWhy = "this build is without cuDNN: install its headers and build again";
}

struct CudnnConvolution::Held {};
CudnnConvolution::CudnnConvolution() = default;
CudnnConvolution::~CudnnConvolution() = default;

std::optional<std::string> cudnn_lacks() { return kWhy; }
std::string cudnn_version() { return {}; }
bool cudnn_convolves(Element /*operand*/) { return false; }
CudnnFailure CudnnConvolution::open(Element /*operand*/, const ConvolutionShape& /*shape*/,
                                    std::size_t /*workspace_bytes*/, cudaStream_t /*stream*/) {
  return kWhy;
}
int CudnnConvolution::candidates() const { return 0; }
std::string CudnnConvolution::candidate_name(int /*candidate*/) const { return {}; }
std::size_t CudnnConvolution::workspace_bytes(int /*candidate*/) const { return 0; }
CudnnFailure CudnnConvolution::launch(int /*candidate*/, const void* /*x*/, const void* /*w*/, void* /*y*/,
                                      void* /*workspace*/) const {
  return kWhy;
}

}  // namespace peakproof::kernels
