// How many FP64 FMA a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/fp64_fma.hpp"

namespace peakproof::bench {

void declare_fp64_fma_cuda(Registry& registry, CudaDevice& device) {
  // With 2 units an SM takes one warp in 16 clocks, and 19 have been measured (TU102): no floor is known there.
  const auto* resources = theory::find_sm_resources(device.spec().compute_capability);
  const bool many_units = resources != nullptr && resources->fp64_cores > 2;
  std::optional<reports::Floor> floor;
  if (many_units)
    floor = reports::Floor{.issue = 0.95, .source = "published: 98.6 % on an H100 SXM5 (HPMLL micro-benchmarks)"};
  add_cuda_chain<kernels::Fp64Fma>(registry, device,
                                   {.name = "fp64_fma", .pipe = theory::Pipe::fp64_fma, .floor = floor});
}

}  // namespace peakproof::bench
