// How many 32-bit integer multiply-adds a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/int32_mad.hpp"

namespace peakproof::bench {

void declare_int32_mad_cuda(Registry& registry, CudaDevice& device) {
  add_cuda_chain<kernels::Int32Mad>(
      registry, device,
      {.name = "int32_mad",
       .pipe = theory::Pipe::int32_mad,
       .floor = reports::Floor{
           .issue = 0.95,
           .source = "published: 99 % on an H100 SXM5 (HPMLL micro-benchmarks), 98 % on an RTX 5070 Ti"}});
}

}  // namespace peakproof::bench
