// How many packed FP16 FMA a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/fp16_fma.hpp"

namespace peakproof::bench {

void declare_fp16_fma_cuda(Registry& registry, CudaDevice& device) {
  add_cuda_chain<kernels::Fp16x2Fma>(
      registry, device,
      {.name = "fp16_fma",
       .pipe = theory::Pipe::fp16x2_fma,
       .floor = reports::Floor{
           .issue = 0.75,
           .source = "published: 78 % on an A100 (Accel-Sim), 79 to 81 % on an H100 SXM5 (HPMLL micro-benchmarks)"}});
}

}  // namespace peakproof::bench
