#include "kernels/network/cudnn_convolution.hpp"

#include <cudnn.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <climits>
#include <vector>

namespace peakproof::kernels {
namespace {

static_assert(CUDNN_MAJOR == 9, "the library that is opened is libcudnn.so.9");
constexpr const char* kLibrary = "libcudnn.so.9";

/// The functions of the library, by the types of its header.
struct Api {
  decltype(&cudnnGetVersion) version = nullptr;
  decltype(&cudnnGetErrorString) error_string = nullptr;
  decltype(&cudnnCreate) create = nullptr;
  decltype(&cudnnDestroy) destroy = nullptr;
  decltype(&cudnnSetStream) set_stream = nullptr;
  decltype(&cudnnCreateTensorDescriptor) create_tensor = nullptr;
  decltype(&cudnnSetTensor4dDescriptor) set_tensor = nullptr;
  decltype(&cudnnDestroyTensorDescriptor) destroy_tensor = nullptr;
  decltype(&cudnnCreateFilterDescriptor) create_filter = nullptr;
  decltype(&cudnnSetFilter4dDescriptor) set_filter = nullptr;
  decltype(&cudnnDestroyFilterDescriptor) destroy_filter = nullptr;
  decltype(&cudnnCreateConvolutionDescriptor) create_convolution = nullptr;
  decltype(&cudnnSetConvolution2dDescriptor) set_convolution = nullptr;
  decltype(&cudnnSetConvolutionMathType) set_math = nullptr;
  decltype(&cudnnDestroyConvolutionDescriptor) destroy_convolution = nullptr;
  decltype(&cudnnGetConvolutionForwardAlgorithm_v7) get_algorithms = nullptr;
  decltype(&cudnnGetConvolutionForwardWorkspaceSize) get_workspace = nullptr;
  decltype(&cudnnConvolutionForward) forward = nullptr;
  std::string missing;  ///< why it cannot be used; empty: it can
};

Api open_library() {
  Api api;
  // For the life of the process: its code may still be called when other owners have gone.
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    api.missing = std::string("cuDNN cannot be opened (") + (why == nullptr ? kLibrary : why) +
                  "): install the library, or put its folder into LD_LIBRARY_PATH";
    return api;
  }
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    if (function == nullptr && api.missing.empty()) api.missing = std::string(kLibrary) + " has no function " + name;
  };
  find(api.version, "cudnnGetVersion");
  find(api.error_string, "cudnnGetErrorString");
  find(api.create, "cudnnCreate");
  find(api.destroy, "cudnnDestroy");
  find(api.set_stream, "cudnnSetStream");
  find(api.create_tensor, "cudnnCreateTensorDescriptor");
  find(api.set_tensor, "cudnnSetTensor4dDescriptor");
  find(api.destroy_tensor, "cudnnDestroyTensorDescriptor");
  find(api.create_filter, "cudnnCreateFilterDescriptor");
  find(api.set_filter, "cudnnSetFilter4dDescriptor");
  find(api.destroy_filter, "cudnnDestroyFilterDescriptor");
  find(api.create_convolution, "cudnnCreateConvolutionDescriptor");
  find(api.set_convolution, "cudnnSetConvolution2dDescriptor");
  find(api.set_math, "cudnnSetConvolutionMathType");
  find(api.destroy_convolution, "cudnnDestroyConvolutionDescriptor");
  find(api.get_algorithms, "cudnnGetConvolutionForwardAlgorithm_v7");
  find(api.get_workspace, "cudnnGetConvolutionForwardWorkspaceSize");
  find(api.forward, "cudnnConvolutionForward");
  return api;
}

const Api& cudnn() {
  static const Api api = open_library();
  return api;
}

/// Formats in cuDNN's words (cuDNN API reference, cudnnConvolutionForward(): TRUE_FLOAT, PSEUDO_HALF, PSEUDO_BFLOAT16 and
/// INT8_EXT configurations).
struct Formats {
  cudnnDataType_t operand;
  cudnnDataType_t compute;
  cudnnDataType_t out;
  cudnnMathType_t math;
};
std::optional<Formats> formats_of(Element operand) {
  switch (operand) {
    case Element::f32:
      return Formats{CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_FMA_MATH};
    case Element::tf32:  // of FP32 operands the default is TF32 from 8.0 on
      return Formats{CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_DEFAULT_MATH};
    case Element::f16:
      return Formats{CUDNN_DATA_HALF, CUDNN_DATA_FLOAT, CUDNN_DATA_HALF, CUDNN_TENSOR_OP_MATH};
    case Element::bf16:
      return Formats{CUDNN_DATA_BFLOAT16, CUDNN_DATA_FLOAT, CUDNN_DATA_BFLOAT16, CUDNN_TENSOR_OP_MATH};
    case Element::s8:
      return Formats{CUDNN_DATA_INT8, CUDNN_DATA_INT32, CUDNN_DATA_FLOAT, CUDNN_TENSOR_OP_MATH};
    default:
      return std::nullopt;
  }
}

/// Null for those that do fewer operations than a convolution is counted with.
const char* direct_name(cudnnConvolutionFwdAlgo_t algorithm) {
  switch (algorithm) {
    case CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM:
      return "implicit_gemm";
    case CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM:
      return "implicit_precomp_gemm";
    case CUDNN_CONVOLUTION_FWD_ALGO_GEMM:
      return "gemm";
    case CUDNN_CONVOLUTION_FWD_ALGO_DIRECT:
      return "direct";
    default:
      return nullptr;
  }
}

/// Owners whose functions are known when the library is open only.
template <auto destroy>
struct Destroy {
  template <class Handle>
  void operator()(Handle* handle) const noexcept {
    static_cast<void>((cudnn().*destroy)(handle));
  }
};

/// Calls until one fails; the others are left out.
class Calls {
 public:
  template <class Function, class... Arguments>
  Calls& then(const char* name, const Function& function, const Arguments&... arguments) {
    if (!failure_.empty()) return *this;
    const cudnnStatus_t status = function(arguments...);
    if (status != CUDNN_STATUS_SUCCESS) failure_ = std::string(name) + ": " + cudnn().error_string(status);
    return *this;
  }
  template <class Owner, class Create>
  Calls& make(const char* name, Owner& owner, const Create& create) {
    typename Owner::pointer handle = nullptr;
    then(name, create, &handle);
    owner.reset(failure_.empty() ? handle : nullptr);
    return *this;
  }
  [[nodiscard]] const CudnnFailure& failure() const { return failure_; }

 private:
  CudnnFailure failure_;
};

bool fits_int(const ConvolutionShape& s) {
  const auto extents = {s.items, s.height, s.width, s.in, s.out, s.kernel, s.stride, s.out_height(), s.out_width()};
  return std::all_of(extents.begin(), extents.end(), [](std::int64_t e) { return e > 0 && e <= INT_MAX; }) &&
         s.pad >= 0 && s.pad <= INT_MAX;
}

}  // namespace

struct CudnnConvolution::Held {
  struct Algorithm {
    cudnnConvolutionFwdAlgo_t algorithm = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM;
    std::size_t workspace = 0;
  };
  std::unique_ptr<cudnnContext, Destroy<&Api::destroy>> library;
  std::unique_ptr<cudnnTensorStruct, Destroy<&Api::destroy_tensor>> x;
  std::unique_ptr<cudnnTensorStruct, Destroy<&Api::destroy_tensor>> y;
  std::unique_ptr<cudnnFilterStruct, Destroy<&Api::destroy_filter>> w;
  std::unique_ptr<cudnnConvolutionStruct, Destroy<&Api::destroy_convolution>> convolution;
  std::vector<Algorithm> algorithms;

  [[nodiscard]] CudnnFailure describe(const Formats& formats, const ConvolutionShape& shape, cudaStream_t stream);
  [[nodiscard]] CudnnFailure ask(std::size_t most_bytes);
};

CudnnFailure CudnnConvolution::Held::describe(const Formats& formats, const ConvolutionShape& shape,
                                              cudaStream_t stream) {
  const Api& api = cudnn();
  const auto extent = [](std::int64_t value) { return static_cast<int>(value); };
  const int pad = extent(shape.pad);
  const int stride = extent(shape.stride);
  const int kernel = extent(shape.kernel);
  Calls calls;
  calls.make("cudnnCreate", library, api.create)
      .then("cudnnSetStream", api.set_stream, library.get(), stream)
      .make("cudnnCreateTensorDescriptor", x, api.create_tensor)
      .then("cudnnSetTensor4dDescriptor", api.set_tensor, x.get(), CUDNN_TENSOR_NHWC, formats.operand,
            extent(shape.items), extent(shape.in), extent(shape.height), extent(shape.width))
      .make("cudnnCreateTensorDescriptor", y, api.create_tensor)
      .then("cudnnSetTensor4dDescriptor", api.set_tensor, y.get(), CUDNN_TENSOR_NHWC, formats.out, extent(shape.items),
            extent(shape.out), extent(shape.out_height()), extent(shape.out_width()))
      .make("cudnnCreateFilterDescriptor", w, api.create_filter)
      .then("cudnnSetFilter4dDescriptor", api.set_filter, w.get(), formats.operand, CUDNN_TENSOR_NHWC,
            extent(shape.out), extent(shape.in), kernel, kernel)
      .make("cudnnCreateConvolutionDescriptor", convolution, api.create_convolution)
      .then("cudnnSetConvolution2dDescriptor", api.set_convolution, convolution.get(), pad, pad, stride, stride, 1, 1,
            CUDNN_CROSS_CORRELATION, formats.compute)
      .then("cudnnSetConvolutionMathType", api.set_math, convolution.get(), formats.math);
  return calls.failure();
}

CudnnFailure CudnnConvolution::Held::ask(std::size_t most_bytes) {
  const Api& api = cudnn();
  std::array<cudnnConvolutionFwdAlgoPerf_t, CUDNN_CONVOLUTION_FWD_ALGO_COUNT> offers{};
  int count = 0;
  Calls calls;
  calls.then("cudnnGetConvolutionForwardAlgorithm_v7", [&] {
    return api.get_algorithms(library.get(), x.get(), w.get(), convolution.get(), y.get(),
                              CUDNN_CONVOLUTION_FWD_ALGO_COUNT, &count, offers.data());
  });
  if (!calls.failure().empty()) return calls.failure();
  for (int i = 0; i < count; ++i) {
    const auto& offer = offers.at(static_cast<std::size_t>(i));
    const auto known = std::any_of(algorithms.begin(), algorithms.end(),
                                   [&](const Algorithm& one) { return one.algorithm == offer.algo; });
    if (offer.status != CUDNN_STATUS_SUCCESS || direct_name(offer.algo) == nullptr || known) continue;
    // The offer's own size holds for the offer's math type, which need not be that of the descriptor.
    std::size_t bytes = 0;
    if (api.get_workspace(library.get(), x.get(), w.get(), convolution.get(), y.get(), offer.algo, &bytes) !=
        CUDNN_STATUS_SUCCESS)
      continue;
    if (bytes <= most_bytes) algorithms.push_back({.algorithm = offer.algo, .workspace = bytes});
  }
  return algorithms.empty() ? "cudnnGetConvolutionForwardAlgorithm_v7: no direct algorithm for this convolution" : "";
}

std::optional<std::string> cudnn_lacks() {
  return cudnn().missing.empty() ? std::nullopt : std::optional(cudnn().missing);
}

std::string cudnn_version() {
  if (cudnn_lacks()) return {};
  constexpr std::size_t kMajor = 10'000;  // since 9.0 (cudnn_version.h)
  constexpr std::size_t kMinor = 100;
  const std::size_t version = cudnn().version();
  return std::to_string(version / kMajor) + "." + std::to_string(version % kMajor / kMinor) + "." +
         std::to_string(version % kMinor);
}

bool cudnn_convolves(Element operand) { return formats_of(operand).has_value(); }

CudnnConvolution::CudnnConvolution() : held_(std::make_unique<Held>()) {}
CudnnConvolution::~CudnnConvolution() = default;

CudnnFailure CudnnConvolution::open(Element operand, const ConvolutionShape& shape, std::size_t workspace_bytes,
                                    cudaStream_t stream) {
  if (const auto why = cudnn_lacks()) return *why;
  const auto formats = formats_of(operand);
  if (!formats) return "cuDNN's legacy interface has no such convolution";
  if (!fits_int(shape)) return "cudnnSetTensor4dDescriptor: an extent is no positive int";
  held_ = std::make_unique<Held>();
  if (auto failure = held_->describe(*formats, shape, stream); !failure.empty()) return failure;
  return held_->ask(workspace_bytes);
}

int CudnnConvolution::candidates() const { return static_cast<int>(held_->algorithms.size()); }

std::string CudnnConvolution::candidate_name(int candidate) const {
  return direct_name(held_->algorithms.at(static_cast<std::size_t>(candidate)).algorithm);
}

std::size_t CudnnConvolution::workspace_bytes(int candidate) const {
  return held_->algorithms.at(static_cast<std::size_t>(candidate)).workspace;
}

CudnnFailure CudnnConvolution::launch(int candidate, const void* x, const void* w, void* y, void* workspace) const {
  if (candidate < 0 || candidate >= candidates()) return "cudnnConvolutionForward: no such algorithm";
  const auto& chosen = held_->algorithms[static_cast<std::size_t>(candidate)];
  constexpr float one = 1;  // FP32 for every format but FP64
  constexpr float zero = 0;
  Calls calls;
  calls.then("cudnnConvolutionForward", [&] {
    return cudnn().forward(held_->library.get(), &one, held_->x.get(), x, held_->w.get(), w, held_->convolution.get(),
                           chosen.algorithm, workspace, chosen.workspace, &zero, held_->y.get(), y);
  });
  return calls.failure();
}

}  // namespace peakproof::kernels
