// Single results of the special function unit: not measured, but compared one by one.
#include "kernels/arithmetic/sfu_values.hpp"
#include "kernels/arithmetic/special_function.cuh"

namespace peakproof::kernels {
namespace {

template <SpecialFunction f>
__device__ float result(float x) {
  return mufu<f>(mufu_operand<f>(x));
}

__device__ float result(SpecialFunction function, float x) {
  switch (function) {
    case SpecialFunction::ex2:
      return result<SpecialFunction::ex2>(x);
    case SpecialFunction::lg2:
      return result<SpecialFunction::lg2>(x);
    case SpecialFunction::rcp:
      return result<SpecialFunction::rcp>(x);
    case SpecialFunction::rsqrt:
      return result<SpecialFunction::rsqrt>(x);
    case SpecialFunction::sin:
      return result<SpecialFunction::sin>(x);
    case SpecialFunction::tanh:
      return result<SpecialFunction::tanh>(x);
  }
  return 0;
}

}  // namespace

__global__ void sfu_values(SpecialFunction function, std::uint32_t first, std::uint32_t stride, std::uint32_t count,
                           std::uint32_t* out) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) out[i] = __float_as_uint(result(function, __uint_as_float(first + i * stride)));
}

cudaError_t launch(const SfuValues& values, std::uint32_t* out, cudaStream_t stream) {
  constexpr std::uint32_t threads = 256;
  if (values.count == 0) return cudaErrorInvalidValue;
  sfu_values<<<(values.count + threads - 1) / threads, threads, 0, stream>>>(values.function, values.first,
                                                                             values.stride, values.count, out);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
