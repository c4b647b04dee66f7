// How many packed BF16 FMA a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/bf16_fma.hpp"

namespace peakproof::bench {

void declare_bf16_fma_cuda(Registry& registry, CudaDevice& device) {
  constexpr theory::ComputeCapability kFirst{8, 0};
  if (device.spec().compute_capability < kFirst)
    return registry.skip("bf16_fma", "there is no packed BF16 arithmetic before compute capability 8.0");
  add_cuda_chain<kernels::Bf16x2Fma>(registry, device, {.name = "bf16_fma", .pipe = theory::Pipe::bf16x2_fma});
}

}  // namespace peakproof::bench
