// How many packed FP32 FMA a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/fp32x2_fma.hpp"

namespace peakproof::bench {

void declare_fp32x2_fma_cuda(Registry& registry, CudaDevice& device) {
  constexpr theory::ComputeCapability kFirst{10, 0};
  if (device.spec().compute_capability < kFirst)
    return registry.skip("fp32x2_fma", "there is no packed FP32 before compute capability 10.0");
  // Elsewhere the kernel holds a trap: the compiler makes two FFMA of each on 12.x, and PTX of 8.0 knows no such thing.
  if (device.audit(kernels::Chain<kernels::Fp32x2Fma>().symbol()).arch != "sm_100a")
    return registry.skip("fp32x2_fma", "emulated: the machine code of this build has packed FP32 for 10.0 only");
  add_cuda_chain<kernels::Fp32x2Fma>(registry, device, {.name = "fp32x2_fma", .pipe = theory::Pipe::fp32x2_fma});
}

}  // namespace peakproof::bench
