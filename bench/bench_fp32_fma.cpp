// How many FP32 FMA a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/fp32_fma.hpp"

namespace peakproof::bench {

void declare_fp32_fma_cuda(Registry& registry, CudaDevice& device) {
  add_cuda_chain<kernels::Fp32Fma>(
      registry, device,
      {.name = "fp32_fma",
       .pipe = theory::Pipe::fp32_fma,
       .floor = reports::Floor{
           .issue = 0.95,
           .source =
               "published whole-chip figures are 97 to 99 % (A100: GPUInspector.jl 98 %; B300: QuickRunCUDA 99 %)"}});
}

}  // namespace peakproof::bench
