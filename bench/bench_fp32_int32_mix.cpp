// How many instructions a second do the schedulers issue, FP32 and INT32 together?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/fp32_int32_mix.hpp"

namespace peakproof::bench {

void declare_fp32_int32_mix_cuda(Registry& registry, CudaDevice& device) {
  add_cuda_chain<kernels::Fp32Int32Mix>(registry, device, {.name = "fp32_int32_mix", .pipe = theory::Pipe::issue});
}

}  // namespace peakproof::bench
