// libcudnn.so.9: handles, descriptors and what is refused. A library of its own, found by the folder that the tests put
// into LD_LIBRARY_PATH; it plays on the played runtime, which must be loaded.
#include <cudnn.h>
#include <dlfcn.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>

#include "tests/stand_in/models/convolution.hpp"

namespace peakproof::stand_in {
namespace {

struct Library {
  cudaStream_t stream = nullptr;
};
struct Tensor {
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  std::array<int, 4> extents = {};  // items, channels, height, width
};
struct Filter {
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  std::array<int, 4> extents = {};  // outputs, channels, height, width
};
struct Convolution {
  int pad_height = 0, pad_width = 0, down = 1, across = 1;
  cudnnDataType_t compute = CUDNN_DATA_FLOAT;
  cudnnMathType_t math = CUDNN_DEFAULT_MATH;
};

/// Objects that were given out under handles and not yet taken back.
template <class Object, class Handle>
class Given {
 public:
  cudnnStatus_t make(Handle* handle) {
    if (handle == nullptr) return CUDNN_STATUS_BAD_PARAM;
    auto owner = std::make_unique<Object>();
    *handle = reinterpret_cast<Handle>(owner.get());
    objects_[*handle] = std::move(owner);
    return CUDNN_STATUS_SUCCESS;
  }
  [[nodiscard]] Object* find(Handle handle) const {
    const auto found = objects_.find(handle);
    return found == objects_.end() ? nullptr : found->second.get();
  }
  cudnnStatus_t destroy(Handle handle) {
    return objects_.erase(handle) == 0 ? CUDNN_STATUS_BAD_PARAM : CUDNN_STATUS_SUCCESS;
  }
  static Given& all() {
    static Given all;
    return all;
  }

 private:
  std::map<Handle, std::unique_ptr<Object>> objects_;
};
using Libraries = Given<Library, cudnnHandle_t>;
using Tensors = Given<Tensor, cudnnTensorDescriptor_t>;
using Filters = Given<Filter, cudnnFilterDescriptor_t>;
using Convolutions = Given<Convolution, cudnnConvolutionDescriptor_t>;

template <class Function>
Function* of_runtime(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

cudnnStatus_t not_played(const char* what) {
  std::fprintf(stderr, "stand-in: cuDNN: %s is not played\n", what);
  return CUDNN_STATUS_NOT_SUPPORTED;
}

template <class Described>
cudnnStatus_t set(Described* object, cudnnTensorFormat_t format, cudnnDataType_t type, std::array<int, 4> extents) {
  if (object == nullptr) return CUDNN_STATUS_BAD_PARAM;
  for (const int extent : extents)
    if (extent <= 0) return CUDNN_STATUS_BAD_PARAM;
  if (format != CUDNN_TENSOR_NHWC) return not_played("a format other than NHWC");
  object->type = type;
  object->extents = extents;
  return CUDNN_STATUS_SUCCESS;
}

/// The convolution that descriptors mean, or why the library has none.
struct Asked {
  cudnnStatus_t status = CUDNN_STATUS_SUCCESS;
  ConvolutionCall call;
};

/// The configurations of cudnnConvolutionForward() in the API reference, as far as they are played.
struct Configuration {
  cudnnDataType_t operand;
  cudnnDataType_t compute;
  cudnnDataType_t out;
  kernels::Element element;
  kernels::Element out_element;
  int architecture;  ///< that it needs, 80 for 8.0
};
constexpr std::array kConfigurations = {
    Configuration{CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, kernels::Element::f32, kernels::Element::f32,
                  0},
    Configuration{CUDNN_DATA_HALF, CUDNN_DATA_FLOAT, CUDNN_DATA_HALF, kernels::Element::f16, kernels::Element::f16, 0},
    Configuration{CUDNN_DATA_BFLOAT16, CUDNN_DATA_FLOAT, CUDNN_DATA_BFLOAT16, kernels::Element::bf16,
                  kernels::Element::bf16, 80},
    Configuration{CUDNN_DATA_INT8, CUDNN_DATA_INT32, CUDNN_DATA_FLOAT, kernels::Element::s8, kernels::Element::f32, 61},
};

Asked asked(cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t convolution,
            cudnnTensorDescriptor_t y) {
  const Tensor* in = Tensors::all().find(x);
  const Filter* filter = Filters::all().find(w);
  const Convolution* how = Convolutions::all().find(convolution);
  const Tensor* out = Tensors::all().find(y);
  if (!in || !filter || !how || !out || in->extents[0] == 0 || filter->extents[0] == 0 || out->extents[0] == 0)
    return {CUDNN_STATUS_BAD_PARAM, {}};
  Asked result;
  ConvolutionCall& call = result.call;
  bool known = false;
  const int architecture = of_runtime<int()>("peakproof_stand_in_architecture")();
  for (const Configuration& each : kConfigurations)
    if (each.operand == in->type && each.operand == filter->type && each.compute == how->compute &&
        each.out == out->type && each.architecture <= architecture) {
      known = true;
      call.operand = each.element;
      call.out = each.out_element;
    }
  if (!known) return {CUDNN_STATUS_NOT_SUPPORTED, {}};
  call.tensor_float = in->type == CUDNN_DATA_FLOAT && how->math != CUDNN_FMA_MATH;
  call.items = in->extents[0];
  call.channels = in->extents[1];
  call.height = in->extents[2];
  call.width = in->extents[3];
  call.outputs = filter->extents[0];
  call.kernel_height = filter->extents[2];
  call.kernel_width = filter->extents[3];
  call.pad_height = how->pad_height;
  call.pad_width = how->pad_width;
  call.stride_down = how->down;
  call.stride_across = how->across;
  call.out_height = (call.height + 2 * call.pad_height - call.kernel_height) / call.stride_down + 1;
  call.out_width = (call.width + 2 * call.pad_width - call.kernel_width) / call.stride_across + 1;
  if (filter->extents[1] != call.channels ||
      out->extents != std::array{call.items, call.outputs, call.out_height, call.out_width})
    return {CUDNN_STATUS_BAD_PARAM, {}};
  if (call.operand == kernels::Element::s8 && (call.channels % 4 != 0 || call.outputs % 4 != 0))
    return {CUDNN_STATUS_NOT_SUPPORTED, {}};
  return result;
}

/// In the library's order: its first guess is not its best, one does fewer operations than it should, and one does not
/// run after all.
struct Algorithm {
  cudnnConvolutionFwdAlgo_t algorithm;
  double speed;
  std::size_t workspace;
  bool runs = true;
};
constexpr std::array kAlgorithms = {
    Algorithm{CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED, 1.6, 1 << 20},
    Algorithm{CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, 0.6, 0},
    Algorithm{CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, 0.95, 4096},
    Algorithm{CUDNN_CONVOLUTION_FWD_ALGO_GEMM, 0.8, std::size_t{1} << 40U},  // more memory than there is
    Algorithm{CUDNN_CONVOLUTION_FWD_ALGO_DIRECT, 0.97, 0, false},
};
const Algorithm* find(cudnnConvolutionFwdAlgo_t algorithm) {
  for (const Algorithm& each : kAlgorithms)
    if (each.algorithm == algorithm) return &each;
  return nullptr;
}

}  // namespace
}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are cuDNN's
namespace self = peakproof::stand_in;
extern "C" {

size_t cudnnGetVersion() { return 91900; }
const char* cudnnGetErrorString(cudnnStatus_t status) {
  switch (status) {
    case CUDNN_STATUS_SUCCESS:
      return "CUDNN_STATUS_SUCCESS";
    case CUDNN_STATUS_NOT_INITIALIZED:
      return "CUDNN_STATUS_NOT_INITIALIZED";
    case CUDNN_STATUS_BAD_PARAM:
      return "CUDNN_STATUS_BAD_PARAM";
    case CUDNN_STATUS_NOT_SUPPORTED:
      return "CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_EXECUTION_FAILED:
      return "CUDNN_STATUS_EXECUTION_FAILED";
    default:
      return "CUDNN_STATUS_INTERNAL_ERROR";
  }
}

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  const auto health = self::of_runtime<cudaError_t()>("peakproof_stand_in_device_health");
  if (health == nullptr || health() != cudaSuccess) return CUDNN_STATUS_NOT_INITIALIZED;
  return self::Libraries::all().make(handle);
}
cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  self::of_runtime<void()>("peakproof_stand_in_wait_for_device")();
  return self::Libraries::all().destroy(handle);
}
cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  self::Library* library = self::Libraries::all().find(handle);
  if (!library) return CUDNN_STATUS_BAD_PARAM;
  library->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t* tensor) { return self::Tensors::all().make(tensor); }
cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t tensor) {
  return self::Tensors::all().destroy(tensor);
}
cudnnStatus_t cudnnSetTensor4dDescriptor(cudnnTensorDescriptor_t tensor, cudnnTensorFormat_t format,
                                         cudnnDataType_t type, int n, int c, int h, int w) {
  return self::set(self::Tensors::all().find(tensor), format, type, {n, c, h, w});
}
cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t* filter) { return self::Filters::all().make(filter); }
cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t filter) {
  return self::Filters::all().destroy(filter);
}
cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t filter, cudnnDataType_t type,
                                         cudnnTensorFormat_t format, int k, int c, int h, int w) {
  return self::set(self::Filters::all().find(filter), format, type, {k, c, h, w});
}
cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t* convolution) {
  return self::Convolutions::all().make(convolution);
}
cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t convolution) {
  return self::Convolutions::all().destroy(convolution);
}
cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t convolution, int pad_h, int pad_w, int u,
                                              int v, int dilation_h, int dilation_w, cudnnConvolutionMode_t mode,
                                              cudnnDataType_t compute) {
  self::Convolution* how = self::Convolutions::all().find(convolution);
  if (!how || pad_h < 0 || pad_w < 0 || u < 1 || v < 1) return CUDNN_STATUS_BAD_PARAM;
  if (dilation_h != 1 || dilation_w != 1) return self::not_played("a dilation");
  if (mode != CUDNN_CROSS_CORRELATION) return self::not_played("a mirrored filter");
  *how = {.pad_height = pad_h, .pad_width = pad_w, .down = u, .across = v, .compute = compute, .math = how->math};
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t convolution, cudnnMathType_t math) {
  self::Convolution* how = self::Convolutions::all().find(convolution);
  if (!how) return CUDNN_STATUS_BAD_PARAM;
  how->math = math;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(cudnnHandle_t handle, cudnnTensorDescriptor_t x,
                                                     cudnnFilterDescriptor_t w,
                                                     cudnnConvolutionDescriptor_t convolution,
                                                     cudnnTensorDescriptor_t y, int most, int* count,
                                                     cudnnConvolutionFwdAlgoPerf_t* offers) {
  if (!self::Libraries::all().find(handle) || most < 1 || !count || !offers) return CUDNN_STATUS_BAD_PARAM;
  const self::Asked asked = self::asked(x, w, convolution, y);
  if (asked.status != CUDNN_STATUS_SUCCESS) return asked.status;
  *count = 0;
  for (const self::Algorithm& each : self::kAlgorithms) {
    if (*count == most) break;
    cudnnConvolutionFwdAlgoPerf_t offer{};
    offer.algo = each.algorithm;
    offer.status = CUDNN_STATUS_SUCCESS;
    offer.time = -1;
    offer.memory = each.workspace;
    offers[(*count)++] = offer;
  }
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(cudnnHandle_t handle, cudnnTensorDescriptor_t x,
                                                      cudnnFilterDescriptor_t w,
                                                      cudnnConvolutionDescriptor_t convolution,
                                                      cudnnTensorDescriptor_t y, cudnnConvolutionFwdAlgo_t algorithm,
                                                      size_t* bytes) {
  const self::Algorithm* found = self::find(algorithm);
  if (!self::Libraries::all().find(handle) || !bytes) return CUDNN_STATUS_BAD_PARAM;
  const self::Asked asked = self::asked(x, w, convolution, y);
  if (asked.status != CUDNN_STATUS_SUCCESS) return asked.status;
  if (!found) return CUDNN_STATUS_NOT_SUPPORTED;
  *bytes = found->workspace;
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t x_descriptor,
                                      const void* x, cudnnFilterDescriptor_t w_descriptor, const void* w,
                                      cudnnConvolutionDescriptor_t convolution, cudnnConvolutionFwdAlgo_t algorithm,
                                      void* workspace, size_t workspace_bytes, const void* beta,
                                      cudnnTensorDescriptor_t y_descriptor, void* y) {
  const self::Library* library = self::Libraries::all().find(handle);
  const self::Algorithm* found = self::find(algorithm);
  if (!library || !alpha || !beta || !x || !w || !y) return CUDNN_STATUS_BAD_PARAM;
  self::Asked asked = self::asked(x_descriptor, w_descriptor, convolution, y_descriptor);
  if (asked.status != CUDNN_STATUS_SUCCESS) return asked.status;
  if (!found || !found->runs) return CUDNN_STATUS_NOT_SUPPORTED;
  if (workspace_bytes < found->workspace) return CUDNN_STATUS_BAD_PARAM;
  if (*static_cast<const float*>(alpha) != 1 || *static_cast<const float*>(beta) != 0)
    return self::not_played("an alpha other than 1, or a beta other than 0");
  asked.call.speed = found->speed;
  asked.call.x = x;
  asked.call.w = w;
  asked.call.y = y;
  asked.call.workspace = workspace;
  asked.call.workspace_bytes = static_cast<std::int64_t>(found->workspace);
  asked.call.stream = library->stream;
  const auto convolve = self::of_runtime<cudaError_t(const self::ConvolutionCall*)>("peakproof_stand_in_convolve");
  return convolve != nullptr && convolve(&asked.call) == cudaSuccess ? CUDNN_STATUS_SUCCESS
                                                                     : CUDNN_STATUS_EXECUTION_FAILED;
}
}
// NOLINTEND(readability-identifier-naming)
