// How many packed FP32 FMA a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/fp32x2_fma.hpp"

namespace peakproof::bench {

void declare_fp32x2_fma_cuda(Registry& registry, CudaDevice& device) {
  constexpr theory::ComputeCapability kOnly{10, 0};
  const auto cc = device.spec().compute_capability;
  if (cc.major < kOnly.major)
    return registry.skip("fp32x2_fma", "there is no packed FP32 before compute capability 10.0");
  if (cc != kOnly)
    return registry.skip("fp32x2_fma", cc.major == kOnly.major
                                           ? "emulated: this build has machine code with packed FP32 for 10.0 only"
                                           : "emulated: the compiler makes two FFMA of each packed FMA");
  add_cuda_chain<kernels::Fp32x2Fma>(registry, device, {.name = "fp32x2_fma", .pipe = theory::Pipe::fp32x2_fma});
}

}  // namespace peakproof::bench
