// How many FP32 FMA a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/fp32_fma.hpp"

namespace peakproof::bench {

void declare_fp32_fma_cuda(Registry& registry, CudaDevice& device) {
  // 12.0 is published with 95.9 % only, measured on an RTX 5070 Ti.
  const bool rtx_blackwell = device.spec().compute_capability.major == 12;
  add_cuda_chain<kernels::Fp32Fma>(
      registry, device,
      {.name = "fp32_fma",
       .pipe = theory::Pipe::fp32_fma,
       .floor =
           reports::Floor{.issue = rtx_blackwell ? 0.92 : 0.95,
                          .source = "published whole-chip figures are 96 to 99 % (A100: GPUInspector.jl 98 %; B300: "
                                    "QuickRunCUDA 99 %; RTX 5070 Ti: 96 %)"}});
}

}  // namespace peakproof::bench
