// How many four-way 8-bit dot products a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/dp4a.hpp"

namespace peakproof::bench {

void declare_dp4a_cuda(Registry& registry, CudaDevice& device) {
  add_cuda_chain<kernels::Dp4a>(registry, device, {.name = "dp4a", .pipe = theory::Pipe::dp4a});
}

}  // namespace peakproof::bench
